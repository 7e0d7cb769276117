"""The examples that a policy file carries as its own proof (POLICY.md §4), as they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from policies.language.binding import BAD, Binder, SectionReader, show
from policies.language.facts import FACTS, FactValue, read_value
from policies.language.text import Node
from policies.language.values import Money, Ratio, Signed

Amount: TypeAlias = Literal[
    "total",
    "excluded",
    "over_limit",
    "first_copay",
    "scope",
    "travel_first_pay",
    "eligible",
    "deductible",
    "payable",
    "pooled",
    "beyond",
    "burden",
    "large_amount",
    "serious_illness",
    "assistance",
    "civil_servant",
    "enterprise",
    "fund",
    "own",
    "account",
    "cash",
]
YearKey: TypeAlias = Literal[
    "scope",
    "deductible",
    "pooled",
    "beyond",
    "burden",
    "large_amount",
    "serious_illness",
    "assistance",
    "civil_servant",
    "enterprise",
    "month_scope",
    "month_deductible",
    "month_pooled",
    "chronic_scope",
    "chronic_pooled",
    "linked_deductible",
]
Refusal: TypeAlias = Literal["not_covered", "not_known"]


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a bill: class A, B or C of the catalogue, what it cost, and its price limit."""

    name: str = ""
    catalogue: Literal["A", "B", "C"] = field(metadata={"key": "class"})
    amount: Money
    first_copay_ratio: Ratio = Decimal(0)
    limit: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The bill as sums, or item by item."""

    total: Money | None = None
    excluded: Money | None = None
    over_limit: Money | None = None
    first_copay: Money | None = None
    items: tuple[Item, ...] = ()

    @staticmethod
    def inspect(given: Mapping[str, Node]) -> Iterator[tuple[str, str, str, None]]:
        if not given.keys() & {"total", "items"}:
            yield "total", "key_missing", "费用要写 total，或者逐项写 items", None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The case of an example: facts, the costs, and the year so far."""

    facts: Mapping[str, FactValue]
    cost: Cost
    year_to_date: Mapping[YearKey, Decimal]
    account_balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The keys of `given` that are no facts."""

    cost: Cost
    year_to_date: Mapping[YearKey, Money] = field(default_factory=_nothing)
    account_balance: Money = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must come out: amounts, or a refusal."""

    amounts: Mapping[Amount, Decimal]
    refused: Refusal | None = None


def read_given(binder: Binder, node: Node, key: str) -> Any:
    """`given`: facts by name, and beside them `cost`, `year_to_date` and `account_balance`."""
    given = node.mapping
    if given is None:
        return binder.refuse(node, key, "type_wrong", f"应为键值对，实际是 {show(node)}")
    facts = {name: _fact(binder, name, child, f"{key}.{name}") for name, child in given.items() if name not in _COSTS}
    for name in {"insurance", "care"} - facts.keys():
        facts[name] = binder.refuse(node, f"{key}.{name}", "key_missing", "缺少这个事实")
    rest = Node({name: child for name, child in given.items() if name in _COSTS}, node.line, node.file)
    costs = binder.bind(Costs, rest, key)
    if costs is BAD or BAD in facts.values():
        return BAD
    return Case(
        facts=MappingProxyType(facts),
        cost=costs.cost,
        year_to_date=costs.year_to_date,
        account_balance=costs.account_balance,
    )


def _fact(binder: Binder, name: str, node: Node, key: str) -> Any:
    if name not in FACTS:
        return binder.refuse(node, key, "fact_unknown", f"没有这个事实；可以写 {'、'.join((*FACTS, *_COSTS))}")
    return read_value(binder, FACTS[name], node, key)


def read_expect(binder: Binder, node: Node, key: str) -> Any:
    """`expect`: amounts of the calculation, or `refused` alone."""
    if node.mapping is not None and "refused" in node.mapping:
        refused = binder.bind(Refusal, node.mapping["refused"], f"{key}.refused")
        for name in node.mapping.keys() - {"refused"}:
            refused = binder.refuse(node.mapping[name], f"{key}.{name}", "keys_conflict", "refused 只能单独写")
        return BAD if refused is BAD else Expected(amounts=_nothing(), refused=refused)
    amounts = binder.bind(Mapping[Amount, Signed], node, key)
    if amounts is not BAD and not amounts:
        return binder.refuse(node, key, "type_wrong", "至少要写一个预期金额，或 refused")
    return BAD if amounts is BAD else Expected(amounts=amounts)


_COSTS = ("cost", "year_to_date", "account_balance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A case worked out by hand or published: what is given and what must come out."""

    name: str
    source: str | None = None
    given: Annotated[Case, SectionReader(read_given)]
    expect: Annotated[Expected, SectionReader(read_expect)]
    line: int = field(default=0, compare=False)
