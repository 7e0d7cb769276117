"""The facts of one settlement (POLICY.md §1): what the enrolment, the institution and the filing say, and what is stated of the visit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, Field

from accounts.models import Enrollment
from chronic.standing import Standing
from core.errors import Invalid, Problem
from filings.models import CommitmentStatus, FiledBy, Filing
from policies.engine import Compiled
from policies.language.facts import FactValue
from policies.language.filing_rules import LATE
from policies.language.filing_schema import FilingRules
from policies.language.terms import due_on
from referrals.facts import referred
from regions.models import Institution, institution_with_areas
from reviews.models import Material

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


STATED = ("vacation", "injury", "newborn", "maternity")
BORN_ON = "born_on"
VACATION, INJURY = "学生假期在外就医。", "外伤。"
NEWBORN, MATERNITY = "尚无本人编号的新生儿，随母亲就医（参保关系为母亲的）。", "生育住院。"


class VisitFacts(BaseModel):
    """What is said of a visit beside the care and the place: at the till, in an eligibility question and in a claim alike."""

    vacation: bool = Field(False, description=VACATION)
    injury: bool = Field(False, description=INJURY)
    newborn: bool = Field(False, description=NEWBORN)
    maternity: bool = Field(False, description=MATERNITY)


def facts_stated(said: Any) -> Facts:
    """The facts that a body, a query or a claim states; a newborn is no year old, whatever the age of its mother."""
    named = (*STATED, "no_third_party")
    facts: Facts = {name: True for name in named if getattr(said, name, False)}
    born_on = getattr(said, "born_on", None)
    if not said.newborn:
        return facts
    return {**facts, "age": 0} | ({BORN_ON: born_on.isoformat()} if born_on else {})


def within_term(rules: FilingRules | None, stated: Facts, on: date) -> Facts:
    """What is stated, with a newborn whose birth lies longer back than the area's `newborns.within` as one that is `LATE`.

    The term is counted to the day of admission; where the birth date was not said, nothing is known against it. `rules` None: at
    home, where they do not count.
    """
    known = {name: value for name, value in stated.items() if name != BORN_ON}
    born_on, rule = stated.get(BORN_ON), rules.newborns if rules else None
    if not born_on or rule is None or rule.within is None:
        return known
    if on <= due_on(date.fromisoformat(str(born_on)), rule.within):
        return known
    return {**{name: value for name, value in known.items() if name != "newborn"}, LATE: True}


def childbirth_is_a_stay(said: Any) -> Iterator[Problem]:
    """What is said of maternity is said of inpatient care alone."""
    if said.care != "inpatient":
        yield Problem("maternity_inpatient", str(_("生育住院请选择住院（care=inpatient）。")), "maternity")


def with_statement(stated: Facts, filing: Filing | None) -> Facts:
    """The facts of an injury with `no_third_party`, where the statement was handed in with the filing for this trip."""
    if stated.get("no_third_party") or filing is None or filing.long_term:
        return stated
    return {**stated, "no_third_party": True} if holds_statement(filing) else stated


def holds_statement(submission: Any) -> bool:
    """Whether the statement that no third party is liable (无第三方责任承诺) was handed in with a submission."""
    attached = Material.objects.attached_to([submission.pk])
    return any(each.kind == "injury_statement" and each.status == Material.State.READY for each in attached)
