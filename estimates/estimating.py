"""What would I pay? One bill, settled under every travel status, and which way there pays most (API.md, Before the visit)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.utils.translation import gettext as _

from accounts.http import enrollment_of
from accounts.models import Account, Enrollment
from core import clock
from core.errors import Invalid, Problem
from estimates.bodies import EstimateRequest
from filings.filing_case import Place
from filings.travel import is_home
from policies.engine import Case, Compiled, Result, WrongInput, settle
from policies.language.examples import YearKey
from policies.language.facts import FactValue
from policies.language.filing_rules import LATE, closed_stated, exemption, free_on_vacation, rules_for, travel_stated
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Source
from policies.language.terms import TRAVELS, TYPE_LABELS, Care, CareScope, FilingType, Travel
from policies.language.wording import listed
from policies.published import Published, compiled, policy_of
from regions.models import Area, Institution
from settlements import facts
from settlements.accumulators import Recorded, admissions, starts_on
from settlements.coding import CodedCost, with_remarks
from settlements.eligibility.visit import fileable, source_of_exemption

Facts = dict[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A bill under every travel status. `assumed`: facts nobody stated; `there`: where the institution lies, if one was named.

    `recorded`: the year so far is that of the bills settled here.
    """

    area: str
    on: date
    policy: Published
    facts: Facts
    assumed: Facts
    results: dict[str, Result]
    there: Place | None = None
    local: bool = False
    recorded: bool = False


def estimate(account: Account | None, request: EstimateRequest) -> Estimate:
    """Settle the bill under every travel status; nothing is stored.

    What is not stated comes from the enrolment (of somebody who signed in), its bills of the year and the institution, if
    they are named.

    Raises Invalid (a fact or an institution is missing, the bill contradicts itself), NotFound (not a person the account
    may act for; `policy_unknown`).
    """
    on = request.on or clock.today()
    enrolled = enrollment_of(account, request.enrollment) if account and request.enrollment else None
    area = request.area or (enrolled.area_id if enrolled else "")
    hospital = facts.institution_named(request.institution) if request.institution else None
    local = hospital is not None and _is_local(area, enrolled, hospital)
    known: Facts = {
        **(facts.of_enrollment(enrolled, on) if enrolled else {}),
        **(facts.of_institution(hospital, area, local=local) if hospital else {}),
        **_age(request, on),
        **request.facts,
    }
    _require(area, known)
    _in_time(request, area, on, local=local)
    policy = policy_of(area, on)
    assumed = {} if "distance" in known else _assumed(area, known)
    recorded = _recorded(enrolled, area, policy, request, on)
    known = {**ordinals(recorded, known), **known}
    request = _by_catalogue(request, hospital.area_id if hospital else str(known.get("destination") or area), on)
    return Estimate(
        area=area,
        on=on,
        policy=policy,
        facts=known,
        assumed=assumed,
        results=_results(compiled(policy), request, {**assumed, **known}, area, recorded),
        there=Place.of(hospital.area) if hospital else None,
        local=local,
        recorded=recorded is not None and recorded.year is not None,
    )


def _age(request: EstimateRequest, on: date) -> Facts:
    """A newborn is no year old, whatever the age of its mother; of others the birth date says it."""
    if request.facts.get("newborn"):
        return {"age": 0}
    return {"age": facts.whole_months(request.born_on, on) // 12} if request.born_on else {}


def _in_time(request: EstimateRequest, area: str, on: date, *, local: bool) -> None:
    """Refuse who is not born yet, and a newborn that may no longer go with its mother. Raises Invalid."""
    born_on, rules = request.born_on, None if local else rules_for(area, on)
    if born_on is None:
        return
    if born_on > on:
        raise Invalid(_("出生日期晚于入院或就诊日期，请核对。"), code="born_after_admission", attr="born_on")
    term = rules.newborns.within if rules and rules.newborns and request.facts.get("newborn") else None
    if term and LATE in facts.within_term(rules, {"newborn": True, facts.BORN_ON: born_on.isoformat()}, on):
        text = _("新生儿随母亲就医限出生%s内，到就医那天已超过。请先为孩子办理参保，再按孩子本人的参保关系估算。")
        raise Invalid(text % term.label, code="newborn_late", attr="born_on")


def _by_catalogue(request: EstimateRequest, area: str, on: date) -> EstimateRequest:
    """With the codes of its bill looked up where the care would be given; at home, where nobody said. Raises Invalid."""
    if not isinstance(request.cost, CodedCost):
        return request
    return request.model_copy(update={"cost": request.cost.resolved(area, on)})


def _recorded(
    enrolled: Enrollment | None, area: str, policy: Published, request: EstimateRequest, on: date
) -> Recorded | None:
    """The year of the enrolment as the bills settled here left it; None: the caller states the year, or names nobody."""
    if enrolled is None or enrolled.area_id != area or request.year_to_date is not None:
        return None
    return Recorded.of(enrolled, starts_on(policy.file.year_starts, on), on.month)


def ordinals(recorded: Recorded | None, known: Facts) -> Facts:
    """Which admission of the year this would be."""
    if recorded is None or known.get("care") != "inpatient":
        return {}
    visit, at_level = admissions(recorded.year, cast("int | None", known.get("level")))
    return {"visit": visit, "visit_at_level": at_level}


def _is_local(area: str, enrolled: Enrollment | None, hospital: Institution) -> bool:
    """Whether the institution lies in the insured area or a place that counts as it."""
    home = enrolled.area if enrolled and enrolled.area_id == area else Area.objects.filter(code=area).first()
    return home is not None and is_home(home, Place.of(hospital.area))


def _require(area: str, known: Facts) -> None:
    """Refuse a bill of which nothing could be said. Raises Invalid `required`."""
    present = {"area": bool(area), "insurance": "insurance" in known, "care": "care" in known}
    present["disease"] = known.get("care") != "chronic" or "disease" in known
    texts = {"care": _("请填写就医类别。"), "disease": _("请填写门诊慢特病的病种编码，如 M03900。")}
    of_insurance = _("请填写此项；参保地和险种也可由 enrollment 给出。")
    problems = [Problem("required", texts.get(name, of_insurance), name) for name, ok in present.items() if not ok]
    if problems:
        raise Invalid(problems=problems)


def _assumed(area: str, known: Facts) -> Facts:
    """A place nobody described is in another province: rules that ask for the distance must not be passed over."""
    destination = known.get("destination")
    return {"distance": facts.distance(area, str(destination)) if destination else "other_province"}


def _results(
    policy: Compiled, request: EstimateRequest, known: Facts, area: str, recorded: Recorded | None
) -> dict[str, Result]:
    results: dict[str, Result] = {}
    for travel in TRAVELS:
        facts = travelling(travel, known, area)
        case = Case(
            facts=facts,
            cost=request.cost,
            year_to_date=year_before(policy, facts, recorded) if recorded else request.year_to_date or {},
            account_balance=request.account_balance,
        )
        try:
            result = settle(policy, case)
        except WrongInput as wrong:
            raise Invalid(str(wrong), code=wrong.code, attr="cost") from wrong
        results[travel] = with_remarks(result, case.cost)
    return results


def year_before(policy: Compiled, facts: Facts, recorded: Recorded) -> Mapping[YearKey, Decimal]:
    """The year so far of the counter that these facts count in; of no interest where they are refused."""
    counter = policy.counter(facts)
    disease = str(facts.get("disease", "")) if facts["care"] == "chronic" else ""
    return recorded.so_far(counter, disease) if counter else {}


def travelling(travel: str, known: Facts, area: str) -> Facts:
    """The facts under one status: `local` is the same care at home, `unfiled` is claimed by hand unless the caller says otherwise."""
    travelling = {"settlement": "manual" if travel == "unfiled" else "direct", **known, "travel": travel}
    if travel != "local":
        return travelling
    return {**travelling, "distance": "same_area", "destination": f"{area[:2]}0000"}


def own(estimate: Estimate, travel: str) -> Decimal | None:
    """What the patient pays; all of a bill that is not covered; None where nobody knows."""
    result = estimate.results[travel]
    if result.refused is None:
        return result.amounts["own"]
    if result.refused == "not_known":
        return None
    return next((r.amounts["total"] for r in estimate.results.values() if r.refused is None), None)


def shown_facts(estimate: Estimate) -> dict[str, Any]:
    """All facts the results rest on, but the travel that tells them apart."""
    return {**estimate.assumed, **{name: value for name, value in estimate.facts.items() if name != "travel"}}


LEVELS = {0: "社区及以上", 1: "一级及以上", 2: "二级及以上", 3: "三级"}
BY_HAND = "不备案：先全额自费，再持票据回参保地申请手工报销。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way of going: what it is settled as, what the patient then pays, what it takes.

    `types`: the filings that lead there, any of them; empty: nothing is filed. `lasting`: only for who lives there.
    `direct`: settled at the hospital. `own` None: no source says what the area pays then. `saves`: against not filing at
    all; None: one of the two is unknown.
    """

    travel: Travel
    own: Decimal | None
    saves: Decimal | None
    takes: str
    direct: bool = True
    lasting: bool = False
    types: tuple[FilingType, ...] = ()
    source: Source | None = None


def ways(estimate: Estimate) -> list[Way]:
    """Every way that leads to care elsewhere, the cheapest first, of equals the one that takes least; unknown ones last.

    In the insured area itself there is one, `local`; elsewhere `local` is none, and neither is `emergency`, which nobody
    plans. Types that the area does not take are left out, those that do not fit the person too. Not filing is a way, the
    last among equals. `saves` is the patient's own share without filing less the own share this way, in yuan.
    """
    return sorted(_ways(estimate), key=lambda way: (way.own is None, way.own or 0))


def best(ways: list[Way]) -> Way | None:
    """The way that pays most. It may ask one to live there (`lasting`); what a traveller can do stands further down."""
    return next((way for way in ways if way.own is not None), None)


def _ways(estimate: Estimate) -> Iterator[Way]:
    """The ways, those that take least first."""
    if estimate.local:
        yield _way(estimate, "local", "在参保地就医，无需备案。")
        return
    rules, care = rules_for(estimate.area, estimate.on), cast(Care, estimate.facts["care"])
    yield from _without_filing(estimate, rules, care)
    person, insurance = estimate.facts.get("person"), str(estimate.facts["insurance"])
    kinds = fileable(rules, care, person=str(person) if person else None, insurance=insurance)
    for travel in dict.fromkeys(kind.travel for kind in kinds):
        types = tuple(kind.type for kind in kinds if kind.travel == travel)
        source = rules.source_of(f"types.{types[0]}.travel")
        lasting = not {"other", "referral"} & set(types)
        settled = _stated(estimate, rules, travel)
        yield _way(estimate, settled, _takes(rules, types), lasting=lasting, types=types, source=source)
    yield _way(estimate, _stated(estimate, rules, "unfiled"), BY_HAND, direct=False)


def _stated(estimate: Estimate, rules: FilingRules, travel: Travel) -> Travel:
    """What a trip settles as that would otherwise as `travel`: better for a student on vacation or a newborn, where the area says so."""
    facts = estimate.facts
    return cast(Travel, travel_stated(rules, travel, str(facts.get("person")), facts))


def _closed(estimate: Estimate, rules: FilingRules) -> bool:
    """An injury, a newborn or childbirth that the area does not settle directly elsewhere."""
    return not estimate.local and bool(closed_stated(rules, estimate.facts))


def _without_filing(estimate: Estimate, rules: FilingRules, care: Care) -> Iterator[Way]:
    """Exempt places (免备案), and types that need no filing (免申即享)."""
    there = estimate.there
    scope: CareScope = "pharmacy" if estimate.facts.get("institution_kind") == "pharmacy" else care
    exempt = exemption(rules, there.code, there.province, scope, estimate.on) if there else None
    if exempt is not None and there is not None:
        source = source_of_exemption(rules, exempt)
        yield _way(
            estimate, _stated(estimate, rules, exempt.travel), f"到{there.name}就医免备案，无需办理。", source=source
        )
    vacation = rules.vacation
    if vacation is not None and free_on_vacation(rules, str(estimate.facts.get("person")), estimate.facts):
        source = rules.source_of("vacation")
        yield _way(estimate, vacation.travel, "学生假期在外就医无需备案，可直接就医。", source=source)
    for kind in rules.types.values():
        if not kind.needed and care in kind.covers and kind.type != "emergency":
            source = rules.source_of(f"types.{kind.type}.needed")
            yield _way(
                estimate, _stated(estimate, rules, kind.travel), f"{kind.label}无需备案，可直接就医。", source=source
            )


def _way(
    estimate: Estimate,
    travel: Travel,
    takes: str,
    *,
    direct: bool = True,
    lasting: bool = False,
    types: tuple[FilingType, ...] = (),
    source: Source | None = None,
) -> Way:
    rules = rules_for(estimate.area, estimate.on)
    price, unfiled = own(estimate, travel), own(estimate, _stated(estimate, rules, "unfiled"))
    return Way(
        travel=travel,
        own=price,
        saves=None if price is None or unfiled is None else unfiled - price,
        takes=takes,
        direct=direct and estimate.results[travel].refused is None and not _closed(estimate, rules),
        lasting=lasting,
        types=types,
        source=source,
    )


def _takes(rules: FilingRules, types: tuple[FilingType, ...]) -> str:
    """What one does to travel so: the easiest of the types decides."""
    if "other" in types:
        late = "（出院结算前补办也可）" if rules.make_up.before_discharge else ""
        return f"就医前办理“{TYPE_LABELS['other']}”备案{late}。"
    if "referral" in types:
        level = LEVELS[rules.referral.lowest_level]
        return f"由参保地{level}定点医院开具转诊证明，并办理“{TYPE_LABELS['referral']}”备案。"
    half = _living(rules, types)
    return f"{half}先办理异地长期居住备案（{listed(TYPE_LABELS[name] for name in types)}）。"


def _living(rules: FilingRules, types: tuple[FilingType, ...]) -> str:
    """Long-term filing is for who lives there more than half a year (RULES.md S-09), or as long as the area asks."""
    spans = [span for name in types if (span := rules.types[name].residence.at_least) is not None]
    return f"适用于在就医地居住或工作{spans[0].label if spans else '半年'}以上的人："
