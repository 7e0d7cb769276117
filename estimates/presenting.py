"""The answer of `POST estimates/` (API.md, Before the visit)."""

from __future__ import annotations

from typing import cast

from estimates.bodies import EstimateAnswer, WayAnswer
from estimates.estimating import Estimate, shown_facts
from estimates.ways import Way, best, ways
from policies.bodies import cited
from policies.language.terms import TRAVEL_LABELS, TRAVELS, TYPE_LABELS, Travel
from settlements.presenting import policy_row, result_row


def estimated(estimate: Estimate) -> EstimateAnswer:
    """Every status side by side; `chosen` is the one the caller named, `best` the way that pays most."""
    every = ways(estimate)
    cheapest = best(every)
    return {
        "policy": policy_row(estimate.policy),
        "on": estimate.on,
        "area": estimate.area,
        "facts": shown_facts(estimate),
        "assumed": list(estimate.assumed),
        "recorded": estimate.recorded,
        "chosen": cast(Travel | None, estimate.facts.get("travel")),
        "results": {travel: result_row(estimate.results[travel], TRAVEL_LABELS[travel]) for travel in TRAVELS},
        "best": _way(cheapest) if cheapest else None,
        "ways": [_way(way) for way in every],
    }


def _way(way: Way) -> WayAnswer:
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
