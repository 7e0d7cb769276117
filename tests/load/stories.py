"""What lasts: the national evening and the soak. The mix of a day (docs/scale.md): a bill with its quote, eligibility, list and detail."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import chain
from typing import Any

import psutil
from django.db import connection

from tests.load import citizens, generator, hospitals
from tests.load.generator import Ask
from tests.load.servers import Server, tree

MIX: dict[Callable[[int], list[Ask]], int] = {
    hospitals.settles: 1, hospitals.quotes: 1, citizens.eligibilities: 1, citizens.lists: 1, citizens.details: 1,
}  # fmt: skip
AGAIN = 5
"""One in so many writes is sent twice with the same key, as a till does that got no answer."""
EVENING = 40
"""So many connections at once: ten times the usual."""
BILLS = 540
"""Of a minute of the soak: nine a second, the average of all settlement across provinces (docs/scale.md)."""


def mix(bills: int, *, again: bool) -> list[Ask]:
    """So many bills with what comes with each, shuffled; `again`: some writes come a second time."""
    asks = [*chain.from_iterable(make(bills * share) for make, share in MIX.items())]
    repeated = (
        [ask for ask in asks if "Idempotency-Key" in ask.headers and "/quote/" not in ask.path][::AGAIN]
        if again
        else []
    )
    asks += repeated
    random.shuffle(asks)
    return asks


def evening(asks: list[Ask], server: Server, postgres: psutil.Process) -> dict[str, Any]:
    """Everybody at once: what was answered, how fast, and what was told to come again (503) or failed otherwise."""
    web, database = server.cpu(), tree(postgres)
    answered = generator.send([ask.raw(server.port) for ask in asks], connections=EVENING, seconds=600, once=True)
    answered["web_ms"] = 1000 * (server.cpu() - web) / answered["requests"]
    answered["database_ms"] = 1000 * (tree(postgres) - database) / answered["requests"]
    return answered


def soak(minutes: int, server: Server) -> list[dict[str, Any]]:
    """The mix of `BILLS` bills, minute by minute: latency, memory of the largest process, rows that are dead, bytes of all tables.

    What is left of a minute is waited for, so that every minute is asked the same.
    """
    lines, began = [], time.monotonic()
    for minute in range(minutes):
        time.sleep(max(0.0, began + 60 * minute - time.monotonic()))
        asks = [ask.raw(server.port) for ask in mix(BILLS, again=False)]
        answered = generator.send(asks, connections=4, seconds=60, once=True)
        line = {"minute": minute, **answered, "memory_mb": server.memory(), **_tables()}
        lines.append(line)
        print(
            "  soak: " + ", ".join(f"{name} {value:.1f}" for name, value in line.items() if name != "said"), flush=True
        )
    return lines


def _tables() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_dead_tup), sum(pg_total_relation_size(relid)) / 1e6 FROM pg_stat_user_tables")
        dead, megabytes = cursor.fetchone()
    return {"dead_rows": float(dead), "tables_mb": float(megabytes)}
