"""Load while a host is lost: tests/chaos' clients, whose every answer is noted with its time; then what became of what they asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import httpx
import psycopg

from tests.chaos import reckoning
from tests.chaos.calling import A_MOMENT, Clients, Deed
from tests.chaos.faults import Trouble
from tests.chaos.people import Town
from tests.chaos.script import play
from tests.hosts.losing import Loss
from tests.hosts.site import Site

THREADS, PATIENCE = 6, 240.0
BEFORE, HOLD, AFTER = 8.0, 12.0, 5.0
"""Seconds of load before a loss, at least while it lasts, and after everything is well again."""
COLUMNS = ("asked", "acknowledged", "refused", "unknown", "lost", "doubled", "contradicted")


@dataclass
class Watched(Clients):
    """Clients that remember when a write was acknowledged."""

    acknowledged_at: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Calls that got no answer though they waited for it, or one that says that something is wrong with us."""

    def call(self, deed: Deed, seconds: float) -> tuple[int, Any]:
        status, said = super().call(deed, seconds)
        if (not status and seconds > A_MOMENT) or status >= 500:
            self.failed.append(f"{deed.kind or 'voucher'}: {status} {said if status else ''}"[:120])
        if 200 <= status < 300 and deed.key:
            self.acknowledged_at.append(time.monotonic())
        return status, said


@dataclass
class Shown:
    """What one loss has shown; seconds, and counts of what was asked for meanwhile."""

    name: str
    host: str = ""
    writes_gap: float = 0.0
    reads_gap: float = 0.0
    new_leader: float | None = None
    whole: float = 0.0
    late: int = 0
    failed: list[str] = field(default_factory=list)
    """Calls that were not answered at the first time."""
    none_fails: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        wrong = any(self.counts[name] for name in ("lost", "doubled", "contradicted"))
        return not (self.late or wrong or (self.none_fails and self.failed))


class Reader:
    """One who reads all the time, at the next front host where one does not answer within `patience` (seconds)."""

    def __init__(self, site: Site, patience: float = 2) -> None:
        self.answered_at: list[float] = []
        self.failed: list[str] = []
        self._patience = patience
        self._over = threading.Event()
        self._addresses = list(site.addresses)
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._over.wait(0.2):
            url = f"http://{self._addresses[0]}/api/v1/areas/?level=province"
            try:
                httpx.get(url, timeout=self._patience, trust_env=False).raise_for_status()
                self.answered_at.append(time.monotonic())
            except httpx.HTTPError as error:
                self.failed.append(f"read: {error!r}"[:120])
                self._addresses.reverse()


def longest_gap(moments: list[float], since: float, until: float) -> float:
    """The longest time in which nothing happened, of all that begin or end within."""
    within = [since, *sorted(moment for moment in moments if since <= moment <= until), until]
    return max(later - earlier for earlier, later in pairwise(within))


@contextmanager
def under_load(site: Site, town: Town, seed: int, *, jumps: bool = True) -> Iterator[Watched]:
    """Clients write, and the clock jumps past deadlines, until the block ends; then everything asked for has its answer."""
    clients = Watched(site.port, PATIENCE, hosts=site.addresses)
    over = threading.Event()
    own = replace(town, people=list(town.people))
    playing = play(own, clients, seed=seed, threads=THREADS, go_on=lambda: not over.is_set())
    trouble = Trouble(site, seed=seed, token=town.people[0].token)

    def jump() -> None:
        while jumps and not over.wait(7):
            trouble.clock_jumps()

    jumping = threading.Thread(target=jump, daemon=True)
    jumping.start()
    try:
        yield clients
    finally:
        over.set()
        for each in (*playing, jumping):
            each.join()


def lose(site: Site, town: Town, loss: Loss, seed: int) -> tuple[Shown, list[Deed]]:
    """Under load: lose a host, wait until writes are acknowledged again, bring it back, wait until all is well; what was shown."""
    shown = Shown(loss.name, none_fails=loss.none_fails)
    with Reader(site) as reader, under_load(site, town, seed) as clients:
        site.wait_until("writes are acknowledged", lambda: bool(clients.acknowledged_at))
        time.sleep(BEFORE)
        host, began = loss.whom(site), time.monotonic()
        shown.host = host.name
        bring_back = loss.how(site, host)
        if loss.leads:
            shown.new_leader = site.wait_until("another leads", lambda: site.leader() not in ("", host.name))
        time.sleep(HOLD)
        site.wait_until("it goes on", lambda: clients.acknowledged_at[-1] > time.monotonic() - 1)
        bring_back()
        shown.whole = site.wait_until("it is whole again", lambda: site.well() and site.replicated())
        time.sleep(AFTER)
        ended = time.monotonic()
        shown.writes_gap = longest_gap(clients.acknowledged_at, began, ended)
    shown.reads_gap = longest_gap(reader.answered_at, began, ended)
    shown.failed = clients.failed + reader.failed
    reckon(site, shown, clients.deeds)
    return shown, clients.deeds


def reckon(site: Site, shown: Shown, deeds: list[Deed]) -> None:
    """What became of what was asked for, by SQL of its own from whoever leads now."""
    lines = reckoning.lines(site.database, deeds)
    shown.counts = {name: sum(getattr(line, name) for line in lines) for name in COLUMNS}
    shown.late = reckoning.late(site.database, business_time(site))


def business_time(site: Site) -> str:
    return str(httpx.get(f"http://{site.host}/api/v1/clock/", timeout=20, trust_env=False).json()["now"])


SENT_TWICE = """
SELECT count(*) FROM (SELECT 1 FROM accounts_sandboxdelivery WHERE key > '' GROUP BY channel, "to", key HAVING count(*) > 1) twice"""


def sent_twice(site: Site) -> int:
    """Messages that went out of the house more than once: two beats remind two workers of the same."""
    with psycopg.connect(site.database) as line:
        return int((line.execute(SENT_TWICE).fetchone() or [0])[0])


READ = "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'regions_area'"


def reads(site: Site) -> dict[str, int]:
    """How often each database host looked into the areas' table since it started: standbys only when they have everything."""
    found = {}
    for host in site.topology.of("db"):
        with psycopg.connect(site.topology.direct("postgres", f"{host.address}:5432")) as line:
            found[host.name] = int((line.execute(READ).fetchone() or [0])[0])
    return found
