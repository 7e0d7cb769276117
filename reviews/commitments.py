"""A signed commitment (承诺书, RULES.md §2.3) in place of a document, as the checks of any kind see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from policies.language.filing_types import Document
from policies.language.wording import day
from reviews.checks import Finding, error
from reviews.documents import Paper, promised
from reviews.wording import document_label


@dataclass(frozen=True, slots=True)
class Promise:
    """A signed commitment (承诺书) to supply a document of `kind` later."""

    kind: str
    signed_name: str


def not_accepted(
    promise: Promise, documents: Iterable[Document], papers: Iterable[Paper], *, area: str, source: str
) -> Finding | None:
    """A commitment stands in only for what the area lets it, and only for what is not there."""
    document = promised(documents, promise.kind)
    if document is None:
        said = f"{area}不接受以承诺代替“{document_label(promise.kind)}”，请上传材料。"
        return error("commitment_not_accepted", said, "commitment", source=source)
    if any(paper.kind in document.kinds and paper.readable for paper in papers):
        said = f"已上传{document.label}，不需要再签承诺书，请去掉承诺后提交。"
        return error("commitment_not_needed", said, "commitment", source=source)
    return None


def barred(until: date | None, on: date, source: str) -> Finding | None:
    """A broken promise bars new ones for a time (RULES.md §2.3: 24 months)."""
    if until is None or on > until:
        return None
    said = f"此前的承诺未按期履行，{day(until)}前不能再以承诺方式备案，请上传材料。"
    return error("commitment_barred", said, "commitment", source=source)


def signed_by_another(promise: Promise, name: str) -> Finding | None:
    """The letter carries the name of the insured person."""
    if _plain(promise.signed_name) == _plain(name):
        return None
    said = "承诺书签名与参保人姓名不一致，请填写参保人的完整姓名。"
    return error("signed_name_differs", said, "commitment.signed_name", source="RULES.md §5.1")


def _plain(name: str) -> str:
    """A name without spaces, and with one kind of dot (买买提·阿不都)."""
    return "".join(name.split()).translate({ord(dot): "·" for dot in "•・‧∙."}).casefold()
