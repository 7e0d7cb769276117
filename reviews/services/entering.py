"""Into the queue: drafts, submitting, resubmitting, the checks on the way, the clock of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import transaction

from core import clock
from core.errors import Invalid, Problem, Refusal, WrongState
from reviews import workflow
from reviews.case import SYSTEM, Actor, Case
from reviews.checks import Finding, Level, at_level
from reviews.lifecycle import lifecycle_of
from reviews.locking import locked, write
from reviews.models import Submission
from reviews.services.deciding import take_effect
from reviews.services.numbering import next_number
from reviews.services.stages import start_stage
from reviews.workflow import Action

Row = TypeVar("Row", bound=Submission)


def create(child: Row, *, actor: Actor) -> Row:
    """Store a draft: number it, record who made it. `child` is an unsaved row of its kind."""
    assert actor.account is not None
    with transaction.atomic(savepoint=False):
        child.number = next_number()
        child.applicant = actor.account
        child.mandate = actor.mandate
        child.created_at = clock.now()
        child.save(force_insert=True)
        case = Case(child)
        case.record("create", actor=actor)
        write([case])
    return child


def submit(submission: Submission, *, actor: Actor, version: int | None = None, instant: bool = False) -> Any:
    """Put a draft into the queue, its deadline running; `instant` (自助备案): approved in the same transaction.

    Raises Invalid or WrongState with every error its checks find, or WrongState `already_live` if a rival lives.
    """
    with locked(submission, version=version) as case:
        enter(case, Action.SUBMIT, actor=actor)
        if instant:
            take_effect(case, actor=SYSTEM, lane="instant")
    return case.submission


def resubmit(submission: Submission, *, actor: Actor, version: int | None = None) -> Any:
    """Put a corrected submission back into the queue: a new round, a new deadline."""
    with locked(submission, version=version) as case:
        case.change(round=case.submission.round + 1, correct_by=None, escalated_at=None)
        enter(case, Action.RESUBMIT, actor=actor)
    return case.submission


def enter(case: Case, action: Action, *, actor: Actor) -> None:
    """The submission enters the queue: checks, live key, first stage, deadline."""
    submission = case.submission
    step = workflow.permit(submission, action, actor.account)
    lifecycle = lifecycle_of(submission.kind)
    findings = lifecycle.findings_of(submission)
    refuse_errors(findings)
    case.change(
        checks=[finding.as_json() for finding in findings],
        live_key=submission.live_key_now(),
        submitted_at=submission.submitted_at or clock.now(),
        stages=lifecycle.stages(submission),
    )
    start_stage(case, 1)
    case.record(action, actor=actor, to=step.becomes, round=submission.round, due=submission.due_at.isoformat())


def check_draft(case: Case) -> None:
    """Store what the checks find in a draft or a returned submission, so that the phone can show it before submitting."""
    findings = lifecycle_of(case.submission.kind).findings_of(case.submission)
    case.change(checks=[finding.as_json() for finding in findings])


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Raise every error at once: 409 if only rivals are in the way, else 400."""
    errors = at_level(findings, Level.ERROR)
    if errors:
        kind: type[Refusal] = WrongState if all(finding.conflict for finding in errors) else Invalid
        raise kind(
            problems=[
                Problem(finding.code, str(finding.message), finding.fields[0] if finding.fields else None)
                for finding in errors
            ]
        )
