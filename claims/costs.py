"""The cost of a claim: read strictly as every bill is, checked against itself, kept in the form in which it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from core.errors import Problem
from policies.engine import WrongInput
from policies.engine.bill import Bill, exact, take_costs
from policies.language.examples import Cost, Item
from settlements.bills import SUMS


def written(cost: Cost) -> dict[str, Any]:
    """A cost as JSON in the form of the API (`{total, …}` or `{items}`); amounts are texts."""
    sums = {name: str(amount) for name in SUMS if (amount := getattr(cost, name)) is not None}
    return {**sums, **({"items": [_item(item) for item in cost.items]} if cost.items else {})}


def _item(item: Item) -> dict[str, Any]:
    row = {
        "name": item.name,
        "class": item.catalogue,
        "amount": str(item.amount),
        "first_copay_ratio": str(item.first_copay_ratio),
    }
    return row if item.limit is None else {**row, "limit": str(item.limit)}


def read(stored: Mapping[str, Any]) -> Cost:
    """The cost that was written."""
    sums = {name: Decimal(stored[name]) for name in SUMS if name in stored}
    return Cost(**sums, items=tuple(_read_item(row) for row in stored.get("items", ())))


def _read_item(row: Mapping[str, Any]) -> Item:
    return Item(
        name=row["name"],
        catalogue=row["class"],
        amount=Decimal(row["amount"]),
        first_copay_ratio=Decimal(row["first_copay_ratio"]),
        limit=Decimal(row["limit"]) if "limit" in row else None,
    )


def totalled(cost: Cost) -> tuple[Decimal, Problem | None]:
    """What the bill comes to, and what in it contradicts itself (`scope_negative`, `items_total`)."""
    bill = Bill(cast(Any, None), {})  # the first step asks no plan
    with exact():
        try:
            take_costs(bill, cost)
        except WrongInput as wrong:
            return bill.total, Problem(wrong.code, str(wrong), "cost")
    return bill.total, None
