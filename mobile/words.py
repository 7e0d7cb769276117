"""The words of the field's codes, handed to the phone pages with the shell, so that models and pages never disagree."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Category, Insurance, Relation
from filings.models import CommitmentStatus, FilingType
from policies.language.terms import CARE_LABELS, CARES, DOCUMENT_LABELS, TRAVEL_LABELS
from policies.language.wording import FUND_LABELS, GRADE_LABELS, LEVEL_LABELS, REFUSAL_LABELS
from reviews.models import Status

Words = dict[str, dict[str, str]]

PAYER_LABELS: dict[str, str] = {
    "pooled": "统筹基金",
    **FUND_LABELS,
    "account": "个人账户",
    "cash": "个人现金",
}


def words() -> Words:
    """One table per kind of code: code → Chinese word."""
    return {
        "type": _labels(FilingType.choices),
        "status": _labels(Status.choices),
        "commitment": _labels(CommitmentStatus.choices),
        "insurance": _labels(Insurance.choices),
        "category": _labels(Category.choices),
        "relation": _labels(Relation.choices),
        "document": _labels(DOCUMENT_LABELS.items()),
        "care": {care: CARE_LABELS[care] for care in CARES},
        "travel": _labels(TRAVEL_LABELS.items()),
        "level": _labels(LEVEL_LABELS.items()),
        "payer": _labels(PAYER_LABELS.items()),
        "refusal": _labels(REFUSAL_LABELS.items()),
        "grade": _labels(GRADE_LABELS.items()),
    }


def _labels(choices: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    return {str(code): str(label) for code, label in choices}
