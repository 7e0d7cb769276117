"""A generated population of bills: drawn from a seed, so that the same seed gives the same bills everywhere.

It is no statistic of any area. Sizes follow what is published: a cross-province stay cost 24 290 yuan on average in 2021,
and the fund paid 125 yuan of an outpatient visit, 905 of a chronic one (RULES.md §6); costs are lognormal around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from policies.language.facts import FACTS, FactValue
from policies.language.schema import Benefit, PolicyFile
from scenarios.bills import Bills, Facts, Fen

PERSONS = {
    "employee": (("active", 45), ("retired", 68)),
    "resident": (("minor", 9), ("student", 20), ("adult", 44), ("elder", 71)),
}
LEVELS = ((0, 0.05), (1, 0.10), (2, 0.25), (3, 0.60))
TRAVELS = (
    ("local", 0.40),
    ("long_term", 0.25),
    ("referral", 0.12),
    ("emergency", 0.05),
    ("other", 0.12),
    ("unfiled", 0.06),
)
CARES: dict[str, tuple[float, float, float]] = {
    "inpatient": (0.35, 13_000, 1.1),
    "outpatient": (0.45, 180, 0.9),
    "chronic": (0.20, 900, 0.8),
}
"""Share of the bills, median in yuan, and spread of each kind of care; of the kinds that the policies cover."""
PROFILES = 4_000
THIS_YEAR, RETIRES_AT = 2026, 60


def generate(policies: Sequence[PolicyFile], *, size: int, seed: int) -> Bills:
    """`size` bills such as these policies' insured might have."""
    rng = np.random.default_rng(seed)
    paying = [benefit for policy in policies for benefit in policy.benefits or () if _ever_pays(benefit)]
    covered = sorted({(benefit.insurance, benefit.care) for benefit in paying})
    diseases = sorted({code for benefit in paying for code in benefit.diseases}) or ["M03900"]
    profiles = [_facts(rng, covered, diseases) for _ in range(min(PROFILES, size))] if covered else []
    profile = rng.integers(0, max(1, len(profiles)), size if covered else 0)
    medians = np.array([CARES[str(facts["care"])][1] for facts in profiles] or [0.0])
    spreads = np.array([CARES[str(facts["care"])][2] for facts in profiles] or [0.0])
    total = _fen(medians[profile] * np.exp(rng.normal(0, 1, len(profile)) * spreads[profile]))
    cost = {
        "total": total,
        "excluded": _part(rng, total, 0.08),
        "over_limit": _part(rng, total, 0.02),
        "first_copay": _part(rng, total, 0.06),
    }
    balance = _fen(np.where(rng.random(len(profile)) < 0.5, 0, rng.exponential(2_000, len(profile))))
    return Bills(profiles, profile, cost, _year(rng, total), balance)


def _ever_pays(benefit: Benefit) -> bool:
    """Of a benefit that only says that nothing is known there is nothing to compare."""
    return all(rule.when for rule in (*benefit.not_covered, *benefit.not_known))


def _facts(rng: np.random.Generator, covered: Sequence[tuple[str, str]], diseases: Sequence[str]) -> Facts:
    weights = np.array([CARES[care][0] for _, care in covered])
    insurance, care = covered[int(rng.choice(len(covered), p=weights / weights.sum()))]
    person, age = PERSONS[insurance][int(rng.integers(len(PERSONS[insurance])))]
    travel = _drawn(rng, TRAVELS)
    facts: dict[str, FactValue] = {
        "insurance": insurance,
        "care": care,
        "person": person,
        "age": int(max(0, rng.normal(age, 8))),
        "level": _drawn(rng, LEVELS),
        "travel": travel,
        "visit": int(min(6, rng.geometric(0.65))),
        "identity": "low_income" if rng.random() < 0.05 else "none",
        "settlement": "manual" if travel == "unfiled" else "direct",
        "distance": "same_area" if travel == "local" else "other_province",
        "specialty": "general",
        "tier": int(rng.integers(1, 3)),
        "filed_by": "commitment" if rng.random() < 0.2 else "document",
        "years_contributed": int(rng.integers(1, 35)),
        "months_insured": int(rng.integers(1, 200)),
        "referred": bool(rng.random() < 0.3),
    }
    if person == "retired":
        facts["retired_year"] = THIS_YEAR - max(0, int(str(facts["age"])) - RETIRES_AT)
    if care == "chronic":
        facts |= {"disease": str(diseases[int(rng.integers(len(diseases)))]), "diseases_recognised": 1}
    assert facts.keys() <= FACTS.keys()
    return facts


def _drawn(rng: np.random.Generator, choices: Sequence[tuple[Any, float]]) -> Any:
    return choices[int(rng.choice(len(choices), p=[weight for _, weight in choices]))][0]


def _fen(yuan: np.ndarray[Any, Any]) -> Fen:
    fen: Fen = np.rint(yuan * 100).astype(np.int64)
    return fen


def _part(rng: np.random.Generator, total: Fen, mean: float) -> Fen:
    """A part of each bill, about `mean` of it, at most three times as much."""
    return np.floor(total * rng.uniform(0, 2 * mean, len(total))).astype(np.int64)


def _year(rng: np.random.Generator, total: Fen) -> dict[str, Fen]:
    """The year so far: nothing for two thirds, for the rest bills about as large as this one, up to some times as much."""
    earlier = rng.random(len(total)) < 1 / 3
    scope = np.where(earlier, np.floor(total * rng.exponential(1.5, len(total))), 0).astype(np.int64)
    deductible = np.minimum(scope, 100_000)
    pooled = np.floor((scope - deductible) * 0.7).astype(np.int64)
    month = np.where(rng.random(len(total)) < 0.3, 1, 0)
    return {
        "scope": scope,
        "deductible": deductible,
        "pooled": pooled,
        "burden": scope - pooled,
        "chronic_scope": scope,
        "chronic_pooled": pooled,
        "month_scope": scope * month,
        "month_pooled": pooled * month,
        "month_deductible": np.minimum(deductible, 3_000) * month,
    }
