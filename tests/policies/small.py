"""Small policies for tests, and cases for them."""

from decimal import Decimal
from typing import Any

from policies.engine import Case, Result, compile_policy, settle
from policies.language.examples import Cost, Item
from policies.language.loader import load_text
from policies.language.schema import PolicyFile

HEAD = """
area: "500000"
name: 测试
effective_from: 2025-01-01
sources: [{id: T1, title: t, publisher: p, year: 2025, grade: A}]
"""

LARGE = """
supplements:
  - {id: large, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{ratio: 0.9}], annual_cap: 3000, source: T1}
"""
SERIOUS = """
supplements:
  - id: serious
    insurance: employee
    kind: burden
    fund: serious_illness
    source: T1
    thresholds: [{when: {identity: low_income}, amount: 1000}, {amount: 2000}]
    bands: [{upto: 3000, ratios: [{ratio: 0.6}]}, {upto: null, ratios: [{ratio: 0.7}]}]
"""


def policy(body: str, head: str = HEAD) -> PolicyFile:
    """A policy file from its benefits and supplements."""
    return load_text(head + body, "test.yaml")


def inpatient(inner: str, supplements: str = "") -> PolicyFile:
    """A policy with one benefit for employees in hospital; `inner` are its keys beside id, insurance and care."""
    lines = "\n".join(f"    {line}" for line in inner.strip("\n").splitlines())
    return policy(
        f"benefits:\n  - id: stay\n    insurance: employee\n    care: inpatient\n    source: T1\n{lines}\n{supplements}"
    )


def case(
    total: str | int | None = 10000, *, year: dict[str, Any] | None = None, balance: int = 0, **given: Any
) -> Case:
    """A case: facts by name, costs by name, `items` as (class, amount, ratio, limit)."""
    costs = {name: Decimal(given.pop(name)) for name in ("excluded", "over_limit", "first_copay") if name in given}
    items = tuple(
        Item(catalogue=kind, amount=Decimal(amount), first_copay_ratio=Decimal(ratio), limit=limit and Decimal(limit))
        for kind, amount, ratio, limit in given.pop("items", ())
    )
    facts = {"insurance": "employee", "care": "inpatient", "level": 3, "travel": "local", **given}
    return Case(
        facts=facts,
        cost=Cost(total=None if total is None else Decimal(total), items=items, **costs),
        year_to_date={name: Decimal(amount) for name, amount in (year or {}).items()},
        account_balance=Decimal(balance),
    )


def settled(file: PolicyFile, given: Case) -> Result:
    return settle(compile_policy(file), given)


def amounts(file: PolicyFile, given: Case, *names: str) -> dict[str, str]:
    """The named amounts as text; of one name alone too."""
    result = settled(file, given)
    assert result.refused is None, result.reason
    return {name: str(result.amounts[name]) for name in names}
