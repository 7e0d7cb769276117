"""Documents as the checks see them: what is attached to a submission, what of the required is missing or broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.prepared import Param, PreparedQuery
from policies.language.filing_types import Document
from reviews.bodies import DocumentShape
from reviews.checks import Finding, error
from reviews.models import Material
from reviews.wording import document_label, listed

# The application itself is the form; who applies was verified against the register (the insurance code is its card).
ONLINE = frozenset({"filing_form", "chronic_form", "certificate"})


@dataclass(frozen=True, slots=True)
class Paper:
    """A document attached to the submission; `readable` once it was made safe."""

    kind: str
    readable: bool = True


ATTACHED = PreparedQuery(
    lambda: (
        Material.objects.filter(submission__any=Param("submissions"))
        .exclude(status=Material.State.PROCESSING)
        .values_list("submission_id", "kind", "status")
    )
)


def papers_of(submissions: Iterable[Any]) -> dict[Any, list[Paper]]:
    """The attached documents, by submission; those still being made safe are not there yet."""
    found: dict[Any, list[Paper]] = defaultdict(list)
    for submission, kind, status in ATTACHED(submissions=[*submissions]):
        found[submission].append(Paper(kind, readable=status == Material.State.READY))
    return found


def unreadable(papers: Iterable[Paper]) -> Finding | None:
    """A document that does not open (RULES.md §5.2: blurry or broken materials)."""
    broken = dict.fromkeys(document_label(paper.kind) for paper in papers if not paper.readable)
    if not broken:
        return None
    return error("material_unreadable", f"{listed(broken)}无法打开，请重新拍照或换一个文件上传。", "materials")


def missing(documents: Iterable[Document], papers: Iterable[Paper], promise: str = "") -> Iterator[Document]:
    """The required documents for which neither a paper nor an accepted promise (of the kind) stands."""
    given = {paper.kind for paper in papers if paper.readable} | ONLINE
    excused = promised(documents := tuple(documents), promise)
    for document in documents:
        if document.required and not given & set(document.kinds) and document != excused:
            yield document


def promised(documents: Iterable[Document], kind: str) -> Document | None:
    """The document for which a promise of this kind stands in; None: there is none, or it may not."""
    return next((document for document in documents if document.commitment and kind in document.kinds), None)


def incomplete(documents: Iterable[Document], source: str) -> Finding | None:
    """What to say of the missing documents; None: nothing is missing."""
    wishes = [each.label + ("，暂时没有可签个人承诺书" if each.commitment else "") for each in documents]
    if not wishes:
        return None
    return error("documents_missing", f"还缺少：{'；'.join(wishes)}。请上传后再提交。", "materials", source=source)


def asked_for(document: Document) -> DocumentShape:
    """One document as clients see it; what is verified online anyway is not required."""
    return {
        "kind": document.kind,
        "label": document.label,
        "required": document.required and document.kind not in ONLINE,
        "alternatives": list(document.stand_ins),
        "alternative_labels": {other.kind: other.label for other in document.alternatives},
        "note": document.note,
    }
