"""All conditions of direct settlement, in the order in which they fail in practice (RULES.md §5.2)."""

from __future__ import annotations

from policies.engine import Result
from policies.language.filing_types import Source
from policies.language.terms import CARE_LABELS
from policies.language.wording import day, sentence
from policies.published import Published, source_named
from settlements.eligibility.condition import (
    CHRONIC_AT_COUNTER,
    CHRONIC_LIST,
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
        _covered(visit),
        _certificate(visit),
    ]


def _enrollment(visit: Visit) -> Condition:
    """Insured on the day (规程 art. 3)."""
    enrolled, label = visit.enrollment, visit.enrollment.get_insurance_display()
    status = enrolled.status_on(visit.on)
    if status == "active":
        return met("enrollment", f"{day(visit.on)}在{visit.home}参加{label}。", REGULATION)
    if status == "future":
        said = f"{visit.home}的{label}自{day(enrolled.valid_from)}起生效。"
        return failed("enrollment", said, f"请在{day(enrolled.valid_from)}或之后就医。", REGULATION)
    assert enrolled.valid_until is not None
    said = f"{visit.home}的{label}只到{day(enrolled.valid_until)}。"
    remedy = f"请续保或补缴，或改用现在的参保关系；缴费后何时恢复待遇，请询问{agency_text(visit)}。"
    return failed("enrollment", said, remedy, REGULATION, call_agency(visit))


def _institution(visit: Visit) -> Condition:
    """Connected, and open for this care (RULES.md S-17); at home the area's own contracts count instead."""
    name, care = visit.institution.name, CARE_LABELS[visit.care]
    if visit.at_home:
        return met("institution", f"{name}在参保地，按当地定点管理结算。", REGULATION)
    hospital = visit.institution
    if bool(hospital.chronic) if visit.care == "chronic" else hospital.open_for(visit.care):
        return met("institution", f"{name}已开通{care}异地直接结算。", REGULATION)
    return failed(
        "institution", f"{name}尚未开通{care}异地直接结算。", CLAIM_LATER, REGULATION, find_institution(visit)
    )


def _recognition(visit: Visit) -> Condition:
    """Recognised by the insured area first (RULES.md §2.6)."""
    source = visit.rules.source_of("chronic.starts")
    found, name = visit.recognition, visit.disease_name or visit.disease
    apply = {"kind": "recognise", "label": "去认定", "disease": visit.disease}
    remedy = f"请先向参保地申请“{name}”门诊慢特病认定。{NOT_AS_OUTPATIENT}"
    if found.state == "none":
        said = f"没有查到参保地对“{name}”的门诊慢特病认定。"
        return failed("recognition", said, remedy, source, apply)
    if found.state == "recognised":
        if found.institutions and visit.institution.code not in found.institutions:
            said = f"“{name}”的认定选定了就医机构，{visit.institution.name}不在其中。"
            return failed("recognition", said, f"请变更选定的就医机构。{NOT_AS_OUTPATIENT}", source, apply)
        return met("recognition", f"“{name}”已在参保地认定。", source)
    if found.state == "pending":
        return failed("recognition", f"“{name}”的认定正在审核。", f"请等待认定结果。{NOT_AS_OUTPATIENT}", source)
    if found.state == "future" and found.valid_from:
        starts = day(found.valid_from)
        return failed("recognition", f"“{name}”的认定自{starts}起享受待遇。", f"请在{starts}或之后就医。", source)
    ended = f"“{name}”的认定已于{day(found.valid_until)}到期。" if found.valid_until else f"“{name}”没有有效的认定。"
    return failed("recognition", ended, remedy, source, apply)


def _disease_listed(visit: Visit) -> Condition:
    """Only listed diseases are settled across areas; others never as ordinary outpatient care (RULES.md §2.6)."""
    if visit.at_home:
        return met("disease_listed", "在参保地就医，按参保地的病种范围结算。", CHRONIC_LIST)
    if visit.disease_name:
        return met("disease_listed", f"“{visit.disease_name}”可以跨省直接结算。", CHRONIC_LIST)
    said = f"病种{visit.disease}不在跨省直接结算的门诊慢特病范围内。"
    remedy = "请先自费就医，再持票据回参保地申请手工报销；不能按普通门诊结算。"
    return failed("disease_listed", said, remedy, CHRONIC_LIST)


def _institution_disease(visit: Visit) -> Condition:
    """Open for this very disease (RULES.md §2.6)."""
    hospital, name = visit.institution, visit.disease_name or visit.disease
    if visit.at_home:
        return met("institution_disease", f"{hospital.name}在参保地，按当地定点管理结算。", CHRONIC_AT_COUNTER)
    if hospital.open_for("chronic", visit.disease):
        return met("institution_disease", f"{hospital.name}已开通“{name}”异地直接结算。", CHRONIC_AT_COUNTER)
    said = f"{hospital.name}没有开通“{name}”异地直接结算。"
    remedy = f"请改选已开通“{name}”的医院。{NOT_AS_OUTPATIENT}"
    return failed("institution_disease", said, remedy, CHRONIC_AT_COUNTER, find_institution(visit))


def _covered(visit: Visit) -> Condition:
    """The insured area's policy pays for this care here, travelling as one does, or as one could once filed."""
    policy, care = visit.policy, CARE_LABELS[visit.care]
    ask = f"请就医前询问{agency_text(visit)}"
    if policy is None:
        return failed("covered", f"没有查到{visit.home}的待遇政策。", f"{ask}。{OR_CLAIM}", None, call_agency(visit))
    results = list(visit.results.values())
    paid = next((result for result in results if result.refused is None), None)
    if paid is not None:
        return met("covered", f"{visit.home}的医保报销这类{care}费用。", _source_of(policy, paid))
    first = results[0]
    remedy = f"费用须自付；如有疑问，{ask}。" if first.refused == "not_covered" else f"{ask}。{OR_CLAIM}"
    return failed("covered", sentence(first.reason), remedy, _source_of(policy, first), call_agency(visit))


def _source_of(policy: Published, result: Result) -> Source | None:
    """The source of the first figure used; of a refusal, of the benefit; else the file itself."""
    named = [line.source for line in result.lines if line.source]
    benefit = next((b for b in policy.file.benefits or () if b.id == result.benefit), None)
    found = source_named(policy, named[0] if named else benefit.source if benefit else None)
    return found or Source(id=policy.id, title=policy.file.name, publisher="参保地政策文件", grade="D")


def _certificate(visit: Visit) -> Condition:
    """Shown at registration (规程 art. 17); it opens nothing while the enrolment is not in force."""
    if visit.enrollment.status_on(visit.on) != "active":
        said = "参保关系不在有效期内，医保码和社会保障卡不能用于结算。"
        return failed("certificate", said, "参保恢复后自动恢复使用，无需另办。", REGULATION)
    said = "就医时请出示医保码或社会保障卡。"
    if visit.also_insured_in:
        said += f"您同时在{visit.also_insured_in}参保，请告知医院按{visit.home}结算。"
    return met("certificate", said, REGULATION)
