"""A stay that continues another (转院): 2501A of the first hospital names its stay and where the patient goes on from it.

The later stay's bill then counts the deductible of the first, as `continues` does by `settlements/` (API.md, Settlement).
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from core.clock import SHANGHAI
from core.prepared import prepared
from gateway.call import Call
from gateway.models import Visit, VisitBill
from gateway.models.visits import locked_visit
from gateway.visits import keep, said_of
from settlements.models import Status

GOES_ON_AT = "reflin_medins_no"


def note_transfer(call: Call, number: str, psn_no: str, institution: str) -> None:
    """2501A: the hospital's stay of this person is gone on with at another institution. Silent about what is no stay of theirs."""
    visit = locked_visit.first(institution=call.institution.code, number=number)
    if visit is not None and visit.inpatient and visit.known.psn_no == psn_no:
        keep(call, visit, {GOES_ON_AT: institution})


@prepared
def _stays_elsewhere(*, person: Any, institution: str, status: str) -> QuerySet[VisitBill]:
    """What a person's stays in other hospitals are settled as, the latest first; none that a settled stay continues."""
    rows = VisitBill.objects.filter(visit__person=person, visit__inpatient=True, settlement__status=status)
    rows = rows.exclude(visit__institution=institution).exclude(settlement__continued_by__status=status)
    return rows.select_related("visit", "settlement").order_by("-settlement__discharged_on", "-pk")


def continued_by(visit: Visit) -> str:
    """The number of the settlement that a stay continues; "" for none."""
    began_on = visit.began_at.astimezone(SHANGHAI).date()
    for bill in _stays_elsewhere(person=visit.person_id, institution=visit.institution_id, status=Status.SETTLED):
        before = bill.settlement
        same = before.insurance == visit.insurance and visit.insured_area in ("", before.area_id)
        goes_on = said_of(bill.visit).get(GOES_ON_AT) == visit.institution_id
        if same and goes_on and before.ended_on <= began_on:
            return before.number
    return ""
