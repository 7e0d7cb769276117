"""Checks of a proof: the promised document, while the filing still stands."""

from __future__ import annotations

from dataclasses import dataclass

from reviews.checks import Finding, error
from reviews.documents import Paper, unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCase:
    """A proof (承诺补充材料): what was promised, `kinds` that satisfy it, what was handed in, and where the filing stands."""

    label: str
    kinds: frozenset[str]
    papers: tuple[Paper, ...]
    filing_live: bool
    open: bool


def promise_is_open(case: ProofCase) -> Finding | None:
    """Only an open commitment of a filing that counts can be redeemed."""
    if case.filing_live and case.open:
        return None
    return error("commitment_not_open", "该备案没有待履行的承诺，无需补交材料。", "filing", source="RULES.md §2.3")


def proof_is_readable(case: ProofCase) -> Finding | None:
    """Every attached document opens."""
    return unreadable(case.papers)


def promised_document_is_there(case: ProofCase) -> Finding | None:
    """One of the documents that satisfy the promise."""
    if any(paper.readable and paper.kind in case.kinds for paper in case.papers):
        return None
    return error("documents_missing", f"请上传承诺补交的材料：{case.label}。", "materials", source="RULES.md §2.3")


CHECKS = (promise_is_open, proof_is_readable, promised_document_is_there)
