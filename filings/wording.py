"""How the rules of filings are said in Chinese, beside what all submissions say (`reviews.wording`)."""

from __future__ import annotations

from policies.language.filing_types import Lock, Validity
from reviews.wording import document_label, listed

__all__ = ["document_label", "listed", "lock", "validity"]


def validity(rule: Validity) -> str:
    """How long a filing counts, in one line."""
    bounds = [
        f"自选结束日不少于{rule.at_least.label}" if rule.at_least else "",
        f"最长{rule.at_most.label}" if rule.at_most else "",
        f"以承诺方式备案的{rule.by_commitment.label}" if rule.by_commitment else "",
    ]
    return "；".join([rule.label, *filter(None, bounds)])


def lock(rule: Lock) -> str:
    """When a filing may be changed and cancelled, in one line."""
    if rule.change is None and rule.cancel is None:
        return rule.label
    whom = "以承诺方式备案的，" if rule.commitment_only else ""
    return f"{whom}{rule.label}" + ("，提交证明材料的除外" if rule.waived_by_documents else "")
