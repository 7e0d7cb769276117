"""The facts of one settlement (POLICY.md §1), as far as the enrolment, the institution and the filing state them."""

from __future__ import annotations

from datetime import date

from accounts.models import Enrollment
from filings.models import CommitmentStatus, FiledBy, Filing
from regions.models import Institution
from regions.policy.facts import FactValue

Facts = dict[str, FactValue]


def of_enrollment(enrollment: Enrollment, on: date) -> Facts:
    """Who is treated: insurance, category, age on the day, tier, identity."""
    return {
        "insurance": enrollment.insurance,
        "person": enrollment.category,
        "age": max(0, enrollment.person.age_on(on)),
        "tier": enrollment.tier,
        "identity": enrollment.person.identity or "none",
    }


def of_institution(institution: Institution, home: str, *, local: bool) -> Facts:
    """Where: level, class, specialty, province, and how far it lies from the insured area (`local`: it counts as home)."""
    province = institution.area.province_code
    facts: Facts = {
        "level": institution.level,
        "specialty": institution.specialty,
        "destination": province,
        "distance": "same_area" if local else distance(home, province),
    }
    return {**facts, "class": institution.sub_class} if institution.sub_class else facts


def distance(home: str, province: str) -> str:
    """How far a province lies from an insured area that it is not, or not all of."""
    return "same_province" if home[:2] == province[:2] else "other_province"


def of_filing(filing: Filing | None) -> Facts:
    """How it was filed: `commitment` as long as the promised document is open."""
    if filing is None:
        return {}
    promise = getattr(filing, "commitment", None) if filing.filed_by == FiledBy.COMMITMENT else None
    is_open = promise is not None and promise.status == CommitmentStatus.OPEN
    return {"filed_by": "commitment" if is_open else "document"}
