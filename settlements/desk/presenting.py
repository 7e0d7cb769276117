"""Settlements as tills, patients and reviewers see them (API.md, Settlement)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from django.utils.translation import gettext as _

from accounts.models import Account, Role
from regions import published
from regions.clock import SHANGHAI
from regions.policy.examples import YearKey
from regions.policy.terms import CARE_LABELS, TRAVEL_LABELS
from settlements.desk.reckoning import Reckoned
from settlements.models import COUNTED, FUNDS, Channel, Settlement, Status
from settlements.presenting import policy_row

ZERO = Decimal("0.00")
KEYS: tuple[YearKey, ...] = tuple(key for key in get_args(YearKey) if key != "linked_deductible")
SHORT = ("total", "fund", "own", "account", "cash")
JOINS = ("person", "area", "care_area", "institution", "enrollment", "year", "reversal")
"""What a row shows beside its own columns."""


def row(settlement: Settlement, account: Account) -> dict[str, Any]:
    """What a list shows; its joins are `JOINS`."""
    return {
        "id": str(settlement.pk),
        "number": settlement.number,
        "status": settlement.status,
        "status_label": str(settlement.get_status_display()),
        "channel": settlement.channel,
        "channel_label": str(settlement.get_channel_display()),
        "person": str(settlement.person_id),
        "person_name": settlement.person.masked_name,
        "enrollment": str(settlement.enrollment_id),
        "insured_area": settlement.area_id,
        "insured_area_name": settlement.area.name,
        "insurance": settlement.insurance,
        "insurance_label": str(settlement.get_insurance_display()),
        "institution": settlement.institution_id,
        "institution_name": settlement.institution_name,
        "care_area": settlement.care_area_id,
        "care_area_name": settlement.care_area.name if settlement.care_area else "",
        "care": settlement.care,
        "care_label": CARE_LABELS[settlement.care],  # type: ignore[index]
        "disease": settlement.disease or None,
        "admitted_on": settlement.admitted_on,
        "discharged_on": settlement.discharged_on,
        "travel": settlement.travel,
        "travel_label": TRAVEL_LABELS[settlement.travel],  # type: ignore[index]
        "emergency": settlement.emergency,
        "bill_number": settlement.bill_number,
        "settled_at": settlement.settled_at.astimezone(SHANGHAI).isoformat(),
        "settled_on": settlement.settled_on,
        "year": settlement.year.starts_on,
        **{name: getattr(settlement, name) for name in SHORT},
        "reversal": _reversal(settlement),
        "actions": ["reverse"] if may_reverse(settlement, account) else [],
    }


def _reversal(settlement: Settlement) -> dict[str, Any] | None:
    opposite = getattr(settlement, "reversal", None)
    if opposite is None:
        return None
    at = opposite.settled_at.astimezone(SHANGHAI).isoformat()
    return {"number": opposite.number, "at": at, "reason": opposite.reason}


def is_at(settlement: Settlement, account: Account) -> bool:
    """Whether it was settled at this caller's till."""
    if settlement.channel != Channel.DIRECT or account.role != Role.HOSPITAL:
        return False
    return account.institution_id == settlement.institution_id


def may_reverse(settlement: Settlement, account: Account) -> bool:
    """Whether this caller's till could undo it, as far as the settlement itself goes."""
    return settlement.status == Status.SETTLED and is_at(settlement, account)


def detail(settlement: Settlement, account: Account) -> dict[str, Any]:
    """One settlement in full: the policy, every amount, every line, and what the year came to with it."""
    policy = published.by_id(settlement.policy)
    before = json.loads(settlement.case)["year_to_date"]
    return {
        **row(settlement, account),
        "filing": str(settlement.filing_id) if settlement.filing_id else None,
        "policy": policy_row(policy) if policy else {"id": settlement.policy, "sha256": settlement.policy_sha256},
        "amounts": settlement.amounts,
        "lines": [dict(zip(LINE, line, strict=True)) for line in settlement.lines],
        "year_to_date": year_to_date(before, settlement.amounts),
        "continues": settlement.continues.number if settlement.continues else None,
    }


LINE = ("step", "label", "formula", "amount", "source")
_MOVES: Mapping[str, str] = {"scope": "eligible"}


def year_to_date(before: Mapping[str, Any], amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """What the year came to with this bill: the sums before it, and what it moved them by."""
    sums = {name: Decimal(before.get(name, 0)) for name in KEYS}
    chronic = "chronic_scope" in before
    for name in (*COUNTED, "burden", *FUNDS):
        sums[name] += amounts[_MOVES.get(name, name)]  # type: ignore[index]
    for name in ("scope", "deductible", "pooled"):
        sums[f"month_{name}"] += amounts[_MOVES.get(name, name)]  # type: ignore[index]
    for name in ("scope", "pooled") if chronic else ():
        sums[f"chronic_{name}"] += amounts[_MOVES.get(name, name)]  # type: ignore[index]
    return {str(name): amount.quantize(ZERO) for name, amount in sums.items()}


def quoted(reckoned: Reckoned, bill_number: str) -> dict[str, Any]:
    """What a quote answers: the same figures, before anything is settled."""
    visit = reckoned.visit
    before = {name: str(amount) for name, amount in reckoned.case.year_to_date.items()}
    return {
        "id": None,
        "number": None,
        "status": "quoted",
        "status_label": _("试算"),
        "person": str(visit.enrollment.person_id),
        "person_name": visit.enrollment.person.masked_name,
        "enrollment": str(visit.enrollment.pk),
        "insured_area": visit.enrollment.area_id,
        "insured_area_name": visit.enrollment.area.name,
        "bill_number": bill_number,
        "travel": visit.travel.code,
        "travel_label": TRAVEL_LABELS[visit.travel.code],  # type: ignore[index]
        "filing": str(visit.travel.filing.pk) if visit.travel.filing else None,
        "policy": policy_row(reckoned.policy),
        "amounts": dict(reckoned.result.amounts),
        "lines": [line._asdict() for line in reckoned.result.lines],
        "year_to_date": year_to_date(before, reckoned.result.amounts),
        "continues": reckoned.continues.number if reckoned.continues else None,
    }
