"""Policies and bills for the tests of the engine, from a random source of one's own or from hypothesis.

One maker for both: seeded (`random.Random(seed)`) for the bulk, and hypothesis' own random source for the laws, which it then
shrinks. A bill's sums are built from the figures of its policy, so that a deductible, an edge or a cap is often met to the fen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from policies.engine import Case
from policies.language.examples import Cost, Item
from policies.language.facts import Condition, FactValue
from policies.language.schema import PolicyFile
from tests.policies.random_policies import CARES, FACTS, FEN, FUNDS, INSURANCES, ZERO, make_policy, ratio, seldom

YEAR_KEYS = (
    "scope",
    "pooled",
    "deductible",
    "beyond",
    "burden",
    *FUNDS,
    "month_scope",
    "month_deductible",
    "month_pooled",
)
OTHER_KEYS = ("chronic_scope", "chronic_pooled", "linked_deductible")
STEPS = tuple(map(Decimal, ["0", "0", "0", "0", "0.01", "-0.01", "0.5", "100"]))


class Ground(NamedTuple):
    """What bills for a policy are made from: the figures to meet, and for each fact the values its rules can tell apart."""

    policy: PolicyFile
    marks: Sequence[Decimal]
    facts: dict[str, tuple[FactValue, ...]]


def ground(policy: PolicyFile) -> Ground:
    rules = (policy.benefits or (), policy.supplements, policy.not_included)
    found = list(_found(rules))
    figures = {each for each in found if isinstance(each, Decimal)}
    fen = {figure for figure in figures if figure > 1 and figure % FEN == 0}  # no factor of 1.125: bills are in fen
    marks = fen | {ZERO, Decimal(100)}
    values_of: dict[str, set[FactValue]] = {fact: set(values) for fact, values in FACTS.items()}
    for condition in (each for each in found if isinstance(each, Condition)):
        values_of[condition.fact] |= (
            set(condition.values) | _either_side(condition.at_least) | _either_side(condition.below)
        )
    return Ground(
        policy, sorted(marks), {fact: tuple(sorted(values)) for fact, values in values_of.items() if fact in FACTS}
    )


def _either_side(bound: int | None) -> set[int]:
    return set() if bound is None else {max(0, bound - 1), bound}


def _found(value: Any) -> Iterator[Decimal | Condition]:
    """Every figure and every condition in tuples and dataclasses within one another."""
    if isinstance(value, Decimal | Condition):
        yield value
        return
    for part in value if isinstance(value, tuple) else (getattr(value, name) for name in _parts(type(value))):
        yield from _found(part)


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; of anything else, none."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def amount(random: Random, marks: Sequence[Decimal]) -> Decimal:
    """A sum that meets one figure or two, or misses by a fen; or any."""
    kind = random.randrange(6)
    if kind == 0:
        return Decimal(random.randrange(12_000_000)) * FEN
    if kind == 1:
        return Decimal(random.randrange(200_000)) * FEN
    met = random.choice(marks) + random.choice(STEPS)
    if kind == 2:
        met += random.choice(marks)
    return max(ZERO, met)


def make_facts(random: Random, ground: Ground) -> dict[str, FactValue]:
    """The facts of a settlement: mostly of one of the benefits, most of them stated."""
    facts: dict[str, FactValue] = {"insurance": random.choice(INSURANCES), "care": random.choice(CARES)}
    if ground.policy.benefits and not seldom(random, 20):
        meant = random.choice(ground.policy.benefits)
        facts = {"insurance": meant.insurance, "care": meant.care}
        if meant.diseases:
            facts["disease"] = random.choice(meant.diseases)
    for fact in ("level", "person", "travel", "age"):
        if not seldom(random, 15):
            facts[fact] = random.choice(ground.facts[fact])
    for fact, values in ground.facts.items():
        if fact not in facts and seldom(random, 2):
            facts[fact] = random.choice(values)
    return facts


def make_item(random: Random, marks: Sequence[Decimal]) -> Item:
    price = amount(random, marks)
    limit = random.choice((None, None, price, price - FEN, price + FEN, Decimal(40), price * 2))
    share = ratio(random) if random.randrange(3) else ZERO
    limit = None if limit is None else max(ZERO, limit)
    return Item(name="药", catalogue=random.choice("AABBC"), amount=price, first_copay_ratio=share, limit=limit)  # type: ignore[arg-type]


def make_cost(random: Random, marks: Sequence[Decimal], sought: Decimal) -> Cost:
    """A bill with `sought` as its scope and some own costs beside it, or item by item; seldom one that contradicts itself."""
    if seldom(random, 5):
        items = tuple(make_item(random, marks) for _ in range(random.choice((1, 2, 3, 5))))
        total = sum((item.amount for item in items), ZERO)
        return Cost(total=random.choice((None, None, total, total + FEN * random.randrange(2))), items=items)
    own = [amount(random, marks) if seldom(random, 4) else ZERO for _ in range(3)]
    total = sought + sum(own, ZERO) if random.randrange(30) else sought
    excluded, over_limit, first_copay = (figure or random.choice((None, ZERO)) for figure in own)
    return Cost(total=total, excluded=excluded, over_limit=over_limit, first_copay=first_copay)


def make_year(random: Random, marks: Sequence[Decimal]) -> dict[Any, Decimal]:
    """The year so far: often nothing, mostly in itself consistent, sometimes not."""
    if seldom(random, 4):
        return {}
    year: dict[str, Decimal] = {key: amount(random, marks) for key in (*YEAR_KEYS, *OTHER_KEYS) if seldom(random, 2)}
    if random.randrange(10):
        scope = year.setdefault("scope", ZERO)
        bounded = ("deductible", "pooled", "beyond", "month_scope", "month_deductible", "month_pooled", *OTHER_KEYS[:2])
        year |= {key: min(year[key], scope) for key in bounded if key in year}
    return year


def make_case(random: Random, ground: Ground) -> Case:
    """A bill for one of the policy's benefits."""
    marks = ground.marks
    year = make_year(random, marks)
    sought = ZERO if seldom(random, 30) else amount(random, marks)
    if seldom(random, 3):  # what the year has left of a figure
        sought = max(ZERO, sought - year.get(random.choice(YEAR_KEYS), ZERO))
    return Case(
        facts=make_facts(random, ground),
        cost=make_cost(random, marks, sought),
        year_to_date=year,
        account_balance=amount(random, marks) if seldom(random, 2) else ZERO,
    )


sources = st.randoms(use_true_random=False)
policies = sources.map(make_policy)


@st.composite
def settlements(draw: st.DrawFn) -> tuple[PolicyFile, Case]:
    """A policy and a bill for it."""
    random = draw(sources)
    policy = make_policy(random)
    return policy, make_case(random, ground(policy))
