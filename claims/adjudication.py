"""A claim's part of adjudication: what its cost comes to, how the person travelled, why nothing can be paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext as _

from chronic.standing import standing
from claims.models import Claim
from core import clock
from core.errors import Invalid, Problem
from filings.emergencies import report_by
from filings.filing_case import Place
from filings.travel import Travel, is_home, travel_status
from policies.engine import Compiled, WrongInput
from policies.engine.bill import Bill as EngineBill
from policies.engine.bill import exact, take_costs
from policies.language.examples import Cost
from policies.language.facts import FactValue
from policies.language.filing_rules import LATE, rules_for, travel_stated
from policies.language.terms import Care
from policies.language.wording import sentence
from policies.published import compiled
from settlements import facts
from settlements.adjudication import Adjudication, Bill, Circumstances, adjudicate, stay_day
from settlements.coding import CodedCost
from settlements.facts import Facts, facts_stated, holds_statement, within_term

NOWHERE = Travel("unfiled", False, "没有写明医疗机构所在地，按未备案计算。")


def adjudicate_claim(claim: Claim, *, lock: bool = False) -> Adjudication | Problem:
    """Split a dated claim; with `lock` under the lock of its insurance year, which stays until the transaction ends.

    A Problem says why nothing can be paid: `policy_unknown`, `level_missing` (a reviewer states it), `not_covered`,
    `not_known`, or what in the bill contradicts itself.
    """
    try:
        bill = _bill(claim)
    except Invalid as refused:
        return _in_lines(refused)
    stay_on, policy = stay_day(claim.area_id, bill.admitted_on, bill.ended_on)
    if policy is None:
        message = _("没有查到%s在这一天的待遇政策，暂时不能计算，请联系参保地经办机构。") % claim.area.name
        return Problem("policy_unknown", message, "care")
    if bill.level is None:
        return Problem("level_missing", _("医疗机构不在名录中，请先核定其结算等级。"), "institution")
    travel = travelled(claim)
    rules = compiled(policy)
    known = {**_known(claim, rules), **facts.of_filing(travel.filing), "travel": travel.code}
    circumstances = Circumstances(policy=policy, rules=rules, stay_on=stay_on, facts=known, travel=travel)
    try:
        split = adjudicate(claim.enrollment, bill, circumstances, lock=lock)
    except WrongInput as wrong:
        return Problem(wrong.code, str(wrong), "cost")
    if split.result.refused is not None:
        return Problem(split.result.refused, sentence(split.result.reason), "care")
    return split


def _in_lines(refused: Invalid) -> Problem:
    """What the catalogue says against lines of the bill: every line's sentence, at the first that is to blame."""
    first, said = refused.problems[0], dict.fromkeys(problem.detail for problem in refused.problems)
    return Problem(first.code, "".join(said), first.attr)


def _bill(claim: Claim) -> Bill:
    assert claim.admitted_on is not None
    ended_on = claim.ended_on or claim.admitted_on
    cost = claim.cost or Cost(total=Decimal(0))
    if isinstance(cost, CodedCost):
        cost = cost.resolved(catalogue_area(claim), ended_on)
    return Bill(
        care=cast(Care, claim.care),
        disease=claim.disease_id or "",
        admitted_on=claim.admitted_on,
        discharged_on=claim.discharged_on,
        ended_on=ended_on,
        emergency=claim.emergency,
        cost=cost,
        institution=claim.institution,
        institution_name=claim.institution_name,
        care_area=claim.care_area,
        level=claim.care_level,
        number=claim.invoice_number,
        invoice=claim.invoice,
    )


def catalogue_area(claim: Claim) -> str:
    """By whose catalogue a claim goes."""
    assert claim.admitted_on is not None
    return catalogue_named(claim.area_id, claim.admitted_on, claim.care_area.code if claim.care_area else "")


def catalogue_named(area: str, admitted_on: date, care_area: str) -> str:
    """The area whose catalogue counts, as the insured area's rules have it (`claim.catalogue`); its own where nobody said where."""
    return (rules_for(area, admitted_on).claim.catalogue == "care" and care_area) or area


def travelled(claim: Claim) -> Travel:
    """How the person travelled on the day of admission, or as was filed during the stay; what was not direct is not filed.

    To claim is to report an emergency, on the day of the claim.
    """
    assert claim.admitted_on is not None
    if claim.care_area is None:
        return NOWHERE
    with clock.standing_at(claim.submitted_at or clock.now()):
        travel = travel_status(
            claim.enrollment,
            claim.care_area,
            claim.admitted_on,
            cast(Care, claim.care),
            until=claim.ended_on,
            emergency=claim.emergency,
            stated=stated(claim),
            pharmacy=claim.institution is not None and claim.institution.kind == "pharmacy",
        )
    if not travel.direct:
        return _not_filed(claim)
    return _reported_late(claim, travel) or travel


def stated(claim: Claim) -> Facts:
    """What the claim states, a newborn's term counted from its birth as at the till; at home the term does not count."""
    assert claim.admitted_on is not None
    area, on = claim.care_area, claim.admitted_on
    at_home = area is not None and is_home(claim.area, Place.of(area))
    return within_term(None if at_home else rules_for(claim.area_id, on), facts_stated(claim), on)


def _not_filed(claim: Claim) -> Travel:
    """Without a filing; the area may treat a student on vacation, or a newborn, better."""
    assert claim.admitted_on is not None
    rules, person = rules_for(claim.area_id, claim.admitted_on), claim.enrollment.category
    travel = travel_stated(rules, "unfiled", person, stated(claim))
    if travel == "unfiled":
        return Travel(travel, False, _("就医时没有适用的备案。"))
    return Travel(travel, False, _("就医时没有适用的备案，按参保地的专门规定计算。"))


def _reported_late(claim: Claim, travel: Travel) -> Travel | None:
    """Some areas want to hear of emergencies only from hospitals outside the network (重庆, 沈阳)."""
    assert claim.admitted_on is not None
    rules = rules_for(claim.area_id, claim.admitted_on)
    report = rules.emergency.report
    if not travel.deemed or claim.institution is not None or report is None:
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
        **{name: value for name, value in stated(claim).items() if name != LATE},
        "care": claim.care,
        "settlement": "manual",
    }
    if claim.injury and holds_statement(claim):
        known["no_third_party"] = True
    if claim.care == "chronic" and claim.disease_id:
        known |= facts.of_disease(claim.disease_id, standing(claim.enrollment, claim.disease_id, claim.admitted_on))
    if claim.institution is not None:
        known |= facts.of_referral(policy, claim.enrollment, claim.institution, claim.admitted_on)
    return known


def _where(claim: Claim) -> dict[str, FactValue]:
    """The institution, or what a reviewer found out about one that is in no list."""
    area = claim.care_area
    local = area is not None and is_home(claim.area, Place.of(area))
    if claim.institution is not None:
        return facts.of_institution(claim.institution, claim.area_id, local=local)
    known: dict[str, FactValue] = {"level": claim.care_level or 0}
    if area is None:
        return {**known, "distance": "other_province"}
    distance = "same_area" if local else facts.distance(claim.area_id, area.province_code)
    return {**known, "destination": area.province_code, "distance": distance}


def totalled(cost: Cost) -> tuple[Decimal, Problem | None]:
    """What the bill comes to, and what in it contradicts itself (`scope_negative`, `items_total`)."""
    bill = EngineBill(cast(Any, None), {})  # the first step asks no plan
    with exact():
        try:
            take_costs(bill, cost)
        except WrongInput as wrong:
            return bill.total, Problem(wrong.code, str(wrong), "cost")
    return bill.total, None
