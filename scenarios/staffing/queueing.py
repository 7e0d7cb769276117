"""One run of the queue: cases come in, reviewers take the most urgent one, in office hours only. No randomness, no Django.

SimPy gives the events. Its clock counts whole seconds since 1970, so that a run is exact and the same on every machine.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import simpy

Span = tuple[datetime, datetime]
Steps = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Case:
    """A submission: when it arrives, when it must be decided, and how long a reviewer works on it."""

    submitted_at: datetime
    due_at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Run:
    """What became of the cases: when each was decided (in their order), None where no shift was left for it."""

    cases: Sequence[Case]
    decided_at: Sequence[datetime | None]

    def late(self) -> int:
        """How many were decided after their deadline, or not at all."""
        pairs = zip(self.cases, self.decided_at, strict=True)
        return sum(decided is None or decided > case.due_at for case, decided in pairs)

    def hours(self) -> list[float]:
        """The hours from submission to decision of those decided, shortest first."""
        pairs = zip(self.cases, self.decided_at, strict=True)
        return sorted((at - case.submitted_at).total_seconds() / 3600 for case, at in pairs if at is not None)

    def open_at(self, moments: Sequence[datetime]) -> list[int]:
        """How many wait or are being decided at each moment; what happens at the moment itself has happened."""
        arrived = sorted(case.submitted_at for case in self.cases)
        decided = sorted(at for at in self.decided_at if at is not None)
        return [bisect_right(arrived, at) - bisect_right(decided, at) for at in moments]


def run(cases: Sequence[Case], shifts: Sequence[Sequence[Span]]) -> Run:
    """Have reviewers decide the cases, the earliest deadline first; each reviewer works in the spans of one shift.

    A case that the end of a span interrupts goes back into the queue with what is left of it.
    """
    start = min((int(case.submitted_at.timestamp()) for case in cases), default=0)
    start = min([start, *(int(spans[0][0].timestamp()) for spans in shifts if spans)])
    env = simpy.Environment(initial_time=start)
    desk = simpy.PriorityStore(env)
    decided: list[datetime | None] = [None] * len(cases)
    env.process(_arrive(env, desk, cases))
    for spans in shifts:
        env.process(_review(env, desk, cases, spans, decided))
    env.run()
    return Run(cases, decided)


def _arrive(env: simpy.Environment, desk: simpy.PriorityStore, cases: Sequence[Case]) -> Steps:
    for index in sorted(range(len(cases)), key=lambda index: cases[index].submitted_at):
        case = cases[index]
        yield env.timeout(int(case.submitted_at.timestamp()) - env.now)
        yield desk.put((case.due_at, case.submitted_at, index, case.seconds))


def _review(
    env: simpy.Environment,
    desk: simpy.PriorityStore,
    cases: Sequence[Case],
    spans: Sequence[Span],
    decided: list[datetime | None],
) -> Steps:
    for opens, closes in spans:
        close = int(closes.timestamp())
        yield env.timeout(int(opens.timestamp()) - env.now)
        while env.now < close:
            request = desk.get()
            if not request.triggered:
                yield request | env.timeout(close - env.now)
            if not request.triggered:
                request.cancel()
                break
            item: Any = request.value
            due_at, submitted_at, index, left = item
            worked = min(left, close - int(env.now))
            yield env.timeout(worked)
            if worked < left:
                yield desk.put((due_at, submitted_at, index, left - worked))
            else:
                decided[index] = datetime.fromtimestamp(env.now, closes.tzinfo)
