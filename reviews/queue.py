"""The sweep: the database is the queue.

Every submission that must be looked at by itself carries `wake_at`; the sweep claims what is due (`SKIP LOCKED`, small
batches, oldest first), does what is due, and stores the next `wake_at`. A missed beat, a lost broker, a killed worker or
two sweeps at once change nothing: what was not committed is still due.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction

from accounts.models import Account, Role
from core import clock
from regions import calendar
from reviews import schedule, services
from reviews.checks import Finding, Level
from reviews.lifecycle import LIFECYCLES, SYSTEM, Case
from reviews.locking import next_wake, rows_of, write
from reviews.models import Status, Submission
from reviews.workflow import Action

log = logging.getLogger(__name__)

BATCH = 200
SOON, LATER = timedelta(minutes=10), timedelta(hours=1)
PATIENCE_SECONDS = 20.0

Claimed = Sequence[tuple[str, Any]]


def work(seconds: float = 60.0) -> int:
    """What a worker does at every beat: sweep until nothing is due, or for about so long. Returns how many were looked at."""
    calendar.recompute_deadlines()
    done, until = 0, time.monotonic() + seconds
    while time.monotonic() < until and (count := sweep()):
        done += count
    return done


def drain(*, between: Callable[[], object] = lambda: None) -> int:
    """Sweep until nothing is due, waiting a while for what rivals hold; `between` is called after every batch.

    Returns how many were looked at.
    """
    calendar.recompute_deadlines()
    done, until = 0, time.monotonic() + PATIENCE_SECONDS
    while True:
        count = sweep()
        between()
        if count:
            done, until = done + count, time.monotonic() + PATIENCE_SECONDS
        elif time.monotonic() > until or not due().exists():
            return done
        else:
            time.sleep(0.02)


def sweep(limit: int | None = None) -> int:
    """Do what is due in one batch; return how many submissions were looked at. Safe to run anywhere, any number of times."""
    limit = limit or BATCH
    with clock.standing_at(clock.now()):
        try:
            return _work_off(_first(limit))
        except Exception:
            log.exception("sweep_batch_failed")
            return _one_by_one(limit)


def due() -> models.QuerySet[Submission]:
    """The submissions that must be looked at now."""
    return Submission.objects.filter(wake_at__lte=clock.now())


def _first(limit: int) -> models.QuerySet[Submission]:
    return due().order_by("wake_at", "id")[:limit]


def _one_by_one(limit: int) -> int:
    """A batch failed: do each alone, so that one broken case does not hold up the others; put that one off."""
    keys = list(_first(limit).values_list("id", flat=True))
    for key in keys:
        try:
            _work_off(due().filter(pk=key))
        except Exception:
            log.exception("sweep_case_failed", extra={"submission": str(key)})
            _put_off(key)
    return len(keys)


def _put_off(key: Any) -> None:
    """Look at it again in an hour; in the last hour of its time, soon."""
    now = clock.now()
    due().filter(pk=key, due_at__gt=now, due_at__lte=now + LATER).update(wake_at=now + SOON)
    due().filter(pk=key).update(wake_at=now + LATER)


@transaction.atomic
def _work_off(rows: models.QuerySet[Submission]) -> int:
    """Claim the rows and do what is due, status by status: what a decision changes elsewhere is read after it is written."""
    claimed = list(rows.select_for_update(skip_locked=True, no_key=True).values_list("kind", "id"))
    for status, effect in _EFFECTS.items():
        cases = _due_among(claimed, status)
        effect(cases)
        idle = [case.submission for case in cases if not case.changed]
        write(cases)
        for row in idle:
            _wake_later(row, next_wake(row))
    ended = due().filter(pk__in=[key for _kind, key in claimed]).exclude(status__in=_EFFECTS)
    ended.update(wake_at=None)
    return len(claimed)


def _due_among(claimed: Claimed, status: Status) -> list[Case]:
    """The cases of this status among the claimed, as they are now."""
    kinds = dict.fromkeys(kind for kind, _key in claimed)
    keys = [key for _kind, key in claimed]
    now = clock.now()
    return [
        Case(row)
        for kind in kinds
        for row in rows_of(kind).filter(pk__in=keys, status=status, wake_at__lte=now).order_by("wake_at", "id")
    ]


def _wake_later(row: Submission, moment: Any) -> None:
    """Woken for nothing: store when it next should be, never at once again."""
    if moment is not None and moment <= clock.now():
        log.error("sweep_without_progress", extra={"submission": str(row.pk)})
        moment = clock.now() + LATER
    Submission.objects.filter(pk=row.pk).update(wake_at=moment)


def _decide(cases: Sequence[Case]) -> None:
    """Decide what waits: by the simulated reviewers, or by what policy says when time is up."""
    by = _by_simulation if settings.REVIEW_MODE == "simulated" else _by_policy
    by(list(zip(cases, _findings(cases), strict=True)))


def _findings(cases: Sequence[Case]) -> list[list[Finding]]:
    """The findings of now, gathered kind by kind."""
    findings_of: dict[Any, list[Finding]] = {}
    for kind in {case.submission.kind for case in cases}:
        own = [case for case in cases if case.submission.kind == kind]
        findings_of |= dict(zip((case.submission.pk for case in own), LIFECYCLES[kind].findings(own), strict=True))
    return [findings_of[case.submission.pk] for case in cases]


def _by_policy(judged: Sequence[tuple[Case, Sequence[Finding]]]) -> None:
    """Human mode, nobody decided in time: a clean case is approved where the area lets it, any other escalates, once."""
    for case, findings in judged:
        if case.submission.due_at > clock.now() or case.submission.escalated_at:
            continue
        if not _doubts(findings) and _approves_itself(case.submission):
            services.take_effect(case, actor=SYSTEM, lane="due")
        else:
            services.escalate(case)


def _approves_itself(submission: Submission) -> bool:
    """Somebody looks at what a clerk of the agency entered: it is never approved by itself."""
    if submission.entered_by_clerk:
        return False
    return submission.stage == submission.stages and LIFECYCLES[submission.kind].approves_itself(submission)


def _doubts(findings: Sequence[Finding]) -> list[Finding]:
    """What needs a reviewer's eye, errors first."""
    return [finding for level in (Level.ERROR, Level.WARNING) for finding in findings if finding.level == level]


def _by_simulation(judged: Sequence[tuple[Case, Sequence[Finding]]]) -> None:
    reviewers = {stage: simulated_reviewer(stage) for stage in {case.submission.stage for case, _findings in judged}}
    for case, findings in judged:
        _simulate(case, _doubts(findings), reviewers[case.submission.stage])


def simulated_reviewer(stage: int) -> Account:
    """The simulated reviewer of a stage: a staff row of its own, made when first needed."""
    account, _created = Account.objects.get_or_create(
        simulated_stage=stage,
        defaults={"role": Role.SIMULATED, "username": f"simulated-{stage}", "nickname": f"模拟审核员{stage}"},
    )
    return account


def _simulate(case: Case, doubts: Sequence[Finding], reviewer: Account) -> None:
    """Errors reject; a warning is returned once for correction, and rejected when it comes back; else approve."""
    if not doubts:
        services.decide(case, Action.APPROVE, reviewer=reviewer)
        return
    worst = doubts[0]
    if worst.level == Level.ERROR or case.submission.round > 1:
        services.decide(case, Action.REJECT, reviewer=reviewer, reason=str(worst.message), code=worst.code)
        return
    message = "".join(str(finding.message) for finding in doubts)
    fields = [name for finding in doubts for name in finding.fields]
    services.decide(case, Action.RETURN, reviewer=reviewer, reason=message, code=worst.code, fields=fields)


def _lapse(cases: Sequence[Case]) -> None:
    """The end of a return for correction has come, or is near."""
    for case in cases:
        if case.submission.correct_by <= clock.now():
            services.lapse(case)
        elif schedule.correction_ending(case.submission):
            services.remind_of_correction(case)


def _end_drafts(cases: Sequence[Case]) -> None:
    """A draft's end has come, or is near."""
    for case in cases:
        act = services.end_old_draft if case.submission.kept_until <= clock.now() else services.remind_of_draft
        act(case)


def _wake(cases: Sequence[Case]) -> None:
    for case in cases:
        LIFECYCLES[case.submission.kind].on_wake(case)


_EFFECTS: dict[Status, Callable[[Sequence[Case]], None]] = {
    Status.DRAFT: _end_drafts,
    Status.SUBMITTED: _decide,
    Status.RETURNED: _lapse,
    Status.APPROVED: _wake,
}
