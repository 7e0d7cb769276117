"""Starts PostgreSQL and Redis for the tests, then loads Django's settings.

One throw-away server of each for the whole run, unless DATABASE_URL or REDIS_URL name others; it vanishes with the run, however that ends. Workers of
pytest-xdist share them: each has a database (pytest-django), two Redis databases (broker, cache) and a data folder of its own.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import django
import pytest

from devservices.services import Services, missing_services, running_services
from devservices.state import OWNER_URL, POSTGRES, PURGE_URL, VARIABLES
from tests import template

PINNED = {"ENV_FILE": os.devnull, "ENVIRONMENT": "development", "SIMULATION": "1", "DEBUG": "0"}
# A whole run signs in from one address: a test that looks at this limit sets it.
PINNED["LIMIT_SIGN_IN"] = "1000000/min"


def _start(folder: Path) -> Services:
    """Start what is missing and say in the environment, which the workers inherit, where it is."""
    os.environ.update(PINNED | {"DATA_DIR": str(folder / "main")})
    services = running_services(folder, missing_services(), throwaway=True)
    addresses = dict(services.environment)
    if (
        OWNER_URL in addresses
    ):  # tests make their database as the owner, and give the other roles in it (tests/roles.py)
        addresses |= {VARIABLES[POSTGRES]: addresses.pop(OWNER_URL)}
        del addresses[PURGE_URL]
    os.environ.update(addresses)
    return services


is_worker = "PYTEST_XDIST_WORKER" in os.environ
folder = Path(os.environ["DATA_DIR"]).parent if is_worker else Path(tempfile.mkdtemp(prefix="yidi-test-"))
services = None if is_worker else _start(folder)
migrating: subprocess.Popen[bytes] | None = None
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """Migrate the database of all workers while they collect."""
    global migrating
    if not is_worker and not config.option.collectonly:
        migrating = template.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    """Give each worker its own part of Redis and of the data folder, before it reads the settings."""
    server, _, _ = os.environ["REDIS_URL"].rpartition("/")
    for number, spec in enumerate(specs, start=1):
        spec.env["REDIS_URL"] = f"{server}/{2 * number}"
        spec.env["DATA_DIR"] = f"{os.environ['DATA_DIR']}-{number}"


def pytest_unconfigure() -> None:
    """Stop what was started and remove the folder."""
    if migrating:
        template.end(migrating)
    if services:
        services.release()
    if not is_worker:
        shutil.rmtree(folder, ignore_errors=True)
