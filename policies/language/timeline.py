"""The files of one area along time: a later file closes an open-ended predecessor on its first day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, Protocol, TypeVar

from policies.language.problems import Problem


class Dated(Protocol):
    """What a timeline needs to know of a file."""

    @property
    def area(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def effective_from(self) -> date: ...
    @property
    def effective_until(self) -> date | None: ...


T = TypeVar("T", bound=Dated)


@dataclass(frozen=True, slots=True)
class Period(Generic[T]):
    """A file and the days it really counts for, from `start` until the day before `end`."""

    start: date
    end: date | None
    policy: T

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Timeline(Generic[T]):
    """The periods of one area in order; they never overlap."""

    periods: tuple[Period[T], ...]

    def on(self, day: date) -> T | None:
        """The file that counts on a day."""
        return next((period.policy for period in self.periods if period.holds(day)), None)


def lay_out(policies: Iterable[T]) -> tuple[Timeline[T], list[Problem]]:
    """One area's files as a timeline, and a problem for each that begins inside another's closed period."""
    periods: list[Period[T]] = []
    problems: list[Problem] = []
    for policy in sorted(policies, key=lambda p: (p.effective_from, p.file)):
        start = policy.effective_from
        clash = next((p for p in periods if p.start == start or (p.policy.effective_until and p.holds(start))), None)
        if clash is not None:
            problems.append(_overlap(policy, clash))
            continue
        if periods and periods[-1].end is None:
            periods[-1] = replace(periods[-1], end=start)
        periods.append(Period(start, policy.effective_until, policy))
    return Timeline(tuple(periods)), problems


def _overlap(policy: Dated, clash: Period[T]) -> Problem:
    until = f"{clash.end} 前" if clash.end else "无截止日"
    expected = (
        f"开始日 {policy.effective_from} 落在 {clash.policy.file} 的有效期内（{clash.start} 起，{until}）；"
        "同一地区同一天只能有一份文件"
    )
    return Problem(policy.file, 1, "effective_from", "period_overlaps", expected)
