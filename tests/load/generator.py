"""Who asks: requests written out beforehand, sent by wrk (a compiled generator, of Debian) from a core of its own.

It takes a hundredth of the time that the server needs, so that what is measured is the server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

SCRIPT = Path(__file__).with_name("wrk.lua")
PORT = "{port}"
"""Stands in a header for the port of the server asked: the names of cookies have it."""


class Ask(NamedTuple):
    """A request, to whichever server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""

    def raw(self, port: int, **more: str) -> bytes:
        """As it goes over the wire, with more headers."""
        headers = {"Host": f"127.0.0.1:{port}", **self.headers, **more, "Content-Length": str(len(self.body))}
        lines = [f"{name}: {value.replace(PORT, str(port))}" for name, value in headers.items()]
        head = "\r\n".join([f"{self.method} {self.path} HTTP/1.1", *lines])
        return head.encode() + b"\r\n\r\n" + self.body


def require() -> None:
    """See that wrk is there: on Debian root gets it installed, everybody else is told."""
    if shutil.which("wrk") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "wrk"], check=False)
    if shutil.which("wrk") is None:
        raise SystemExit(
            "make bench needs wrk, a load generator: apt-get install wrk (or your system's package of it)."
        )


def send(requests: Sequence[bytes], *, connections: int, seconds: int, once: bool) -> dict[str, Any]:
    """Send them over so many connections for so long, or each `once`; how many were answered, how fast, how many failed."""
    with tempfile.NamedTemporaryFile(prefix="yidi-bench-") as file:
        for request in requests:
            file.write(b"%d\n" % len(request) + request)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
        address = requests[0].split(b"Host: ", 1)[1].split(b"\r\n", 1)[0].decode()
        command += [f"http://{address}/", "--", file.name, "once" if once else "again"]
        done = subprocess.run([*pinned(), *command], capture_output=True, text=True, errors="replace", check=False)
    try:
        return {**json.loads(done.stdout.splitlines()[-1]), "said": done.stderr.strip()}
    except (IndexError, ValueError):
        raise SystemExit(f"wrk measured nothing.\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}") from None


def pinned() -> list[str]:
    """What holds the generator to the last core; where the system cannot, nothing does."""
    if shutil.which("taskset") is None:
        return []
    return ["taskset", "-c", str(max(os.sched_getaffinity(0)))]
