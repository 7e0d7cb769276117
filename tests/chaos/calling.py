"""Clients that never give up easily: the same call with the same key, again and again, until there is an answer that counts.

As API.md and docs/hospitals.md ask of a client: no answer, 408, 429 and 5xx mean "not known, send it again under the same key";
409 `in_progress` and `material_processing` mean "wait"; anything else is the answer. Some clients are impatient and hang up
after a moment, some send again what was answered already: both must change nothing.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

WAIT = {"in_progress", "material_processing"}
LATER = {408, 429, 500, 502, 503, 504}
HANG_UP, AGAIN = 0.04, 0.10
"""The share of calls that are hung up on at first, and of answered ones that are sent once more."""
SECONDS, A_MOMENT = 20.0, 0.03


@dataclass
class Deed:
    """One call under one key. `subject`: what it is about, by which it is found in the database, whoever else wants the same."""

    kind: str
    subject: str
    token: str
    path: str
    body: Any
    key: str
    form: str = "application/json"
    calls: int = 0
    status: int = 0
    answer: Any = None
    code: str = ""
    otherwise: list[Any] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        return bool(self.code)


@dataclass
class Clients:
    """What all clients share: where to call (after one host did not answer, another), how long one call is kept at, what was seen."""

    port: int
    patience: float
    hosts: Sequence[str] = ("127.0.0.1",)
    deeds: list[Deed] = field(default_factory=list)
    subjects: set[tuple[str, str]] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)

    def settle(self, deed: Deed, draw: random.Random) -> Deed:
        """Send until it is acknowledged or refused, or patience ends; the deed with what came of it."""
        self.deeds.append(deed)
        if deed.kind != "uploads":
            self.subjects.add((deed.kind, deed.subject))
        until, hang_up = time.monotonic() + self.patience, draw.random() < HANG_UP
        while time.monotonic() < until:
            status, said = self.call(deed, A_MOMENT if hang_up else SECONDS)
            hang_up = False
            if _counts(status, said):
                _keep(deed, status, said)
                break
            time.sleep(0.1 + draw.random() * min(1.0, 0.1 * deed.calls))
        if deed.acknowledged and draw.random() < AGAIN:
            self.once_more(deed)
        return deed

    def once_more(self, deed: Deed) -> None:
        """What was answered is sent again: the same answer comes, or another that counts against the product."""
        status, said = self.call(deed, SECONDS)
        if _counts(status, said) and (status, said) != (deed.status, deed.answer):
            deed.otherwise.append(said)

    def at_once(self, deeds: Sequence[Deed], draw: random.Random) -> Sequence[Deed]:
        """Rivals: all of them in the same moment."""
        gate, draws = threading.Barrier(len(deeds)), [random.Random(draw.random()) for _ in deeds]

        def run(deed: Deed, own: random.Random) -> None:
            gate.wait()
            self.settle(deed, own)

        threads = [threading.Thread(target=run, args=pair) for pair in zip(deeds, draws, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return deeds

    def call(self, deed: Deed, seconds: float) -> tuple[int, Any]:
        """One attempt: status and answer; 0 where none came."""
        deed.calls += 1
        host = self.hosts[(hash(deed.key) + deed.calls) % len(self.hosts)]
        line = http.client.HTTPConnection(host, self.port, timeout=seconds)
        headers = {"Authorization": f"Bearer {deed.token}", "Content-Type": deed.form, "Idempotency-Key": deed.key}
        sent = deed.body if isinstance(deed.body, bytes) else json.dumps(deed.body).encode()
        try:
            line.request("POST", f"/api/v1/{deed.path}", sent, headers)
            answer = line.getresponse()
            said = answer.read()
            self.seen[str(answer.status)] += 1
            return answer.status, json.loads(said) if said[:1] in (b"{", b"[") else said.decode(errors="replace")
        except (OSError, http.client.HTTPException):
            self.seen["no answer"] += 1
            return 0, None
        finally:
            line.close()


def _counts(status: int, said: Any) -> bool:
    return bool(status) and status not in LATER and _code(said) not in WAIT


def _code(said: Any) -> str:
    errors = said.get("errors") if isinstance(said, dict) else None
    return str(errors[0]["code"]) if errors else ""


def _keep(deed: Deed, status: int, said: Any) -> None:
    deed.status, deed.answer, deed.code = status, said, _code(said)
    if not deed.acknowledged and not deed.code:
        deed.code = f"status {status}"
