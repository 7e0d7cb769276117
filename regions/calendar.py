"""The working calendar: announced years (调休 included), provisional years, an area's own closed days (DESIGN.md §4).

Every process keeps one immutable copy, good as long as the calendar's version in the database is the copy's. Triggers
change the version with the calendar itself, so that a change counts everywhere from the moment it is committed. A
deadline that is to be stored holds the version until its transaction ends: a change of the calendar waits for it, and
`recompute_deadlines` then finds the stored deadline and has it computed again.

A deadline is the close of business of the n-th working day after submission. 民法典 art. 201: the day on which a period
begins does not count. Art. 203: a period ends on a working day, and where there are business hours, at their close.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction

from core.clock import SHANGHAI
from core.hooks import Hook
from core.postgresql.base import Kept
from regions.models import CalendarDay, CalendarVersion, CalendarYear, ClosedDay
from regions.notice import Notice

OPENING, CLOSE = time(9), time(17)

# What is free whatever the year brings, where no calendar was announced (State Council Order 795: solar dates only).
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}

calendar_changed = Hook[[]]("calendar changed")
"""A change of the calendar was committed: the queue has its open deadlines computed again."""


@dataclass(frozen=True)
class Due:
    """A deadline; provisional if a day on its way lies in a year that is not announced yet."""

    at: datetime
    provisional: bool


@dataclass(frozen=True)
class Calendar:
    """The calendar as it stands at one version."""

    version: uuid.UUID | None = None
    announced: frozenset[int] = frozenset()
    days: dict[date, bool] = field(default_factory=dict)
    closed: frozenset[tuple[str, date]] = frozenset()

    def is_workday(self, day: date, area_code: str | None = None) -> bool:
        """Whether agencies work on `day`; with an area, whether its own agency does."""
        if area_code and (area_code, day) in self.closed:
            return False
        if day in self.days:
            return self.days[day]
        return day.weekday() < 5 and not (self.is_provisional(day) and (day.month, day.day) in FIXED_HOLIDAYS)

    def workdays(self, first: date, last: date, area_code: str) -> list[date]:
        """The days from `first` to `last` on which an area's agency works."""
        days = (first + timedelta(days=count) for count in range((last - first).days + 1))
        return [day for day in days if self.is_workday(day, area_code)]

    def office_hours(
        self, start: datetime, end: datetime, area_code: str, close: time
    ) -> list[tuple[datetime, datetime]]:
        """The spans between two moments in which an area's agency is open, from nine to `close`."""
        first, last = start.astimezone(SHANGHAI).date(), end.astimezone(SHANGHAI).date()
        spans = [
            (max(start, datetime.combine(day, OPENING, SHANGHAI)), min(end, datetime.combine(day, close, SHANGHAI)))
            for day in self.workdays(first, last, area_code)
        ]
        return [(opens, closes) for opens, closes in spans if opens < closes]

    def is_provisional(self, day: date) -> bool:
        """Whether the calendar of this day's year has not been announced."""
        return day.year not in self.announced

    def due(self, at: datetime, working_days: int, area_code: str | None = None, close: time = CLOSE) -> Due:
        """Return the deadline `working_days` after `at` in an area, and whether it is provisional."""
        end = deadline(at, working_days, lambda day: self.is_workday(day, area_code), close)
        first = at.astimezone(SHANGHAI).date() + timedelta(days=1)
        years = range(first.year, end.year + 1)
        return Due(end, provisional=not self.announced.issuperset(years))


def deadline(at: datetime, working_days: int, is_workday: Callable[[date], bool], close: time = CLOSE) -> datetime:
    """Return when `working_days` working days after `at` are over, aware, in Asia/Shanghai.

    `at` is aware; its day is the day in Shanghai. ValueError: `at` is naive, or fewer than one working day is asked for.
    """
    if at.tzinfo is None:
        raise ValueError("a deadline is counted from an aware moment")
    if working_days < 1:
        raise ValueError("a deadline is at least one working day away")
    left = working_days
    for day in days_after(at.astimezone(SHANGHAI).date()):
        left -= is_workday(day)
        if left == 0:
            break
    return datetime.combine(day, close, SHANGHAI)


def days_after(day: date) -> Iterator[date]:
    """Yield the days after `day`, without end."""
    while True:
        day += timedelta(days=1)
        yield day


_copy = Calendar()


def current() -> Calendar:
    """Return the calendar as it stands now: one small query, unless it has changed."""
    return _at(_version(VERSION))


def is_workday(day: date, area_code: str | None = None) -> bool:
    return current().is_workday(day, area_code)


def is_provisional(day: date) -> bool:
    return current().is_provisional(day)


def due(at: datetime, working_days: int, area_code: str | None = None, close: time = CLOSE) -> Due:
    """Return a deadline to be stored. Inside a transaction no change of the calendar can come between it and the commit."""
    return (_held() if connection.in_atomic_block else current()).due(at, working_days, area_code, close)


def changed() -> None:
    """Whoever changed the calendar says so: what follows from it is done after the commit."""
    transaction.on_commit(recompute_deadlines)


@transaction.atomic
def announce(year: CalendarYear, notice: Notice) -> int:
    """Make the calendar of a year what its notice says; return how many days changed. Said twice, the second changes nothing.

    ValueError: the notice was not understood as a whole.
    """
    if notice.problems or not notice.holidays or notice.year != year.pk:
        raise ValueError("a notice that was not understood is not saved")
    row = CalendarYear.objects.select_for_update().get(pk=year.pk)
    kept = {day.date: day for day in CalendarDay.objects.filter(date__year=row.pk)}
    said = {day.date: day for day in notice.days}
    source = row.source if notice.source in row.source else notice.source
    gone = [day for when, day in kept.items() if when not in said]
    new = [day for when, day in said.items() if when not in kept or kept[when].is_workday != day.is_workday]
    for old in gone:
        old.delete()
    for day in new:
        fields = {"is_workday": day.is_workday, "name": day.name, "source": source}
        CalendarDay.objects.update_or_create(date=day.date, defaults=fields)
    if not row.announced or row.source != source:
        row.announced, row.source = True, source
        row.save(update_fields=["announced", "source"])
    changed()
    return len(gone) + len(new)


def recompute_deadlines() -> bool:
    """Do what follows from a change of the calendar, if that is still to be done. Returns whether it was.

    At least once for every change, whoever made it: the sweep calls this too, so that a process that died between the
    change and its consequences loses nothing.
    """
    state = CalendarVersion.objects.first()
    if state is None or state.followed == state.version:
        return False
    calendar_changed()
    CalendarVersion.objects.update(followed=state.version)
    return True


VERSION = Kept("SELECT version FROM regions_calendarversion WHERE id = 1")
VERSION_HELD = Kept(f"{VERSION} FOR SHARE")


def _held() -> Calendar:
    """The calendar, with its version locked against changes until the transaction ends (many may hold it at once)."""
    return _at(_version(VERSION_HELD))


def _version(statement: Kept) -> uuid.UUID | None:
    """None: there is no calendar."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return row[0] if row else None


def _at(version: uuid.UUID | None) -> Calendar:
    global _copy
    copy = _copy
    if version is None or copy.version != version:
        copy = _copy = _load(version)
    return copy


def _load(version: uuid.UUID | None) -> Calendar:
    return Calendar(
        version=version,
        announced=frozenset(CalendarYear.objects.filter(announced=True).values_list("year", flat=True)),
        days=dict(CalendarDay.objects.values_list("date", "is_workday")),
        closed=frozenset(ClosedDay.objects.values_list("area_id", "date")),
    )
