"""Several people at the same moment: threads with connections of their own, let go together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection

from core import clock
from core.errors import Refusal
from tests.factories import moment

PATIENCE_SECONDS = 30.0


def together(*acts: Callable[[], Any], at: str = "2026-03-02 10:00") -> list[Any]:
    """Run the acts at the same moment; return what each returned or was refused with."""
    start, results = threading.Barrier(len(acts)), [AssertionError("waited too long")] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        start.wait(PATIENCE_SECONDS)
        results[index] = apart(act, at=at)

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    return results


def apart(act: Callable[[], Any], *, at: str) -> Any:
    """Run one act at a moment of business time, in this thread; return its result or its refusal, and hang up."""
    try:
        with clock.standing_at(moment(at)):
            return act()
    except Exception as problem:
        return problem
    finally:
        connection.close()


def split(results: list[Any]) -> tuple[list[Any], list[Refusal]]:
    """The winners, and the refused. Anything else that was raised is raised again."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refusal):
            raise result
    winners = [result for result in results if not isinstance(result, Refusal)]
    return winners, [result for result in results if isinstance(result, Refusal)]


def wait_until(state: Callable[[], bool]) -> None:
    """Wait for a state of the database that a rival brings about."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not state():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


def somebody_waits_for_us() -> bool:
    """Whether another connection stands still for a lock that this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])
