"""All conditions of direct settlement in words, in the order in which they fail in practice (RULES.md §5.2), and the answer.

Whether one is met is a property of the visit (`eligibility.visit`); here is what was found and what to do.
"""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from policies.bodies import cited
from policies.engine import Case, settle
from policies.language.examples import Cost
from policies.language.filing_rules import LATE, rule_stated
from policies.language.filing_types import Source
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, Travel
from policies.language.wording import day, sentence
from policies.published import Published, compiled, source_named
from settlements.bodies import ActionAnswer, ConditionAnswer, EligibilityAnswer, Subject
from settlements.eligibility.condition import (
    CHRONIC_AT_COUNTER,
    CHRONIC_LIST,
    LABELS,
    REGULATION,
    Condition,
    agency_text,
    call_agency,
    failed,
    find_institution,
    met,
)
from settlements.eligibility.filing import filing_conditions
from settlements.eligibility.visit import Visit

OR_CLAIM = "也可先自费就医，再持票据回参保地申请手工报销。"
NOT_AS_OUTPATIENT = "也可先自费就医，再持票据回参保地申请手工报销；不能按普通门诊结算。"
CLAIM_LATER = "请改选已开通的医院；也可先自费就医，再持票据回参保地申请手工报销。"


def conditions(visit: Visit) -> list[Condition]:
    """Every condition of this care, met or not; together they say whether it is settled directly."""
    chronic = visit.care == "chronic"
    return [
        _enrollment(visit),
        *filing_conditions(visit),
        _institution(visit),
        *([_recognition(visit), _disease_listed(visit), _institution_disease(visit)] if chronic else []),
        *stated_conditions(visit),
        _covered(visit),
        _certificate(visit),
    ]


def _enrollment(visit: Visit) -> Condition:
    """Insured on the day (规程 art. 3)."""
    enrolled, label = visit.enrollment, visit.enrollment.get_insurance_display()
    if visit.insured:
        return met("enrollment", f"{day(visit.on)}在{visit.home}参加{label}。", REGULATION)
    if enrolled.status_on(visit.on) == "future":
        message = f"{visit.home}的{label}自{day(enrolled.valid_from)}起生效。"
        return failed("enrollment", message, f"请在{day(enrolled.valid_from)}或之后就医。", REGULATION)
    assert enrolled.valid_until is not None
    message = f"{visit.home}的{label}只到{day(enrolled.valid_until)}。"
    remedy = f"请续保或补缴，或改用现在的参保关系；缴费后何时恢复待遇，请询问{agency_text(visit)}。"
    return failed("enrollment", message, remedy, REGULATION, call_agency(visit))


def _institution(visit: Visit) -> Condition:
    """Connected, and open for this care (RULES.md S-17); at home the area's own contracts count instead."""
    name, care = visit.institution.name, CARE_LABELS[visit.care]
    if visit.care == "inpatient" and visit.institution.kind == "pharmacy":
        return failed("institution", f"{name}是定点药店，没有住院。", CLAIM_LATER, REGULATION, find_institution(visit))
    if visit.at_home:
        return met("institution", f"{name}在参保地，按当地定点管理结算。", REGULATION)
    if visit.institution_open:
        return met("institution", f"{name}已开通{care}异地直接结算。", REGULATION)
    return failed(
        "institution", f"{name}尚未开通{care}异地直接结算。", CLAIM_LATER, REGULATION, find_institution(visit)
    )


def _recognition(visit: Visit) -> Condition:
    """Recognised by the insured area first (RULES.md §2.6)."""
    source = visit.rules.source_of("chronic.starts")
    standing, name = visit.recognition, visit.disease_name or visit.disease
    apply = {"kind": "recognise", "label": "去认定", "disease": visit.disease}
    remedy = f"请先向参保地申请“{name}”门诊慢特病认定。{NOT_AS_OUTPATIENT}"
    if visit.recognised:
        return met("recognition", f"“{name}”已在参保地认定。", source)
    if standing.state == "none":
        message = f"没有查到参保地对“{name}”的门诊慢特病认定。"
        return failed("recognition", message, remedy, source, apply)
    if standing.state == "recognised":
        message = f"“{name}”的认定选定了就医机构，{visit.institution.name}不在其中。"
        return failed("recognition", message, f"请变更选定的就医机构。{NOT_AS_OUTPATIENT}", source, apply)
    if standing.state == "pending":
        return failed("recognition", f"“{name}”的认定正在审核。", f"请等待认定结果。{NOT_AS_OUTPATIENT}", source)
    if standing.state == "future" and standing.valid_from:
        starts = day(standing.valid_from)
        return failed("recognition", f"“{name}”的认定自{starts}起享受待遇。", f"请在{starts}或之后就医。", source)
    ended = (
        f"“{name}”的认定已于{day(standing.valid_until)}到期。" if standing.valid_until else f"“{name}”没有有效的认定。"
    )
    return failed("recognition", ended, remedy, source, apply)


def _disease_listed(visit: Visit) -> Condition:
    """Only listed diseases are settled across areas; others never as ordinary outpatient care (RULES.md §2.6)."""
    if visit.at_home:
        return met("disease_listed", "在参保地就医，按参保地的病种范围结算。", CHRONIC_LIST)
    if visit.disease_listed:
        return met("disease_listed", f"“{visit.disease_name}”可以跨省直接结算。", CHRONIC_LIST)
    message = f"病种{visit.disease}不在跨省直接结算的门诊慢特病范围内。"
    remedy = "请先自费就医，再持票据回参保地申请手工报销；不能按普通门诊结算。"
    return failed("disease_listed", message, remedy, CHRONIC_LIST)


def _institution_disease(visit: Visit) -> Condition:
    """Open for this very disease (RULES.md §2.6)."""
    hospital, name = visit.institution, visit.disease_name or visit.disease
    if visit.at_home:
        return met("institution_disease", f"{hospital.name}在参保地，按当地定点管理结算。", CHRONIC_AT_COUNTER)
    if visit.disease_open:
        return met("institution_disease", f"{hospital.name}已开通“{name}”异地直接结算。", CHRONIC_AT_COUNTER)
    message = f"{hospital.name}没有开通“{name}”异地直接结算。"
    remedy = f"请改选已开通“{name}”的医院。{NOT_AS_OUTPATIENT}"
    return failed("institution_disease", message, remedy, CHRONIC_AT_COUNTER, find_institution(visit))


def _covered(visit: Visit) -> Condition:
    """The insured area's policy pays for this care here, travelling as one does, or as one could once filed."""
    policy, care = visit.policy, CARE_LABELS[visit.care]
    ask = f"请就医前询问{agency_text(visit)}"
    if policy is None:
        return failed("covered", f"没有查到{visit.home}的待遇政策。", f"{ask}。{OR_CLAIM}", None, call_agency(visit))
    if visit.covered:
        return met("covered", f"{visit.home}的医保报销这类{care}费用。", _source_of_paid(visit, policy))
    refused = next(refusal for refusal in visit.refusals.values() if refusal is not None)
    remedy = f"费用须自付；如有疑问，{ask}。" if refused.kind == "not_covered" else f"{ask}。{OR_CLAIM}"
    source = _source_of(policy, None, refused.benefit)
    return failed("covered", sentence(refused.reason), remedy, source, call_agency(visit))


def _source_of_paid(visit: Visit, policy: Published) -> Source | None:
    """The source of the first figure by which a bill of nothing is paid, travelling in the first way that is paid for."""
    travel = next(travel for travel, refusal in visit.refusals.items() if refusal is None)
    nothing = Cost(total=Decimal(0))
    case = Case(facts=visit.facts_as(travel), cost=nothing, year_to_date={}, account_balance=Decimal(0))
    result = settle(compiled(policy), case)
    return _source_of(policy, next((line.source for line in result.lines if line.source), None), result.benefit)


def _source_of(policy: Published, named: str | None, benefit_id: str | None) -> Source | None:
    """The source that is named, or the benefit's; else the file itself."""
    benefit = next((each for each in policy.file.benefits or () if each.id == benefit_id), None)
    source = source_named(policy, named or (benefit.source if benefit else None))
    return source or Source(id=policy.id, title=policy.file.name, publisher="参保地政策文件", grade="D")


def _certificate(visit: Visit) -> Condition:
    """Shown at registration (规程 art. 17); it opens nothing while the enrolment is not in force."""
    if not visit.insured:
        message = "参保关系不在有效期内，医保码和社会保障卡不能用于结算。"
        return failed("certificate", message, "参保恢复后自动恢复使用，无需另办。", REGULATION)
    message = "就医时请出示医保码或社会保障卡。"
    if visit.also_insured_in:
        message += f"您同时在{visit.also_insured_in}参保，请告知医院按{visit.home}结算。"
    return met("certificate", message, REGULATION)


def answer(visit: Visit) -> EligibilityAnswer:
    """The answer of `GET eligibility/` (API.md): `travel` is what the person settles as on the day."""
    judged = conditions(visit)
    travel: Travel = visit.travel.code if visit.insured else "unfiled"  # type: ignore[assignment]
    return {
        "direct": visit.direct,
        "summary": _summary(travel, [condition for condition in judged if not condition.met]),
        "travel": travel,
        "travel_label": TRAVEL_LABELS[travel],
        "filing": str(visit.travel.filing.pk) if visit.travel.filing else None,
        **_named(visit),
        "agency": {"name": visit.agency, "phone": visit.phone} if visit.agency else None,
        "conditions": [_shown(condition) for condition in judged],
    }


def _summary(travel: Travel, failed: list[Condition]) -> str:
    if not failed:
        return f"可以直接结算，按“{TRAVEL_LABELS[travel]}”享受待遇。"
    return f"还不能直接结算，有{len(failed)}项需要处理。"


def _named(visit: Visit) -> Subject:
    """Who, where, for what and when, with the names a page shows."""
    enrolled, hospital = visit.enrollment, visit.institution
    return {
        "on": visit.on,
        "enrollment": str(enrolled.pk),
        "area": enrolled.area_id,
        "area_name": visit.home,
        "insurance": enrolled.insurance,
        "institution": hospital.code,
        "institution_name": hospital.name,
        "institution_area": hospital.area_id,
        "institution_area_name": visit.there.name,
        "care": visit.care,
        "care_label": CARE_LABELS[visit.care],
        "disease": visit.disease or None,
        "disease_name": visit.disease_name or None,
    }


def _shown(condition: Condition) -> ConditionAnswer:
    return {
        "code": condition.code,
        "label": LABELS[condition.code],
        "met": condition.met,
        "message": condition.message,
        "remedy": condition.remedy,
        "source": cited(condition.source),
        "action": cast(ActionAnswer, condition.action) if condition.action else None,
    }


STATED_KINDS = {"injury": "外伤", "newborn": "随母亲就医的新生儿", "maternity": "生育住院"}
SELF_PAID = "请先自费就医，再持票据回参保地申请手工报销。"


def stated_conditions(visit: Visit) -> list[Condition]:
    """Whether each kind of care that is stated is settled directly, and of an injury that no third party is liable (RULES.md §2.5)."""
    conditions = [_settled_directly(visit, fact) for fact in STATED_KINDS if visit.stated.get(fact)]
    if visit.stated.get(LATE):
        conditions.append(_newborn_late(visit))
    if visit.stated.get("injury") and visit.rules.injury.statement:
        conditions.append(_statement(visit))
    return conditions


def _settled_directly(visit: Visit, fact: str) -> Condition:
    """An area's rule on this kind of care elsewhere; at home its own contracts count instead."""
    rule, what, source = rule_stated(visit.rules, fact), STATED_KINDS[fact], _source_stated(visit, fact)
    note = sentence(rule.note) if rule and rule.note else ""
    if visit.at_home:
        return met(fact, f"{what}在参保地就医，按当地规定结算。")
    if fact not in visit.closed:
        return met(fact, f"{visit.home}的{what}可以跨省直接结算。{note}", source)
    remedy = f"{SELF_PAID}如有疑问，请询问{agency_text(visit)}。"
    if rule is None:
        message = f"没有查到{visit.home}对{what}跨省直接结算的规定。"
        return failed(fact, message, remedy, None, call_agency(visit))
    return failed(fact, f"{visit.home}的{what}不跨省直接结算。{note}", remedy, source, call_agency(visit))


def _newborn_late(visit: Visit) -> Condition:
    """The term of the area's rule on newborns, counted from the birth, was over on the day of admission."""
    rule, source = visit.rules.newborns, _source_stated(visit, "newborn")
    term = rule.within.label if rule and rule.within else ""
    message = f"{visit.home}的新生儿随母亲就医限出生{term}内，就医时已超过。"
    remedy = f"请先为孩子办理参保，用孩子本人的参保关系结算；或{SELF_PAID}"
    return failed("newborn", message, remedy, source, call_agency(visit))


def _statement(visit: Visit) -> Condition:
    """Signed at the till, or handed in with the filing."""
    source = visit.rules.source_of("injury")
    if visit.injury_stated:
        return met("injury_statement", "已承诺无第三方责任。", source)
    remedy = "没有第三方责任的，请在医院签署外伤无第三方责任承诺书，或随备案上传；有第三方责任的，由责任方负担，医保不予支付。"
    return failed("injury_statement", "外伤就医还没有承诺无第三方责任。", remedy, source)


def _source_stated(visit: Visit, fact: str) -> Source | None:
    return visit.rules.source_of({"newborn": "newborns"}.get(fact, fact))
