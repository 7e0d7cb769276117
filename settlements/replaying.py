"""Every stored settlement again, from its stored input and by its stored policy: equal to the fen, or it is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet

from policies.engine import Result
from settlements.adjudication import adjudicated_again, lines
from settlements.models import AMOUNTS, Settlement

CHUNK = 500


@dataclass
class Replay:
    """How many entries came out equal, and what is different about the others."""

    equal: int = 0
    different: list[str] = field(default_factory=list)


def replay(rows: QuerySet[Settlement] | None = None) -> Replay:
    """Compute every entry again. A reversal must be the equal and opposite of what it reverses."""
    outcome = Replay()
    entries = Settlement.objects.all() if rows is None else rows
    for entry in entries.select_related("reverses").order_by("settled_at", "pk").iterator(CHUNK):
        problems = [*(_reversal(entry) if entry.reverses else _settlement(entry))]
        outcome.equal += not problems
        outcome.different += [f"{entry.number}: {problem}" for problem in problems]
    return outcome


def _reversal(entry: Settlement) -> Iterator[str]:
    assert entry.reverses is not None
    for name in AMOUNTS:
        if getattr(entry, name) + getattr(entry.reverses, name):
            yield f"{name} is {getattr(entry, name)}, it reverses {getattr(entry.reverses, name)}"


def _settlement(entry: Settlement) -> Iterator[str]:
    result = adjudicated_again(entry)
    if result is None:
        yield f"policy {entry.policy} ({entry.policy_sha256[:12]}) is not stored any more"
        return
    if result.refused:
        yield f"is refused now ({result.refused}): {result.reason}"
        return
    yield from _differences(entry, result)


def _differences(entry: Settlement, result: Result) -> Iterator[str]:
    for name in AMOUNTS:
        if getattr(entry, name) != result.amounts[name]:
            yield f"{name} is {getattr(entry, name)}, computed again {result.amounts[name]}"
    if lines(result) != entry.lines:
        yield "the lines of the explanation differ"
