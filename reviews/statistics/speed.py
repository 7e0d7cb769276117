"""How long decisions took, in hours for which the agency was open, and how many were in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, DateTimeField, F, FloatField, Func, Q, QuerySet, Value
from django.utils.translation import gettext as _

from core.clock import SHANGHAI
from regions import calendar
from reviews.models import Decision
from reviews.statistics.period import Period

FURTHEST_BACK = timedelta(days=400)
"""No stage that is decided in a period is taken to have begun longer before it."""
LATE = Q(decided_at__gt=F("due_at"))


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


class Percentiles(Aggregate):
    """The median and the value below which nine in ten lie, each between two values in proportion (percentile_cont)."""

    function = "PERCENTILE_CONT"
    name = "Percentiles"
    template = "%(function)s(ARRAY[0.5, 0.9]::float8[]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


def timed(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Those that took time: what was decided at once (a lane without review) says nothing of it."""
    return decisions.filter(started_at__lt=F("decided_at"), due_at__isnull=False)


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


def _speed() -> dict[str, Any]:
    return {
        "decisions": Count("pk"),
        "late": Count("pk", filter=LATE),
        "late_cases": Count("submission", filter=LATE, distinct=True),
        "shares": Percentiles(F("hours")),
    }


def _read(decisions: int, late: int, late_cases: int, shares: list[float] | None) -> Speed:
    median, p90 = shares or (None, None)
    return Speed(decisions, late, late_cases, median, p90)


def speed(period: Period) -> Speed:
    """How fast was decided in a period."""
    return _read(**timed(period.decisions).annotate(hours=took(period)).aggregate(**_speed()))


def speed_by(period: Period, name: str) -> dict[Any, Speed]:
    """The same by a column of the decision (area, reviewer). Without an area the country's calendar counts."""
    rows = timed(period.decisions).annotate(hours=took(period)).values(name).annotate(**_speed())
    return {row.pop(name): _read(**row) for row in rows}
