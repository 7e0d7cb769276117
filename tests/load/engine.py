"""The engine by itself: one bill with its lines, and a million bills in columns. Part of `make bench`; no services, no HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from policies.engine import Case, compile_policy, settle
from policies.language.examples import Cost
from policies.language.loader import SHIPPED, load_path
from scenarios.comparing import settle_many
from scenarios.population import generate

ROUNDS, BILLS, MILLION = 7, 2_000, 1_000_000
SIMPLE = (
    "500000-chongqing-2025",
    {"insurance": "employee", "person": "active", "age": 45, "travel": "unfiled"},
    "20000",
)
RICH = (
    "110000-beijing-2025",
    {"insurance": "employee", "person": "retired", "age": 65, "travel": "long_term"},
    "560800",
)


def measure() -> dict[str, Any]:
    """Microseconds a bill (the best of some rounds: what the code costs, not what else ran), seconds a million."""
    figures = {f"{name}_us": _bill(*given) for name, given in (("simple", SIMPLE), ("rich", RICH))}
    file = load_path(SHIPPED / f"{SIMPLE[0]}.yaml")
    bills, policy = generate([file], size=MILLION, seed=1), compile_policy(file)
    figures["million_s"] = _best(lambda: settle_many(policy, bills), 3)
    print(
        "engine: one simple bill {simple_us:.1f} µs, one rich {rich_us:.1f} µs, a million {million_s:.2f} s".format(
            **figures
        )
    )
    return figures


def _bill(policy: str, facts: dict[str, Any], total: str) -> float:
    compiled = compile_policy(load_path(SHIPPED / f"{policy}.yaml"))
    case = Case(
        facts={"care": "inpatient", "level": 3, **facts},
        cost=Cost(total=Decimal(total)),
        year_to_date={},
        account_balance=Decimal(0),
    )

    def bills() -> None:
        for _ in range(BILLS):
            settle(compiled, case)

    return _best(bills, ROUNDS) / BILLS * 1e6


def _best(work: Callable[[], Any], rounds: int) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


if __name__ == "__main__":
    measure()
