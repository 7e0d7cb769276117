"""Checks of what is handed in: documents, the commitment in their place, the referral, the notice."""

from __future__ import annotations

from collections.abc import Iterator

from filings.checks.findings import error
from filings.filing_case import FilingCase
from filings.wording import document_label, listed
from regions.policy.filing_types import Document
from regions.policy.terms import due_on
from regions.policy.wording import day
from reviews.checks import Finding, check

# The application itself is the form; who applies was verified against the register (the insurance code is its card).
ONLINE = frozenset({"filing_form", "certificate"})


@check("filing")
def documents_are_readable(case: FilingCase) -> Finding | None:
    """Every attached document opens (RULES.md §5.2: blurry or broken materials)."""
    if all(paper.readable for paper in case.papers):
        return None
    broken = listed(dict.fromkeys(document_label(paper.kind) for paper in case.papers if not paper.readable))
    return error("material_unreadable", f"{broken}无法打开，请重新拍照或换一个文件上传。", "materials")


@check("filing")
def documents_are_complete(case: FilingCase) -> Finding | None:
    """Each required document, any of its alternatives, or a commitment where one is accepted (规程 art. 7-8)."""
    missing = [_wish(document) for document in missing_documents(case)]
    if not missing:
        return None
    said = f"还缺少：{'；'.join(missing)}。请上传后再提交。"
    return error("documents_missing", said, "materials", source=case.cite(f"types.{case.type}.documents"))


def missing_documents(case: FilingCase) -> Iterator[Document]:
    """The required documents that nothing handed in, now or with the filing that is changed, stands for."""
    if case.carried:
        return
    given = {paper.kind for paper in case.papers if paper.readable} | ONLINE
    if case.referral:
        given.add("referral_certificate")
    for document in case.kind.documents:
        if document.required and not given & set(document.kinds) and promised(case) != document:
            yield document


def promised(case: FilingCase) -> Document | None:
    """The document for which the commitment stands in; None: there is none, or it may not."""
    if case.promise is None:
        return None
    wanted = (d for d in case.kind.documents if d.commitment and case.promise.kind in d.kinds)
    return next(wanted, None)


def _wish(document: Document) -> str:
    return document.label + ("，暂时没有可签个人承诺书" if document.commitment else "")


@check("filing")
def commitment_is_accepted(case: FilingCase) -> Finding | None:
    """A commitment stands in only for what the area lets it, and only for what is not there (RULES.md §2.3)."""
    if case.promise is None:
        return None
    document, source = promised(case), case.cite(f"types.{case.type}.documents")
    if document is None:
        said = f"{case.insured.area.name}不接受以承诺代替“{document_label(case.promise.kind)}”，请上传材料。"
        return error("commitment_not_accepted", said, "commitment", source=source)
    if any(paper.kind in document.kinds and paper.readable for paper in case.papers):
        said = f"已上传{document.label}，不需要再签承诺书，请去掉承诺后提交。"
        return error("commitment_not_needed", said, "commitment", source=source)
    return None


@check("filing")
def commitment_is_not_barred(case: FilingCase) -> Finding | None:
    """A broken promise bars new ones for a time (RULES.md §2.3: 24 months)."""
    if case.promise is None or case.barred_until is None or case.filed_on > case.barred_until:
        return None
    said = f"此前的承诺未按期履行，{day(case.barred_until)}前不能再以承诺方式备案，请上传材料。"
    return error("commitment_barred", said, "commitment", source=case.cite("commitment.bar"))


@check("filing")
def commitment_is_signed_by_the_person(case: FilingCase) -> Finding | None:
    """The letter carries the name of the insured person."""
    if case.promise is None or _plain(case.promise.signed_name) == _plain(case.insured.name):
        return None
    said = "承诺书签名与参保人姓名不一致，请填写参保人的完整姓名。"
    return error("signed_name_differs", said, "commitment.signed_name", source="RULES.md §5.1")


def _plain(name: str) -> str:
    """A name without spaces, and with one kind of dot (买买提·阿不都)."""
    return "".join(name.split()).translate({ord(dot): "·" for dot in "•・‧∙."}).casefold()


@check("filing")
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


@check("filing")
def notice_was_read(case: FilingCase) -> Finding | None:
    """The notice (备案告知书) in its current version was shown and acknowledged (S-19)."""
    if case.notice_current:
        return None
    said = "请先阅读最新版本的备案告知书并确认，再提交。"
    return error("notice_not_read", said, "notice", source="RULES.md S-19")
