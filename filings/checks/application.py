"""Checks of the application: who applies and how they can be reached, documents, the commitment, the referral, the notice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from filings.filing_case import FilingCase
from policies.language.filing_types import Document
from policies.language.terms import PERSON_LABELS, due_on
from policies.language.wording import day, listed
from reviews.checks import (
    Finding,
    Material,
    barred,
    error,
    incomplete,
    info,
    missing,
    not_accepted,
    signed_by_another,
    unreadable,
)

MOBILE = re.compile(r"(\+?86[- ]?)?1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}[- ]?[1-9]\d{6,7}([- ]\d{1,5})?")
WORKING_AGE = 16


def type_is_open(case: FilingCase) -> Finding | None:
    """Some areas do not take a type (lane `closed`, POLICY.md §5)."""
    if case.kind.lane.default != "closed":
        return None
    message = f"{case.insured.area.name}不受理“{case.kind.label}”备案，请改选其他类型或咨询经办机构。"
    return error("type_closed", message, "type", source=case.rules.cite(f"types.{case.type}.lane"))


def person_may_file(case: FilingCase) -> Finding | None:
    """Who may not file this type (FILING_RULES.md: 杭州, children)."""
    rule = case.kind.excludes(case.insured.category, case.insured.insurance)
    if rule is None:
        return None
    message = f"{case.insured.area.name}规定{rule.label}不能办理“{case.kind.label}”，请改选其他类型。"
    return error("person_excluded", message, "type", source=case.rules.cite(f"types.{case.type}.not_for"))


def person_may_be_excluded(case: FilingCase) -> Finding | None:
    """Exclusions the system cannot tell by itself are said to the person and to the reviewer."""
    labels = [rule.label for rule in case.kind.not_for if not rule.persons]
    if not labels:
        return None
    sentence = f"请确认您不属于以下不能办理此类备案的人员：{listed(labels)}。"
    return info("person_to_confirm", sentence, source=case.rules.cite(f"types.{case.type}.not_for"))


def retiree_is_retired(case: FilingCase) -> Finding | None:
    """异地安置退休 is for the retired (规程 art. 7); others who live elsewhere file as residents."""
    if case.type != "retiree" or case.insured.category == "retired":
        return None
    label = next(label for person, label in PERSON_LABELS.items() if person == case.insured.category)
    message = f"“异地安置退休”只适用于退休人员，您的参保身份为{label}，请改选“异地长期居住”。"
    return error("not_retired", message, "type", source="规程 art. 7")


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
        message = "请填写能接通的联系电话：11位手机号，或带区号的固定电话（如 023-63212345）。"
        return error("contact_unreachable", message, "contact_phone", source="RULES.md S-19")
    return None


def documents_are_readable(case: FilingCase) -> Finding | None:
    """Every attached document opens (RULES.md §5.2: blurry or broken materials)."""
    return unreadable(case.materials)


def documents_are_complete(case: FilingCase) -> Finding | None:
    """Each required document, any of its alternatives, or a commitment where one is accepted (规程 art. 7-8)."""
    wanted = tuple(missing_documents(case))
    return incomplete(wanted, case.rules.cite(f"types.{case.type}.documents")) if wanted else None


def missing_documents(case: FilingCase) -> Iterator[Document]:
    """The required documents that nothing handed in, now or with the filing that is changed, stands for."""
    if case.carried:
        return iter(())
    referral = [Material("referral_certificate")] if case.referral else []
    return missing(case.kind.documents, [*case.materials, *referral], case.commitment.kind if case.commitment else "")


def commitment_is_accepted(case: FilingCase) -> Finding | None:
    """A commitment stands in only for what the area lets it, and only for what is not there (RULES.md §2.3)."""
    if case.commitment is None:
        return None
    source, area = case.rules.cite(f"types.{case.type}.documents"), case.insured.area.name
    return not_accepted(case.commitment, case.kind.documents, case.materials, area=area, source=source)


def commitment_is_not_barred(case: FilingCase) -> Finding | None:
    """A broken promise bars new ones for a time (RULES.md §2.3: 24 months)."""
    return barred(case.barred_until, case.filed_on, case.rules.cite("commitment.bar")) if case.commitment else None


def commitment_is_signed_by_the_person(case: FilingCase) -> Finding | None:
    """The letter carries the name of the insured person."""
    return signed_by_another(case.commitment, case.insured.name) if case.commitment else None


def referral_is_valid(case: FilingCase) -> Finding | None:
    """A referral named by the applicant exists, stands, is the person's own, leads there and is young enough (S-30–S-32)."""
    if not case.referral_named and case.referral is None:
        return None
    certificate = case.referral
    if certificate is None or not certificate.same_person:
        message = "没有找到这份转诊证明，请核对编号，或上传医院出具的转诊证明。"
        return error("referral_unknown", message, "referral", source=case.rules.cite("referral.validity"))
    if case.type != "referral":
        return error(
            "referral_not_for_type",
            "转诊证明只用于“异地转诊”备案，请改选该类型。",
            "referral",
            "type",
            source=case.rules.cite("referral.validity"),
        )
    if not certificate.standing or case.starts_on > certificate.valid_until:
        message = f"转诊证明（{certificate.number}）已失效（有效期至{day(certificate.valid_until)}），请由参保地医院重新开具。"
        return error("referral_expired", message, "referral", source=case.rules.cite("referral.validity"))
    if certificate.destination != case.destination.code:
        message = f"转诊证明（{certificate.number}）转往的地区与就医地不一致，请改选就医地或重新开具。"
        return error(
            "referral_elsewhere", message, "referral", "destination", source=case.rules.cite("referral.validity")
        )
    return _too_old(case)


def _too_old(case: FilingCase) -> Finding | None:
    limit = case.rules.referral.paper
    if limit is None or case.referral is None or case.filed_on <= due_on(case.referral.issued_on, limit):
        return None
    message = f"转诊证明开具已超过{limit.label}，请由参保地医院重新开具。"
    return error("referral_too_old", message, "referral", source=case.rules.cite("referral.paper"))


def notice_was_read(case: FilingCase) -> Finding | None:
    """The notice (备案告知书) in its current version was shown and acknowledged (S-19)."""
    if case.notice_current:
        return None
    message = "请先阅读最新版本的备案告知书并确认，再提交。"
    return error("notice_not_read", message, "notice", source="RULES.md S-19")
