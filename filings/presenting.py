"""Filings and proofs as clients and reviewers see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Role
from core.sealing import mask_id_number, mask_name, mask_phone
from filings.bodies import AgentShape, CommitmentShape, FilingColumns, FilingRest, ProofColumns, StayShape
from filings.filing_case import Stay, type_of
from filings.models import Filing, FilingAgent, FilingType, Proof
from policies.language.wording import day, document_label, listed
from reviews.checks import STATEMENT
from reviews.presenting import Whole


def row(filing: Filing) -> FilingColumns:
    """What a list shows of a filing; its joins are `destination` and `commitment`."""
    return {
        "type": filing.type,
        "type_label": str(
            FilingType(filing.type).label
        ),  # Django's own way looks at every type of the list, in each row
        "destination": filing.destination_id,
        "destination_name": filing.destination.name,
        "starts_on": filing.starts_on,
        "ends_on": filing.ends_on,
        "valid_from": filing.valid_from,
        "valid_until": filing.valid_until,
        "lane": filing.lane,
        "travel": filing.travel,
        "filed_by": filing.filed_by,
        "predecessor": str(filing.predecessor_id) if filing.predecessor_id else None,
        "report_by": filing.report_by,
        "locked_until": max(filter(None, (filing.change_locked_until, filing.cancel_locked_until)), default=None),
        "lock": {"change_until": filing.change_locked_until, "cancel_until": filing.cancel_locked_until},
        "commitment": commitment(filing),
    }


def commitment(filing: Filing) -> CommitmentShape | None:
    """The commitment of a filing: what, by when, how it stands."""
    signed = filing.signed
    if signed is None:
        return None
    label = document_label(signed.kind)
    return {"kind": signed.kind, "label": label, "due_on": signed.due_on, "status": signed.status}


def detail(filing: Filing, account: Account, whole: Whole) -> Mapping[str, Any]:
    """What one filing shows besides: contact in full to those who file, masked to everyone else."""
    own = account.role == Role.CITIZEN
    shown: FilingRest = {
        "contact_name": filing.contact_name if own else mask_name(filing.contact_name),
        "contact_phone": filing.contact_phone if own else mask_phone(filing.contact_phone),
        "address": filing.address if own else "",
        "injury": filing.injury,
        "notice": str(filing.notice_id) if filing.notice_id else None,
        "institutions": filing.chosen_codes if whole.institutions is None else whole.institutions,
        "makes_up_for": _stay(filing) if filing.makes_up_for else None,
        "agent": None if filing.mandate_id else _agent(FilingAgent.objects.filter(filing=filing).first()),
    }
    signed = filing.signed
    if signed is None or not own:
        return shown
    return {**shown, "commitment": {**(commitment(filing) or {}), "signed_name": signed.signed_name}}


def _stay(filing: Filing) -> StayShape | None:
    stay = Stay.read(filing.makes_up_for)
    return {"institution": stay.institution, "admitted_on": stay.admitted_on} if stay else None


def _agent(agent: FilingAgent | None) -> AgentShape | None:
    """An agent is shown masked, to the person too."""
    if agent is None:
        return None
    return {
        "name": mask_name(agent.name),
        "id_number": mask_id_number(agent.id_number),
        "phone": mask_phone(agent.phone),
        "relation": agent.relation,
    }


def described(filing: Filing, *, unmasked: bool = False) -> Iterator[tuple[Any, Any]]:
    """What a filing is about, for the reviewer's page; `unmasked`: how people can be reached in full."""
    yield _("备案类型"), filing.get_type_display()
    yield _("就医地"), filing.destination.name
    yield _("起止日期"), period(filing.starts_on, filing.ends_on)
    if filing.valid_from:
        yield _("有效期"), period(filing.valid_from, filing.valid_until)
    yield _("联系人"), " ".join(_reached_at(filing.contact_name, filing.contact_phone, unmasked))
    if filing.address:
        yield _("就医地住址"), filing.address if unmasked else _("已填写")
    if filing.injury:
        yield _("因外伤就医"), _("是")
    yield _("证明方式"), filing.get_filed_by_display()
    if signed := commitment(filing):
        unlimited = _("不限期") if filing.valid_from else _("备案通过后起算")
        due = _("应于%s前补齐") % day(signed["due_on"]) if signed["due_on"] else unlimited
        yield _("承诺"), f"{signed['label']}，{due}"
    yield from _described_beside(filing, unmasked)


def _reached_at(name: str, phone: str, unmasked: bool) -> tuple[str, str]:
    return (name, phone) if unmasked else (mask_name(name), mask_phone(phone))


def _described_beside(filing: Filing, unmasked: bool) -> Iterator[tuple[Any, Any]]:
    chosen = [institution.name for institution in filing.institutions.all()]
    if chosen:
        yield _("选定医疗机构"), listed(chosen)
    if stay := Stay.read(filing.makes_up_for):
        yield _("补办的就诊"), _("%s入院") % day(stay.admitted_on)
    if filing.notice:
        yield _("已阅读告知书"), str(filing.notice)
    if filing.predecessor:
        yield _("变更自"), filing.predecessor.number
    if agent := FilingAgent.objects.filter(filing=filing).first():
        name, phone = _reached_at(agent.name, agent.phone, unmasked)
        yield _("代办人"), f"{name}（{agent.get_relation_display()}）{phone}"


def period(first: date, last: date | None) -> str:
    """2026年11月21日 至 2027年5月20日, or open-ended."""
    return f"{day(first)} 至 {day(last)}" if last else f"{day(first)} 起"


def correctable(filing: Filing) -> list[tuple[str, Any]]:
    """What a reviewer may mark: the fields of the form, and the documents of this type by kind."""
    fields = [
        ("destination", _("就医地")),
        ("type", _("备案类型")),
        ("starts_on", _("开始日期")),
        ("ends_on", _("结束日期")),
        ("contact_phone", _("联系电话")),
        ("address", _("就医地住址")),
        ("commitment", _("个人承诺书")),
    ]
    documents = filing.rules.types[type_of(filing.type)].documents
    if filing.injury:
        documents = (*documents, STATEMENT)
    return fields + [(document.kind, document.label) for document in documents if document.kind != "filing_form"]


def proof_row(proof: Proof) -> ProofColumns:
    """What a list shows of a proof; its join is `proves`."""
    return {"filing": str(proof.proves_id), "filing_number": proof.proves.number}


def proof_described(proof: Proof) -> Iterator[tuple[Any, Any]]:
    """What a proof is about: the filing, and what was promised."""
    filing = proof.proves
    yield _("备案"), filing.number
    yield _("备案类型"), filing.get_type_display()
    yield _("就医地"), filing.destination.name
    if signed := commitment(filing):
        yield _("承诺补充的材料"), signed["label"]
