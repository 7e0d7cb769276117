"""The clock of a stage."""

from __future__ import annotations

from core import clock
from reviews.case import Case


def start_stage(case: Case, stage: int) -> None:
    """Start the clock of a stage: its deadline is computed once, from now, and stored."""
    now = clock.now()
    case.change(stage=stage, stage_started_at=now)
    due = case.submission.due(now)
    case.change(due_at=due.at, due_provisional=due.provisional)
