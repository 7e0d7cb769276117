"""A policy ready to settle by: it knows which facts its rules tell apart, and keeps the plan of every such combination."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from policies.engine.plan import Plan, Refused
from policies.engine.resolving import resolve
from policies.engine.steps import exact
from policies.language.facts import FACTS, Condition, FactValue
from policies.language.schema import PolicyFile

MOST_PLANS = 20_000
DEFAULTS: Mapping[str, FactValue] = {name: fact.default for name, fact in FACTS.items() if fact.default is not None}
ALWAYS = ("insurance", "care", "travel", "disease")
"""Facts that the calculation itself asks for, beside the rules."""


class Compiled:
    """One policy file and the plans made so far. Safe to share between threads: a plan is a pure function of its key."""

    def __init__(self, file: PolicyFile) -> None:
        self.file = file
        conditions = tuple(_conditions((file.benefits or (), file.supplements)))
        asked = _asked(conditions)
        self._named = _named(conditions)
        self._plain = tuple(name for name, edges in asked.items() if not edges)
        self._numbers = tuple((name, sorted(edges)) for name, edges in asked.items() if edges)
        self._plans: dict[tuple[object, ...], Plan | Refused] = {}

    def key(self, facts: Mapping[str, FactValue]) -> tuple[object, ...]:
        """Cases with the same key have the same plan: each fact that a rule asks for, numbers by the stretch they lie in."""
        plain = [facts.get(name, DEFAULTS.get(name)) for name in self._plain]
        for name, edges in self._numbers:
            number = facts.get(name, DEFAULTS.get(name))
            plain.append(None if number is None else bisect_right(edges, number))
        return tuple(plain)

    def plan(self, facts: Mapping[str, FactValue]) -> Plan | Refused:
        """The plan for these facts. Must run within `steps.exact()`."""
        key = self.key(facts)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            found = self._plans[key] = resolve(self.file, {**DEFAULTS, **facts})
        return found

    def asks(self, fact: str) -> bool:
        """Whether any rule asks for a fact: what none asks for need not be found out."""
        return fact in self._plain or any(name == fact for name, _edges in self._numbers)

    def named(self, fact: str) -> tuple[FactValue, ...]:
        """The values of a fact that rules name, each once; any other value is treated as one that nobody stated."""
        return self._named.get(fact, ())

    def refusal(self, facts: Mapping[str, FactValue]) -> Refused | None:
        """Why a case with these facts is refused, whatever it costs; None: it is paid for."""
        with exact():
            plan = self.plan(facts)
        return plan if isinstance(plan, Refused) else None

    def counter(self, facts: Mapping[str, FactValue]) -> str | None:
        """Whose year-to-date a case with these facts counts in; None: it is refused."""
        with exact():
            plan = self.plan(facts)
        return None if isinstance(plan, Refused) else plan.counter


def compile_policy(file: PolicyFile) -> Compiled:
    """What `settle` works on."""
    return Compiled(file)


def _asked(conditions: Iterable[Condition]) -> dict[str, set[int]]:
    """Every fact that a rule asks for; of numbers compared or listed, the edges of the stretches told apart."""
    asked: dict[str, set[int]] = {name: set() for name in ALWAYS}
    for condition in conditions:
        edges = asked.setdefault(condition.fact, set())
        if FACTS[condition.fact].kind == "number":
            edges.update(n for n in (condition.at_least, condition.below) if n is not None)
            edges.update(n + step for n in condition.values if isinstance(n, int) for step in (0, 1))
    return asked


def _named(conditions: Iterable[Condition]) -> dict[str, tuple[FactValue, ...]]:
    """Of every fact the values that rules name."""
    named: dict[str, dict[FactValue, None]] = {}
    for condition in conditions:
        named.setdefault(condition.fact, {}).update(dict.fromkeys(condition.values))
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
