"""Which decisions are looked at again: drawn as they are written, the same for whoever draws again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account, Role
from core.prepared import prepared
from reviews.lifecycle import Case
from reviews.models import Decision, SecondReview, SecondReviewRule, Why

PARTS = 10_000


def drawn(decision: Any, share: int) -> bool:
    """Whether a decision's id falls into a share (per cent): SHA-256 of the 32 hex digits, its first 8 digits modulo 10 000, below 100 × share."""
    digest = hashlib.sha256(decision.hex.encode()).hexdigest()
    return int(digest[:8], 16) % PARTS < share * PARTS // 100


def draw(cases: Sequence[Case]) -> None:
    """Add the second reviews of the decisions that are about to be written, as each area's rule says.

    What no reviewer decided is nobody's work; what simulated reviewers decide counts only where the rule says so.
    """
    made = [(case, row) for case in cases for row in case.rows if isinstance(row, Decision) and row.reviewer]
    areas = list({case.submission.area_id for case, _row in made})
    rules = {rule.area_id: rule for rule in _rules(areas=areas)} if areas else {}
    for case, decision in made:
        rule = rules.get(case.submission.area_id)
        why = _why(rule, decision) if rule else None
        if why:
            area = case.submission.area_id
            case.add(SecondReview(decision=decision, area_id=area, why=why, drawn_at=decision.decided_at))


@prepared
def _rules(*, areas: list[str]) -> QuerySet[SecondReviewRule]:
    return SecondReviewRule.objects.filter(area__any=areas).order_by()


def _why(rule: SecondReviewRule, decision: Decision) -> Why | None:
    reviewer = decision.reviewer
    assert reviewer is not None
    if reviewer.role == Role.SIMULATED:
        return Why.SAMPLED if rule.simulated and drawn(decision.pk, rule.share) else None
    if _is_new(rule, reviewer, decision):
        return Why.NEW_REVIEWER
    return Why.SAMPLED if drawn(decision.pk, rule.share) else None


def _is_new(rule: SecondReviewRule, reviewer: Account, decision: Decision) -> bool:
    """By how many the reviewer has decided before, or by the days since the first of them."""
    if not (rule.new_decisions or rule.new_days):
        return False
    before = Decision.objects.filter(reviewer=reviewer)
    if before.order_by().values("pk")[: rule.new_decisions].count() < rule.new_decisions:
        return True
    first = before.order_by("decided_at").values_list("decided_at", flat=True).first()
    return rule.new_days > 0 and (first is None or decision.decided_at < first + timedelta(days=rule.new_days))
