"""The agency's deadlines for each kind of submission, as the insured area's policy sets them (POLICY.md §5, review)."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, cast

from core import clock
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules, ReviewKind
from regions import calendar
from regions.calendar import Due

if TYPE_CHECKING:
    from reviews.models import Submission

A_MONTH = 30


def review_due(submission: Submission, at: datetime) -> Due:
    """The deadline of a stage that begins at `at`: the area's working days for this kind, its close of business."""
    review = rules_for(submission.area_id, at.astimezone(clock.SHANGHAI).date()).review
    days = review.working_days(cast(ReviewKind, str(submission.kind)), submission.stage)
    return calendar.due(at, days, submission.area_id, close=time.fromisoformat(review.close_of_business))


def correction_days(rules: FilingRules) -> int:
    """Days to answer a return for correction (30 where the area says nothing)."""
    span = rules.review.correction
    return span.count if span.unit == "days" else span.count * A_MONTH
