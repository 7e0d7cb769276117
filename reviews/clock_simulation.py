"""Moving the simulated clock: forward, stopping in order at every moment at which something is due (DESIGN.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, WrongState
from reviews import queue
from reviews.models import Submission

CLOCK_LOCK = 0x59494449


def move_clock(to: datetime | None = None) -> int:
    """Move the simulated clock forward to `to`, or to the next thing that is due, stopping at all that is due between.

    Each stop is worked off before the clock goes on, so that every decision carries its own time. Returns how many
    submissions were worked on. Raises Invalid `clock_backwards`, WrongState `clock_moving` or `nothing_due`.
    """
    if not settings.SIMULATION:
        raise WrongState(_("只有模拟环境可以拨动时钟。"), code="not_simulated")
    with _alone():
        start = clock.simulated_now()
        target = to or _next_after(start)
        if target < start:
            raise Invalid(_("时钟只能向前拨。"), code="clock_backwards", attr="to")
        try:
            return _walk(start, target)
        finally:
            clock.release()


def _next_after(start: datetime) -> datetime:
    """When the next thing is due: at once, if something is overdue."""
    first = _first_due()
    if first is None:
        raise WrongState(_("目前没有等待处理的事项。"), code="nothing_due")
    return max(first, start)


def _walk(start: datetime, target: datetime) -> int:
    """Stop by stop, from what is due already to the target. What a rival holds for long is left for a later stop."""
    moment = clock.hold(start)
    done = _work_off(moment)
    while moment < target:
        coming = _first_due(after=moment)
        moment = clock.hold(min(target, coming) if coming else target)
        done += _work_off(moment)
    return done


def _work_off(moment: datetime) -> int:
    """Do everything due at the moment; every batch renews the lease on the held clock."""
    with clock.standing_at(moment):
        return queue.drain(between=lambda: clock.hold(moment))


def _first_due(after: datetime | None = None) -> datetime | None:
    waking = Submission.objects.filter(wake_at__isnull=False).order_by("wake_at")
    coming = waking.filter(wake_at__gt=after) if after else waking
    return coming.values_list("wake_at", flat=True).first()


@contextmanager
def _alone() -> Iterator[None]:
    """Only one move at a time: a session-level advisory lock, which a dead mover's connection gives up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [CLOCK_LOCK])
        if not cursor.fetchone()[0]:
            raise WrongState(_("时钟正在拨动中，请稍候。"), code="clock_moving")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [CLOCK_LOCK])
