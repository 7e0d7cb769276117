"""Gathers the facts of claims for their checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from chronic.standing import standing
from claims.adjudication import adjudicate_claim, stated, totalled
from claims.claim_case import ClaimCase, Paid, Rival
from claims.models import Claim
from core import clock
from core.errors import Problem
from core.prepared import prepared
from filings.facts import insured, places
from filings.filing_case import Place
from policies.language.filing_rules import LATE
from reviews.checks import Material
from reviews.lifecycle import Case, materials_of
from reviews.models import LIVE, Status, Submission
from settlements.models import Channel, Settlement

PAID = ["number", "channel", "institution", "bill_number", "person", "care", "admitted_on", "discharged_on", "total"]
SAID_ELSEWHERE = {"level_missing", "scope_negative", "items_total"}


def gather(cases: Sequence[Case]) -> list[ClaimCase]:
    """The facts of each claim, in order. What its policy pays is looked up claim by claim."""
    known = _Known.about(cases)
    return [_case(case.submission, known) for case in cases]


@dataclass
class _Known:
    """What the database says about several claims."""

    places: dict[str, Place] = field(default_factory=dict)
    materials: dict[Any, list[Material]] = field(default_factory=lambda: defaultdict(list))
    rivals: dict[str, list[Submission]] = field(default_factory=lambda: defaultdict(list))
    invoices: set[str] = field(default_factory=set)
    paid: dict[Any, list[Paid]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def about(cls, cases: Sequence[Case]) -> _Known:
        known, rows = cls(), [case.submission for case in cases]
        known.places = places({row.area_id for row in rows})
        known.materials = materials_of(cases)
        keys = {row.key_in_force for row in rows if row.invoice}
        for rival in _live(keys=[*keys]):
            known.rivals[str(rival.live_key)].append(rival)
        known.invoices = {*_paid_among(invoices=[row.invoice for row in rows if row.invoice])}
        for entry in _paid_for(persons=[*{row.person_id for row in rows}]):
            known.paid[entry.person_id].append(_paid(entry))
        return known


@prepared
def _live(*, keys: Collection[str]) -> QuerySet[Submission]:
    """What holds these keys (`live_key`)."""
    return (
        Submission.objects.filter(live_key__any=keys, status__in=LIVE).order_by().only("live_key", "number", "person")
    )


@prepared
def _paid_among(*, invoices: Collection[str]) -> QuerySet[Settlement, Any]:
    """Which of these invoices were paid, directly or by hand."""
    return Settlement.objects.standing().filter(invoice__any=invoices).order_by().values_list("invoice", flat=True)


@prepared
def _paid_for(*, persons: Collection[Any]) -> QuerySet[Settlement]:
    """All that was settled for these persons and stands, without what it was computed from; the newest first."""
    return Settlement.objects.standing().filter(person__any=persons).only(*PAID)


def _paid(entry: Settlement) -> Paid:
    return Paid(
        number=entry.number,
        direct=entry.channel == Channel.DIRECT,
        institution=entry.institution_id or "",
        care=entry.care,
        first=entry.admitted_on,
        last=entry.ended_on,
        bill_number=entry.bill_number,
        total=entry.total,
    )


def _case(row: Claim, known: _Known) -> ClaimCase:
    total, wrong = _total(row)
    on = row.admitted_on or clock.today()
    return ClaimCase(
        rules=row.rules,
        insured=insured(row.enrollment, row.person, known.places[row.area_id], on),
        filed_on=row.filed_on,
        under_review=row.status == Status.SUBMITTED,
        care=row.care,
        injury=row.injury,
        newborn=row.newborn,
        born_on=row.born_on,
        newborn_late=row.newborn and row.admitted_on is not None and LATE in stated(row),
        maternity=row.maternity,
        disease=row.disease_id or "",
        disease_name=row.disease.name if row.disease else "",
        recognition=standing(row.enrollment, row.disease_id, on) if row.care == "chronic" and row.disease_id else None,
        institution=row.institution_id or "",
        institution_name=row.institution_name,
        placed=row.care_area is not None,
        admitted_on=row.admitted_on,
        discharged_on=row.discharged_on,
        invoice=row.invoice,
        invoice_number=row.invoice_number,
        total=total,
        wrong_cost=wrong,
        materials=tuple(known.materials[row.pk]),
        bank_account=row.bank_account,
        bank_holder=row.bank_holder,
        explained=bool(row.reason.strip()),
        rival=_rival(row, known),
        invoice_paid=row.invoice in known.invoices,
        paid=tuple(known.paid[row.person_id]),
        unpaid=_unpaid(row),
    )


def _total(row: Claim) -> tuple[Decimal | None, Problem | None]:
    return totalled(row.cost) if row.cost is not None else (None, None)


def _rival(row: Claim, known: _Known) -> Rival | None:
    others = known.rivals[row.key_in_force] if row.invoice else []
    other = next((each for each in others if each.pk != row.pk), None)
    if other is None:
        return None
    return Rival(number=other.number if other.person_id == row.person_id else "")


def _unpaid(row: Claim) -> Problem | None:
    if row.admitted_on is None:
        return None
    split = adjudicate_claim(row)
    return split if isinstance(split, Problem) and split.code not in SAID_ELSEWHERE else None
