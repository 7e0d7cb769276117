"""A hospital's day: its sums from the entries settled directly on it, and its own list of the day, taken and compared.

(Claims are paid by the agency, no hospital lists them.)
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.limits import Limit
from accounts.models import Account, Role
from core import clock
from core.errors import Forbidden, Invalid
from regions.models import Institution
from settlements.models import Channel, Reconciliation, Settlement, SettlementQuerySet, Status
from settlements.models.reconciliation import Outcome
from settlements.reconciliation.comparing import COMPARED, Difference, Here, There, compare
from settlements.reconciliation.reading import Sheet

# Sums

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
    chosen = Q(pk__in=settled)
    if not area:
        compared = Reconciliation.objects.visible_to(account).filter(on=on).order_by().values("institution")
        chosen |= Q(pk__in=compared)
    rows = Institution.objects.filter(chosen)
    named = Institution.objects.search(search).order_by().values("pk")
    return rows.filter(Q(pk__in=named) | Q(pk__startswith=search.strip().upper())) if search.strip() else rows


def days(account: Account, on: date, shown: Iterable[Institution], *, area: str = "") -> list[Day]:
    """The institutions' day. With an area (a reviewer always has one), only what concerns its entries counts."""
    listed = [*shown]
    codes = [one.pk for one in listed]
    rows = entries(account, on, area=area).filter(institution__in=codes).order_by()
    sums_of: dict[str, Any] = {row["institution"]: row for row in rows.values("institution").annotate(**SUMS)}
    whole = _counts(codes, on)
    latest = latest_of(account, on, codes)
    only = area or area_of(account)
    return [
        Day(
            one,
            sums_of.get(one.pk, NOTHING),
            latest.get(one.pk),
            *_known(latest.get(one.pk), whole.get(one.pk, 0), only),
        )
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


def _known(latest: Reconciliation | None, entries_now: int, area: str | None) -> tuple[str, int]:
    """What is known of the day, and how many differences there are."""
    if latest is None:
        return Outcome.NEVER, 0
    differing = latest.differing_for(area)
    if latest.entries != entries_now:
        return Outcome.OUTDATED, differing
    return Outcome.DIFFERS if differing else Outcome.AGREES, differing


# The own list

COMPARING = Limit("reconcile")
FIELDS = (
    "number", "bill_number", "status", "area", *COMPARED, "reverses__number", "reversal__settled_on", "settled_on",
)  # fmt: skip


def take(account: Account, institution: Institution, on: date, sheet: Sheet) -> tuple[Reconciliation, bool]:
    """Compare the list with our entries of the day and keep that; returns it, and whether it is new.

    The same file against the same entries is one row. Raises Forbidden (neither the hospital itself nor an administrator),
    Invalid `day_ahead`, TooMany.
    """
    _guard(account, institution, on)
    COMPARING.spend(account.pk)
    return take_day(account, institution, on, sheet)


def spend(account: Account) -> None:
    """Count one list of several days, whose days are then taken one by one (`take_day`). Raises TooMany."""
    COMPARING.spend(account.pk)


def take_day(account: Account, institution: Institution, on: date, sheet: Sheet) -> tuple[Reconciliation, bool]:
    """As `take`, but counted already (`spend`)."""
    _guard(account, institution, on)
    here = ours(institution, on)
    row = _compared(here, sheet, institution, on)
    row.imported_by, row.imported_at = account, clock.now()
    return _once(row)


def ours(institution: Institution, on: date) -> list[Here]:
    """The direct entries of an institution's day, in the order they were made."""
    rows = Settlement.objects.filter(institution=institution, channel=Channel.DIRECT, settled_on=on)
    return read(rows.order_by("settled_at", "id"))


def read(rows: SettlementQuerySet) -> list[Here]:
    """The entries as they are compared."""
    return [
        Here(
            number, bill, status, area, total, fund, cash, reverses or "", status == Status.REVERSED, undone_on == on,
            on.isoformat(),
        )
        for number, bill, status, area, total, fund, cash, reverses, undone_on, on in rows.values_list(*FIELDS)
    ]  # fmt: skip


def _guard(account: Account, institution: Institution, on: date) -> None:
    own = account.role == Role.HOSPITAL and account.institution_id == institution.pk
    if not own and account.role != Role.ADMIN:
        raise Forbidden(_("只有医院经办（本院）和系统管理员可以导入对账单。"))
    if on > clock.today():
        raise Invalid(_("对账日期还没有到，请选择今天或以前的日期。"), code="day_ahead", attr="on")


def _compared(here: list[Here], sheet: Sheet, institution: Institution, on: date) -> Reconciliation:
    differences = _placed(compare(here, sheet.rows), institution, on)
    return Reconciliation(
        institution=institution,
        on=on,
        file_name=sheet.file_name,
        sha256=sheet.sha256,
        entries_sha256=hashlib.sha256(repr(sorted(map(repr, here))).encode()).hexdigest(),
        rows=len(sheet.rows),
        entries=len(here),
        differing=len(differences),
        by_area=Counter(one.here.area if one.here else "" for one in differences),
        differences=[one.as_json() for one in differences],
        sums={"here": _sums(here), "there": _sums(sheet.rows)},
    )


def _sums(rows: list[Here] | tuple[There, ...]) -> dict[str, str]:
    return {name: f"{sum((getattr(row, name) for row in rows), Decimal(0)):.2f}" for name in COMPARED}


def _placed(differences: list[Difference], institution: Institution, on: date) -> list[Difference]:
    """Say of what the day does not have that another day of the same hospital has it."""
    lost = [one.there for one in differences if one.here is None and one.there is not None]
    elsewhere = _elsewhere(lost, institution, on) if lost else {}
    return [_moved(one, elsewhere) for one in differences]


def _moved(one: Difference, elsewhere: dict[tuple[str, bool], Here]) -> Difference:
    if one.here is not None or one.there is None:
        return one
    key = one.there.number or one.there.bill_number, one.there.reversal
    return replace(one, code="other_day", here=elsewhere[key]) if key in elsewhere else one


def _elsewhere(lost: list[There], institution: Institution, on: date) -> dict[tuple[str, bool], Here]:
    """The hospital's entries of other days by what its rows name: our number, or else its bill number; the latest counts."""
    named = Q(number__any=[row.number for row in lost if row.number])
    named |= Q(bill_number__any=[row.bill_number for row in lost if not row.number])
    rows = Settlement.objects.filter(named, institution=institution, channel=Channel.DIRECT).exclude(settled_on=on)
    entries = read(rows.order_by("settled_at", "id"))
    return {(name, bool(entry.reverses)): entry for entry in entries for name in (entry.number, entry.bill_number)}


def _once(row: Reconciliation) -> tuple[Reconciliation, bool]:
    same: dict[str, Any] = {
        "institution": row.institution, "on": row.on, "sha256": row.sha256, "entries_sha256": row.entries_sha256,
    }  # fmt: skip
    first = Reconciliation.objects.filter(**same).first()
    if first is not None:
        return first, False
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # a rival was quicker with the same
        return Reconciliation.objects.get(**same), False
    return row, True
