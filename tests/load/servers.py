"""The servers that are measured side by side, each the production server with its own settings, and what they and PostgreSQL cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import httpx
import psutil

from devservices.management.commands.up import server
from devservices.state import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASED = Path(__file__).with_name("released")
OURS, FLOOR, PLAIN, PARENT = "ours", "floor", "plain", "parent"
SETTINGS = {
    OURS: "config.settings",
    FLOOR: "tests.load.bare_settings",
    PLAIN: "tests.load.plain_settings",
    PARENT: "config.settings",
}


@dataclass
class Server:
    """One of them, while it runs."""

    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """CPU seconds of its processes so far."""
        return tree(self.process)

    def memory(self) -> float:
        """Its largest process, in MB."""
        return max(each.memory_info().rss for each in self.process.children(recursive=True)) / 2**20


@contextmanager
def running(names: list[str], *, port: int, **environment: str) -> Iterator[dict[str, Server]]:
    """Run these servers, ours on `port`; the parent's from the folder PARENT_ROOT of the environment."""
    with ExitStack() as stack:
        ports = {name: port if name == OURS else free_port() for name in names}
        yield {name: stack.enter_context(_one(name, ports[name], environment)) for name in names}


@contextmanager
def _one(name: str, port: int, environment: dict[str, str]) -> Iterator[Server]:
    root = environment["PARENT_ROOT"] if name == PARENT else str(ROOT)
    told = {
        "PORT": str(port), "DJANGO_SETTINGS_MODULE": SETTINGS[name], "NOT_RELEASED": " ".join(_not_released()),
        "PYTHONPATH": f"{root}{os.pathsep}{RELEASED}",
    }  # fmt: skip
    log = Path(os.environ["DATA_DIR"], "logs", f"bench-{name}.log")
    with log.open("wb") as said:
        command = [sys.executable, *server("127.0.0.1", port)]
        web = subprocess.Popen(command, cwd=root, stdout=said, stderr=said, env={**os.environ, **environment, **told})
        try:
            _wait(port, log)
            yield Server(port, psutil.Process(web.pid))
        finally:
            web.terminate()
            try:
                web.wait(20)
            except subprocess.TimeoutExpired:  # told to stop while its workers still started
                web.kill()


@cache
def _not_released() -> list[str]:
    """What can be imported here and not where requirements.txt alone is installed (`released/sitecustomize.py`)."""
    pinned = re.findall(r"^([^=\s#-][^=\s]*)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    released = {_normal(name) for name in pinned}
    ours = {path.name for path in ROOT.iterdir()}
    return [
        module
        for module, packages in packages_distributions().items()
        if module not in ours and released.isdisjoint(map(_normal, packages))
    ]


def _normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def _wait(port: int, log: Path) -> None:
    for _attempt in range(1800):
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit(f"A server does not start. {log.read_text()[-2000:]}")


def database() -> psutil.Process:
    """PostgreSQL's first process, the parent of all others."""
    [file] = Path(os.environ["DATA_DIR"]).rglob("postmaster.pid")
    return psutil.Process(int(file.read_text().split()[0]))


def tree(process: psutil.Process) -> float:
    """CPU seconds of a process, its children that run and those that have ended."""
    own = process.cpu_times()
    times: list[Any] = [own]
    for child in process.children(recursive=True):
        try:
            times.append(child.cpu_times())
        except psutil.NoSuchProcess:
            continue
    return float(sum(each.user + each.system for each in times) + own.children_user + own.children_system)
