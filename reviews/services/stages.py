"""The clock of a stage."""

from __future__ import annotations

from core import clock
from reviews.case import Case
from reviews.lifecycle import lifecycle_of


def start_stage(case: Case, stage: int) -> None:
    """Start the clock of a stage: its deadline is computed once, from now, and stored."""
    now = clock.now()
    case.change(stage=stage, stage_started_at=now)
    due = lifecycle_of(case.submission.kind).due(case.submission, now)
    case.change(due_at=due.at, due_provisional=due.provisional)
