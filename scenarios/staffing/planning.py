"""Many runs of an area's queue with different numbers of reviewers, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import ceil
from random import Random
from statistics import fmean
from typing import Any

from django.utils.translation import gettext as _

from core import clock
from core.clock import SHANGHAI
from core.errors import Invalid
from policies.language.filing_rules import rules_for
from regions.calendar import Calendar, current
from scenarios.models import StaffingScenario
from scenarios.staffing.queueing import Case, Run, Span, run
from scenarios.staffing.workload import Arrivals, Handling, arrivals_of, handling_of

MOST_CASES = 2_000_000
"""More cases in all runs together would keep the worker for many minutes."""
LONG_HOLIDAY = 3
"""So many closed days in a row are more than a weekend."""


@dataclass(frozen=True)
class Office:
    """An area's agency over the days that are simulated: its calendar and its deadlines, as the queue computes them."""

    area: str
    calendar: Calendar
    days: list[date]

    def due(self, day: date) -> datetime:
        """The deadline of a filing submitted on a day, at whatever hour."""
        days, noon = rules_for(self.area, day).review.working_days("filing"), datetime.combine(day, time(12), SHANGHAI)
        return self.calendar.due(noon, days, self.area, close=self.close(day)).at

    def close(self, day: date) -> time:
        """When the agency closes on a working day."""
        return time.fromisoformat(rules_for(self.area, day).review.close_of_business)

    def spans(self, until: datetime) -> list[Span]:
        """The hours in which the agency is open, from the first day until a moment."""
        first = datetime.combine(self.days[0], time(), SHANGHAI)
        return self.calendar.office_hours(first, until, self.area, self.close(self.days[0]))

    def closings(self) -> list[datetime]:
        """The close of business of each day, worked or not."""
        return [datetime.combine(day, self.close(day), SHANGHAI) for day in self.days]

    def holidays(self) -> list[tuple[int, int]]:
        """The stretches of closed days longer than a weekend: positions of the first closed day and of the reopening."""
        found, first = [], None
        for index, day in enumerate(self.days):
            if not self.calendar.is_workday(day, self.area):
                first = index if first is None else first
                continue
            if first and index - first >= LONG_HOLIDAY:
                found.append((first, index))
            first = None
        return found


@dataclass
class Sample:
    """What the runs with one number of reviewers came to, a value a run."""

    in_time: list[float] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    hours: list[float] = field(default_factory=list)
    waiting: list[list[int]] = field(default_factory=list)

    def add(self, queue: Run, closings: Sequence[datetime]) -> None:
        cases, late = len(queue.cases), queue.late()
        self.late.append(late)
        self.in_time.append(100 * (cases - late) / cases if cases else 100.0)
        self.hours.append(rank(queue.hours(), 90))
        self.waiting.append(queue.open_at(closings))


@dataclass(frozen=True)
class Workload:
    """What comes in at an office and how long it takes; `cases` is how many it is in the mean."""

    office: Office
    arrivals: Arrivals
    handling: Handling
    cases: float

    def draw(self, random: Random) -> list[Case]:
        moments = self.arrivals.draw(self.office.days, self.office.calendar, self.office.area, random)
        due = {day: self.office.due(day) for day in self.office.days}
        return [Case(at, due[at.date()], self.handling.draw(random)) for at in moments]


def workload(scenario: StaffingScenario) -> Workload:
    """The work to simulate. Raises Invalid: the area has no history to go by, or it would be too much to compute."""
    calendar, today = current(), clock.today()
    office = Office(
        scenario.area_id, calendar, [scenario.start + timedelta(days=number) for number in range(scenario.days)]
    )
    arrivals = _arrivals(scenario, office, today)
    handling = handling_of(office.area, today) if scenario.minutes is None else Handling(scenario.minutes)
    cases = sum(arrivals.expected(day, calendar, office.area) for day in office.days)
    if cases * scenario.total > MOST_CASES:
        raise Invalid(_("测算量太大，请减少天数、人数种类或重复次数。"), code="too_many_cases", attr="runs")
    return Workload(office, arrivals, handling, cases)


def _arrivals(scenario: StaffingScenario, office: Office, today: date) -> Arrivals:
    if scenario.per_day is None:
        return arrivals_of(office.area, today, office.calendar)
    weekdays = [int(percent) / 100 for percent in scenario.weekdays.split(",")]
    return Arrivals(scenario.per_day, weekdays, scenario.holiday / 100)


def plan(scenario: StaffingScenario, progress: Callable[[int], None] = lambda done: None) -> dict[str, Any]:
    """Run the queue `runs` times with each number of reviewers. The same seed gives the same answer.

    In one run every number of reviewers meets the same cases, and the same reviewers are away on the same days.
    Raises Invalid as `workload` does.
    """
    work = workload(scenario)
    office, calendar = work.office, work.office.calendar
    samples = _samples(scenario, work, progress)
    return {
        "per_day": round(work.arrivals.per_day, 1),
        "minutes": round(work.handling.minutes, 1),
        "cases": round(work.cases),
        "load": round(_load(office, work.cases * work.handling.minutes, scenario.absence), 2),
        "provisional": any(calendar.is_provisional(day) for day in office.days),
        "needed": next((number for number, sample in samples.items() if not any(sample.late)), None),
        "days": [{"date": str(day), "open": calendar.is_workday(day, office.area)} for day in office.days],
        "table": [_row(number, sample, office) for number, sample in samples.items()],
    }


def rank(values: Sequence[float], percent: int) -> float:
    """The value below or at which so many percent of the sorted values lie; 0 of none."""
    return values[max(0, ceil(len(values) * percent / 100) - 1)] if values else 0.0


def _load(office: Office, minutes: float, absence: int) -> float:
    """How many reviewers the work keeps busy without a break, were it spread evenly over the office hours."""
    spans = office.spans(datetime.combine(office.days[-1], time.max, SHANGHAI))
    open_minutes = sum((closes - opens).total_seconds() / 60 for opens, closes in spans) * (100 - absence) / 100
    return minutes / open_minutes if open_minutes else 0.0


def _samples(scenario: StaffingScenario, work: Workload, progress: Callable[[int], None]) -> dict[int, Sample]:
    samples = {number: Sample() for number in range(scenario.fewest, scenario.most + 1)}
    closings, done = work.office.closings(), 0
    for repeat in range(scenario.runs):
        random = Random(f"{scenario.seed} {repeat}")  # noqa: S311 - a simulation, nothing secret
        cases = work.draw(random)
        shifts = _shifts(scenario, work.office, cases, random)
        for number, sample in samples.items():
            sample.add(run(cases, shifts[:number]), closings)
            progress(done := done + 1)
    return samples


def _shifts(scenario: StaffingScenario, office: Office, cases: Sequence[Case], random: Random) -> list[list[Span]]:
    """The hours that each reviewer is there, until the last deadline: what comes later changes nothing that counts."""
    last = max([*(case.due_at for case in cases), *office.closings()])
    spans = office.spans(last)
    return [[span for span in spans if random.random() * 100 >= scenario.absence] for _number in range(scenario.most)]


def _row(number: int, sample: Sample, office: Office) -> dict[str, Any]:
    bands = [[rank(sorted(values), percent) for percent in (5, 50, 95)] for values in zip(*sample.waiting, strict=True)]
    return {
        "reviewers": number,
        "runs_in_time": sum(not late for late in sample.late),
        "in_time": [round(value, 2) for value in (fmean(sample.in_time), min(sample.in_time), max(sample.in_time))],
        "late": [rank(sorted(sample.late), 50), max(sample.late)],
        "hours": [round(rank(sorted(sample.hours), percent), 1) for percent in (5, 50, 95)],
        "peak": rank(sorted(max(values) for values in sample.waiting), 50),
        "waiting": bands,
        "holidays": [_holiday(office, bands, first, reopening) for first, reopening in office.holidays()],
    }


def _holiday(office: Office, bands: list[list[float]], first: int, reopening: int) -> dict[str, Any]:
    """What a long holiday did: how many waited before and at the end of it, and when it was as before (None: not in these days)."""
    before = bands[first - 1][1]
    normal = next((day for day in range(reopening, len(bands)) if bands[day][1] <= before), None)
    return {
        "from": str(office.days[first]),
        "to": str(office.days[reopening - 1]),
        "before": before,
        "after": bands[reopening - 1][1],
        "normal": str(office.days[normal]) if normal is not None else None,
    }
