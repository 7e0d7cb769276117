"""Two policies over the same bills: who wins, who loses, what it costs the funds.

Each policy settles them by plan in columns, and by the engine where a plan's figures do not fit columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from policies.engine import Compiled, settle
from policies.engine.bill import exact
from policies.engine.plan import Plan, Refused
from policies.language.wording import FUND_LABELS, value_text
from scenarios.bills import Bills, Fen, yuan
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
    for plan, rows in _by_plan(policy, bills):
        if isinstance(plan, Refused):
            refused[rows] = True
        else:
            for name, column in _settled(policy, plan, bills.take(rows)).items():
                amounts[name][rows] = column
        done += len(rows)
        progress(done)
    return Outcome(amounts, refused)


def _by_plan(policy: Compiled, bills: Bills) -> Iterator[tuple[Plan | Refused, Fen]]:
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


EDGES = (-500_000, -100_000, -10_000, 0, 1, 10_001, 100_001, 500_001)
"""Fen: where the stretches of the histogram begin; what is not paid more or less stands alone."""
STRETCHES = (
    "少付5000元以上", "少付1000至5000元", "少付100至1000元", "少付不超过100元", "不变",
    "多付不超过100元", "多付100至1000元", "多付1000至5000元", "多付5000元以上",
)  # fmt: skip
GROUPS = ("person", "care", "level", "travel", "identity")
EXTREMES = 3


def compare(bills: Bills, before: Outcome, after: Outcome) -> dict[str, Any]:
    """What changes from one policy to the other, in words and yuan, ready to be stored as JSON.

    A person's change is that of `own` (个人负担). Bills that only one of the two policies pays, and those that
    neither pays, are counted apart.
    """
    both = ~before.refused & ~after.refused
    change = after.amounts["own"] - before.amounts["own"]
    return {
        "bills": len(bills),
        "compared": int(both.sum()),
        "refused": int((before.refused & after.refused).sum()),
        "newly_paid": _only(before.refused & ~after.refused, after),
        "no_longer_paid": _only(after.refused & ~before.refused, before),
        "winners": _side(change[both & (change < 0)]),
        "losers": _side(change[both & (change > 0)]),
        "unchanged": int((both & (change == 0)).sum()),
        "funds": [_fund(name, before, after, both) for name in ("fund", *FUNDS)],
        "own": _sums(before.amounts["own"][both], after.amounts["own"][both]),
        "histogram": _histogram(change[both]),
        "groups": [group for fact in GROUPS for group in _groups(fact, bills, change, before, after, both)],
        "most": {
            "winners": list(_extremes(bills, before, after, change, both, -1)),
            "losers": list(_extremes(bills, before, after, change, both, 1)),
        },
    }


def _side(change: Fen) -> dict[str, Any]:
    return {"bills": len(change), "yuan": str(yuan(abs(int(change.sum()))))}


def _only(rows: np.ndarray[Any, Any], paid: Outcome) -> dict[str, Any]:
    return {"bills": int(rows.sum()), "fund": str(yuan(int(paid.amounts["fund"][rows].sum())))}


def _sums(before: Fen, after: Fen) -> dict[str, str]:
    old, new = int(before.sum()), int(after.sum())
    return {"before": str(yuan(old)), "after": str(yuan(new)), "change": str(yuan(new - old))}


def _fund(name: str, before: Outcome, after: Outcome, both: np.ndarray[Any, Any]) -> dict[str, str]:
    return {"fund": name, **_sums(before.amounts[name][both], after.amounts[name][both])}


def _histogram(change: Fen) -> list[dict[str, Any]]:
    """How many bills lie in each stretch of the change; exactly 5 000, 1 000, 100 yuan count to the smaller change."""
    places = np.searchsorted(np.array(EDGES), change, side="right")
    counts = np.bincount(places, minlength=len(STRETCHES))
    return [{"label": label, "bills": int(count)} for label, count in zip(STRETCHES, counts, strict=True)]


def _groups(
    fact: str, bills: Bills, change: Fen, before: Outcome, after: Outcome, both: np.ndarray[Any, Any]
) -> Iterator[dict[str, Any]]:
    """For each value of a fact that occurs: how many bills, winners and losers, and what changes for people and funds."""
    values = sorted({facts[fact] for facts in bills.profiles if fact in facts}, key=str)
    for value in values:
        profiles = np.array([facts.get(fact) == value for facts in bills.profiles])
        rows = both & profiles[bills.profile]
        count = int(rows.sum())
        if not count:
            continue
        yield {
            "fact": fact,
            "label": value_text(fact, value),
            "bills": count,
            "winners": int((change[rows] < 0).sum()),
            "losers": int((change[rows] > 0).sum()),
            "mean_change": str(yuan(round(int(change[rows].sum()) / count))),
            "fund_change": _sums(before.amounts["fund"][rows], after.amounts["fund"][rows])["change"],
        }


def _extremes(
    bills: Bills, before: Outcome, after: Outcome, change: Fen, both: np.ndarray[Any, Any], sign: int
) -> Iterator[dict[str, Any]]:
    """The bills that change most in one direction, with what they were and are."""
    signed = np.where(both, change * sign, 0)
    order: Sequence[int] = np.argsort(-signed, kind="stable")[:EXTREMES].tolist()
    for i in order:
        if signed[i] <= 0:
            return
        facts = bills.profiles[int(bills.profile[i])]
        yield {
            "facts": "，".join(value_text(name, facts[name]) for name in ("insurance", *GROUPS) if name in facts),
            "total": str(yuan(bills.column("total")[i])),
            "before": str(yuan(before.amounts["own"][i])),
            "after": str(yuan(after.amounts["own"][i])),
            "change": str(yuan(change[i])),
        }
