"""A bill under the policy of the insured area: may it be settled directly, and how is it split (DESIGN.md §8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Enrollment
from core.errors import Invalid, NotFound, Problem, WrongState
from core.prepared import Param, PreparedQuery
from policies.engine import Case, Compiled, Result, WrongInput, settle
from policies.language.facts import FactValue
from policies.language.terms import Care
from policies.language.wording import sentence
from policies.published import Published, compiled, in_force, policy_of
from referrals.facts import referred
from regions.models import Institution
from settlements import accumulators
from settlements.accumulators import Place
from settlements.eligibility.conditions import conditions
from settlements.eligibility.visit import Visit, visit_of
from settlements.models import InsuranceYear, Settlement, YearCounter
from settlements.till.requests import Asked

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """A bill, split: what was given, what came out, and which counters of which year it moves."""

    visit: Visit
    policy: Published
    stay_on: date
    case: Case
    result: Result
    year_starts_on: date
    year: InsuranceYear | None
    place: Place
    counters: list[YearCounter]
    continues: Settlement | None = None

    @property
    def linked(self) -> Decimal:
        """What the stays it continues have taken of the deductible."""
        return linked_deductible(self.continues)


def reckon(enrolled: Any, hospital: Institution, asked: Asked, *, lock: bool = False) -> Reckoned:
    """Split a bill; with `lock` under the lock of the insurance year, which stays until the transaction ends.

    Raises WrongState with every failed condition of direct settlement, or `stay_overlaps`, `continues_taken`,
    `continues_later`; Invalid where the bill contradicts itself; NotFound `policy_unknown`, `continues_unknown`.
    """
    stay_on = stay_day(enrolled.area_id, asked.admitted_on, asked.ended_on)
    visit = visit_of(
        enrolled,
        hospital,
        care=asked.care,
        disease=asked.disease if asked.care == "chronic" else "",
        on=asked.admitted_on,
        until=asked.ended_on,
        emergency=asked.emergency,
        priced_on=stay_on,
        stated=_stated(enrolled, hospital, asked, stay_on),
    )
    refuse_failed(visit)
    policy = policy_of(enrolled.area_id, stay_on)
    starts_on = accumulators.starts_on(policy.file.year_starts, stay_on)
    year = accumulators.year_of(enrolled, starts_on, lock=lock)
    if lock and asked.use_account:
        lock_account(enrolled)
    continues = continued(enrolled, asked)
    if asked.care == "inpatient":
        refuse_overlap(enrolled.person_id, asked.admitted_on, asked.ended_on)
    known = {**visit.known_facts(visit.travel.code), **_ordinals(year, asked.care, hospital)}
    split = divide(
        compiled(policy), known, asked, year, stay_on, linked=linked_deductible(continues), enrolled=enrolled
    )
    return Reckoned(
        visit=visit, policy=policy, stay_on=stay_on, year_starts_on=starts_on, year=year, continues=continues, **split
    )


def lock_account(enrolled: Enrollment) -> None:
    """Read the personal account under the lock of the enrolment: no fen of it is spent twice."""
    row = Enrollment.objects.select_for_update(no_key=True).only("account_balance", "account_spent").get(pk=enrolled.pk)
    enrolled.account_balance, enrolled.account_spent = row.account_balance, row.account_spent


def stay_day(area: str, admitted_on: date, ended_on: date) -> date:
    """The day that picks the file, the year and the month: as the file of the day of admission says (POLICY.md §1)."""
    at_first = in_force(area, admitted_on)
    return admitted_on if at_first is not None and at_first.file.stay_rule == "admission" else ended_on


def _stated(enrolled: Enrollment, hospital: Institution, asked: Asked, on: date) -> dict[str, FactValue]:
    """Facts that the till states, or that are worth finding out because a rule of the policy asks for them."""
    facts: dict[str, FactValue] = {"disease": asked.disease} if asked.disease else {}
    policy = in_force(enrolled.area_id, on)
    if asked.referred is not None:
        facts["referred"] = asked.referred
    elif policy is not None and compiled(policy).asks("referred"):
        facts["referred"] = referred(enrolled, hospital, asked.admitted_on)
    return facts


def refuse_failed(visit: Visit) -> None:
    """Raise WrongState with every failed condition, each with what to do (RULES.md §7.6)."""
    failed = [condition for condition in conditions(visit) if not condition.met]
    if failed:
        raise WrongState(problems=[Problem(each.code, each.message + each.remedy) for each in failed])


def _ordinals(year: InsuranceYear | None, care: Care, hospital: Institution) -> dict[str, FactValue]:
    if care != "inpatient":
        return {}
    visit, at_level = accumulators.admissions(year, hospital.level)
    return {"visit": visit, "visit_at_level": at_level}


def divide(
    policy: Compiled,
    known: dict[str, FactValue],
    asked: Any,
    year: InsuranceYear | None,
    stay_on: date,
    *,
    linked: Decimal,
    enrolled: Enrollment,
) -> dict[str, Any]:
    """Let the engine split the bill with the year so far. Raises WrongState `covered`, Invalid (the bill contradicts itself)."""
    counter = policy.counter(known) or asked.care
    place = Place.of(counter, asked.care, asked.disease, stay_on)
    rows = accumulators.counters(year, place)
    case = Case(
        facts=known,
        cost=asked.cost,
        year_to_date=accumulators.so_far(year, rows, place, linked=linked),
        account_balance=enrolled.account_left if asked.use_account else ZERO,
    )
    try:
        result = settle(policy, case)
    except WrongInput as wrong:
        raise Invalid(str(wrong), code=wrong.code, attr="cost") from wrong
    if result.refused is not None:
        raise WrongState(
            _("%s请先自费，再回参保地申请手工报销或询问经办机构。") % sentence(result.reason), code="covered"
        )
    return {"case": case, "result": result, "place": place, "counters": rows}


CONTINUED = PreparedQuery[Settlement](
    lambda: (
        Settlement.objects.bills()
        .filter(number=Param("number"), person=Param("person"), area=Param("area"), insurance=Param("insurance"))
        .filter(care="inpatient")
        .order_by()
    )
)
SUCCESSOR = PreparedQuery[Any](
    lambda: (
        Settlement.objects.standing().filter(continues=Param("continued")).order_by().values_list("number", flat=True)
    )
)


def continued(enrolled: Enrollment, asked: Asked) -> Settlement | None:
    """The stay that this one continues, by its number. Each is continued once, by a stay that began after it ended."""
    if not asked.continues:
        return None
    insured = {"person": enrolled.person_id, "area": enrolled.area_id, "insurance": enrolled.insurance}
    found = CONTINUED.first(number=asked.continues, **insured)
    if found is None or asked.care != "inpatient" or found.status != "settled":
        said = _("没有找到该患者这一编号的有效住院结算，请核对接续的结算编号。")
        raise NotFound(said, code="continues_unknown", attr="continues")
    if found.ended_on > asked.admitted_on:
        raise WrongState(_("接续的住院应在此次入院之前结束，请核对日期。"), code="continues_later", attr="continues")
    taken = SUCCESSOR.first(continued=found.pk)
    if taken is not None:
        said = _("该次住院已由结算%s接续，请填写最后一次住院的结算编号。") % taken
        raise WrongState(said, code="continues_taken", attr="continues")
    return found


def linked_deductible(continues: Settlement | None) -> Decimal:
    """What a stay and those before it in its chain have taken of the deductible."""
    return ZERO if continues is None else continues.linked_deductible + continues.deductible


OVERLAPPING = PreparedQuery[Settlement](
    lambda: (
        Settlement.objects.standing()
        .filter(
            person=Param("person"), care="inpatient", admitted_on__lt=Param("until"), discharged_on__gt=Param("since")
        )
        .order_by()
    )
)


def refuse_overlap(person: Any, admitted_on: date, ended_on: date) -> None:
    """Nobody lies in two hospitals at once; a transfer leaves and enters on the same day. Raises WrongState `stay_overlaps`."""
    other = OVERLAPPING.first(person=person, since=admitted_on, until=ended_on)
    if other is not None:
        said = _("住院时间与%(hospital)s的住院（%(since)s至%(until)s，结算编号%(number)s）重叠，请核对入出院日期。") % {
            "hospital": other.institution_name,
            "since": other.admitted_on,
            "until": other.discharged_on,
            "number": other.number,
        }
        raise WrongState(said, code="stay_overlaps", attr="admitted_on")
