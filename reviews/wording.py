"""How days, documents and lists are said in Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from regions.policy.terms import DOCUMENT_LABELS


def day(value: date) -> str:
    """2026-11-21 → 2026年11月21日."""
    return f"{value.year}年{value.month}月{value.day}日"


def document_label(kind: str) -> str:
    """The name of a kind of document; the kind itself for one the rules do not know."""
    return next((label for known, label in DOCUMENT_LABELS.items() if known == kind), kind)


def listed(words: Iterable[str]) -> str:
    return "、".join(words)
