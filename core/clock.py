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
from django.db import models
from django.utils import timezone

from core.hooks import Hook
from core.models import ClockState

SHANGHAI = ZoneInfo("Asia/Shanghai")
LEASE = timedelta(seconds=30)


class _Moment:
    """What a clock that stands tells; None: nobody asked it yet."""

    __slots__ = ("at",)

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at


_standing: ContextVar[_Moment | None] = ContextVar("standing", default=None)


def now() -> datetime:
    """Return the business time, aware, in Asia/Shanghai."""
    standing = _standing.get()
    if standing is None:
        return _running()
    if standing.at is None:
        standing.at = _running()
    return standing.at


def today() -> date:
    """Return the business day in Asia/Shanghai."""
    return now().date()


def _running() -> datetime:
    return simulated_now() if settings.SIMULATION else timezone.now().astimezone(SHANGHAI)


def _simulated(machine: datetime) -> datetime:
    return _by(ClockState.objects.current(), machine)


def _by(state: ClockState | None, machine: datetime) -> datetime:
    if state is None:
        return machine
    if state.held_at and state.held_until and machine < state.held_until:
        return state.held_at
    return machine + state.offset


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment` for this thread: one task has one time, and tests freeze it."""
    with _standing_by(_Moment(moment.astimezone(SHANGHAI))):
        yield


@contextmanager
def standing() -> Iterator[None]:
    """Let the clock stand from when it is first asked: one request has one time. One that stands already goes on standing."""
    with _standing_by(_standing.get() or _Moment()):
        yield


@contextmanager
def _standing_by(moment: _Moment) -> Iterator[None]:
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def told_by(row: models.Model) -> None:
    """A row was read with the clock's state along (`ClockState.objects.along`): a request that has no time yet stands at the time it tells."""
    standing = _standing.get()
    if standing is not None and standing.at is None:
        standing.at = _by(ClockState.objects.of(row), timezone.now()).astimezone(SHANGHAI)


def simulated_now() -> datetime:
    """Return the simulated time itself, whatever this thread stands at."""
    return _simulated(timezone.now()).astimezone(SHANGHAI)


def hold(moment: datetime) -> datetime:
    """Move the simulated clock to `moment` for every process and hold it there while the work due then is done.

    Returns the moment held: never earlier than the clock already was. The hold is a lease of machine time: if the mover dies, the clock runs on from `moment`.
    """
    machine = timezone.now()
    moment = max(moment, _simulated(machine))
    ClockState.objects.update_or_create(
        id=1, defaults={"offset": moment - machine, "held_at": moment, "held_until": machine + LEASE}
    )
    return moment


def release() -> None:
    """Let a held clock run on from the moment at which it was held (a hold that lapsed is running already)."""
    machine = timezone.now()
    for state in ClockState.objects.filter(id=1, held_until__gt=machine):
        assert state.held_at is not None
        ClockState.objects.filter(id=1).update(offset=state.held_at - machine, held_at=None, held_until=None)


moving = Hook[[datetime | None]]("clock moves")
"""The queue moves the clock: a move stops at all that is due. It gives how many submissions were worked on."""


def move(to: datetime | None = None) -> int:
    """Move the simulated clock to `to`, or to the next thing due. Returns how many submissions were worked on on the way.

    Raises Invalid `clock_backwards`; WrongState `not_simulated`, `clock_moving`, `nothing_due`.
    """
    return sum(moving(to))
