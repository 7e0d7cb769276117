"""Policies out of a random source: all features of POLICY.md §2–3 combined."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from policies.language.facts import Condition, FactValue
from policies.language.filing_types import Source
from policies.language.schema import (
    AmountRule,
    Band,
    Benefit,
    Cap,
    Deductible,
    DeductibleAdjustment,
    DeductibleRule,
    FundCap,
    LevelRule,
    Limit,
    NotIncluded,
    PolicyFile,
    RatioAdjustment,
    RatioRule,
    RefusalRule,
    Share,
    Supplement,
)

T = TypeVar("T")
REASONS = ("没有找到金额", "没有找到规定")
ZERO, FEN = Decimal(0), Decimal("0.01")

FACTS: dict[str, tuple[FactValue, ...]] = {
    "level": (0, 1, 2, 3),
    "person": ("active", "retired", "minor", "student", "adult", "elder"),
    "age": (5, 44, 45, 60, 70),
    "travel": ("local", "long_term", "referral", "emergency", "other", "unfiled"),
    "visit": (1, 2, 3),
    "disease": ("M03900", "M01600", "M00500"),
    "identity": ("none", "low_income", "civil_servant"),
    "tier": (1, 2, 3),
    "class": ("special", "3A"),
    "distance": ("same_area", "same_province", "other_province"),
    "destination": ("120000", "310000"),
    "settlement": ("direct", "manual"),
    "referred": (True, False),
    "filed_by": ("document", "commitment"),
    "vacation": (True, False),
    "injury": (True, False),
    "no_third_party": (True, False),
    "newborn": (True, False),
    "maternity": (True, False),
    "institution_kind": ("hospital", "pharmacy"),
    "specialty": ("general", "tcm"),
    "visit_at_level": (1, 2),
    "retired_year": (2000, 2001, 2015),
    "months_insured": (3, 6, 24),
    "years_contributed": (5, 15, 25),
    "diseases_recognised": (1, 2),
}
NUMBERS = (
    "level",
    "age",
    "visit",
    "tier",
    "visit_at_level",
    "retired_year",
    "months_insured",
    "years_contributed",
    "diseases_recognised",
)
ASKED = ("level", "level", "person", "travel", "travel", "travel", *FACTS)
INSURANCES, CARES = ("employee", "resident"), ("inpatient", "outpatient", "chronic")
FUNDS = ("large_amount", "serious_illness", "assistance", "civil_servant", "enterprise")
FIGURES = tuple(
    map(
        Decimal,
        [
            "0",
            "0.01",
            "50",
            "100",
            "333.33",
            "500",
            "880",
            "1300",
            "2000",
            "5000.5",
            "10000",
            "20000",
            "30000",
            "50000",
            "150000",
        ],
    )
)
RATIOS = tuple(
    map(Decimal, ["0", "0.2", "0.3333", "0.5", "0.55", "0.6", "0.75", "0.8", "0.855", "0.9", "0.95", "0.99", "1"])
)
FACTORS = tuple(map(Decimal, ["0", "0.5", "0.6", "0.8", "0.95", "1", "1.05", "1.5"]))
POINTS = tuple(map(Decimal, ["-100", "-20", "-10", "-5", "-2.5", "2", "5", "10", "100"]))


def seldom(random: Random, one_in: int) -> bool:
    return random.randrange(one_in) == 0


def money(random: Random) -> Decimal:
    """A figure as policies print them, or any number of fen."""
    return random.choice(FIGURES) if random.randrange(3) else Decimal(random.randrange(3_000_000)) * FEN


def small(random: Random) -> Decimal:
    """A figure that an ordinary bill exceeds, mostly."""
    return money(random) if seldom(random, 3) else random.choice(FIGURES[:9])


def ratio(random: Random) -> Decimal:
    return random.choice(RATIOS) if random.randrange(3) else Decimal(random.randrange(10_001)) * Decimal("0.0001")


def condition(random: Random) -> Condition:
    """One key of a `when`: values, or a bound of a number."""
    fact = random.choice(ASKED)
    values = FACTS[fact]
    if fact in NUMBERS and seldom(random, 2):
        bound: Any = random.choice(values)
        return Condition(fact, at_least=bound) if seldom(random, 2) else Condition(fact, below=bound)
    return Condition(fact, tuple(dict.fromkeys(random.choice(values) for _ in range(random.choice((1, 1, 2, 3))))))


def when(random: Random) -> tuple[Condition, ...]:
    return tuple(condition(random) for _ in range(random.choice((1, 1, 1, 2))))


def rules(random: Random, make: Callable[..., T], *, most: int = 3, open_end: bool = True) -> tuple[T, ...]:
    """Rules with conditions, and at the end mostly one without, if `open_end`."""
    rules = [make(when=when(random), source=random.choice((None, "S1"))) for _ in range(random.randrange(most))]
    if open_end and not seldom(random, 20):
        rules.append(make(source="S1"))
    return tuple(rules)


def sometimes(random: Random, make: Callable[..., T], one_in: int = 3) -> tuple[T, ...]:
    return rules(random, make, open_end=seldom(random, 2)) if seldom(random, one_in) else ()


def ratio_rules(random: Random) -> tuple[RatioRule, ...]:
    return rules(random, lambda **keys: RatioRule(ratio=ratio(random), **keys))


def amount_rule(random: Random) -> Callable[..., AmountRule]:
    return lambda **keys: AmountRule(amount=small(random), **keys)


def fund_cap(random: Random) -> Callable[..., FundCap]:
    def make(**keys: Any) -> FundCap:
        return FundCap(**keys, **not_known(random) if seldom(random, 4) else {"amount": small(random)})

    return make


def not_known(random: Random) -> dict[str, Any]:
    return {"not_known": random.choice(REASONS)}


def not_included(random: Random) -> NotIncluded:
    """An entry of `not_included`, for all or for some: a fund's may be one that the policy pays from, which the loader refuses."""
    kind: Any = random.choice(("fund", "cap", "rule"))
    fund = random.choice(FUNDS) if kind == "fund" or (kind == "cap" and seldom(random, 2)) else None
    return NotIncluded(
        kind=kind,
        fund=fund,  # type: ignore[arg-type]
        insurance=random.choice((None, *INSURANCES)),  # type: ignore[arg-type]
        care=tuple(random.sample(CARES, 2)) if seldom(random, 3) else (),  # type: ignore[arg-type]
        when=when(random) if seldom(random, 2) else (),
        reason=random.choice(REASONS),
    )


def refusals(random: Random) -> tuple[RefusalRule, ...]:
    return rules(random, lambda **keys: RefusalRule(reason=random.choice(("", "不予支付")), **keys), open_end=False)


def bands(random: Random) -> tuple[Band, ...]:
    edges = sorted({edge for _ in range(random.randrange(4)) if (edge := money(random)) > 0})
    return tuple(Band(upto=edge, ratios=ratio_rules(random)) for edge in (*edges, None))


def deductible_rule(random: Random) -> Callable[..., DeductibleRule]:
    def make(**keys: Any) -> DeductibleRule:
        if random.randrange(4):
            return DeductibleRule(amount=small(random), **keys)
        low, high = sorted((money(random), money(random)))
        bounds = {"min": low if seldom(random, 2) else None, "max": high if seldom(random, 2) else None}
        return DeductibleRule(percent_of_total=ratio(random), **bounds, **keys)

    return make


def deductible(random: Random) -> Deductible | None:
    def adjustment(**keys: Any) -> DeductibleAdjustment:
        if seldom(random, 2):
            return DeductibleAdjustment(times=random.choice(FACTORS), **keys)
        return DeductibleAdjustment(add=random.choice((1, -1)) * money(random), **keys)

    if seldom(random, 8):
        return None
    return Deductible(
        period=random.choice(("admission", "year", "month")),
        amounts=rules(random, deductible_rule(random)),
        adjust=sometimes(random, adjustment),
        linked=seldom(random, 3),
        annual_max=money(random) if seldom(random, 4) else None,
    )


def share(random: Random) -> Share:
    def adjustment(**keys: Any) -> RatioAdjustment:
        kind, values = random.choice((("points", POINTS), ("times", FACTORS), ("self_times", FACTORS)))
        low, high = sorted((ratio(random), ratio(random)))
        keys |= {"min": low if seldom(random, 5) else None, "max": high if seldom(random, 5) else None}
        return RatioAdjustment(**{kind: random.choice(values)}, **keys)

    return Share(
        base=random.choice(("stay", "year")),
        measure=random.choice(("scope", "payable")),
        bands=bands(random),
        adjust=sometimes(random, adjustment, one_in=2),
    )


def benefit(random: Random, number: int) -> Benefit:
    def cap(**keys: Any) -> Cap:
        of = random.choice(("pooled", "pooled", "scope"))
        if seldom(random, 5):
            return Cap(of=random.choice((None, of)), **not_known(random), **keys)  # type: ignore[arg-type]
        return Cap(of=of, amount=money(random), **keys)  # type: ignore[arg-type]

    def limit(**keys: Any) -> Limit:
        measure, period = random.choice(("pooled", "scope")), random.choice(("year", "month"))
        return Limit(of=measure, period=period, amount=money(random), **keys)

    care, refuses = random.choice(CARES), seldom(random, 10)
    return Benefit(
        id=f"benefit-{number}",
        insurance=random.choice(INSURANCES),
        care=care,
        diseases=FACTS["disease"][:2] if care == "chronic" and seldom(random, 3) else (),
        when=when(random) if seldom(random, 8) else (),
        not_covered=refusals(random) if refuses else (),
        not_known=refusals(random) if refuses else (),
        level_as=sometimes(random, lambda **keys: LevelRule(level=random.choice((0, 1, 2, 3)), **keys), one_in=4),
        first_pay=sometimes(random, lambda **keys: RatioRule(ratio=ratio(random), **keys), one_in=2),
        deductible=deductible(random),
        share=share(random),
        floor=sometimes(random, lambda **keys: RatioRule(ratio=ratio(random), **keys)),
        limits=sometimes(random, limit) + sometimes(random, limit),
        annual_cap=sometimes(random, cap, one_in=2) + sometimes(random, cap),
    )


def supplement(random: Random, number: int, insurance: Any) -> Supplement:
    kind = random.choice(("above_cap", "burden"))
    keys: dict[str, Any] = {"bands": bands(random)} if seldom(random, 2) else {"ratios": ratio_rules(random)}
    if kind == "burden":
        keys |= {
            "thresholds": rules(random, amount_rule(random)),
            "measure": random.choice(("above", "burden")),
            "includes": random.choice(((), (), ("first_copay",), ("over_limit",), ("over_limit", "first_copay"))),
            "excludes_first_pay": seldom(random, 2),
        }
    return Supplement(
        id=f"supplement-{number}",
        insurance=insurance,
        kind=kind,  # type: ignore[arg-type]
        fund=random.choice(FUNDS[: random.choice((2, 5))]),  # type: ignore[arg-type]
        when=when(random) if seldom(random, 6) else (),
        period=random.choice(("year", "stay")),
        care=tuple(random.sample(CARES, 2)) if seldom(random, 6) else (),  # type: ignore[arg-type]
        annual_cap=sometimes(random, fund_cap(random)),
        **keys,
    )


def make_policy(random: Random) -> PolicyFile:
    """A policy of one to three benefits and none to five supplements."""
    benefits = tuple(benefit(random, number) for number in range(random.choice((1, 2, 3))))
    insurances = [random.choice((random.choice(benefits).insurance, *INSURANCES)) for _ in range(random.randrange(6))]
    return PolicyFile(
        area="500000",
        name="随机",
        effective_from=date(2025, 1, 1),
        account_abroad=not seldom(random, 3),
        file="random.yaml",
        sha256="0" * 64,
        sources=(Source(id="S1", title="随机", grade="D"),),
        benefits=benefits,
        supplements=tuple(supplement(random, *numbered) for numbered in enumerate(insurances)),
        not_included=tuple(not_included(random) for _ in range(random.choice((0, 0, 1, 2, 4)))),
    )
