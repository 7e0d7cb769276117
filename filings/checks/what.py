"""Checks of what is handed in: documents, the commitment in their place, the referral, the notice."""

from __future__ import annotations

from collections.abc import Iterator

from filings.filing_case import FilingCase
from policies.language.filing_types import Document
from policies.language.terms import due_on
from policies.language.wording import day
from reviews.checks import Finding, error
from reviews.commitments import barred, not_accepted, signed_by_another
from reviews.documents import Paper, incomplete, missing, unreadable


def documents_are_readable(case: FilingCase) -> Finding | None:
    """Every attached document opens (RULES.md §5.2: blurry or broken materials)."""
    return unreadable(case.papers)


def documents_are_complete(case: FilingCase) -> Finding | None:
    """Each required document, any of its alternatives, or a commitment where one is accepted (规程 art. 7-8)."""
    return incomplete(missing_documents(case), case.cite(f"types.{case.type}.documents"))


def missing_documents(case: FilingCase) -> Iterator[Document]:
    """The required documents that nothing handed in, now or with the filing that is changed, stands for."""
    if case.carried:
        return iter(())
    referral = [Paper("referral_certificate")] if case.referral else []
    return missing(case.kind.documents, [*case.papers, *referral], case.promise.kind if case.promise else "")


def commitment_is_accepted(case: FilingCase) -> Finding | None:
    """A commitment stands in only for what the area lets it, and only for what is not there (RULES.md §2.3)."""
    if case.promise is None:
        return None
    source, area = case.cite(f"types.{case.type}.documents"), case.insured.area.name
    return not_accepted(case.promise, case.kind.documents, case.papers, area=area, source=source)


def commitment_is_not_barred(case: FilingCase) -> Finding | None:
    """A broken promise bars new ones for a time (RULES.md §2.3: 24 months)."""
    return barred(case.barred_until, case.filed_on, case.cite("commitment.bar")) if case.promise else None


def commitment_is_signed_by_the_person(case: FilingCase) -> Finding | None:
    """The letter carries the name of the insured person."""
    return signed_by_another(case.promise, case.insured.name) if case.promise else None


def referral_is_valid(case: FilingCase) -> Finding | None:
    """A referral named by the applicant exists, stands, is the person's own, leads there and is young enough (S-30–S-32)."""
    if not case.referral_asked and case.referral is None:
        return None
    paper, source = case.referral, case.cite("referral.validity")
    if paper is None or not paper.same_person:
        said = "没有找到这份转诊证明，请核对编号，或上传医院出具的转诊证明。"
        return error("referral_unknown", said, "referral", source=source)
    if case.type != "referral":
        return error(
            "referral_not_for_type", "转诊证明只用于“异地转诊”备案，请改选该类型。", "referral", "type", source=source
        )
    if not paper.standing or case.starts_on > paper.valid_until:
        said = f"转诊证明（{paper.number}）已失效（有效期至{day(paper.valid_until)}），请由参保地医院重新开具。"
        return error("referral_expired", said, "referral", source=source)
    if paper.destination != case.destination.code:
        said = f"转诊证明（{paper.number}）转往的地区与就医地不一致，请改选就医地或重新开具。"
        return error("referral_elsewhere", said, "referral", "destination", source=source)
    return _too_old(case)


def _too_old(case: FilingCase) -> Finding | None:
    limit = case.rules.referral.paper
    if limit is None or case.referral is None or case.filed_on <= due_on(case.referral.issued_on, limit):
        return None
    said = f"转诊证明开具已超过{limit.label}，请由参保地医院重新开具。"
    return error("referral_too_old", said, "referral", source=case.cite("referral.paper"))


def notice_was_read(case: FilingCase) -> Finding | None:
    """The notice (备案告知书) in its current version was shown and acknowledged (S-19)."""
    if case.notice_current:
        return None
    said = "请先阅读最新版本的备案告知书并确认，再提交。"
    return error("notice_not_read", said, "notice", source="RULES.md S-19")
