"""A day's sums per institution, from the entries that were settled directly on it. (Claims are paid by the agency, no hospital lists them.)"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import Account, Role
from regions.models import Institution
from settlements.models import Channel, Reconciliation, Settlement, SettlementQuerySet, Status
from settlements.models.reconciliations import Outcome

MONEY = ("total", "fund", "account", "cash")
SUMS: dict[str, Any] = {
    "settlements": Count("pk", filter=~Q(status=Status.REVERSAL)),
    "reversals": Count("pk", filter=Q(status=Status.REVERSAL)),
    **{name: Sum(name, default=Decimal("0.00")) for name in MONEY},
}
"""How many settlements and reversals, and net yuan."""
NOTHING: dict[str, Any] = {"settlements": 0, "reversals": 0, **dict.fromkeys(MONEY, Decimal("0.00"))}


@dataclass(frozen=True, slots=True)
class Day:
    """One institution's day: its sums (SUMS), the latest comparison with its own list, and what that says."""

    institution: Institution
    sums: dict[str, Any]
    latest: Reconciliation | None
    outcome: str
    differing: int


def area_of(account: Account) -> str | None:
    """The insured area whose entries alone the account sees; None for administrators and hospitals."""
    return account.area_id if account.role in (Role.REVIEWER, Role.SUPERVISOR) else None


def entries(account: Account, on: date, *, area: str = "") -> SettlementQuerySet:
    """The direct entries of a day that the account may see, of one insured area if named."""
    rows = Settlement.objects.visible_to(account).filter(channel=Channel.DIRECT, settled_on=on)
    return rows.filter(area=area) if area else rows


def sums(rows: SettlementQuerySet) -> dict[str, Any]:
    """The sums over all the rows."""
    return rows.order_by().aggregate(**SUMS)


def institutions(account: Account, on: date, *, area: str = "", search: str = "") -> QuerySet[Institution]:
    """Those with entries on the day, and those whose own list of it was imported; found by name, spelling or code."""
    settled = entries(account, on, area=area).order_by().values("institution")
    found = Q(pk__in=settled)
    if not area:
        compared = Reconciliation.objects.visible_to(account).filter(on=on).order_by().values("institution")
        found |= Q(pk__in=compared)
    rows = Institution.objects.filter(found)
    named = Institution.objects.search(search).order_by().values("pk")
    return rows.filter(Q(pk__in=named) | Q(pk__startswith=search.strip().upper())) if search.strip() else rows


def days(account: Account, on: date, shown: Iterable[Institution], *, area: str = "") -> list[Day]:
    """The institutions' day. With an area (a reviewer always has one), only what concerns its entries counts."""
    listed = [*shown]
    codes = [one.pk for one in listed]
    rows = entries(account, on, area=area).filter(institution__in=codes).order_by()
    found: dict[str, Any] = {row["institution"]: row for row in rows.values("institution").annotate(**SUMS)}
    whole = _counts(codes, on)
    latest = latest_of(account, on, codes)
    kept = area or area_of(account)
    return [
        Day(one, found.get(one.pk, NOTHING), latest.get(one.pk), *_said(latest.get(one.pk), whole.get(one.pk, 0), kept))
        for one in listed
    ]


def latest_of(account: Account, on: date, codes: list[str]) -> dict[str, Reconciliation]:
    """The last comparison of the day for each institution, without the lists of differences."""
    rows = Reconciliation.objects.visible_to(account).filter(on=on, institution__in=codes).defer("differences")
    newest = rows.order_by("institution_id", "-imported_at", "-id").distinct("institution_id")
    return {row.institution_id: row for row in newest}


def _counts(codes: list[str], on: date) -> dict[str, int]:
    """How many entries each institution's day has now, whoever may see them: whether a comparison is out of date."""
    rows = Settlement.objects.filter(channel=Channel.DIRECT, settled_on=on, institution__in=codes).order_by()
    return dict(rows.values_list("institution").annotate(Count("pk")))


def _said(latest: Reconciliation | None, entries_now: int, area: str | None) -> tuple[str, int]:
    """What is known of the day, and how many differences there are."""
    if latest is None:
        return Outcome.NEVER, 0
    differing = latest.differing_for(area)
    if latest.entries != entries_now:
        return Outcome.OUTDATED, differing
    return Outcome.DIFFERS if differing else Outcome.AGREES, differing
