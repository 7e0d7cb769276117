"""How the hospitals' connections do: who is connected, when it last called, how much of it failed or was slow. Machine time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from gateway.models import GatewayCall, GatewayKey
from gateway.models.calls import CallState
from regions.models import Institution

WINDOW, KNOWN = timedelta(hours=24), timedelta(days=7)
SLOW = 2000
"""Milliseconds from which on a call is slow: a patient stands there."""


@dataclass(frozen=True)
class Connection:
    """An institution with valid keys, or that called within a week; `calls` and the rest are of the last 24 hours.

    `failed` ended in an error of ours, `refused` in a sentence.
    """

    institution: Institution
    keys: int
    last: datetime | None = None
    calls: int = 0
    refused: int = 0
    failed: int = 0
    slow: int = 0

    @property
    def failure_rate(self) -> str:
        return f"{100 * self.failed / self.calls:.1f}%" if self.calls else "—"


def connections() -> list[Connection]:
    """Every institution that is connected, those that fail most first."""
    now = timezone.now()
    keys = dict(GatewayKey.objects.valid(now).values_list("institution").annotate(Count("pk")).order_by())
    called = {row["institution"]: row for row in _calls(now)}
    places = Institution.objects.filter(code__in={*keys, *called}).order_by("code")
    listed = [_of(place, keys.get(place.pk, 0), called.get(place.pk, {})) for place in places]
    return sorted(listed, key=lambda each: (-each.failed, -each.calls))


def _calls(now: datetime) -> Iterable[Any]:
    recent = Q(created_at__gte=now - WINDOW)
    rows = GatewayCall.objects.filter(created_at__gte=now - KNOWN).order_by().values("institution")
    return rows.annotate(
        last=Max("created_at"),
        calls=Count("pk", filter=recent),
        refused=Count("pk", filter=recent & Q(state=CallState.REFUSED)),
        failed=Count("pk", filter=recent & Q(state=CallState.FAILED)),
        slow=Count("pk", filter=recent & Q(milliseconds__gte=SLOW)),
    )


def _of(place: Institution, keys: int, row: Mapping[str, Any]) -> Connection:
    return Connection(place, keys, **{name: value for name, value in row.items() if name != "institution"})
