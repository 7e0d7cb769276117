"""Who takes part in issuing: insured people, hospitals, and what their staff sends."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts import registry
from accounts.models import Account, Enrollment, Person, Role
from accounts.registry import RegisteredEnrollment, RegisterRecord
from referrals import services
from referrals.bodies import PatientInput, ReferralInput
from referrals.models import Referral
from regions.models import Institution
from tests import factories as make

TAIYUAN, NINGBO, HANGZHOU, SHANGHAI, XINING = "140100", "330200", "330100", "310000", "630100"


def insured(*codes: str, name: str = "王秀兰", insurances: tuple[str, ...] = ("employee",), **fields: Any) -> Person:
    """Somebody in the insured register, enrolled in each of the places since 2015."""
    for code in codes:
        make.area(code)
    rows = tuple(
        RegisteredEnrollment(code, insurance, "active", fields.get("since", date(2015, 1, 1)), fields.get("until"))
        for code in codes
        for insurance in insurances
    )
    record = RegisterRecord(name, make.id_number(date(1955, 3, 7)), phone="13900000001", enrollments=rows)
    registry.store(record)
    return registry.mirror(record)


def hospital(code: str = "H50000000001", *, place: str = make.CHONGQING, **fields: Any) -> Institution:
    """A tertiary hospital with the right to refer."""
    found = Institution.objects.filter(code=code).first()
    return found or make.institution(code, place=place, **{"name": "重医附一院", "issues_referrals": True, **fields})


def clerk(at: Institution | None = None) -> Account:
    """A member of a hospital's staff."""
    return make.staff(Role.HOSPITAL, institution=at or hospital())


def body(of: Person, to: str = make.BEIJING, **fields: Any) -> dict[str, Any]:
    """What the hospital sends to issue a referral."""
    make.area(to)
    return {
        "patient": {"name": of.name, "id_number": of.id_number},
        "diagnosis": {"code": "C34.9"},
        "reason": "needs_specialty",
        "summary": "右上肺占位，拟行手术。",
        "destination": to,
        "doctor": {"name": "赵明", "rank": "chief"},
        **fields,
    }


def issued(of: Person, by: Account | None = None, to: str = make.BEIJING, **fields: Any) -> Referral:
    """A referral by the verb the hospital uses."""
    asked = body(of, to, **fields)
    asked["destination"] = make.area(to)
    asked["patient"] = PatientInput.of(asked["patient"])
    return services.issue(by or clerk(), ReferralInput.model_construct(**asked)).submission


def in_review(of: Person | None = None, by: Account | None = None, **fields: Any) -> Referral:
    """A referral in the queue of an area that reviews them."""
    return issued(of or insured(TAIYUAN), by or taiyuan(), **fields)


def taiyuan() -> Account:
    return clerk(hospital("H14010000001", place=TAIYUAN, name="山西省示范医院"))


def the_enrollment(of: Person) -> Enrollment:
    return of.enrollments.get()
