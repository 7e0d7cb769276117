"""A hospital's list of a day is taken: compared with the entries of that day, and the comparison kept."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.limits import Limit
from accounts.models import Account, Role
from core import clock
from core.errors import Forbidden, Invalid
from regions.models import Institution
from settlements.models import Channel, Reconciliation, Settlement, SettlementQuerySet, Status
from settlements.reconciliation.comparing import COMPARED, Difference, Here, There, compare
from settlements.reconciliation.reading import Sheet

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
    found = _placed(compare(here, sheet.rows), institution, on)
    return Reconciliation(
        institution=institution,
        on=on,
        file_name=sheet.file_name,
        sha256=sheet.sha256,
        entries_sha256=hashlib.sha256(repr(sorted(map(repr, here))).encode()).hexdigest(),
        rows=len(sheet.rows),
        entries=len(here),
        differing=len(found),
        by_area=Counter(one.here.area if one.here else "" for one in found),
        differences=[one.as_json() for one in found],
        sums={"here": _sums(here), "there": _sums(sheet.rows)},
    )


def _sums(rows: list[Here] | tuple[There, ...]) -> dict[str, str]:
    return {name: f"{sum((getattr(row, name) for row in rows), Decimal(0)):.2f}" for name in COMPARED}


def _placed(found: list[Difference], institution: Institution, on: date) -> list[Difference]:
    """Say of what the day does not have that another day of the same hospital has it."""
    lost = [one.there for one in found if one.here is None and one.there is not None]
    elsewhere = _elsewhere(lost, institution, on) if lost else {}
    return [_moved(one, elsewhere) for one in found]


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
    found = read(rows.order_by("settled_at", "id"))
    return {(name, bool(entry.reverses)): entry for entry in found for name in (entry.number, entry.bill_number)}


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
