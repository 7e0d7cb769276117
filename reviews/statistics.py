"""How a queue stands and flows: what is open, what came and went, how fast it was decided, why cases were returned, who does how much.

Every figure that counts cases is a condition, by which the worklist shows the very cases (`figure` in its address). The time
to a decision is working time: the hours from nine to five on the agency's working days between the begin of a stage
(submitted, corrected, or passed by the review before) and its decision. While a case is with the applicant no stage runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, DateField, Exists, F, FloatField, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import ExtractHour, TruncDate

from accounts.models import Account, Role
from core import clock
from core.clock import SHANGHAI
from regions import calendar
from regions.models import Area
from reviews.models import Decision, Outcome, ReasonTemplate, Status, Submission

WORKING_DAYS = 30
FURTHEST_BACK = timedelta(days=400)
"""No stage that is decided in a period is taken to have begun longer before it."""
SYSTEM = "system"
"""Who decided where nobody did: at once, or because time was up."""


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
        """What was decided within."""
        rows = Decision.objects.filter(self.has("decided_at")).order_by()
        return rows.filter(area=self.area) if self.area else rows


def recent(area: str | None) -> Period:
    """The last thirty working days of an area, today and the free days between included."""
    today = clock.today()
    days = calendar.current().workdays(today - timedelta(days=3 * WORKING_DAYS), today, area or "")
    return Period(area, _midnight(days[-WORKING_DAYS]), _midnight(today + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


# What is open now


def waiting() -> dict[str, Q]:
    """What waits for a decision, by how urgent it is and who has it; the worklist's tabs are these."""
    now = clock.now()
    tonight = now.replace(hour=23, minute=59, second=59, microsecond=999999)
    return {
        "open": Q(status=Status.SUBMITTED),
        "unassigned": Q(status=Status.SUBMITTED, assignee__isnull=True),
        "today": Q(status=Status.SUBMITTED, due_at__gt=now, due_at__lte=tonight),
        "overdue": Q(status=Status.SUBMITTED) & (Q(due_at__lte=now) | Q(escalated_at__isnull=False)),
    }


def open_now(rows: QuerySet[Submission], *, mine: Any = None) -> dict[str, int]:
    """How many wait, unassigned, due today, overdue; and in one's own hands."""
    counts = {name: Count("pk", filter=condition) for name, condition in waiting().items()}
    asked = rows.filter(status=Status.SUBMITTED).order_by()
    return asked.aggregate(**counts, mine=Count("pk", filter=Q(assignee=mine)))


def due_by_hour(rows: QuerySet[Submission]) -> list[tuple[int, int]]:
    """What is still due today, by the hour of Shanghai in which it is."""
    hours = rows.filter(waiting()["today"]).order_by().annotate(hour=ExtractHour("due_at", tzinfo=SHANGHAI))
    return sorted(hours.values_list("hour").annotate(count=Count("pk")))


# The same cases in the list


def figure(name: str, account: Account) -> Q:
    """The cases behind a figure of the start page, as `name` or `name:which`. Raises ValueError for any other."""
    name, _colon, which = name.partition(":")
    period = recent(account.area_id)
    decided = Decision.objects.filter(period.has("decided_at"), submission=OuterRef("pk"))
    match name:
        case "hour":
            return waiting()["today"] & Q(due_at__gte=_hour(int(which)), due_at__lt=_hour(int(which) + 1))
        case "received":
            return period.has("submitted_at")
        case "closed":
            return period.has("decided_at")
        case "decided":
            return Q(Exists(decided))
        case "today":
            mine = Decision.objects.filter(reviewer=account, decided_at__gte=_midnight(clock.today()))
            return Q(Exists(mine.filter(submission=OuterRef("pk"))))
        case "late":
            return Q(Exists(timed(decided).filter(LATE)))
        case "returned":
            return Q(Exists(decided.filter(outcome=Outcome.RETURNED, code=which)))
        case "by":
            who = Q(reviewer__isnull=True) if which == SYSTEM else Q(reviewer=UUID(which))
            return Q(Exists(decided.filter(who)))
    raise ValueError(name)


def _hour(hour: int) -> datetime:
    if not 0 <= hour <= 24:
        raise ValueError(hour)
    return _midnight(clock.today()) + timedelta(hours=hour)


# What came and went


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


# How fast


LATE = Q(decided_at__gt=F("due_at"))


class OfficeHours(Func):
    """The hours for which an agency had been open before a moment, since the first of its working `days`."""

    output_field = FloatField()

    def __init__(self, moment: str, days: list[date]) -> None:
        super().__init__(F(moment), Value(days, output_field=ArrayField(DateField())))

    def as_sql(self, compiler: Any, connection: Any, *_given: Any, **_more: Any) -> tuple[str, Any]:
        """Eight for every working day up to its own, less what is left of its own."""
        (moment, _none), (days, given) = (compiler.compile(part) for part in self.get_source_expressions())
        local = f"({moment} AT TIME ZONE 'Asia/Shanghai')"
        nth = f"width_bucket({local}::date, {days}::date[])"
        works = f"(({days}::date[])[{nth}] IS NOT DISTINCT FROM {local}::date)::int"
        left = f"LEAST(GREATEST(61200 - EXTRACT(EPOCH FROM {local}::time), 0), 28800)"
        return f"(8 * {nth} - {works} * {left} / 3600.0)", (*given, *given, *given)


class Percentile(Aggregate):
    """The value below which this share lies, between two values in proportion (PostgreSQL's percentile_cont)."""

    function = "PERCENTILE_CONT"
    name = "Percentile"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, share: float) -> None:
        super().__init__(expression, share=share)


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


def _speed(period: Period) -> dict[str, Any]:
    return {
        "decisions": Count("pk"),
        "late": Count("pk", filter=LATE),
        "late_cases": Count("submission", filter=LATE, distinct=True),
        "median": Percentile(F("hours"), 0.5),
        "p90": Percentile(F("hours"), 0.9),
    }


def speed(period: Period) -> Speed:
    """How fast was decided in a period."""
    return Speed(**timed(period.decisions).annotate(hours=took(period)).aggregate(**_speed(period)))


def speed_by(period: Period, name: str) -> dict[Any, Speed]:
    """The same by a column of the decision (area, reviewer). Without an area the country's calendar counts."""
    rows = timed(period.decisions).annotate(hours=took(period)).values(name).annotate(**_speed(period))
    return {row.pop(name): Speed(**row) for row in rows}


# Why, and who


@dataclass(frozen=True)
class Reason:
    """Why cases of a kind were returned: the code, its prepared sentence (empty: none), how many cases."""

    kind: str
    code: str
    text: str
    cases: int


def reasons(period: Period) -> list[Reason]:
    """Why cases were returned, the most frequent first."""
    rows = period.decisions.filter(outcome=Outcome.RETURNED).values_list("submission__kind", "code")
    counted = [*rows.annotate(cases=Count("submission", distinct=True))]
    texts = _sentences(period.area, {code for _kind, code, _cases in counted if code})
    found = [Reason(kind, code, texts.get((kind, code), ""), cases) for kind, code, cases in counted]
    return sorted(found, key=lambda row: (-row.cases, row.kind, row.code))


def _sentences(area: str | None, codes: Iterable[str]) -> Mapping[tuple[str, str], str]:
    """The prepared sentences of these codes; the area's own before the nation's."""
    templates = ReasonTemplate.objects.of_area(area).filter(outcome=Outcome.RETURNED, code__in=codes)
    return {(row.kind, row.code): row.text for row in templates.order_by(F("area").asc(nulls_first=True))}


@dataclass(frozen=True)
class Load:
    """What one reviewer has in hand, how many cases they decided, and how fast. Account None: the system."""

    account: Account | None
    open: int
    cases: int
    speed: Speed


def loads(period: Period) -> list[Load]:
    """The active reviewers of the area, and whoever decided there in the period (the system and simulated reviewers too)."""
    open_cases = period.submissions.filter(status=Status.SUBMITTED, assignee__isnull=False)
    held = dict(open_cases.values_list("assignee").annotate(count=Count("pk")))
    decided = dict(period.decisions.values_list("reviewer").annotate(cases=Count("submission", distinct=True)))
    speeds = speed_by(period, "reviewer")
    staff = Q(area=period.area, is_active=True, role__in=(Role.REVIEWER, Role.SUPERVISOR))
    people = Account.objects.filter(staff | Q(pk__in=[key for key in {*held, *decided} if key]))
    by_key: dict[Any, Account | None] = {one.pk: one for one in people} | ({None: None} if None in decided else {})
    rows = [Load(one, held.get(key, 0), decided.get(key, 0), speeds.get(key, Speed())) for key, one in by_key.items()]
    return sorted(rows, key=lambda row: (row.account is None, -row.open, -row.cases, str(row.account)))


def decided_today(account: Account) -> dict[str, int]:
    """How many cases this person decided today, by outcome; `cases`: in all."""
    mine = Decision.objects.filter(reviewer=account, decided_at__gte=_midnight(clock.today())).order_by()
    counts = {name: Count("submission", filter=Q(outcome=name), distinct=True) for name in Outcome.values}
    return mine.aggregate(cases=Count("submission", distinct=True), **counts)


# The country by area


@dataclass(frozen=True)
class AreaFigures:
    """How one area's queue stands and flows."""

    area: Area
    open: Mapping[str, int]
    received: int
    closed: int
    speed: Speed


def by_area(period: Period) -> list[AreaFigures]:
    """Every area that has an open case or had one in the period, the longest queue first."""
    counts = {name: Count("pk", filter=condition) for name, condition in waiting().items()}
    rows = Submission.objects.filter(status=Status.SUBMITTED).order_by().values("area").annotate(**counts)
    still = {row.pop("area"): row for row in rows}
    received, closed = (_by_area(period, name) for name in ("submitted_at", "decided_at"))
    speeds = speed_by(period, "area")
    nothing = dict.fromkeys(counts, 0)
    found = [
        AreaFigures(one, still.get(key, nothing), received[key], closed[key], speeds.get(key, Speed()))
        for key, one in Area.objects.in_bulk({*still, *received, *closed, *speeds} - {None}).items()
    ]
    return sorted(found, key=lambda row: (-row.open["overdue"], -row.open["open"], row.area.code))


def _by_area(period: Period, name: str) -> Counter[str]:
    rows = period.submissions.filter(period.has(name)).values_list("area").annotate(count=Count("pk"))
    return Counter(dict(rows))
