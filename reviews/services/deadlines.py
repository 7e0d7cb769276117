"""What follows for open deadlines when the calendar changes."""

from __future__ import annotations

import logging

from core import clock
from reviews.case import SYSTEM, Case
from reviews.lifecycle import lifecycle_of, lifecycles
from reviews.locking import locked, rows_of
from reviews.models import Status, Submission

log = logging.getLogger(__name__)


def recompute_deadlines() -> int:
    """The calendar changed: compute the deadline of every open stage again. Returns how many moved.

    One that cannot be computed is logged and keeps its deadline; it holds nobody else up.
    """
    moved = 0
    for lifecycle in lifecycles():
        for row in rows_of(lifecycle.kind).filter(status=Status.SUBMITTED).order_by("pk").iterator():
            try:
                moved += _differs(row) and _reschedule(row)
            except Exception:
                log.exception("deadline_not_recomputed", extra={"submission": str(row.pk)})
    return moved


def _differs(row: Submission) -> bool:
    assert row.stage_started_at is not None
    due = lifecycle_of(row.kind).due(row, row.stage_started_at)
    return (due.at, due.provisional) != (row.due_at, row.due_provisional)


def _reschedule(submission: Submission) -> bool:
    with locked(submission) as case:
        if case.submission.status != Status.SUBMITTED or not _differs(case.submission):
            return False
        _move(case)
        return True


def _move(case: Case) -> None:
    row = case.submission
    due = lifecycle_of(row.kind).due(row, row.stage_started_at)
    case.change(due_at=due.at, due_provisional=due.provisional)
    if due.at > clock.now():
        case.change(escalated_at=None)
    case.record("reschedule", actor=SYSTEM, due=due.at.isoformat())
