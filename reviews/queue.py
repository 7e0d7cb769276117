"""The sweep: the database is the queue.

Every submission that must be looked at by itself carries `wake_at`; the sweep claims what is due (`SKIP LOCKED`, small
batches, oldest first), does what is due, and stores the next `wake_at`. A missed beat, a lost broker, a killed worker or
two sweeps at once change nothing: what was not committed is still due.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Account
from regions import clock
from regions.errors import Invalid, WrongState
from reviews import services, simulated
from reviews.case import SYSTEM, Case, next_wake, write
from reviews.checks import Finding, Level, at_level
from reviews.models import Status, Submission, model_of, registered_kinds
from reviews.workflow import Action

log = logging.getLogger(__name__)

BATCH = 200
POSTPONE = timedelta(minutes=10)
CLOCK_LOCK = 0x59494449


def sweep(limit: int = BATCH) -> int:
    """Do what is due in one batch; return how many submissions were looked at. Safe to run anywhere, any number of times."""
    try:
        with transaction.atomic():
            return len(_work_off(_claim(limit)))
    except Exception:
        log.exception("sweep_batch_failed")
        return _one_by_one(limit)


def drain() -> int:
    """Sweep until nothing is due, waiting for what rivals hold. Returns how many were looked at."""
    done = 0
    while True:
        count = sweep()
        done += count
        if not count:
            if not due().exists():
                return done
            time.sleep(0.02)


def due() -> Any:
    """The submissions that must be looked at now."""
    return Submission.objects.filter(wake_at__lte=clock.now())


def _claim(limit: int) -> list[Case]:
    rows = due().order_by("wake_at", "id").select_for_update(skip_locked=True).values_list("kind", "id")[:limit]
    ids: dict[str, list[Any]] = {kind: [] for kind in registered_kinds()}
    for kind, key in rows:
        ids[kind].append(key)
    return [
        Case(child)
        for kind, keys in ids.items()
        if keys
        for child in model_of(kind)
        .objects.filter(pk__in=keys)
        .select_related("person", "enrollment", "area")
        .order_by("wake_at", "id")
    ]


def _one_by_one(limit: int) -> int:
    """A batch failed: do each alone, so that one broken case does not hold up the others; put that one off."""
    keys = list(due().order_by("wake_at", "id").values_list("id", flat=True)[:limit])
    for key in keys:
        try:
            with transaction.atomic():
                rows = due().filter(pk=key).select_for_update(skip_locked=True)
                _work_off([Case(model_of(row.kind).objects.get(pk=row.pk)) for row in rows])
        except Exception:
            log.exception("sweep_case_failed", extra={"submission": str(key)})
            Submission.objects.filter(pk=key).update(wake_at=clock.now() + POSTPONE)
    return len(keys)


def _work_off(cases: Sequence[Case]) -> Sequence[Case]:
    """Do what is due for each locked case, then write them all together."""
    waiting = [case for case in cases if case.submission.status == Status.SUBMITTED]
    for case, findings in zip(waiting, _findings(waiting), strict=True):
        _decide(case, findings)
    for case in cases:
        if case.submission.status == Status.RETURNED and case not in waiting:
            services.lapse(case)
        elif case.submission.status == Status.APPROVED and case not in waiting:
            case.submission.awake(case)
    idle = [case for case in cases if not case.changed]
    write(cases)
    for case in idle:
        _put_off(case.submission)
    return cases


def _put_off(row: Submission) -> None:
    """Woken for nothing: store when it next should be, never at once again."""
    later = next_wake(row)
    if later is not None and later <= clock.now():
        log.error("sweep_without_progress", extra={"submission": str(row.pk)})
        later = clock.now() + POSTPONE
    Submission.objects.filter(pk=row.pk).update(wake_at=later)


def _findings(cases: Sequence[Case]) -> list[list[Finding]]:
    """The findings of now, gathered kind by kind."""
    found: dict[Any, list[Finding]] = {}
    for kind in {case.submission.kind for case in cases}:
        rows = [case.submission for case in cases if case.submission.kind == kind]
        found |= dict(zip((row.pk for row in rows), model_of(kind).findings_of(rows), strict=True))
    return [found[case.submission.pk] for case in cases]


def _decide(case: Case, findings: Sequence[Finding]) -> None:
    if settings.REVIEW_MODE == "simulated":
        _decide_simulated(case, findings)
    elif not at_level(findings, Level.ERROR) + at_level(findings, Level.WARNING) and _approves_itself(case):
        services.take_effect(case, actor=SYSTEM, lane="due")
    else:
        services.escalate(case)


def _approves_itself(case: Case) -> bool:
    last = case.submission.stage == case.submission.stages
    return bool(last and case.submission.approves_itself_when_due())


def _decide_simulated(case: Case, findings: Sequence[Finding]) -> None:
    """Errors reject; a warning is returned once for correction, and rejected when it comes back; else approve."""
    reviewer = simulated.reviewer(case.submission.stage)
    errors, warnings = at_level(findings, Level.ERROR), at_level(findings, Level.WARNING)
    worst = (errors or warnings or [None])[0]
    if worst is None:
        services.decide(case, Action.APPROVE, reviewer=reviewer)
    elif errors or case.submission.round > 1:
        services.decide(case, Action.REJECT, reviewer=reviewer, reason=str(worst.message), code=worst.code)
    else:
        _return(case, reviewer, warnings)


def _return(case: Case, reviewer: Account, warnings: Sequence[Finding]) -> None:
    services.decide(
        case,
        Action.RETURN,
        reviewer=reviewer,
        reason="".join(str(finding.message) for finding in warnings),
        code=warnings[0].code,
        fields=[name for finding in warnings for name in finding.fields],
    )


def move_clock(to: datetime | None = None) -> int:
    """Move the simulated clock forward to `to`, or to the next thing that is due, stopping at all that is due between.

    Each stop is worked off before the clock goes on, so that every decision carries its own time. Returns how many
    submissions were worked on. Raises Invalid `clock_backwards`, WrongState `clock_moving` or `nothing_due`.
    """
    if not settings.SIMULATION:
        raise WrongState(_("只有模拟环境可以拨动时钟。"), code="not_simulated")
    with _alone():
        start = clock.simulated_now()
        target = to or _next_due_after(start)
        if target is None:
            raise WrongState(_("目前没有等待处理的事项。"), code="nothing_due")
        if target < start:
            raise Invalid(_("时钟只能向前拨。"), code="clock_backwards", attr="to")
        try:
            return _walk(target)
        finally:
            clock.release()


def _walk(target: datetime) -> int:
    done = 0
    while True:
        earliest = _first_due()
        moment = clock.hold(min(target, earliest) if earliest else target)
        with clock.standing_at(moment):
            done += drain()
        if moment >= target:
            return done


def _first_due() -> datetime | None:
    waking = Submission.objects.filter(wake_at__isnull=False).order_by("wake_at")
    return waking.values_list("wake_at", flat=True).first()


def _next_due_after(moment: datetime) -> datetime | None:
    first = _first_due()
    return max(first, moment) if first else None


class _alone:  # noqa: N801 - a context manager read as a word
    """Only one move at a time: a session-level advisory lock, refused at once if another holds it."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [CLOCK_LOCK])
            if not cursor.fetchone()[0]:
                raise WrongState(_("时钟正在拨动中，请稍候。"), code="clock_moving")

    def __exit__(self, *exception: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [CLOCK_LOCK])
