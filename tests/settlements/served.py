"""The production web server on a port of its own, on the test's database, at a held moment of business time."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.models import ClockState
from devservices.management.commands.up import server
from devservices.state import free_port
from tests import factories as make
from tests import roles

PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Served:
    """Where it listens, and its first process."""

    port: int
    process: subprocess.Popen[bytes]

    def post(self, path: str, token: str, body: Any, key: str) -> tuple[int, Any]:
        """One call, and again as often as the server is too busy, as a till does (docs/hospitals.md); the status and the answer."""
        while (said := self._once(path, token, body, key))[0] == 503:
            time.sleep(0.2)
        return said

    def _once(self, path: str, token: str, body: Any, key: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            line.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
            answer = line.getresponse()
            said = answer.read()
            return answer.status, json.loads(said) if answer.status < 500 else said.decode()
        finally:
            line.close()


def stand_still(at: str) -> None:
    """Hold the simulated clock at a moment for every process, for as long as a test may take."""
    now = timezone.now()
    held = {"offset": make.moment(at) - now, "held_at": make.moment(at), "held_until": now + timedelta(hours=1)}
    ClockState.objects.update_or_create(id=1, defaults=held)


@contextmanager
def served(at: str, port: int = 0, **more: str) -> Iterator[Served]:
    """Serve until the block ends, at a port that is free if none is named. `more`: settings."""
    stand_still(at)
    port, given = port or free_port(), environment(**more)
    command = [sys.executable, *server("127.0.0.1", port)]
    with subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as web:
        here = Served(port, web)
        try:
            _wait_for(here)
            yield here
        finally:
            web.terminate()


def environment(**more: str) -> dict[str, str]:
    """What a process of its own needs to work on the test's database."""
    return {**os.environ, **roles.environment(), "REDIS_URL": settings.REDIS_URL, **more}


def _wait_for(here: Served) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            here.post("settlements/", "nobody", {}, "k")
            return
        except OSError:
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)
