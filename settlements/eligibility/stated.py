"""The conditions on what is stated of a visit: an injury, a newborn, childbirth; only what is stated is judged (RULES.md §2.5)."""

from __future__ import annotations

from policies.language.filing_rules import rule_stated
from policies.language.filing_types import Source
from policies.language.wording import sentence
from settlements.eligibility.condition import Condition, agency_text, call_agency, failed, met
from settlements.eligibility.visit import Visit

KINDS = {"injury": "外伤", "newborn": "随母亲就医的新生儿", "maternity": "生育住院"}
CLAIM = "请先自费就医，再持票据回参保地申请手工报销。"


def stated_conditions(visit: Visit) -> list[Condition]:
    """Whether each kind that is stated is settled directly, and of an injury that no third party is liable."""
    conditions = [_settled(visit, fact) for fact in KINDS if visit.stated.get(fact)]
    if visit.stated.get("injury") and visit.rules.injury.statement:
        conditions.append(_statement(visit))
    return conditions


def _settled(visit: Visit, fact: str) -> Condition:
    """An area's rule on this kind of care elsewhere; at home its own contracts count instead."""
    rule, what, source = rule_stated(visit.rules, fact), KINDS[fact], _source(visit, fact)
    note = sentence(rule.note) if rule and rule.note else ""
    if visit.at_home:
        return met(fact, f"{what}在参保地就医，按当地规定结算。")
    if fact not in visit.closed:
        return met(fact, f"{visit.home}的{what}可以跨省直接结算。{note}", source)
    remedy = f"{CLAIM}如有疑问，请询问{agency_text(visit)}。"
    if rule is None:
        message = f"没有查到{visit.home}对{what}跨省直接结算的规定。"
        return failed(fact, message, remedy, None, call_agency(visit))
    return failed(fact, f"{visit.home}的{what}不跨省直接结算。{note}", remedy, source, call_agency(visit))


def _statement(visit: Visit) -> Condition:
    """Signed at the till, or handed in with the filing."""
    source = visit.rules.source_of("injury")
    if visit.injury_stated:
        return met("injury_statement", "已承诺无第三方责任。", source)
    remedy = "没有第三方责任的，请在医院签署外伤无第三方责任承诺书，或随备案上传；有第三方责任的，由责任方负担，医保不予支付。"
    return failed("injury_statement", "外伤就医还没有承诺无第三方责任。", remedy, source)


def _source(visit: Visit, fact: str) -> Source | None:
    return visit.rules.source_of({"newborn": "newborns"}.get(fact, fact))
