"""Moving the simulated clock: forward, stopping in order at every moment at which something is due (DESIGN.md §4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid, WrongState
from core.models import ClockState
from reviews import queue
from reviews.models import Submission


class Mover:
    """The only one who moves the clock: its row says until when it is held, and only who wrote that moves it on before.

    Each step locks the row, looks, and writes; between them nothing is held, so it is the same behind a pooler that hands out
    connections by transaction. A mover that dies, or sleeps longer than the hold, has lost it to the next.
    """

    def __init__(self) -> None:
        self._until: datetime | None = None

    def hold(self, moment: datetime) -> datetime:
        """As `clock.hold`. Raises WrongState `clock_moving`: somebody else moves it."""
        with transaction.atomic():
            held_until = self._held_until()
            if held_until and held_until != self._until and timezone.now() < held_until:
                raise WrongState(_("时钟正在拨动中，请稍候。"), code="clock_moving")
            held = clock.hold(moment)
            self._until = ClockState.objects.get(id=1).held_until
        return held

    def release(self) -> None:
        """Let the clock run on, if it still is ours to say."""
        with transaction.atomic():
            if self._until and self._held_until() == self._until:
                clock.release()

    def _held_until(self) -> datetime | None:
        """Until when the clock is held, under its row's lock."""
        ClockState.objects.bulk_create([ClockState(id=1, offset=timedelta())], ignore_conflicts=True)
        return ClockState.objects.select_for_update().get(id=1).held_until


def move_clock(to: datetime | None = None) -> int:
    """Move the simulated clock forward to `to`, or to the next thing that is due, stopping at all that is due between.

    Each stop is worked off before the clock goes on, so that every decision carries its own time. Returns how many
    submissions were worked on. Raises Invalid `clock_backwards`, WrongState `clock_moving` or `nothing_due`.
    """
    if not settings.SIMULATION:
        raise WrongState(_("只有模拟环境可以拨动时钟。"), code="not_simulated")
    mover = Mover()
    start = mover.hold(clock.simulated_now())
    try:
        target = to or _next_after(start)
        if target < start:
            raise Invalid(_("时钟只能向前拨。"), code="clock_backwards", attr="to")
        return _walk(mover, start, target)
    finally:
        mover.release()


def _next_after(start: datetime) -> datetime:
    """When the next thing is due: at once, if something is overdue."""
    first = _first_due()
    if first is None:
        raise WrongState(_("目前没有等待处理的事项。"), code="nothing_due")
    return max(first, start)


def _walk(mover: Mover, moment: datetime, target: datetime) -> int:
    """Stop by stop, from what is due already to the target. What a rival holds for long is left for a later stop."""
    done = _work_off(mover, moment)
    while moment < target:
        coming = _first_due(after=moment)
        moment = mover.hold(min(target, coming) if coming else target)
        done += _work_off(mover, moment)
    return done


def _work_off(mover: Mover, moment: datetime) -> int:
    """Do everything due at the moment; every batch renews the hold."""
    with clock.standing_at(moment):
        return queue.drain(between=lambda: mover.hold(moment))


def _first_due(after: datetime | None = None) -> datetime | None:
    waking = Submission.objects.filter(wake_at__isnull=False).order_by("wake_at")
    coming = waking.filter(wake_at__gt=after) if after else waking
    return coming.values_list("wake_at", flat=True).first()
