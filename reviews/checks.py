"""Automatic checks: one pure function per rule; each kind of submission lists its own in the order in which they are shown.

The phone sees the findings before it submits, the reviewer beside the case, the simulated reviewer decides by them.
`error` cannot be submitted and is rejected when it turns up later; `warning` needs a reviewer's eye; `info` is shown only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from core.text import plain_name
from policies.language.filing_types import Document
from policies.language.wording import day, document_label, listed


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """What a check found: a stable code, a Chinese sentence that says what to do, the rule's source, the fields to mend."""

    code: str
    level: Level
    message: str
    source: str = ""
    fields: tuple[str, ...] = ()
    conflict: bool = (
        False  # an error that is 409 rather than 400: another's live submission, not the input, is in the way
    )
    papers: tuple[tuple[str, str], ...] = ()
    """The documents that it asks for, as (kind, label)."""

    def as_json(self) -> dict[str, Any]:
        """As stored with the submission and sent to clients."""
        row = asdict(self)
        del row["conflict"], row["papers"]
        return {**row, "level": str(self.level), "message": str(self.message), "fields": list(self.fields)}


def error(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """It cannot be submitted like this."""
    return Finding(code, Level.ERROR, message, source, fields)


def conflict(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """Another live submission, or a lock, is in the way (409)."""
    return Finding(code, Level.ERROR, message, source, fields, conflict=True)


def warning(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """A reviewer must look at it."""
    return Finding(code, Level.WARNING, message, source, fields)


def info(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """Good to know."""
    return Finding(code, Level.INFO, message, source, fields)


Facts = TypeVar("Facts")


def run(checks: Sequence[Callable[[Facts], Finding | None]], facts: Facts) -> list[Finding]:
    """Run the checks over the facts, worst first, else in their order."""
    order = list(Level)
    findings = [finding for check in checks if (finding := check(facts)) is not None]
    return sorted(findings, key=lambda finding: order.index(finding.level))


# Documents as the checks of any kind see them: attached, missing, broken, or promised by a commitment (承诺书, RULES.md §2.3).

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


STATEMENT = Document(kind="injury_statement")
"""That no third party is liable for an injury (无第三方责任承诺书)."""


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
    papers = list(documents)
    wishes = [f"{each.label}，暂时没有可签个人承诺书" if each.commitment else each.label for each in papers]
    if not wishes:
        return None
    found = error("documents_missing", f"还缺少：{'；'.join(wishes)}。请上传后再提交。", "materials", source=source)
    return replace(found, papers=tuple((each.kind, each.label) for each in papers))


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
    if plain_name(commitment.signed_name) == plain_name(name):
        return None
    message = "承诺书签名与参保人姓名不一致，请填写参保人的完整姓名。"
    return error("signed_name_differs", message, "commitment.signed_name", source="RULES.md §5.1")
