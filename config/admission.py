"""Which requests are worked on, and which are told at once to come again: a server that takes everything answers nobody.

A request enters when a thread is free. Until then it waits by urgency, then in order of arrival, but only if its turn comes
within the `LONGEST_WAIT` of its urgency: who would wait longer is refused on arrival, and who did wait so long, or has hung up, is dropped. So what is
answered is answered in time, and after a flood everything is as before it. Machine time throughout.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Awaitable
from itertools import count
from typing import Any

FIRST, USUAL = 0, 1
LONGEST_WAIT = {FIRST: 5.0, USUAL: 1.0}  # seconds: people look at the page, a till waits for its answer
URGENT = ("/readyz", "/metrics", "/api/v1/settlements/", "/api/v1/eligibility/", "/fsi/", "/mbs-fsi/", "/mss/")
MEMORY = 0.05  # how much of the mean the last request is


class Busy(Exception):
    """Too many are before this one."""


class Gone(Exception):
    """Whoever asked has hung up."""


def urgency(path: str) -> int:
    """The probes and the tills come before everybody else: a patient stands there."""
    return FIRST if path.startswith(URGENT) else USUAL


class Admission:
    """The threads of one process, and who waits for one. Used from one event loop."""

    def __init__(self, threads: int) -> None:
        self.threads = self.free = threads
        self.mean = 0.01
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    def enters(self) -> bool:
        """Whether a thread is free; it is then taken."""
        if self.free:
            self.free -= 1
            return True
        return False

    async def wait(self, urgency: int, hung_up: Awaitable[Any]) -> None:
        """Wait for a thread and take it. Raises Busy, or Gone when `hung_up` comes first."""
        if self._seconds_before(urgency) > LONGEST_WAIT[urgency]:
            raise Busy
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._arrivals), turn))
        gone = asyncio.ensure_future(hung_up)
        await asyncio.wait({turn, gone}, timeout=LONGEST_WAIT[urgency], return_when=asyncio.FIRST_COMPLETED)
        if turn.done():
            return
        turn.cancel()
        raise Gone if gone.done() else Busy

    def leave(self, seconds: float) -> None:
        """A thread is free after so many seconds of work: the next one's turn."""
        self.mean += MEMORY * (seconds - self.mean)
        while self._waiting:
            _urgency, _arrival, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1

    def _seconds_before(self, urgency: int) -> float:
        """How long those before it will take."""
        before = sum(1 for other, _arrival, turn in self._waiting if other <= urgency and not turn.done())
        return before * self.mean / self.threads


class Deadline:
    """How long a body may take: some seconds, and more for every kilobyte that has come."""

    PATIENCE = 10.0
    SLOWEST = 8 * 1024  # bytes a second, which the poorest connection reaches

    def __init__(self) -> None:
        self._began = time.monotonic()

    def left(self, received: int) -> float:
        """Seconds until it is over."""
        return self._began + self.PATIENCE + received / self.SLOWEST - time.monotonic()
