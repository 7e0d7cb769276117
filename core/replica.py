"""Reads that a replica of the database answers, by `DATABASE_REPLICA_URL`; without it everything is read where it is written.

    with replica.reading():
        ...

Whoever reads so sees everything that was committed before, their own writes among it: the replica is asked only when it has
replayed what the primary had on disk when the block began. One that lags, or does not answer, is left out. A queue, a token, an
account, whatever a write hangs on: never read so.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections

ALIAS = "replica"
LEFT_ALONE = 5.0  # seconds, after it did not answer
WRITTEN = "SELECT pg_current_wal_flush_lsn()::text"
REPLAYED = """
SELECT NOT pg_is_in_recovery() OR (pg_last_wal_replay_lsn() >= %s::pg_lsn AND EXISTS (SELECT FROM pg_stat_wal_receiver))"""
"""A former primary that is cut off may be further on, in a history that is not the primary's: it receives nothing."""
log = structlog.get_logger(__name__)
_read_there: ContextVar[bool] = ContextVar("read_there", default=False)


class _Rest:
    until = 0.0


class Router:
    """Django's router: who reads in such a block reads from the replica, everybody else where it is written."""

    def db_for_read(self, _model: Any, **hints: Any) -> str | None:
        return ALIAS if _read_there.get() else _home(hints)

    def db_for_write(self, _model: Any, **hints: Any) -> str | None:
        return _home(hints)

    def allow_relation(self, *_rows: Any, **_hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, *_names: Any, **_hints: Any) -> bool | None:
        return False if db == ALIAS else None


def _home(hints: dict[str, Any]) -> str | None:
    """What was read from the replica is not followed or written there."""
    row = hints.get("instance")
    return DEFAULT_DB_ALIAS if row is not None and row._state.db == ALIAS else None


@contextmanager
def reading() -> Iterator[None]:
    """Until the block ends, rows are read from the replica, if it has everything. Never within a transaction of the primary."""
    there = ALIAS in settings.DATABASES and not connection.in_atomic_block and _has_everything()
    before = _read_there.set(there)
    try:
        yield
    except (OperationalError, InterfaceError):
        if there:
            _leave_alone()
        raise
    finally:
        _read_there.reset(before)


def _has_everything() -> bool:
    if time.monotonic() < _Rest.until:
        return False
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        written = cursor.fetchone()
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(REPLAYED, written)
            return bool(cursor.fetchone()[0])
    except (OperationalError, InterfaceError):
        _leave_alone()
        return False


def _leave_alone() -> None:
    _Rest.until = time.monotonic() + LEFT_ALONE
    connections[ALIAS].close()
    log.warning("replica_gone")
