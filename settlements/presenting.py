"""The answer of `POST estimates/` (API.md, Before the visit)."""

from __future__ import annotations

from typing import Any

from regions.policy.terms import TRAVEL_LABELS, TRAVELS, TYPE_LABELS
from regions.published import Published
from regions.serializers import cited
from settlements.comparing import Way, best, ways
from settlements.engine import Result
from settlements.estimates import Estimate, shown_facts


def estimated(estimate: Estimate) -> dict[str, Any]:
    """Every status side by side; `chosen` is the one the caller named, `best` the way that pays most."""
    found = ways(estimate)
    first = best(found)
    return {
        "policy": policy_row(estimate.policy),
        "on": estimate.on,
        "area": estimate.area,
        "facts": shown_facts(estimate),
        "assumed": list(estimate.assumed),
        "recorded": estimate.recorded,
        "chosen": estimate.facts.get("travel"),
        "results": {travel: result_row(estimate.results[travel], TRAVEL_LABELS[travel]) for travel in TRAVELS},
        "best": _way(first) if first else None,
        "ways": [_way(way) for way in found],
    }


def policy_row(policy: Published) -> dict[str, Any]:
    """A policy with the sources that the lines name."""
    return {
        "id": policy.id,
        "area": policy.file.area,
        "name": policy.file.name,
        "sha256": policy.file.sha256,
        "effective_from": policy.start,
        "effective_until": policy.end,
        "sources": [cited(source) for source in policy.file.sources],
    }


def result_row(result: Result, label: str) -> dict[str, Any]:
    """Amounts and the lines behind them, or the refusal with its reason."""
    if result.refused is not None:
        return {"label": label, "refused": result.refused, "reason": result.reason}
    return {
        "label": label,
        "amounts": dict(result.amounts),
        "lines": [line._asdict() for line in result.lines],
    }


def _way(way: Way) -> dict[str, Any]:
    return {
        "travel": way.travel,
        "label": TRAVEL_LABELS[way.travel],
        "own": way.own,
        "saves": way.saves,
        "takes": way.takes,
        "direct": way.direct,
        "lasting": way.lasting,
        "types": [{"type": name, "label": TYPE_LABELS[name]} for name in way.types],
        "source": cited(way.source),
    }
