"""The product as `make run` starts it, in a folder of its own: where it listens, which processes are its own, and its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from config.environment import BASE_DIR
from devservices import state
from devservices.state import free_port
from tests.chaos import disk

READY_SECONDS = 600.0
END_SECONDS = 60.0
NO_LIMITS = {
    f"LIMIT_{name}": "1000000/min"
    for name in ("SIGN_IN", "VOUCHER", "UPLOAD", "ASK_PERSON", "PERSON_ASKED", "GUESS_VOUCHER")
}
ELSEWHERE = {*state.VARIABLES.values(), state.OWNER_URL, state.PURGE_URL}
NAME = "yidi-chaos"
"""What its connections to PostgreSQL are called."""
COMMAND = (sys.executable, "manage.py", "up")


class House:
    """One running copy. `services`: where PostgreSQL and Redis are, if they are not its own."""

    host = "127.0.0.1"

    def __init__(
        self, folder: Path, *, command: Sequence[str] = COMMAND, services: Mapping[str, str] | None = None
    ) -> None:
        self.folder, self.port, self.switch = folder, free_port(), folder / "disk-full"
        self._services = dict(services or {})
        self._command = command
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in ELSEWHERE or self._services},
            **NO_LIMITS, **self._services,
            "DATA_DIR": str(folder / "data"), "PORT": str(self.port), "ENV_FILE": os.devnull, "SIMULATION": "1",
            "PYTHONUNBUFFERED": "1", "MATERIALS_STORAGE": "tests.chaos.disk.Disk",
            disk.VARIABLE: str(self.switch), "PGAPPNAME": NAME,
        }  # fmt: skip

    @property
    def database(self) -> str:
        return self._urls()["DATABASE_URL"]

    @property
    def broker(self) -> str:
        return self._urls()["REDIS_URL"]

    def _urls(self) -> dict[str, str]:
        return {**state.urls(self.folder / "data"), **self._services}

    @contextmanager
    def running(self) -> Iterator[None]:
        """From nothing to ready; on leaving, all of it ends, and the log of a copy that ended by itself is shown."""
        with (self.folder / "up.log").open("wb") as log:
            self.up = subprocess.Popen(
                self._command, cwd=BASE_DIR, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.wait_until_ready()
            yield
        finally:
            self.up.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.up.wait(END_SECONDS)
            self.up.kill()
            self.up.wait()

    def stands(self) -> bool:
        """Whether what started everything still runs."""
        return self.up.poll() is None

    def wait_until_ready(self) -> None:
        """Until every part says that it works. Raises AssertionError with the end of the log."""
        until = time.monotonic() + READY_SECONDS
        while not self._ready():
            said = (self.folder / "up.log").read_text(errors="replace")[-3000:]
            assert self.stands(), f"it ended by itself:\n{said}"
            assert time.monotonic() < until, f"not ready, {self._parts()}:\n{said}"
            time.sleep(0.2)

    def _ready(self) -> bool:
        parts = self._parts()
        return bool(parts) and all(said == "ok" for name, said in parts.items() if name != "sweep")

    def _parts(self) -> dict[str, str]:
        with suppress(httpx.HTTPError, ValueError, KeyError):
            return dict(httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5, trust_env=False).json()["parts"])
        return {}

    def run(self, *arguments: str) -> str:
        """One of the product's commands (`manage.py …`); what it said last. Raises AssertionError where it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR, env=self._environment, capture_output=True, text=True, check=False, timeout=READY_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments[0]}: {done.stdout[-2000:]} {done.stderr[-2000:]}"
        return (done.stdout.strip().splitlines() or [""])[-1]

    def load(self, entries: Mapping[str, Any]) -> None:
        """Load a demo file (JSON is YAML too)."""
        file = self.folder / "people.yaml"
        file.write_text(json.dumps(entries, ensure_ascii=False))
        self.run("load_demo", str(file))

    # Its processes

    def mothers(self, *words: str) -> list[psutil.Process]:
        """What it keeps running and starts again, by words of the command line."""
        return [each for each in self._started() if _says(each, words) and not _says(_parent(each), words)]

    def children(self, *words: str) -> list[psutil.Process]:
        """What those have started in their turn."""
        return [each for each in self._started() if _says(each, words) and _says(_parent(each), words)]

    def named(self, name: str) -> list[psutil.Process]:
        """PostgreSQL's postmaster, or Redis."""
        found = [each for each in self._started() if _name(each) == name]
        return [each for each in found if _name(_parent(each)) != name]

    def _started(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            return psutil.Process(self.up.pid).children(recursive=True)
        return []


def _parent(process: psutil.Process) -> psutil.Process | None:
    with suppress(psutil.Error):
        return process.parent()
    return None


def _name(process: psutil.Process | None) -> str:
    with suppress(psutil.Error):
        return process.name() if process else ""
    return ""


def _says(process: psutil.Process | None, words: Sequence[str]) -> bool:
    with suppress(psutil.Error):
        line = process.cmdline() if process else []
        return all(word in line for word in words)
    return False
