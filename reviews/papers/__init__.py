"""A paper of a submission as a PDF set by Typst: a receipt (回执), or a form that is filled in and waits for signatures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.languages import SOURCE
from core.printing import as_text, set_in_type

TEMPLATE = Path(__file__).parent / "paper.typ"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What stands on it, as Chinese texts with the names in them marked (`core.printing.Kept`). `blanks`: boxes to sign in; `issuer`, `issued`: who gave it, and when; `notes` stand below."""

    title: str
    number: str
    rows: list[tuple[str, str]]
    issuer: str = ""
    issued: str = ""
    blanks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def pdf(self, language: str = SOURCE) -> bytes:
        """Set by Typst for who reads that language."""
        return set_in_type(TEMPLATE, asdict(self), language)


def filled(rows: Iterable[tuple[object, object]]) -> list[tuple[str, str]]:
    """Rows as texts, without those of which nothing is known."""
    return [(str(label), as_text(text)) for label, text in rows if str(text)]
