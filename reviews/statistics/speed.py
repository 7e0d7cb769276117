"""How long decisions took, in hours for which the agency was open, and how many were in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Case, DateTimeField, F, FloatField, Func, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from core.clock import SHANGHAI
from regions import calendar
from reviews.models import Decision
from reviews.statistics.period import Period

FURTHEST_BACK = timedelta(days=400)
"""No stage that is decided in a period is taken to have begun longer before it."""
LATE = Q(decided_at__gt=F("due_at"))
TIMED = Q(started_at__lt=F("decided_at"), due_at__isnull=False)


class OfficeHours(Func):
    """The hours for which an agency had been open before a moment, since the first of its working `days`."""

    output_field = FloatField()

    def __init__(self, moment: str, days: list[date]) -> None:
        openings = [datetime.combine(day, calendar.OPENING, SHANGHAI) for day in days]
        super().__init__(F(moment), Value(openings, output_field=ArrayField(DateTimeField())))

    def as_sql(self, compiler: Any, connection: Any, *_given: Any, **_more: Any) -> tuple[str, Any]:
        """Eight for every opening up to then, less what is left of the last one's day."""
        (moment, _none), (openings, given) = (compiler.compile(part) for part in self.get_source_expressions())
        openings = f"({openings}::timestamptz[])"
        nth = f"width_bucket({moment}, {openings})"
        left = f"GREATEST(28800 + date_part('epoch', {openings}[{nth}] - {moment}), 0)"
        return f"(8 * {nth} - {left} / 3600)", (*given, *given, *given)


def timed(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Those that took time: what was decided at once (a lane without review) says nothing of it."""
    return decisions.filter(TIMED)


def took(period: Period) -> Any:
    """The working hours that a decision took."""
    first = period.start.astimezone(SHANGHAI).date() - FURTHEST_BACK
    days = calendar.current().workdays(first, period.end.astimezone(SHANGHAI).date(), period.area or "")
    return OfficeHours("decided_at", days) - OfficeHours("started_at", days)


@dataclass(frozen=True)
class Speed:
    """Decisions that took time: how many, how many late and of how many cases, and the working hours of half and of nine in ten."""

    decisions: int = 0
    late: int = 0
    late_cases: int = 0
    median: float | None = None
    p90: float | None = None

    @property
    def in_time(self) -> float | None:
        """The share decided in time, in percent; None: nothing was decided."""
        return 100 * (self.decisions - self.late) / self.decisions if self.decisions else None


def hours(value: float | None) -> str:
    """Working hours as people read them."""
    return "—" if value is None else _("%.1f 小时") % value


def percent(value: float | None) -> str:
    """A share as people read it."""
    return "—" if value is None else f"{value:.1f}%"


@dataclass(frozen=True)
class Tally:
    """What was decided: of how many cases, and how fast."""

    cases: int = 0
    speed: Speed = Speed()


def tallies(period: Period, by: str) -> tuple[Tally, dict[Any, Tally]]:
    """All that was decided in a period, and the same by a column of the decision (area, reviewer, kind): one pass over it.

    Without an area the country's calendar counts. The median, and the value below which nine in ten lie, are each between two
    values in proportion (percentile_cont).
    """
    made = period.decisions.annotate(
        who=F(by), hours=took(period), timed=Case(When(TIMED, then=True), default=False), late=Case(When(LATE, then=True), default=False)
    )  # fmt: skip
    query, given = made.values_list("who", "submission", "hours", "timed", "late").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_TALLIES % {"made": query}, given)
        rows = cursor.fetchall()
    found = {key: _read(*counted) for key, whole, *counted in rows if not whole}
    return next(_read(*counted) for _key, whole, *counted in rows if whole), found


def speed(period: Period) -> Speed:
    """How fast was decided in a period."""
    return tallies(period, "area")[0].speed


_TALLIES = """
SELECT who, grouping(who), count(DISTINCT submission), count(*) FILTER (WHERE timed), count(*) FILTER (WHERE timed AND late),
    count(DISTINCT submission) FILTER (WHERE timed AND late),
    percentile_cont(ARRAY[0.5, 0.9]::float8[]) WITHIN GROUP (ORDER BY hours) FILTER (WHERE timed)
FROM (%(made)s) AS made (who, submission, hours, timed, late)
GROUP BY GROUPING SETS ((who), ())
"""


def _read(cases: int, decisions: int, late: int, late_cases: int, shares: list[float] | None) -> Tally:
    median, p90 = shares or (None, None)
    return Tally(cases, Speed(decisions, late, late_cases, median, p90))
