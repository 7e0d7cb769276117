"""What the engine was given and what came out, as an entry keeps it: plain JSON that reads back as the very same case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from policies.engine import Case, Result
from policies.language.examples import Cost, Item

SUMS = ("total", "excluded", "over_limit", "first_copay")


def columns(case: Case, result: Result) -> dict[str, Any]:
    """The columns of an entry that say how it was computed: what was given, every step, every amount."""
    return {"case": json.dumps(written(case), ensure_ascii=False), "lines": lines(result), **result.amounts}


def lines(result: Result) -> list[list[str | None]]:
    """The steps of a computation as an entry keeps them (`Settlement.steps` names them again)."""
    return [[line.step, line.label, line.formula, str(line.amount), line.source] for line in result.lines]


def written(case: Case) -> dict[str, Any]:
    """A case as JSON; amounts are texts, exact to the last digit."""
    cost = {name: str(amount) for name in SUMS if (amount := getattr(case.cost, name)) is not None}
    items = {"items": [_item(item) for item in case.cost.items]} if case.cost.items else {}
    return {
        "facts": dict(case.facts),
        "cost": {**cost, **items},
        "year_to_date": {name: str(amount) for name, amount in case.year_to_date.items()},
        "account_balance": str(case.account_balance),
    }


def _item(item: Item) -> list[str | None]:
    limit = None if item.limit is None else str(item.limit)
    return [item.name, item.catalogue, str(item.amount), str(item.first_copay_ratio), limit]


def read(text: str) -> Case:
    """The case that was written, exactly."""
    stored: Mapping[str, Any] = json.loads(text)
    cost = stored["cost"]
    sums = {name: Decimal(cost[name]) for name in SUMS if name in cost}
    return Case(
        facts=stored["facts"],
        cost=Cost(**sums, items=tuple(_read_item(*item) for item in cost.get("items", ()))),
        year_to_date={name: Decimal(amount) for name, amount in stored["year_to_date"].items()},
        account_balance=Decimal(stored["account_balance"]),
    )


def _read_item(name: str, catalogue: Any, amount: str, ratio: str, limit: str | None) -> Item:
    return Item(
        name=name,
        catalogue=catalogue,
        amount=Decimal(amount),
        first_copay_ratio=Decimal(ratio),
        limit=None if limit is None else Decimal(limit),
    )
