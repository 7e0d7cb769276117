"""The database that is measured: filled, tidied, copied; and what is decided in it by the sweep."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from core import clock
from core.grants import owner
from filings.models import Filing
from reviews import queue
from tests.load import multiplying, population, tills


def fill(rows: int, fewest: int) -> None:
    """Fill up to so many filings and settlements."""
    there = Filing.objects.count() // fewest
    if not there:
        tills.fill(min(rows, fewest), seed=1)
        population.fill(min(rows, fewest), seed=1)
        multiplying.keep_pattern()
        there = 1
    if (wanted := rows // fewest) > there:
        multiplying.repeat(there, wanted - 1)


def settle_down() -> None:
    """Do what the database would do by itself soon after so many rows, so that it is not measured as part of a request."""
    with owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


@contextmanager
def copied() -> Iterator[str]:
    """The name of a copy of the database as it is now, which is dropped at the end."""
    name = connection.settings_dict["NAME"]
    copy = f"{name}_floor"
    _as_owner(f'DROP DATABASE IF EXISTS "{copy}"')
    _as_owner(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')
    try:
        yield copy
    finally:
        _as_owner(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')


def _as_owner(statement: str) -> None:
    """From another database: nobody may be in the one that is copied."""
    with owner():
        name, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], "postgres"
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name


def sweep(count: int = 2_000) -> dict[str, float]:
    """Decide what is due, in one process, as a worker does."""
    woken = population.wake(count)
    began, cpu = time.monotonic(), time.process_time()
    with clock.standing_at(clock.now()):
        done = queue.drain()
    seconds = time.monotonic() - began
    return {
        "per_second": done / seconds,
        "decisions": woken,
        "cpu_ms": 1000 * (time.process_time() - cpu) / max(1, done),
    }
