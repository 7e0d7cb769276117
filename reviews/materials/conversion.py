"""Runs the converter beside the worker: a file that eats memory, time or the decoder itself takes only its child along."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROGRAM = Path(__file__).with_name("convert.py")
SECONDS = 40
OWN_FAULT = frozenset(
    {signal.SIGXCPU, signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
)


class NotConverted(Exception):
    """The file is at fault; `problem` is its stable code."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


class ConverterFailed(Exception):
    """The converter was killed by someone else or ran out of time on a busy machine: worth another attempt."""


@dataclass(frozen=True)
class Converted:
    """`picture` is None where the original itself is kept (PDF)."""

    pages: int
    picture: bytes | None
    thumbnail: bytes


def convert(original: bytes, content_type: str) -> Converted:
    """Convert in a child process. Raises NotConverted, ConverterFailed.

    The child inherits no environment (no keys) and reads and writes through pipes only: killed, it leaves nothing behind.
    """
    command = [sys.executable, "-I", str(PROGRAM), content_type]
    try:
        child = subprocess.run(  # noqa: S603 - our own program; the type is one of five we chose
            command, input=original, capture_output=True, timeout=SECONDS, env={}, cwd="/", check=False
        )
    except (subprocess.TimeoutExpired, OSError) as reason:
        raise ConverterFailed(type(reason).__name__) from reason
    if -child.returncode in OWN_FAULT:
        raise NotConverted("file_too_complex")
    if child.returncode:
        raise ConverterFailed(f"exit {child.returncode}: {child.stderr[-300:].decode(errors='replace')}")
    return _read(child.stdout)


def _read(answer: bytes) -> Converted:
    line, _, parts = answer.partition(b"\n")
    head = json.loads(line)
    if problem := head.get("problem"):
        raise NotConverted(problem)
    picture, thumbnail = parts[: head["picture"]], parts[head["picture"] :]
    return Converted(head["pages"], picture or None, thumbnail)
