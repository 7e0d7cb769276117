"""What an approved submission covers, from `valid_from` to `valid_until`, is cut when it ends or is superseded."""

from __future__ import annotations

from datetime import date
from typing import Any

from reviews.case import SYSTEM, Case
from reviews.locking import locked
from reviews.models import Status, Submission
from reviews.services import conclude
from reviews.workflow import Action


def cut(case: Case, last: date) -> None:
    """Let the submission cover `last` and no later day; one that would end before it began never counted."""
    row: Any = case.submission
    if row.valid_from is None or last < row.valid_from:
        case.change(valid_from=None, valid_until=None)
    else:
        case.change(valid_until=min(last, row.valid_until or last))


def supersede(old: Any, *, by: Submission, last: date) -> None:
    """End the submission of this id, if it still counts, with the day `last`; frees its live key at once for `by`."""
    with locked(Submission(pk=old)) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.SUPERSEDE, actor=SYSTEM, successor=str(by.pk))
            cut(case, last)
