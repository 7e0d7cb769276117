"""A policy ready to settle by, and `settle`: one bill through all steps of POLICY.md §2."""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal, getcontext, setcontext

from policies.engine.bill import EXACT, NOTHING, Bill, Result, exact, take_costs
from policies.engine.plan import Plan, Refused
from policies.engine.resolving import resolve
from policies.engine.steps import pay_pooled, pay_supplements, pay_the_rest, take_deductible, take_first_pay
from policies.language.examples import Case
from policies.language.facts import FACTS, Condition, FactValue
from policies.language.omissions import Omission
from policies.language.schema import PolicyFile
from policies.language.wording import FUND_LABELS

_FUNDS: dict[str, Decimal] = dict.fromkeys(FUND_LABELS, NOTHING)
_UNSTATED = -sys.maxsize
"""Less than any number a fact may be."""
MOST_PLANS = 20_000
DEFAULTS: Mapping[str, FactValue] = {name: fact.default for name, fact in FACTS.items() if fact.default is not None}
ALWAYS = ("insurance", "care", "travel", "disease")
"""Facts that the calculation itself asks for, beside the rules."""


class Compiled:
    """One policy file and the plans made so far. Safe to share between threads: a plan is a pure function of its key."""

    def __init__(self, file: PolicyFile) -> None:
        self.file = file
        conditions = tuple(_conditions((file.benefits or (), file.supplements, file.not_included)))
        edges_of = _edges(conditions)
        self._named = _named(conditions)
        self._plain = tuple(name for name, edges in edges_of.items() if not edges)
        self._numbers = tuple(name for name, edges in edges_of.items() if edges)
        self._stretches = tuple(sorted(edges | {_UNSTATED + 1}) for edges in edges_of.values() if edges)
        self._usual = tuple(DEFAULTS.get(name) for name in self._plain)
        self._usual_numbers = tuple(DEFAULTS.get(name, _UNSTATED) for name in self._numbers)
        self._plans: dict[tuple[object, ...], Plan | Refused] = {}

    def key(self, facts: Mapping[str, FactValue]) -> tuple[object, ...]:
        """Cases with the same key have the same plan: each fact that a rule asks for, numbers by the stretch they lie in."""
        numbers = map(facts.get, self._numbers, self._usual_numbers)
        return (*map(facts.get, self._plain, self._usual), *map(bisect_right, self._stretches, numbers))

    def plan(self, facts: Mapping[str, FactValue]) -> Plan | Refused:
        """The plan for these facts."""
        key = self.key(facts)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            with exact():
                plan = self._plans[key] = resolve(self.file, {**DEFAULTS, **facts})
        return plan

    def asks(self, fact: str) -> bool:
        """Whether any rule asks for a fact: what none asks for need not be looked up."""
        return fact in self._plain or fact in self._numbers

    def named(self, fact: str) -> tuple[FactValue, ...]:
        """The values that tell the rules on a fact apart, each once: those they name, and the numbers on both sides of a bound.

        Any other value of a fact that is no number is treated as one that nobody stated.
        """
        return self._named.get(fact, ())

    def refusal(self, facts: Mapping[str, FactValue]) -> Refused | None:
        """Why a case with these facts is refused, whatever it costs; None: it is paid for."""
        plan = self.plan(facts)
        return plan if isinstance(plan, Refused) else None

    def not_included(self, facts: Mapping[str, FactValue]) -> tuple[Omission, ...]:
        """What the area has and the policy does not know for a case with these facts; nothing where it is refused."""
        plan = self.plan(facts)
        return () if isinstance(plan, Refused) else plan.not_included

    def counter(self, facts: Mapping[str, FactValue]) -> str | None:
        """Whose year-to-date a case with these facts counts in; None: it is refused."""
        plan = self.plan(facts)
        return None if isinstance(plan, Refused) else plan.counter


def compile_policy(file: PolicyFile) -> Compiled:
    """Prepare a policy file for `settle`. Keep what is returned: it remembers the plans it has made."""
    return Compiled(file)


def _edges(conditions: Iterable[Condition]) -> dict[str, set[int]]:
    """Every fact that a rule asks for, with the numbers at which the rules begin to differ; a fact that is no number has none."""
    edges_of: dict[str, set[int]] = {name: set() for name in ALWAYS}
    for condition in conditions:
        edges = edges_of.setdefault(condition.fact, set())
        if FACTS[condition.fact].kind == "number":
            edges.update(n for n in (condition.at_least, condition.below) if n is not None)
            edges.update(n + step for n in condition.values if isinstance(n, int) for step in (0, 1))
    return edges_of


def _named(conditions: Iterable[Condition]) -> dict[str, tuple[FactValue, ...]]:
    """Of every fact the values that rules name, and the numbers on both sides of a bound."""
    named: dict[str, dict[FactValue, None]] = {}
    for condition in conditions:
        bounds = (n for n in (condition.at_least, condition.below) if n is not None)
        sides = (n - step for n in bounds for step in (1, 0))
        named.setdefault(condition.fact, {}).update(dict.fromkeys((*condition.values, *sides)))
    return {fact: tuple(values) for fact, values in named.items()}


def _conditions(part: object) -> Iterator[Condition]:
    """All conditions below a part of the file."""
    if isinstance(part, Condition):
        yield part
    elif isinstance(part, tuple):
        for entry in part:
            yield from _conditions(entry)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _conditions(getattr(part, field.name))


def settle(policy: Compiled, case: Case) -> Result:
    """Split a bill: all amounts and the lines behind them, or a refusal (POLICY.md §2, steps 0–6).

    Raises WrongInput where the bill contradicts itself.
    """
    plan = policy.plan(case.facts)
    if isinstance(plan, Refused):
        return Result({}, (), plan.benefit, plan.kind, plan.reason)
    bill = Bill(plan, case.year_to_date)
    outside = getcontext()
    setcontext(EXACT)  # as exact() does, at half its cost
    try:
        take_costs(bill, case.cost)
        take_first_pay(bill)
        take_deductible(bill)
        pay_pooled(bill)
        pay_supplements(bill)
        pay_the_rest(bill, case.account_balance)
    finally:
        setcontext(outside)
    return Result(_amounts(bill), tuple(bill.lines), plan.benefit, None, "", plan.not_included)


def settle_as_best(policy: Compiled, case: Case, identities: Sequence[str]) -> Result:
    """Of a person with several identities (low_income and civil_servant, say) the one by which the funds pay most.

    The first of equals; a refusal only where every identity is refused. Without identities, as the case says.
    """
    if not identities:
        return settle(policy, case)
    results = [settle(policy, replace(case, facts={**case.facts, "identity": name})) for name in identities]
    return max(results, key=lambda result: result.amounts.get("fund", Decimal(-1)))


def _amounts(bill: Bill) -> dict[str, Decimal]:
    return {
        "total": bill.total,
        "excluded": bill.excluded,
        "over_limit": bill.over_limit,
        "first_copay": bill.first_copay,
        "scope": bill.scope,
        "travel_first_pay": bill.travel_first_pay,
        "eligible": bill.eligible,
        "deductible": bill.deductible,
        "payable": bill.payable,
        "pooled": bill.pooled,
        "beyond": bill.beyond,
        "burden": bill.burden,
        **_FUNDS,
        **bill.funds,
        "fund": bill.fund,
        "own": bill.own,
        "account": bill.account,
        "cash": bill.cash,
    }
