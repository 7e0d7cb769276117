"""What a bill was settled by and what came out, as answers show it."""

from __future__ import annotations

from typing import Any

from policies.bodies import cited
from policies.engine import Result
from policies.published import Published


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
