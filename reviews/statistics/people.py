"""Who does how much, why cases were returned, and how the areas stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q

from accounts.models import Account, Role
from core import clock
from regions.models import Area
from reviews.models import Decision, Outcome, ReasonTemplate, Status, Submission
from reviews.statistics.period import Period, midnight
from reviews.statistics.queue import waiting
from reviews.statistics.speed import Speed, Tally, tallies


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


def loads(period: Period, decided: Mapping[Any, Tally] | None = None) -> list[Load]:
    """The active reviewers of the area, and whoever decided there in the period (the system and simulated reviewers too).

    `decided`: what each decided (`tallies`), where that is known already.
    """
    made = tallies(period, "reviewer")[1] if decided is None else decided
    open_cases = period.submissions.filter(status=Status.SUBMITTED, assignee__isnull=False)
    held = dict(open_cases.values_list("assignee").annotate(count=Count("pk")))
    staff = Q(area=period.area, is_active=True, role__in=(Role.REVIEWER, Role.SUPERVISOR))
    people = Account.objects.filter(staff | Q(pk__in=[key for key in {*held, *made} if key]))
    by_key: dict[Any, Account | None] = {one.pk: one for one in people} | ({None: None} if None in made else {})
    rows = [
        Load(one, held.get(key, 0), tally.cases, tally.speed)
        for key, one in by_key.items()
        for tally in [made.get(key, Tally())]
    ]
    return sorted(rows, key=lambda row: (row.account is None, -row.open, -row.cases, str(row.account)))


def decided_today(account: Account) -> dict[str, int]:
    """How many cases this person decided today, by outcome; `cases`: in all."""
    mine = Decision.objects.standing().filter(reviewer=account, decided_at__gte=midnight(clock.today())).order_by()
    counts = {name: Count("submission", filter=Q(outcome=name), distinct=True) for name in Outcome.values}
    return mine.aggregate(cases=Count("submission", distinct=True), **counts)


@dataclass(frozen=True)
class AreaFigures:
    """How one area's queue stands and flows."""

    area: Area
    open: Mapping[str, int]
    received: int
    closed: int
    speed: Speed


def by_area(period: Period, decided: Mapping[Any, Tally] | None = None) -> list[AreaFigures]:
    """Every area that has an open case or had one in the period, the longest queue first; `decided`: as for `loads`."""
    made = tallies(period, "area")[1] if decided is None else decided
    counts = {name: Count("pk", filter=condition) for name, condition in waiting().items()}
    rows = Submission.objects.filter(status=Status.SUBMITTED).order_by().values("area").annotate(**counts)
    still = {row.pop("area"): row for row in rows}
    received, closed = (_by_area(period, name) for name in ("submitted_at", "decided_at"))
    nothing = dict.fromkeys(counts, 0)
    found = [
        AreaFigures(one, still.get(key, nothing), received[key], closed[key], made.get(key, Tally()).speed)
        for key, one in Area.objects.in_bulk({*still, *received, *closed, *made} - {None}).items()
    ]
    return sorted(found, key=lambda row: (-row.open["overdue"], -row.open["open"], row.area.code))


def _by_area(period: Period, name: str) -> Counter[str]:
    rows = period.submissions.filter(period.has(name)).values_list("area").annotate(count=Count("pk"))
    return Counter(dict(rows))
