"""`manage.py up`, behind `make run`: everything on one machine, until Ctrl-C."""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from accounts.rotation import OtherKeys, require_keys
from config.environment import BASE_DIR, DATA_DIR, PRODUCTION
from devservices import preparation
from devservices.processes import last_lines
from devservices.screen import reachable_host, screen
from devservices.services import keeper_runs
from devservices.state import Lock, is_free, prepare
from devservices.supervisor import GaveUp, Program, Stopped, Supervisor

READY_SECONDS = 240.0
WORKERS = 2


class Command(BaseCommand):
    """Starts what is missing, prepares it, runs web, worker and beat, and ends all of it on Ctrl-C."""

    help = "Run everything on this machine: database, Redis, web, worker, beat. Ends with Ctrl-C."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until asked to end. CommandError, with a sentence, when something stands in the way."""
        began = time.monotonic()
        prepare(DATA_DIR)
        only_one = Lock(DATA_DIR, "up")
        self._require_room(only_one)
        self._prepare()
        try:
            self._run(began)
        except Stopped:
            self.stdout.write("\nStopped. The data stay in " + str(DATA_DIR))
        except GaveUp as reason:
            raise CommandError(str(reason)) from reason
        finally:
            only_one.release()

    def _require_room(self, only_one: Lock) -> None:
        if PRODUCTION:
            raise CommandError("This is for one machine. README says how to start web, worker and beat in production.")
        if not only_one.try_exclusive():
            raise CommandError(f"It already runs on {DATA_DIR}. A second copy needs a DATA_DIR and a PORT of its own.")
        if not is_free(settings.PORT, settings.HOST):
            raise CommandError(
                f"Port {settings.PORT} is taken by another program. Choose one: PORT={settings.PORT + 1} make run"
            )

    def _prepare(self) -> None:
        self.stdout.write("Database: bringing the schema up to date")
        try:
            preparation.migrate()
        except preparation.OtherVersion as reason:
            raise CommandError(
                f"The data in {DATA_DIR} were made by another version of the code ({reason}): "
                "set DATA_DIR to another folder, or delete this one, to start afresh."
            ) from reason
        try:
            require_keys()
        except OtherKeys as reason:
            raise CommandError(str(reason)) from reason
        if loaded := preparation.load_first_data():
            self.stdout.write(f"Data: {', '.join(loaded)} done")
        if preparation.collect_static():
            self.stdout.write("Static files: collected")
        connections.close_all()

    def _run(self, began: float) -> None:
        supervisor = Supervisor(_programs(), BASE_DIR)
        own_services = keeper_runs(DATA_DIR)
        with supervisor.running():
            if not supervisor.wait_until(_is_ready, seconds=READY_SECONDS):
                raise GaveUp(_why_not_ready())
            self.stdout.write(screen(seconds=time.monotonic() - began))
            self.stdout.flush()
            supervisor.keep(while_=lambda: not own_services or keeper_runs(DATA_DIR))


def _why_not_ready() -> str:
    end = last_lines(DATA_DIR / "logs" / "web.log", 15)
    return (
        f"Not ready after {READY_SECONDS:.0f} seconds: {_parts()}. See {DATA_DIR / 'logs'}. The end of web.log:\n{end}"
    )


def _programs() -> list[Program]:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_empty(DATA_DIR / "metrics"))
    celery = ["-m", "celery", "-A", "config.celery"]
    processes = {"decide": 1, "deliver": 1, "convert": WORKERS}
    return [
        _program("web", server(settings.HOST, settings.PORT)),
        *(_program(f"worker-{queue}", [*celery, *worker(queue, processes[queue])]) for queue in settings.QUEUES),
        _program("beat", [*celery, "beat", "--pidfile", ""]),
    ]


def worker(queue: str, processes: int) -> list[str]:
    """The arguments to Celery of a worker for one queue alone."""
    named = ["worker", "-Q", queue, "-n", f"{queue}@%h", "--concurrency", str(processes)]
    return [*named, "-O", "fair", "--without-gossip", "--without-mingle"]


def server(host: str, port: int) -> list[str]:
    """The web server's arguments to Python: headers within ten seconds, everything else by `config.asgi`."""
    return [
        *("-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port), "--workers", str(WORKERS)),
        *("--http1-header-read-timeout", "10000", "--backlog", "2048", "--backpressure", "2048"),
        *(
            "--respawn-failed-workers",
            "--respawn-interval",
            "1",
            "--workers-kill-timeout",
            "45",
            "config.asgi:application",
        ),
    ]


def _program(name: str, arguments: list[str]) -> Program:
    return Program(name, [sys.executable, *arguments], DATA_DIR / "logs" / f"{name}.log")


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _parts() -> dict[str, str]:
    """What /readyz says of each part; nothing while nobody answers."""
    try:
        answer = httpx.get(f"http://{reachable_host()}:{settings.PORT}/readyz", timeout=5, trust_env=False)
        return dict(answer.json()["parts"])
    except (httpx.HTTPError, ValueError, KeyError):
        return {}


def _is_ready() -> bool:
    """All parts work; the sweep may still be catching up with the time the machine was off."""
    parts = _parts()
    return bool(parts) and all(state == "ok" for name, state in parts.items() if name != "sweep")
