"""`python -m tests.load.nation`: bills of a busy hour, simulated on so many cores with measured service times (docs/scale.md).

A bill comes at random (Poisson). It wants a core of a web host, a core of the database, a core of a web host again; its message
waits for a process of `deliver`. Each is a queue served in the order of coming; a core's time is drawn from an exponential
distribution around the measured mean, so the waits are rather too long than too short. Locks, network and disk are not in it.
"""

from __future__ import annotations

import argparse
import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

WEB, DATABASE, DELIVERY = 0.029, 0.014, 0.080
"""Seconds: of CPU for a bill with what comes with it, of a sent message (docs/scale.md, "What one thing costs")."""


@dataclass
class Servers:
    """So many alike, each of which serves one at a time."""

    count: int
    mean: float
    busy: float = 0.0
    free_at: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free_at = [0.0] * self.count

    def serve(self, since: float, draw: random.Random, part: float = 1.0) -> float:
        """Return when whoever came `since` has been served."""
        took = draw.expovariate(1 / (self.mean * part))
        end = max(since, heapq.heappop(self.free_at)) + took
        heapq.heappush(self.free_at, end)
        self.busy += took
        return end


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds from a bill's coming to its answer, and to its message; shares of the servers' time in use."""

    bills: int
    answered: list[float]
    told: list[float]
    busy: dict[str, float]


def simulate(rate: float, seconds: float, web: int, database: int, deliver: int, seed: int = 1) -> Outcome:
    """Let bills come at `rate` a second. Events are handled in the order of time, so each queue sees whom it would see."""
    draw = random.Random(seed)
    servers = {"web": Servers(web, WEB), "database": Servers(database, DATABASE), "deliver": Servers(deliver, DELIVERY)}
    steps = (("web", 0.5), ("database", 1.0), ("web", 0.5), ("deliver", 1.0))
    waiting = [(at, 0, at) for at in _coming(rate, seconds, draw)]
    answered, told, end = [], [], seconds
    while waiting:
        now, step, began = heapq.heappop(waiting)
        if step == len(steps) - 1:
            answered.append(now - began)
        if step == len(steps):
            told.append(now - began)
            end = max(end, now)
            continue
        name, part = steps[step]
        heapq.heappush(waiting, (servers[name].serve(now, draw, part), step + 1, began))
    busy = {name: one.busy / (one.count * end) for name, one in servers.items()}
    return Outcome(len(answered), sorted(answered), sorted(told), busy)


def _coming(rate: float, seconds: float, draw: random.Random) -> Iterator[float]:
    at = draw.expovariate(rate)
    while at < seconds:
        yield at
        at += draw.expovariate(rate)


def _at(share: float, sorted_: list[float]) -> float:
    return sorted_[min(len(sorted_) - 1, int(share * len(sorted_)))]


MEANT = [
    ("9/s, as reckoned", 27, 4, 2, 3),
    ("9/s, one process of deliver", 27, 4, 2, 1),
    ("208/s, as reckoned", 624, 36, 18, 52),
    ("208/s, database of the half", 624, 36, 9, 52),
    ("208/s, web hosts of the half", 624, 18, 18, 52),
    ("2 080/s, the largest of 32 clusters", 500, 30, 14, 42),
    ("2 080/s, one primary of 64 cores", 6240, 360, 64, 520),
]
"""(what, bills a second in the busy hour, cores of web and of the database, processes of deliver)."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60)
    seconds = asked.parse_args().seconds
    print(f"{seconds:.0f} s of the busy hour; seconds from coming to answer, and to the message\n")
    print(
        "| | bills/s | cores: web; database | deliver | p50 | p95 | p99 | message p95 | in use: web, database, deliver |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for what, rate, web, database, deliver in MEANT:
        found = simulate(rate, seconds, web, database, deliver)
        times = [f"{_at(share, found.answered):.3f}" for share in (0.5, 0.95, 0.99)] + [f"{_at(0.95, found.told):.2f}"]
        shares = ", ".join(f"{share:.0%}" for share in found.busy.values())
        print("|", " | ".join([what, str(rate), f"{web}; {database}", str(deliver), *times, shares]), "|")


if __name__ == "__main__":
    main()
