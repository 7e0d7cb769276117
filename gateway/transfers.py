"""A stay that continues another (转院): 2501A of the first hospital names its stay and where the patient goes on from it.

The later stay's bill then counts the deductible of the first, as `continues` does by `settlements/` (API.md, Settlement).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.models.persons import enrollments_of
from core.clock import SHANGHAI
from core.prepared import prepared
from gateway.call import Call
from gateway.models import Visit, VisitBill
from gateway.models.visits import locked_visit
from gateway.visits import keep, said_of
from referrals.models import Referral
from settlements.models import Settlement, Status

GOES_ON_AT, REFERRAL = "reflin_medins_no", "trt_dcla_detl_sn"


def left_stay(call: Call, number: str, psn_no: str) -> Visit | None:
    """2501A, before the referral is issued: the hospital's stay of this person, locked (the visit first, as a settlement does)."""
    visit = locked_visit.first(institution=call.institution.code, number=number) if number else None
    return visit if visit is not None and visit.inpatient and visit.known.psn_no == psn_no else None


def note_transfer(call: Call, visit: Visit, institution: str, referral: str) -> None:
    """2501A: by a referral the patient goes on from this stay to another institution."""
    keep(call, visit, {GOES_ON_AT: institution, REFERRAL: referral})


@prepared
def _stays_elsewhere(*, person: Any, institution: str, status: str) -> QuerySet[VisitBill]:
    """What a person's stays in other hospitals are settled as, the latest first; none that a settled stay continues."""
    rows = VisitBill.objects.filter(visit__person=person, visit__inpatient=True, settlement__status=status)
    rows = rows.exclude(visit__institution=institution).exclude(settlement__continued_by__status=status)
    return rows.select_related("visit", "settlement").order_by("-settlement__discharged_on", "-pk")


def continued_by(visit: Visit, area: str, insurance: str) -> str:
    """The number of the settlement that a stay continues; "" for none. `area`, `insurance`: who pays for it ("": to be found)."""
    if not (visit.inpatient and visit.stayed_elsewhere):  # type: ignore[attr-defined]
        return ""
    began_on = visit.began_at.astimezone(SHANGHAI).date()
    for bill in _stays_elsewhere(person=visit.person_id, institution=visit.institution_id, status=Status.SETTLED):
        if _leads_to(bill, visit, began_on) and _is_paid_alike(bill.settlement, area, insurance, began_on):
            return bill.settlement.number
    return ""


def _leads_to(bill: VisitBill, visit: Visit, began_on: date) -> bool:
    """Whether a stay was to go on where this one is, by a referral that was in force on its first day."""
    said = said_of(bill.visit)
    if said.get(GOES_ON_AT) != visit.institution_id or bill.settlement.ended_on > began_on:
        return False
    referrals = Referral.objects.standing_on(began_on).filter(person=visit.person_id)
    return referrals.filter(number=said.get(REFERRAL, "")).exists()


def _is_paid_alike(before: Settlement, area: str, insurance: str, on: date) -> bool:
    """Whether the same insurance of the same area pays for both stays, as the till will choose it."""
    if area:
        return (before.area_id, before.insurance) == (area, insurance)
    rows = enrollments_of(persons=[before.person_id])
    counting = {row.area_id for row in rows if row.insurance == insurance and row.status_on(on) == "active"}
    return before.insurance == insurance and counting == {before.area_id}
