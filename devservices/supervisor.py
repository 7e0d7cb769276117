"""Runs the project's processes side by side: starts them, starts crashed ones again, ends all of them together."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from devservices.processes import last_lines, shorten, spawn

CRASHES, WINDOW_SECONDS = 5, 60.0
FIRST_PAUSE_SECONDS = 0.5
GRACE_SECONDS = 10.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class GaveUp(Exception):
    """A process keeps ending, or what it needs is gone; the message says which and why."""


class Stopped(Exception):
    """Somebody asked us to end."""


@dataclass
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    log: Path
    child: subprocess.Popen[bytes] | None = None
    crashes: deque[float] = field(default_factory=lambda: deque(maxlen=CRASHES))
    start_at: float = 0.0

    def start(self, folder: Path) -> None:
        """Start it; it ends when we do, whatever ends us."""
        shorten(self.log)
        self.child = spawn(self.command, folder=folder, log=self.log, env=os.environ)

    def look(self, folder: Path) -> None:
        """Start it again if it ended, a little later each time; GaveUp when that does not help."""
        if self.child is not None and self.child.poll() is not None:
            _sweep_away(self.child)
            self._note_crash(self.child.returncode)
            self.child = None
        if self.child is None and time.monotonic() >= self.start_at:
            self.start(folder)

    def _note_crash(self, code: int) -> None:
        now = time.monotonic()
        self.crashes.append(now)
        if len(self.crashes) == CRASHES and now - self.crashes[0] < WINDOW_SECONDS:
            raise GaveUp(
                f"{self.name} ended {CRASHES} times within a minute (code {code}). The end of {self.log}:\n{last_lines(self.log, 15)}"
            )
        recent = sum(now - at < WINDOW_SECONDS for at in self.crashes)
        self.start_at = now + FIRST_PAUSE_SECONDS * 2 ** (recent - 1)


class Supervisor:
    """Several programs that live and end together."""

    def __init__(self, programs: Sequence[Program], folder: Path) -> None:
        self.programs, self.folder = programs, folder

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start all; end all on leaving. Signals that ask us to end are raised as Stopped in between."""
        before = {number: signal.signal(number, _stop) for number in SIGNALS}
        try:
            for program in self.programs:
                program.start(self.folder)
            yield
        finally:
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> bool:
        """Keep all running until `ready`; False if that took too long."""
        until = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > until:
                return False
            self._tend()
        return True

    def keep(self, *, while_: Callable[[], bool]) -> None:
        """Keep all running. GaveUp when `while_` no longer holds; Stopped when asked to end."""
        while while_():
            self._tend()
        raise GaveUp("The database or Redis is gone; see their logs in the data folder.")

    def _tend(self) -> None:
        for program in self.programs:
            program.look(self.folder)
        time.sleep(0.1)

    def _end_all(self) -> None:
        children = [program.child for program in self.programs if program.child is not None]
        for child in children:
            if child.poll() is None:
                child.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for child in children:
            _end(child, until)


def _end(child: subprocess.Popen[bytes], until: float) -> None:
    """Wait for the child, then end whatever is left of its session."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(max(0.0, until - time.monotonic()))
    _sweep_away(child)
    child.wait()


def _sweep_away(child: subprocess.Popen[bytes]) -> None:
    """End what the child itself had started: a server killed outright leaves its workers behind, holding the port."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped
