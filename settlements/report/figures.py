"""The figures of a month: what came, what was decided and how, what is still open, how fast, and what was paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from core import clock
from regions.models import Area
from reviews import statistics
from reviews.models import Kind, Outcome
from reviews.statistics import Period, Reason, Speed, Tally, midnight
from settlements.models import Channel, Settlement, Status

MONEY = ("total", "fund", "account", "cash")


@dataclass(frozen=True)
class OfKind:
    """What happened to one kind of submission: handed in, decided by outcome, open when the month was over."""

    kind: Kind
    received: int
    decided: Mapping[str, int]
    open: int
    speed: Speed


@dataclass(frozen=True)
class Paid:
    """What was settled one way: bills, reversals of bills, and the sums after them."""

    channel: Channel
    bills: int
    reversals: int
    sums: Mapping[str, Decimal]


@dataclass(frozen=True)
class Month:
    """The month of an area (None: the country). It is `over`, or its figures are those up to now."""

    area: Area | None
    first: date
    over: bool
    flow: Sequence[tuple[date, int, int]]
    kinds: Sequence[OfKind]
    speed: Speed
    reasons: Sequence[Reason]
    paid: Sequence[Paid]


def month_of(area: Area | None, first: date) -> Month:
    """Count the month that begins on `first`, as far as it has come."""
    end = following(first)
    until = min(end, clock.today() + timedelta(days=1))
    period = Period(area.pk if area else None, midnight(first), midnight(until))
    whole, by_kind = statistics.tallies(period, "submission__kind")
    return Month(
        area,
        first,
        over=clock.today() >= end,
        flow=statistics.flow(period),
        kinds=_kinds(period, by_kind),
        speed=whole.speed,
        reasons=statistics.reasons(period),
        paid=_paid(period),
    )


def following(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=31)).replace(day=1)


def _kinds(period: Period, made: Mapping[Any, Tally]) -> list[OfKind]:
    """Every kind; of two reviews only the last approves, and each return counts."""
    rows, ended = period.submissions, Q(decided_at__isnull=False, decided_at__lt=period.end)
    received, still_open = (
        Counter(dict(some.values_list("kind").annotate(count=Count("pk"))))
        for some in (rows.filter(period.has("submitted_at")), rows.filter(submitted_at__lt=period.end).exclude(ended))
    )
    final = Q(stage=F("submission__stages"))
    counts = {name: Count("pk", filter=Q(outcome=name)) for name in (Outcome.REJECTED, Outcome.RETURNED)}
    counts[Outcome.APPROVED] = Count("pk", filter=Q(outcome=Outcome.APPROVED) & final)
    by_kind: Iterable[Any] = period.decisions.values("submission__kind").annotate(**counts)
    decided = {row["submission__kind"]: row for row in by_kind}
    nothing = {str(name): 0 for name in counts}
    return [
        OfKind(kind, received[kind], decided.get(kind, nothing), still_open[kind], made.get(kind, Tally()).speed)
        for kind in Kind
    ]


def _paid(period: Period) -> list[Paid]:
    """By the till and by claims: entries made in the month, reversals taken off."""
    entries = Settlement.objects.filter(period.has("settled_at")).order_by()
    entries = entries.filter(area=period.area) if period.area else entries
    found: dict[str, Mapping[str, Any]] = {
        row["channel"]: row
        for row in entries.values("channel").annotate(
            bills=Count("pk", filter=~Q(status=Status.REVERSAL)),
            reversals=Count("pk", filter=Q(status=Status.REVERSAL)),
            **{f"sum_{name}": Sum(name) for name in MONEY},
        )
    }
    return [_paid_by(channel, found.get(channel, {})) for channel in Channel]


def _paid_by(channel: Channel, row: Mapping[str, Any]) -> Paid:
    sums = {name: row.get(f"sum_{name}", Decimal("0.00")) for name in MONEY}
    return Paid(channel, row.get("bills", 0), row.get("reversals", 0), sums)
