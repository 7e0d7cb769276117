"""What waits now, and which cases stand behind a figure: the worklist shows them by the same conditions."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractHour

from accounts.models import Account
from core import clock
from core.clock import SHANGHAI
from core.prepared import Param, PreparedCounts, PreparedQuery
from reviews.models import Decision, Outcome, Status, Submission
from reviews.models.submission import visible_with
from reviews.statistics.period import midnight, recent
from reviews.statistics.speed import LATE, timed

SYSTEM = "system"
"""Who decided where nobody did: at once, or because time was up."""


def waiting() -> dict[str, Q]:
    """What waits for a decision, by how urgent it is and who has it; the worklist's tabs are these."""
    return _waiting(**_until())


def _until() -> dict[str, datetime]:
    now = clock.now()
    return {"now": now, "tonight": now.replace(hour=23, minute=59, second=59, microsecond=999999)}


def _waiting(now: Any, tonight: Any) -> dict[str, Q]:
    return {
        "open": Q(status=Status.SUBMITTED),
        "unassigned": Q(status=Status.SUBMITTED, assignee__isnull=True),
        "today": Q(status=Status.SUBMITTED, due_at__gt=now, due_at__lte=tonight),
        "overdue": Q(status=Status.SUBMITTED) & (Q(due_at__lte=now) | Q(escalated_at__isnull=False)),
    }


def waiting_up_to(most: int, account: Account) -> dict[str, int]:
    """Of what an account may see, how many wait, by the same names, and `mine`; none is counted further than `most`. One statement."""
    return _counts(most, account.role)(**_known(account))


def waiting_keys(name: str, account: Account, start: int, stop: int) -> list[Any]:
    """Of the same the keys from `start` to `stop`, the most urgent first."""
    return _keys(name, account.role, start, stop)(**_known(account))


def _known(account: Account) -> dict[str, Any]:
    return visible_with(account) | _until()


@lru_cache(maxsize=64)
def _counts(most: int, role: str) -> PreparedCounts:
    return PreparedCounts(lambda: {name: rows.values("pk")[:most] for name, rows in _prepared_rows(role).items()})


@lru_cache(maxsize=512)
def _keys(name: str, role: str, start: int, stop: int) -> PreparedQuery[Any]:
    rows = _prepared_rows(role)[name].order_by("due_at", "id").values_list("pk", flat=True)
    return PreparedQuery(lambda: rows[start:stop])


def _prepared_rows(role: str) -> dict[str, QuerySet[Any, Any]]:
    seen = {name: Param(name) for name in ("area", "institution", "applicant", "reached")}
    visible = Submission.objects.visible_as(role, **seen).order_by()
    conditions = _waiting(Param("now"), Param("tonight"))
    conditions["mine"] = conditions["open"] & Q(assignee=Param("applicant"))
    return {name: visible.filter(condition) for name, condition in conditions.items()}


def open_now(rows: QuerySet[Submission], *, mine: Any = None) -> dict[str, int]:
    """How many wait, unassigned, due today, overdue; and in one's own hands."""
    counts = {name: Count("pk", filter=condition) for name, condition in waiting().items()}
    asked = rows.filter(status=Status.SUBMITTED).order_by()
    return asked.aggregate(**counts, mine=Count("pk", filter=Q(assignee=mine)))


def due_by_hour(rows: QuerySet[Submission]) -> list[tuple[int, int]]:
    """What is still due today, by the hour of Shanghai in which it is."""
    hours = rows.filter(waiting()["today"]).order_by().annotate(hour=ExtractHour("due_at", tzinfo=SHANGHAI))
    return sorted(hours.values_list("hour").annotate(count=Count("pk")))


def figure(name: str, account: Account) -> Q:
    """The cases behind a figure of the start page, as `name` or `name:which`. Raises ValueError for any other."""
    name, _colon, which = name.partition(":")
    period = recent(account.area_id)
    decided = Decision.objects.standing().filter(period.has("decided_at"), submission=OuterRef("pk"))
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
            mine = Decision.objects.standing().filter(reviewer=account, decided_at__gte=midnight(clock.today()))
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
    return midnight(clock.today()) + timedelta(hours=hour)
