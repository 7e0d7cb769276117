"""What a claim comes to (POLICY.md §2): by the insured area's policy, as one travelled on the day of admission, with the year so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from chronic.standing import standing
from claims.models import Claim
from core import clock
from core.errors import Problem
from filings.emergencies import report_by
from filings.models import Filing
from filings.places import place
from filings.travel import Travel, is_home, travel_status
from policies.engine import Case, Compiled, Result, WrongInput, settle
from policies.language.examples import Cost
from policies.language.facts import FactValue
from policies.language.filing_rules import rules_for
from policies.language.wording import sentence
from policies.published import Published, compiled, in_force
from referrals.facts import referred
from settlements import accumulators, facts
from settlements.accumulators import Place
from settlements.adjudication import stay_day
from settlements.models import InsuranceYear, YearCounter

ZERO = Decimal(0)
NOWHERE = Travel("unfiled", False, "没有写明医疗机构所在地，按未备案计算。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """A claim, split: how the person travelled, what was given, what came out, which counters of which year it moves."""

    travel: str
    said: str
    filing: Filing | None
    policy: Published
    stay_on: date
    case: Case
    result: Result
    year: InsuranceYear | None
    place: Place
    counters: list[YearCounter]


def reckon(claim: Claim, *, lock: bool = False) -> Reckoned | Problem:
    """Split a dated claim; with `lock` under the lock of its insurance year, which stays until the transaction ends.

    A Problem says why nothing can be paid: `policy_unknown`, `level_missing` (a reviewer states it), `not_covered`,
    `not_known`, or what in the bill contradicts itself.
    """
    assert claim.admitted_on is not None
    stay_on = stay_day(claim.area_id, claim.admitted_on, claim.ended_on or claim.admitted_on)
    policy = in_force(claim.area_id, stay_on)
    if policy is None:
        said = _("没有查到%s在这一天的待遇政策，暂时不能计算，请联系参保地经办机构。") % claim.area.name
        return Problem("policy_unknown", said, "care")
    if claim.care_level is None:
        return Problem("level_missing", _("医疗机构不在名录中，请先核定其结算等级。"), "institution")
    start = accumulators.starts_on(policy.file.year_starts, stay_on)
    year = accumulators.year_of(claim.enrollment, start, lock=lock)
    return _divide(claim, policy, stay_on, year)


def _divide(claim: Claim, policy: Published, stay_on: date, year: InsuranceYear | None) -> Reckoned | Problem:
    travel = travelled(claim)
    known = {**_known(claim, compiled(policy)), **facts.of_filing(travel.filing), "travel": travel.code}
    if claim.care == "inpatient":
        known["visit"], known["visit_at_level"] = accumulators.admissions(year, claim.care_level)
    counter = compiled(policy).counter(known) or claim.care
    where = Place.of(counter, claim.care, claim.disease_id or "", stay_on)
    rows = accumulators.counters(year, where)
    case = Case(
        facts=known,
        cost=claim.cost or Cost(total=ZERO),
        year_to_date=accumulators.so_far(year, rows, where),
        account_balance=ZERO,
    )
    try:
        result = settle(compiled(policy), case)
    except WrongInput as wrong:
        return Problem(wrong.code, str(wrong), "cost")
    if result.refused is not None:
        return Problem(result.refused, sentence(result.reason), "care")
    return Reckoned(
        travel=travel.code,
        said=travel.reason,
        filing=travel.filing,
        policy=policy,
        stay_on=stay_on,
        case=case,
        result=result,
        year=year,
        place=where,
        counters=rows,
    )


def travelled(claim: Claim) -> Travel:
    """How the person travelled on the day of admission, or as was filed during the stay; what was not direct is not filed.

    To claim is to report an emergency, on the day of the claim.
    """
    assert claim.admitted_on is not None
    if claim.care_area is None:
        return NOWHERE
    with clock.standing_at(claim.submitted_at or clock.now()):
        found = travel_status(
            claim.enrollment,
            claim.care_area,
            claim.admitted_on,
            claim.care,  # type: ignore[arg-type]
            until=claim.ended_on,
            emergency=claim.emergency,
        )
    if not found.direct:
        return Travel("unfiled", False, _("就医时没有适用的备案。"))
    return _reported_late(claim, found) or found


def _reported_late(claim: Claim, found: Travel) -> Travel | None:
    """Some areas want to hear of emergencies only from hospitals outside the network (重庆, 沈阳)."""
    assert claim.admitted_on is not None
    rules = rules_for(claim.area_id, claim.admitted_on)
    report = rules.emergency.report
    if not found.deemed or claim.institution is not None or report is None:
        return None
    last = report_by(rules, claim.admitted_on, claim.area_id, networked=False)
    if last is None or claim.filed_on <= last:
        return None
    return Travel(report.late, report.late != "unfiled", _("急诊未按期报告参保地，按参保地规定处理。"))


def _known(claim: Claim, policy: Compiled) -> dict[str, FactValue]:
    """The facts of the care (POLICY.md §1), claimed by hand, that do not depend on the year."""
    assert claim.admitted_on is not None
    claim.enrollment.person = claim.person
    known: dict[str, FactValue] = {
        **facts.of_enrollment(claim.enrollment, claim.admitted_on),
        **_where(claim),
        "care": claim.care,
        "settlement": "manual",
    }
    if claim.care == "chronic" and claim.disease_id:
        recognised = standing(claim.enrollment, claim.disease_id, claim.admitted_on)
        known |= {"disease": claim.disease_id, "diseases_recognised": max(1, recognised.diseases)}
    if claim.institution is not None and policy.asks("referred"):
        known["referred"] = referred(claim.enrollment, claim.institution, claim.admitted_on)
    return known


def _where(claim: Claim) -> dict[str, FactValue]:
    """The institution, or what a reviewer found out about one that is in no list."""
    area = claim.care_area
    local = area is not None and is_home(claim.area, place(area))
    if claim.institution is not None:
        return facts.of_institution(claim.institution, claim.area_id, local=local)
    known: dict[str, FactValue] = {"level": claim.care_level or 0}
    if area is None:
        return {**known, "distance": "other_province"}
    distance = "same_area" if local else facts.distance(claim.area_id, area.province_code)
    return {**known, "destination": area.province_code, "distance": distance}
