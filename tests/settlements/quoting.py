"""What a stay of 20 000 yuan in scope at level 3 would be settled as: through enrolment, filings and hospital, by the shipped files."""

from typing import Any

from core import clock
from regions.models import Institution
from tests import factories as make
from tests.settlements.till import till

ADULT = {"insurance": "resident", "category": "adult"}
EMPLOYEE = {"insurance": "employee", "category": "active"}


def quoted(
    home: str,
    person: dict[str, Any],
    place: str,
    *,
    emergency: bool = False,
    newborn: bool = False,
    vacation: bool = False,
    **filing: Any,
) -> dict[str, Any]:
    """A quote for an insured person of `home` in `place`, for whom `_filed` files first if anything is said of a filing."""
    patient = make.enrollment(make.person("王秀兰"), code=home, **person)
    hospital = Institution.objects.filter(area_id=place).first() or make.institution(f"H{place}00001", place=place)
    cashier = till(patient, hospital)
    if filing:
        _filed(cashier, **filing)
    stay = {"admitted_on": "2026-03-02", "discharged_on": "2026-03-02", "cost": {"total": "20000.00"}}
    said = {"emergency": emergency, "newborn": newborn, "vacation": vacation}
    answer: dict[str, Any] = cashier.post("quote/", **said, **stay).json()
    return answer


def _filed(cashier: Any, *, to: str, kind: str = "resident", since: str = "2026-03-02", promised: bool = False) -> None:
    """A filing made and approved on a day, with its paper or by a letter of commitment."""
    with clock.standing_at(make.moment(f"{since} 09:00")):
        paper = "referral_certificate" if kind == "referral" else "residence_permit"
        given = (
            {"commitment": {"kind": paper, "signed_name": "王秀兰"}}
            if promised
            else {"materials": [make.material(cashier.citizen, paper).pk]}
        )
        make.approved(cashier.patient, cashier.citizen, to=to, filing_type=kind, **given)
