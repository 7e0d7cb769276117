"""How days, documents and lists are said in Chinese."""

from __future__ import annotations

from collections.abc import Iterable

from policies.language.terms import DOCUMENT_LABELS


def document_label(kind: str) -> str:
    """The name of a kind of document; the kind itself for one the rules do not know."""
    return next((label for known, label in DOCUMENT_LABELS.items() if known == kind), kind)


def listed(words: Iterable[str]) -> str:
    return "、".join(words)
