"""Many bills under one policy: by plan in columns, and by the engine where a plan's figures do not fit columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from policies.engine import Compiled, settle
from policies.engine.bill import exact
from policies.engine.plan import Plan, Refused
from policies.language.wording import FUND_LABELS
from scenarios.bills import Bills, Fen
from scenarios.vector import Unfit, settle_group

FUNDS = ("pooled", *FUND_LABELS)
AMOUNTS = (
    "total", "excluded", "over_limit", "first_copay", "scope", "travel_first_pay", "eligible", "deductible", "payable",
    "beyond", "burden", *FUNDS, "fund", "own", "account", "cash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every named amount of every bill in fen, in the order of the bills; zero where `refused`."""

    amounts: dict[str, Fen]
    refused: np.ndarray[tuple[int], np.dtype[np.bool_]]


def settle_many(policy: Compiled, bills: Bills, progress: Callable[[int], None] = lambda done: None) -> Outcome:
    """Settle all bills, each exactly as `settle` would. `progress` hears now and then how many are done."""
    amounts = {name: np.zeros(len(bills), np.int64) for name in AMOUNTS}
    refused = np.zeros(len(bills), bool)
    done = 0
    for plan, rows in _groups(policy, bills):
        if isinstance(plan, Refused):
            refused[rows] = True
        else:
            for name, column in _settled(policy, plan, bills.take(rows)).items():
                amounts[name][rows] = column
        done += len(rows)
        progress(done)
    return Outcome(amounts, refused)


def _groups(policy: Compiled, bills: Bills) -> Iterator[tuple[Plan | Refused, Fen]]:
    """The bills of each plan, by position."""
    with exact():
        plans = [policy.plan(facts) for facts in bills.profiles]
    places: dict[int, int] = {}
    place_of = np.array([places.setdefault(id(plan), len(places)) for plan in plans], np.int64)
    distinct = list({id(plan): plan for plan in plans}.values())
    place = place_of[bills.profile]
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(len(distinct) + 1))
    for i, plan in enumerate(distinct):
        rows = order[edges[i] : edges[i + 1]]
        if len(rows):
            yield plan, rows


def _settled(policy: Compiled, plan: Plan, bills: Bills) -> dict[str, Fen]:
    try:
        return settle_group(plan, bills)
    except Unfit:
        return _one_by_one(policy, bills)


def _one_by_one(policy: Compiled, bills: Bills) -> dict[str, Fen]:
    results = [settle(policy, bills.case(i)).amounts for i in range(len(bills))]
    return {name: np.array([int(result[name] * 100) for result in results], np.int64) for name in AMOUNTS}
