"""`manage.py up`, whole: from an empty folder to a page that answers, and back to nothing."""

import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from config.environment import BASE_DIR
from devservices.services import keeper_runs, running_services
from devservices.state import OWNER_URL, POSTGRES, free_port, is_free

READY_SECONDS = 300
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
HERE = f"{sys.platform} {platform.machine()}"


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def run(tmp_path, port, privacy):
    """Starts copies of the project on a data folder of the test's own, ends those that still run, and has their logs read."""
    started: list[subprocess.Popen] = []

    def run(*command: str, folder: Path = BASE_DIR, **env: str) -> subprocess.Popen:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_URL"))}
        process = subprocess.Popen(
            command or [sys.executable, "manage.py", "up"],
            cwd=folder,
            env={**clean, "DATA_DIR": str(tmp_path / "data"), "PORT": str(port), "PYTHONUNBUFFERED": "1", **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    privacy.folder("make run", tmp_path)


def screen_of(process: subprocess.Popen) -> str:
    """What it prints until it is ready, or ends."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "End " in line:
            break
    return "".join(lines)


def interpreter(version: str) -> str | None:
    """A Python of this version on the path or of pyenv, with what `.ci/environment` needs."""
    name, pyenv = f"python{version}", Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for found in (shutil.which(name), *pyenv.glob(f"versions/{version}*/bin/{name}")):
        if found and subprocess.run([found, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
            return str(found)
    return None


def child_of(process: subprocess.Popen, word: str) -> int:
    children = psutil.Process(process.pid).children()
    return next(child.pid for child in children if word in " ".join(child.cmdline()))


def parts(port: int) -> dict[str, str]:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=10).json()["parts"]
    except httpx.HTTPError:
        return {}


def test_from_nothing_to_ready_through_a_crash_and_back_to_nothing(run, port, tmp_path):
    # given an empty folder, when it starts, then it says where everything is and who signs in
    first = run()

    said = screen_of(first)

    assert "is ready" in said, said
    assert f"http://127.0.0.1:{port}/admin/" in said
    assert "cq-reviewer" in said
    assert set(parts(port)) == {"database", "broker", "worker", "sweep"}
    assert httpx.get(f"http://127.0.0.1:{port}/api/v1/areas/").json()["count"] > 300

    # when a second one starts on the same folder, or on the same port, then it says why not
    assert "already runs on" in screen_of(run(PORT=str(free_port())))
    assert f"Port {port} is taken" in screen_of(run(DATA_DIR=str(tmp_path / "other")))

    # when the web server is killed outright, then a new one answers
    os.kill(child_of(first, "granian"), signal.SIGKILL)
    until = time.monotonic() + READY_SECONDS
    while not parts(port):
        assert time.monotonic() < until
        time.sleep(0.1)

    # when it is asked to end, then nothing is left running
    first.send_signal(signal.SIGINT)

    assert first.wait(60) == 0
    assert "The data stay" in first.stdout.read()
    assert is_free(port)
    assert not keeper_runs(tmp_path / "data")


def contents(folder: Path) -> dict[str, tuple]:
    """Every row of every table in the data folder's database."""
    tables = "SELECT relname FROM pg_stat_user_tables"
    with (
        running_services(folder, [POSTGRES]) as services,
        psycopg.connect(services.environment[OWNER_URL]) as connection,
    ):
        names = [name for (name,) in connection.execute(tables).fetchall()]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def test_data_of_before_are_refused_in_one_sentence_and_left_as_they_are(run, tmp_path):
    with (
        running_services(tmp_path / "data", [POSTGRES]) as services,
        psycopg.connect(services.environment[OWNER_URL], autocommit=True) as connection,
    ):
        connection.execute(
            "CREATE TABLE django_migrations AS SELECT 1 AS id, 'regions' AS app, '0002_of_before' AS name, now() AS applied"
        )
    before = contents(tmp_path / "data")

    process = run()

    said = process.stdout.read().splitlines()

    assert process.wait(60) == 1
    assert said[-1] == (
        f"CommandError: The data in {tmp_path / 'data'} were made by another version of the code (this one does not know its migration regions.0002_of_before): "
        "set DATA_DIR to another folder, or delete this one, to start afresh."
    )
    assert contents(tmp_path / "data") == before
    assert set(before) == {"django_migrations"}


@pytest.mark.skipif("CI" not in os.environ, reason="an environment for each Python takes its time: in CI only")
@pytest.mark.parametrize("target", ["linux x86_64", "linux aarch64", "darwin arm64"])
@pytest.mark.parametrize("version", sorted({"3.11", "3.12", "3.13", "3.14"} - {RUNNING}))
def test_make_run_starts_under_every_other_python_found(run, port, tmp_path, version, target):
    if target != HERE:
        pytest.skip(
            f"{target} is not this machine, so it was not started there (test_requirements.py looks at its wheels)"
        )
    if not (python := interpreter(version)):
        pytest.skip(f"Python {version} was not found, so it was not started with it")
    left_out = shutil.ignore_patterns(".git", ".venv", ".local", ".*_cache", "__pycache__", "node_modules")
    project = shutil.copytree(BASE_DIR, tmp_path / "project", ignore=left_out)

    process = run("make", "run", folder=project, PYTHON=python)

    said = screen_of(process)

    assert "is ready" in said, said
    assert set(parts(port)) == {"database", "broker", "worker", "sweep"}
    assert (project / ".venv" / "bin" / f"python{version}").exists()

    os.killpg(process.pid, signal.SIGINT)

    assert "The data stay" in process.stdout.read()

    process.wait(60)

    assert is_free(port)
