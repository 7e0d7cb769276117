"""Automatic checks: one pure function per rule; each kind of submission lists its own in the order in which they are shown.

The phone sees the findings before it submits, the reviewer beside the case, the simulated reviewer decides by them.
`error` cannot be submitted and is rejected when it turns up later; `warning` needs a reviewer's eye; `info` is shown only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """What a check found: a stable code, a Chinese sentence that says what to do, the rule's source, the fields to mend."""

    code: str
    level: Level
    message: str
    source: str = ""
    fields: tuple[str, ...] = ()
    conflict: bool = (
        False  # an error that is 409 rather than 400: another's live submission, not the input, is in the way
    )

    def as_json(self) -> dict[str, Any]:
        """As stored with the submission and sent to clients."""
        row = asdict(self)
        row.pop("conflict")
        return {**row, "level": str(self.level), "message": str(self.message), "fields": list(self.fields)}


def error(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """It cannot be submitted like this."""
    return Finding(code, Level.ERROR, message, source, fields)


def conflict(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """Another live submission, or a lock, is in the way (409)."""
    return Finding(code, Level.ERROR, message, source, fields, conflict=True)


def warning(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """A reviewer must look at it."""
    return Finding(code, Level.WARNING, message, source, fields)


def info(code: str, message: str, *fields: str, source: str = "") -> Finding:
    """Good to know."""
    return Finding(code, Level.INFO, message, source, fields)


Facts = TypeVar("Facts")


def run(checks: Sequence[Callable[[Facts], Finding | None]], facts: Facts) -> list[Finding]:
    """Run the checks over the facts, worst first, else in their order."""
    order = list(Level)
    found = [finding for check in checks if (finding := check(facts)) is not None]
    return sorted(found, key=lambda finding: order.index(finding.level))


def at_level(findings: Iterable[Finding], level: Level) -> list[Finding]:
    return [finding for finding in findings if finding.level == level]
