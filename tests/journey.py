"""What one request costs: statements that reach PostgreSQL, files of the project entered, changes from file to file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from django.db import connection
from django.test.utils import CaptureQueriesContext

ROOT = f"{Path(__file__).resolve().parents[1]}/"
OUTSIDE = ("tests/", ".venv/", "core/postgresql/")  # the last is entered only to write down what a statement was


@dataclass
class Journey:
    """The way of a request: `files` in the order in which they were entered, `changes` from one file to another."""

    statements: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    changes: int = -1
    _last: str = ""

    def enter(self, frame: FrameType, event: str, _argument: object) -> None:
        """A profiler's call: remember into which of the project's files a call leads."""
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(ROOT):
            return
        file = name.removeprefix(ROOT)
        if file.startswith(OUTSIDE) or file == self._last:
            return
        self._last = file
        self.changes += 1
        if file not in self.files:
            self.files.append(file)


@contextmanager
def journey() -> Iterator[Journey]:
    """Measure what is done in the block."""
    way = Journey()
    with CaptureQueriesContext(connection) as queries:
        sys.setprofile(way.enter)
        try:
            yield way
        finally:
            sys.setprofile(None)
    way.statements = [query["sql"] for query in queries]
