"""Automatic checks: one pure function per rule, in a registry per kind of submission.

The phone sees the findings before it submits, the reviewer beside the case, the simulated reviewer decides by them.
`error` cannot be submitted and is rejected when it turns up later; `warning` needs a reviewer's eye; `info` is shown only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


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


Check = Callable[[Any], Finding | None]
_registry: dict[str, list[Check]] = defaultdict(list)


def check(kind: str) -> Callable[[Check], Check]:
    """Register a check of a kind of submission; its function takes the kind's facts and returns a finding or None."""

    def remember(function: Check) -> Check:
        _registry[kind].append(function)
        return function

    return remember


def run(kind: str, facts: Any) -> list[Finding]:
    """Run every check of the kind over the facts, worst first, in the order of registration."""
    order = list(Level)
    found = [finding for function in _registry[kind] if (finding := function(facts)) is not None]
    return sorted(found, key=lambda finding: order.index(finding.level))


def checks_of(kind: str) -> list[Check]:
    return list(_registry[kind])


def at_level(findings: Iterable[Finding], level: Level) -> list[Finding]:
    return [finding for finding in findings if finding.level == level]
