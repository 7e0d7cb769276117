"""The days that figures are of, and what came and went on each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from core import clock
from core.clock import SHANGHAI
from regions import calendar
from reviews.models import Decision, Submission

WORKING_DAYS = 30


@dataclass(frozen=True)
class Period:
    """From one moment to before another, in an area (None: the country), with the days on which it works."""

    area: str | None
    start: datetime
    end: datetime

    @property
    def days(self) -> list[date]:
        """The working days from its first to its last day."""
        last = (self.end - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
        return calendar.current().workdays(self.start.astimezone(SHANGHAI).date(), last, self.area or "")

    def has(self, name: str) -> Q:
        """The moment of this name lies within."""
        return Q(**{f"{name}__gte": self.start, f"{name}__lt": self.end})

    @property
    def submissions(self) -> QuerySet[Submission]:
        """All of the area that were ever handed in."""
        rows = Submission.objects.filter(submitted_at__isnull=False).order_by()
        return rows.filter(area=self.area) if self.area else rows

    @property
    def decisions(self) -> QuerySet[Decision]:
        """What was decided within, and still stands."""
        rows = Decision.objects.standing().filter(self.has("decided_at")).order_by()
        return rows.filter(area=self.area) if self.area else rows


def recent(area: str | None) -> Period:
    """The last thirty working days of an area, today and the free days between included."""
    today = clock.today()
    days = calendar.current().workdays(today - timedelta(days=3 * WORKING_DAYS), today, area or "")
    return Period(area, midnight(days[-WORKING_DAYS]), midnight(today + timedelta(days=1)))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def flow(period: Period) -> list[tuple[date, int, int]]:
    """How many were handed in and how many ended on each working day; what came on a free day counts to the next.

    Free days after the last working day of the period count to its last day.
    """
    days = period.days
    last = (period.end - timedelta(microseconds=1)).astimezone(SHANGHAI).date()
    days = days if days and days[-1] == last else [*days, last]
    came, went = (_by_day(period, name, days) for name in ("submitted_at", "decided_at"))
    works = set(period.days)
    return [(day, came[day], went[day]) for day in days if day in works or came[day] or went[day]]


def _by_day(period: Period, name: str, days: list[date]) -> Counter[date]:
    rows = period.submissions.filter(period.has(name)).annotate(day=TruncDate(name, tzinfo=SHANGHAI))
    counts: Counter[date] = Counter()
    for day, count in rows.values_list("day").annotate(count=Count("pk")):
        counts[next(one for one in days if one >= day)] += count
    return counts
