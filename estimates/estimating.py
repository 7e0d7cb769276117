"""What would I pay? One bill, settled under every travel status, and which way there pays most (API.md, Before the visit)."""

from __future__ import annotations

from collections.abc import Mapping
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
from policies.language.terms import TRAVELS
from policies.published import Published, compiled, policy_of
from regions.models import Area, Institution
from settlements import facts
from settlements.accumulators import Recorded, admissions, starts_on

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


def estimate(account: Account, request: EstimateRequest) -> Estimate:
    """Settle the bill under every travel status; nothing is stored.

    What is not stated comes from the enrolment, its bills of the year and the institution, if they are named.

    Raises Invalid (a fact or an institution is missing, the bill contradicts itself), NotFound (not a person the account
    may act for; `policy_unknown`).
    """
    on = request.on or clock.today()
    enrolled = enrollment_of(account, request.enrollment) if request.enrollment else None
    area = request.area or (enrolled.area_id if enrolled else "")
    hospital = facts.institution_named(request.institution) if request.institution else None
    local = hospital is not None and _is_local(area, enrolled, hospital)
    known: Facts = {
        **(facts.of_enrollment(enrolled, on) if enrolled else {}),
        **(facts.of_institution(hospital, area, local=local) if hospital else {}),
        **request.facts,
    }
    _require(area, known)
    policy = policy_of(area, on)
    assumed = {} if "distance" in known else _assumed(area, known)
    recorded = _recorded(enrolled, area, policy, request, on)
    known = {**_ordinals(recorded, known), **known}
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


def _recorded(
    enrolled: Enrollment | None, area: str, policy: Published, request: EstimateRequest, on: date
) -> Recorded | None:
    """The year of the enrolment as the bills settled here left it; None: the caller states the year, or names nobody."""
    if enrolled is None or enrolled.area_id != area or request.year_to_date is not None:
        return None
    return Recorded.of(enrolled, starts_on(policy.file.year_starts, on), on.month)


def _ordinals(recorded: Recorded | None, known: Facts) -> Facts:
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
        facts = _travelling(travel, known, area)
        case = Case(
            facts=facts,
            cost=request.cost,
            year_to_date=_year(policy, facts, recorded) if recorded else request.year_to_date or {},
            account_balance=request.account_balance,
        )
        try:
            results[travel] = settle(policy, case)
        except WrongInput as wrong:
            raise Invalid(str(wrong), code=wrong.code, attr="cost") from wrong
    return results


def _year(policy: Compiled, facts: Facts, recorded: Recorded) -> Mapping[YearKey, Decimal]:
    """The year so far of the counter that these facts count in; of no interest where they are refused."""
    counter = policy.counter(facts)
    disease = str(facts.get("disease", "")) if facts["care"] == "chronic" else ""
    return recorded.so_far(counter, disease) if counter else {}


def _travelling(travel: str, known: Facts, area: str) -> Facts:
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
