"""What we know, before anyone trusts a figure: for each area, insurance, care and way of going, whether the engine can answer.

The compiled policy is asked for every kind of person, hospital level, distance and disease. A refusal as "not covered" is an
answer; "not known" is none. A text never changes, so what was asked of it is kept for the life of the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import product
from typing import NamedTuple

from policies import published
from policies.engine import compile_policy
from policies.engine.plan import Plan, Refused, cited
from policies.language.facts import FactValue
from policies.language.filing_types import Grade
from policies.language.omissions import Omission, each_once
from policies.language.schema import PolicyFile
from policies.language.terms import CARES, INSURANCES, TRAVELS, Care, Insurance, Travel
from policies.language.wording import value_text
from policies.published import Published
from regions.models import Area
from regions.reference import diseases

Facts = Mapping[str, FactValue]
PERSONS: Mapping[Insurance, Mapping[str, int]] = {
    "employee": {"active": 45, "retired": 68},
    "resident": {"minor": 9, "student": 20, "adult": 44, "elder": 71},
}
"""Who is asked for, and at which age."""
LEVELS: Mapping[Care, tuple[int, ...]] = {"inpatient": (1, 2, 3), "outpatient": (0, 1, 2, 3), "chronic": (0, 1, 2, 3)}
"""A community centre (0) seldom has beds."""
VARIED = ("person", "level", "distance", "disease")
MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether one kind of care, gone for in one way, has an answer.

    `known`: in every case; `known_cases` of `cases`: in how many; `known_for`: where only some have one, what those are that
    always have. `grade`: the weakest of the sources that decide any of these answers. `reason`: why there is none, or why
    nothing is paid. `not_included`: what any of these answers leaves out.
    """

    insurance: Insurance
    care: Care
    travel: Travel
    cases: int
    known_cases: int
    known_for: tuple[str, ...]
    grade: Grade | None
    reason: str
    not_included: tuple[Omission, ...]

    @property
    def known(self) -> bool:
        return self.known_cases == self.cases


class CoveredArea(NamedTuple):
    """An insured area, and the file that says what it pays: its own, or its province's."""

    code: str
    name: str
    policy: Published


def covered(areas: Iterable[str] | None, day: date) -> list[CoveredArea]:
    """Of these areas those of whose benefits a file says something on this day; None: all that have a file. One query."""
    codes = sorted(published.book().by_area) if areas is None else areas
    policies = {code: policy for code in codes if (policy := published.in_force(code, day)) is not None}
    names = dict(Area.objects.filter(pk__in=policies).order_by().values_list("pk", "name"))
    return [CoveredArea(code, names.get(code, policy.file.name), policy) for code, policy in policies.items()]


def named(text: str) -> list[str]:
    """The pooling areas found by name, pinyin or initials."""
    return list(Area.objects.pooling().search(text).values_list("pk", flat=True))


def coverage(policy: PolicyFile) -> tuple[Coverage, ...]:
    """All that a policy answers and does not, asked once in the life of a process."""
    if policy.sha256 not in _kept:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[policy.sha256] = tuple(_asked(policy))
    return _kept[policy.sha256]


_kept: dict[str, tuple[Coverage, ...]] = {}


def _asked(policy: PolicyFile) -> Iterator[Coverage]:
    """The policy is compiled for this alone, so that the plans of cases nobody has are not kept."""
    compiled = compile_policy(policy)
    grades = {source.id: source.grade for source in policy.sources}
    for insurance, care, travel in product(INSURANCES, CARES, TRAVELS):
        cases = list(_cases(insurance, care, travel))
        plans = [compiled.plan(facts) for facts in cases]
        yield Coverage(
            insurance=insurance,
            care=care,
            travel=travel,
            cases=len(cases),
            known_cases=sum(map(_is_known, plans)),
            known_for=tuple(_always_known(cases, plans)),
            grade=_weakest(plans, grades),
            reason=_reason(plans),
            not_included=each_once(plan.not_included for plan in plans if isinstance(plan, Plan)),
        )


def _cases(insurance: Insurance, care: Care, travel: Travel) -> Iterator[Facts]:
    """Every kind of person, level, distance and disease."""
    distances = ("same_area",) if travel == "local" else ("same_province", "other_province")
    codes = _diseases() if care == "chronic" else {"": ""}
    settlement = "manual" if travel == "unfiled" else "direct"
    same: Facts = {"insurance": insurance, "care": care, "travel": travel, "settlement": settlement}
    for (person, age), level, distance, disease in product(PERSONS[insurance].items(), LEVELS[care], distances, codes):
        facts = {**same, "person": person, "age": age, "level": level, "distance": distance}
        yield {**facts, "disease": disease} if disease else facts


@cache
def _diseases() -> Mapping[str, str]:
    return {disease.code: disease.name for disease in diseases()}


def _is_known(plan: Plan | Refused) -> bool:
    return isinstance(plan, Plan) or plan.kind != "not_known"


def _always_known(cases: Sequence[Facts], plans: Sequence[Plan | Refused]) -> Iterator[str]:
    """Of each fact the values whose every case has an answer, in words; nothing of a fact that tells nothing apart."""
    unknown = [facts for facts, plan in zip(cases, plans, strict=True) if not _is_known(plan)]
    if not unknown or len(unknown) == len(cases):
        return
    for fact in VARIED:
        values = dict.fromkeys(facts[fact] for facts in cases if fact in facts)
        without = {facts.get(fact) for facts in unknown}
        if values.keys() - without:
            yield "、".join(_named(fact, value) for value in values if value not in without)


def _named(fact: str, value: FactValue) -> str:
    return _diseases().get(str(value), str(value)) if fact == "disease" else value_text(fact, value)


def _weakest(plans: Sequence[Plan | Refused], grades: Mapping[str, Grade]) -> Grade | None:
    """The last letter among the sources of what is known; None: nothing is, or it names no source."""
    behind = {name for plan in plans if _is_known(plan) for name in cited(plan)}
    return max((grades[name] for name in behind if name in grades), default=None)


def _reason(plans: Sequence[Plan | Refused]) -> str:
    """Why there is no answer in some cases; where all have one, why nothing is paid in any."""
    refused = [plan for plan in plans if isinstance(plan, Refused)]
    unknown = [plan.reason for plan in refused if plan.kind == "not_known"]
    whole = [plan.reason for plan in refused] if len(refused) == len(plans) else []
    return "；".join(dict.fromkeys(reason.rstrip("。") for reason in unknown or whole))
