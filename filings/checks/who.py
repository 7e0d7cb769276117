"""Checks of the person: who may file which type, how they can be reached."""

from __future__ import annotations

import re

from filings.filing_case import FilingCase
from filings.wording import listed
from policies.language.terms import PERSON_LABELS
from reviews.checks import Finding, error, info

MOBILE = re.compile(r"(\+?86[- ]?)?1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}[- ]?[1-9]\d{6,7}([- ]\d{1,5})?")
WORKING_AGE = 16


def type_is_open(case: FilingCase) -> Finding | None:
    """Some areas do not take a type (lane `closed`, POLICY.md §5)."""
    if case.kind.lane.default != "closed":
        return None
    said = f"{case.insured.area.name}不受理“{case.kind.label}”备案，请改选其他类型或咨询经办机构。"
    return error("type_closed", said, "type", source=case.cite(f"types.{case.type}.lane"))


def person_may_file(case: FilingCase) -> Finding | None:
    """Who may not file this type (FILING_RULES.md: 杭州, children)."""
    rule = case.kind.excludes(case.insured.category, case.insured.insurance)
    if rule is None:
        return None
    said = f"{case.insured.area.name}规定{rule.label}不能办理“{case.kind.label}”，请改选其他类型。"
    return error("person_excluded", said, "type", source=case.cite(f"types.{case.type}.not_for"))


def person_may_be_excluded(case: FilingCase) -> Finding | None:
    """Exclusions the system cannot tell by itself are said to the person and to the reviewer."""
    said = [rule.label for rule in case.kind.not_for if not rule.persons]
    if not said:
        return None
    sentence = f"请确认您不属于以下不能办理此类备案的人员：{listed(said)}。"
    return info("person_to_confirm", sentence, source=case.cite(f"types.{case.type}.not_for"))


def retiree_is_retired(case: FilingCase) -> Finding | None:
    """异地安置退休 is for the retired (规程 art. 7); others who live elsewhere file as residents."""
    if case.type != "retiree" or case.insured.category == "retired":
        return None
    label = next(label for person, label in PERSON_LABELS.items() if person == case.insured.category)
    said = f"“异地安置退休”只适用于退休人员，您的参保身份为{label}，请改选“异地长期居住”。"
    return error("not_retired", said, "type", source="规程 art. 7")


def worker_is_of_age(case: FilingCase) -> Finding | None:
    """Nobody under 16 works (劳动法 art. 15)."""
    if case.type != "worker" or case.insured.age >= WORKING_AGE:
        return None
    return error(
        "not_of_working_age",
        "未满16周岁不能办理“常驻异地工作”，请改选“异地长期居住”。",
        "type",
        source="劳动法 art. 15",
    )


def is_reachable(phone: str) -> bool:
    """A mobile (1[3-9] and nine digits, with or without +86) or a landline with its area code and an extension."""
    return bool(MOBILE.fullmatch(phone) or LANDLINE.fullmatch(phone))


def contact_is_reachable(case: FilingCase) -> Finding | None:
    """The agency must be able to ask (RULES.md §5.1 no. 5)."""
    if not case.contact_name.strip():
        return error("contact_missing", "请填写联系人姓名。", "contact_name", source="RULES.md S-19")
    if not is_reachable(case.contact_phone.strip()):
        said = "请填写能接通的联系电话：11位手机号，或带区号的固定电话（如 023-63212345）。"
        return error("contact_unreachable", said, "contact_phone", source="RULES.md S-19")
    return None
