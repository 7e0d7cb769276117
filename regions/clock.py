"""The one clock for business time.

Filings, deadlines, validity, ages and policies ask `now()` and `today()` and nothing else. Under `SIMULATION` it is the
system's time plus an offset kept in the database, or stands still at a moment while a jump does the work due there.
Machine time (tokens, throttles, logs) stays `django.utils.timezone.now()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
LEASE = timedelta(seconds=30)

_fixed: ContextVar[datetime | None] = ContextVar("fixed", default=None)


def now() -> datetime:
    """Return the business time, aware, in Asia/Shanghai."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    machine = timezone.now()
    return (_simulated(machine) if settings.SIMULATION else machine).astimezone(SHANGHAI)


def today() -> date:
    """Return the business day in Asia/Shanghai."""
    return now().date()


def _simulated(machine: datetime) -> datetime:
    from regions.models import ClockState

    state = ClockState.objects.filter(id=1).first()
    if state is None:
        return machine
    if state.held_at and state.held_until and machine < state.held_until:
        return state.held_at
    return machine + state.offset


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment` for this thread: one request or task has one time, and tests freeze it."""
    token = _fixed.set(moment.astimezone(SHANGHAI))
    try:
        yield
    finally:
        _fixed.reset(token)


def hold(moment: datetime) -> None:
    """Move the simulated clock to `moment` for every process and hold it there while the work due then is done.

    Never moves back. The hold is a lease of machine time: if the mover dies, the clock runs on from `moment`.
    """
    from regions.models import ClockState

    machine = timezone.now()
    moment = max(moment, _simulated(machine))
    ClockState.objects.update_or_create(
        id=1, defaults={"offset": moment - machine, "held_at": moment, "held_until": machine + LEASE}
    )


def release() -> None:
    """Let a held clock run on from the moment at which it was held."""
    from regions.models import ClockState

    state = ClockState.objects.get(id=1)
    if state.held_at:
        state.offset = state.held_at - timezone.now()
        state.held_at = state.held_until = None
        state.save()
