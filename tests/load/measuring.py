"""One operation, measured: the servers take turns, round by round, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any, NamedTuple

import psutil

from tests.load import generator
from tests.load.floor import HEADER, Recorded
from tests.load.generator import Ask
from tests.load.operations import Operation
from tests.load.servers import FLOOR, OURS, PARENT, PLAIN, Server, tree

DIFFERENT = 80
"""So many different reads are asked again and again."""


class Plan(NamedTuple):
    """How much of each operation: rounds, requests of a write or seconds of a read in each, connections."""

    rounds: int
    writes: int
    seconds: int
    connections: int


class Prepared(NamedTuple):
    """What is sent to each server, and what was recorded for the floor."""

    once: bool
    asks: dict[str, list[Ask]]
    recorded: list[Recorded]


def asks_for(operation: Operation, names: list[str], plan: Plan) -> dict[str, list[Ask]]:
    """The requests for each server; what is written once is another's for each."""
    count = plan.rounds * plan.writes if operation.once else DIFFERENT
    made = {name: operation.make(count) for name in names if name != PLAIN}
    if PLAIN in names and operation.plain:
        made[PLAIN] = operation.plain(count)
    return made


def measure(
    name: str, prepared: Prepared, servers: dict[str, Server], postgres: psutil.Process, plan: Plan
) -> dict[str, Any]:
    """The figures of each server for one operation; each is first asked a little, which does not count."""
    rounds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number in range(plan.rounds):
        for which, asks in prepared.asks.items():
            server = servers[which]
            requests = [_raw(name, ask, at, which, server.port) for at, ask in enumerate(asks)]
            if prepared.once:
                requests = requests[number * plan.writes : (number + 1) * plan.writes]
            elif number == 0:
                generator.send(requests, connections=plan.connections, seconds=1, once=False)
            rounds[which].append(_round(requests, prepared.once, server, postgres, plan))
    figures = {which: _together(each) for which, each in rounds.items()}
    if prepared.recorded:
        figures[OURS]["statements"] = median(each.statements for each in prepared.recorded)
    return {"servers": figures, "ratios": _ratios(rounds)}


def _raw(name: str, ask: Ask, at: int, which: str, port: int) -> bytes:
    return ask.raw(port, **{HEADER: f"{name}/{at}"} if which == FLOOR else {})


def _round(requests: list[bytes], once: bool, server: Server, postgres: psutil.Process, plan: Plan) -> dict[str, Any]:
    web, database = server.cpu(), tree(postgres)
    seconds = 600 if once else plan.seconds
    answered = generator.send(requests, connections=plan.connections, seconds=seconds, once=once)
    done = max(1, answered["requests"])
    answered["web_ms"] = 1000 * (server.cpu() - web) / done
    answered["database_ms"] = 1000 * (tree(postgres) - database) / done
    answered["cpu_ms"] = answered["web_ms"] + answered["database_ms"]
    return answered


def _together(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts add up; of times and costs the median round stands."""
    costs = {
        name: median(each[name] for each in rounds)
        for name in ("p50_ms", "p95_ms", "p99_ms", "web_ms", "database_ms", "cpu_ms")
    }
    said = next((each["said"] for each in rounds if each["said"]), "")
    requests, seconds = sum(each["requests"] for each in rounds), sum(each["seconds"] for each in rounds)
    return {
        "requests": requests, "per_second": requests / seconds, "failures": sum(each["failures"] for each in rounds), **costs,
        **({"said": said} if said else {}),
    }  # fmt: skip


def _ratios(rounds: dict[str, list[dict[str, Any]]]) -> dict[str, float]:
    """Our CPU, web and database, by each other server's: of each round, and of those the median. What failed is compared with nothing."""
    ours = rounds[OURS]
    return {
        which: round(median(own["cpu_ms"] / other["cpu_ms"] for own, other in zip(ours, theirs, strict=True)), 3)
        for which, theirs in rounds.items()
        if which in (FLOOR, PLAIN, PARENT)
        and not any(each["failures"] or not each["cpu_ms"] for each in [*ours, *theirs])
    }
