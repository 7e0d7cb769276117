"""The facts of one settlement (POLICY.md §1), as far as the enrolment, the institution and the filing state them."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Enrollment
from chronic.standing import Standing
from core.errors import Invalid
from filings.models import CommitmentStatus, FiledBy, Filing
from policies.engine import Compiled
from policies.language.facts import FactValue
from referrals.facts import referred
from regions.models import Institution, institution_with_areas

Facts = dict[str, FactValue]


def of_enrollment(enrollment: Enrollment, on: date) -> Facts:
    """Who is treated: insurance, category, age on the day, tier, identity, year of retirement, whole months of this enrolment."""
    facts: Facts = {
        "insurance": enrollment.insurance,
        "person": enrollment.category,
        "age": max(0, enrollment.person.age_on(on)),
        "tier": enrollment.tier,
        "identity": enrollment.person.identity or "none",
        "months_insured": whole_months(enrollment.valid_from, on),
    }
    return facts if enrollment.retired_year is None else {**facts, "retired_year": enrollment.retired_year}


def whole_months(start: date, day: date) -> int:
    """Whole months from `start` to `day`, not below 0."""
    return max(0, (day.year - start.year) * 12 + day.month - start.month - (day.day < start.day))


def institution_named(code: str) -> Institution:
    """An institution with its area and province, in one query. Raises Invalid `does_not_exist`."""
    institution = institution_with_areas.first(code=code)
    if institution is None:
        message = _("没有找到这家医疗机构，它可能尚未联网。请核对编码，或自费就医后回参保地申请手工报销。")
        raise Invalid(message, code="does_not_exist", attr="institution")
    return institution


def of_institution(institution: Institution, home: str, *, local: bool) -> Facts:
    """Where: kind, level, class, specialty, province, and how far it lies from the insured area (`local`: it counts as home)."""
    province = institution.area.province_code
    facts: Facts = {
        "level": institution.level,
        "specialty": institution.specialty,
        "destination": province,
        "distance": "same_area" if local else distance(home, province),
    }
    if institution.kind == "pharmacy":
        facts["institution_kind"] = "pharmacy"
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


def of_disease(disease: str, recognition: Standing) -> Facts:
    """The chronic disease that is treated, judged as if it were recognised; none for other care."""
    return {"disease": disease, "diseases_recognised": max(1, recognition.diseases)} if disease else {}


def of_referral(rules: Compiled | None, enrolled: Enrollment, institution: Institution, on: date) -> Facts:
    """Whether a referral sends the person there; looked up only where a rule of the policy asks."""
    asked_for = rules is not None and rules.asks("referred")
    return {"referred": referred(enrolled, institution, on)} if asked_for else {}
