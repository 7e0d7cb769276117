"""Settlements as tills, patients and reviewers see them (API.md, Settlement), and what any bill was split by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import cast

import orjson

from accounts.models import Account, Insurance
from core.clock import SHANGHAI
from policies import published
from policies.bodies import SourceAnswer, cited, omissions_rows
from policies.engine import Result
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS
from policies.published import Published
from regions import reference
from settlements.adjudication import omissions_of
from settlements.bodies import LineAnswer, PolicyBrief, ResultAnswer
from settlements.models import COUNTED, FUNDS, Channel, Settlement, Status
from settlements.models.entries import reversals
from settlements.services import may_reverse
from settlements.till_bodies import (
    BillRow,
    ComputedAnswer,
    QuoteAnswer,
    ReversalAnswer,
    SettlementDetail,
    SettlementRow,
)

JOINS = ("care_area", "year")
"""What a row shows beside its own columns, its person and its area."""


def bill(settlement: Settlement) -> BillRow:
    """Who was treated where, travelling how, and what was paid: of a settlement, or of one that is only quoted.

    Labels are those of the value (here and below): `get_…_display` goes through all that there are, in each row.
    """
    return {
        "person": str(settlement.person_id),
        "person_name": settlement.person.masked_name,
        "enrollment": str(settlement.enrollment_id),
        "insured_area": settlement.area_id,
        "insured_area_name": settlement.area.name,
        "insurance": settlement.insurance,
        "insurance_label": str(Insurance(settlement.insurance).label),
        "institution": settlement.institution_id,
        "institution_name": settlement.institution_name,
        "care_area": settlement.care_area_id,
        "care_area_name": settlement.care_area.name if settlement.care_area else None,
        "care": settlement.care,
        "care_label": CARE_LABELS[settlement.care],  # type: ignore[index]
        "disease": settlement.disease or None,
        "disease_name": disease_names().get(settlement.disease),
        "admitted_on": settlement.admitted_on,
        "discharged_on": settlement.discharged_on,
        "travel": settlement.travel,
        "travel_label": TRAVEL_LABELS[settlement.travel],  # type: ignore[index]
        "emergency": settlement.emergency,
        "bill_number": settlement.bill_number,
        "year": settlement.year.starts_on,
        "total": settlement.total,
        "fund": settlement.fund,
        "own": settlement.own,
        "account": settlement.account,
        "cash": settlement.cash,
    }


@cache
def disease_names() -> Mapping[str, str]:
    """The names of the diseases that are settled across provinces, by code."""
    return {disease.code: disease.name for disease in reference.diseases()}


def rows(settlements: Sequence[Settlement], account: Account) -> list[SettlementRow]:
    """The rows of a list; one query for what reversed some of them."""
    reversed_ = {each.pk: each for each in settlements if each.status == Status.REVERSED}
    for opposite in reversals(of=[*reversed_]) if reversed_ else ():
        opposite.reverses = reversed_[opposite.reverses_id]  # type: ignore[index]  # fills `reversal` of the other, too
    return [row(each, account) for each in settlements]


def row(settlement: Settlement, account: Account) -> SettlementRow:
    """What a list shows; its joins are `JOINS`."""
    return {
        "id": str(settlement.pk),
        "number": settlement.number,
        "status": settlement.status,
        "status_label": str(Status(settlement.status).label),
        "channel": settlement.channel,
        "channel_label": str(Channel(settlement.channel).label),
        **bill(settlement),
        "settled_at": settlement.settled_at.astimezone(SHANGHAI).isoformat(),
        "settled_on": settlement.settled_on,
        "reversal": _reversal(settlement),
        "actions": ["reverse"] if settlement.status == Status.SETTLED and may_reverse(account, settlement) else [],
    }


def _reversal(settlement: Settlement) -> ReversalAnswer | None:
    if settlement.status != Status.REVERSED:
        return None
    opposite: Settlement = settlement.reversal
    at = opposite.settled_at.astimezone(SHANGHAI).isoformat()
    return {"number": opposite.number, "at": at, "reason": opposite.reason}


def detail(settlement: Settlement, account: Account) -> SettlementDetail:
    """One settlement in full."""
    return {**row(settlement, account), **computed(settlement)}


def quoted(settlement: Settlement) -> QuoteAnswer:
    """A bill that is only quoted: the same figures, nothing of it is stored."""
    return {"id": None, "number": None, "status": "quoted", **bill(settlement), **computed(settlement)}


def computed(settlement: Settlement) -> ComputedAnswer:
    """How the amounts came about: the policy, every amount, every line, and what the year came to with it."""
    policy = published.by_id(settlement.policy)
    return {
        "filing": str(settlement.filing_id) if settlement.filing_id else None,
        "policy": policy_row(policy)
        if policy
        else cast(PolicyBrief, {"id": settlement.policy, "sha256": settlement.policy_sha256}),
        "amounts": settlement.amounts,
        "lines": cast(list[LineAnswer], settlement.steps),
        "year_to_date": year_to_date(settlement),
        "continues": settlement.continues.number if settlement.continues else None,
        "not_included": omissions_rows(omissions_of(settlement)),
    }


def year_to_date(settlement: Settlement) -> dict[str, Decimal]:
    """What the year came to with this bill: the sums before it, and what it moved them by."""
    before = orjson.loads(settlement.case)["year_to_date"]
    return {name: Decimal(before.get(name, "0.00")) + getattr(settlement, MOVED_BY.get(name, name)) for name in SUMS}


SUMS = (*COUNTED, "burden", *FUNDS)
MOVED_BY: Mapping[str, str] = {"scope": "eligible"}


def policy_row(policy: Published) -> PolicyBrief:
    """A policy with the sources that the lines name; what is published does not change, so the sources are written out once."""
    sources = _SOURCES.get(policy.file.sha256)
    if sources is None:
        sources = _SOURCES[policy.file.sha256] = [cited(source) for source in policy.file.sources]
    return {
        "id": policy.id,
        "area": policy.file.area,
        "name": policy.file.name,
        "sha256": policy.file.sha256,
        "effective_from": policy.start,
        "effective_until": policy.end,
        "sources": sources,
    }


_SOURCES: dict[str, list[SourceAnswer]] = {}


def result_row(result: Result, label: str) -> ResultAnswer:
    """Amounts and the lines behind them, or the refusal with its reason."""
    if result.refused is not None:
        return {"label": label, "refused": result.refused, "reason": result.reason, "not_included": []}
    lines = cast(list[LineAnswer], [line._asdict() for line in result.lines])
    return {
        "label": label,
        "amounts": dict(result.amounts),
        "lines": lines,
        "not_included": omissions_rows(result.not_included),
    }
