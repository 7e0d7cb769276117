"""The clients under Node, whose packages clients/install.sh brings."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[2] / "clients"


@pytest.fixture(scope="session")
def node():
    """`node(name, *arguments)` runs a program of the clients' packages. Without them the tests are skipped; in CI they fail."""
    if shutil.which("node") is None or not (CLIENTS / "node_modules/.installed").exists():
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("The clients' checks need Node: run clients/install.sh.")

    def run(*command, **environment):
        done = subprocess.run(
            command,
            cwd=CLIENTS,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return run
