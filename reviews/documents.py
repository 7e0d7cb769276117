"""Documents as the checks of any kind see them: attached, missing, broken, or promised by a commitment (承诺书, RULES.md §2.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.language.filing_types import Document
from policies.language.wording import day, document_label, listed
from reviews import models
from reviews.bodies import DocumentShape
from reviews.case import Case
from reviews.checks import Finding, error

# The application itself is the form; who applies was verified against the register (the insurance code is its card).
ONLINE = frozenset({"filing_form", "chronic_form", "certificate"})


@dataclass(frozen=True, slots=True)
class Material:
    """A document attached to the submission; `readable` once it was made safe."""

    kind: str
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Commitment:
    """A signed commitment (承诺书) to supply a document of `kind` later."""

    kind: str
    signed_name: str


def materials_of(cases: Sequence[Case]) -> dict[Any, list[Material]]:
    """The attached documents, by submission; those still being made safe are not there yet."""
    known = [(case.submission.pk, row) for case in cases for row in case.materials or ()]
    stored = [case.submission.pk for case in cases if case.materials is None]
    attached = models.Material.objects.attached_to(stored) if stored else []
    materials: dict[Any, list[Material]] = defaultdict(list)
    for key, row in [*known, *((row.submission_id, row) for row in attached)]:
        if row.status != models.Material.State.PROCESSING:
            materials[key].append(Material(row.kind, readable=row.status == models.Material.State.READY))
    return materials


def unreadable(materials: Iterable[Material]) -> Finding | None:
    """A document that does not open (RULES.md §5.2: blurry or broken materials)."""
    broken = dict.fromkeys(document_label(material.kind) for material in materials if not material.readable)
    if not broken:
        return None
    return error("material_unreadable", f"{listed(broken)}无法打开，请重新拍照或换一个文件上传。", "materials")


def missing(documents: Iterable[Document], materials: Iterable[Material], commitment: str = "") -> Iterator[Document]:
    """The required documents for which neither a material nor an accepted commitment (of the kind) stands."""
    given = {material.kind for material in materials if material.readable} | ONLINE
    excused = committed(documents := tuple(documents), commitment)
    for document in documents:
        if document.required and not given & set(document.kinds) and document != excused:
            yield document


def committed(documents: Iterable[Document], kind: str) -> Document | None:
    """The document for which a commitment of this kind stands in; None: there is none, or it may not."""
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


STATEMENT = Document(kind="injury_statement")
"""That no third party is liable for an injury (无第三方责任承诺书)."""


def not_accepted(
    commitment: Commitment, documents: Iterable[Document], materials: Iterable[Material], *, area: str, source: str
) -> Finding | None:
    """A commitment stands in only for what the area lets it, and only for what is not there."""
    document = committed(documents, commitment.kind)
    if document is None:
        message = f"{area}不接受以承诺代替“{document_label(commitment.kind)}”，请上传材料。"
        return error("commitment_not_accepted", message, "commitment", source=source)
    if any(material.kind in document.kinds and material.readable for material in materials):
        message = f"已上传{document.label}，不需要再签承诺书，请去掉承诺后提交。"
        return error("commitment_not_needed", message, "commitment", source=source)
    return None


def barred(until: date | None, on: date, source: str) -> Finding | None:
    """A broken commitment bars new ones for a time (RULES.md §2.3: 24 months)."""
    if until is None or on > until:
        return None
    message = f"此前的承诺未按期履行，{day(until)}前不能再以承诺方式备案，请上传材料。"
    return error("commitment_barred", message, "commitment", source=source)


def signed_by_another(commitment: Commitment, name: str) -> Finding | None:
    """The letter carries the name of the insured person."""
    if _plain(commitment.signed_name) == _plain(name):
        return None
    message = "承诺书签名与参保人姓名不一致，请填写参保人的完整姓名。"
    return error("signed_name_differs", message, "commitment.signed_name", source="RULES.md §5.1")


def _plain(name: str) -> str:
    """A name without spaces, and with one kind of dot (买买提·阿不都)."""
    return "".join(name.split()).translate({ord(dot): "·" for dot in "•・‧∙."}).casefold()
