"""Which rules of a list can never be reached, because the rules before them take every case (POLICY.md §1)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from policies.language.facts import FACTS, Condition, FactValue, When

Atom: TypeAlias = FactValue | None
"""A value that stands for all that no rule tells apart from it; None: the fact is not stated."""

Box: TypeAlias = dict[str, frozenset[Atom]]
"""Cases by fact: each fact has one of these values; a fact that is missing may be anything."""

MAX_BOXES = 5_000
OTHER = "(other)"


def never_reached(rules: Sequence[When], within: When) -> list[int]:
    """The positions of rules that no case inside `within` reaches when the first rule that matches counts."""
    domain = _domain([*rules, within])
    start = _box(within, domain)
    return [i for i, rule in enumerate(rules) if start is None or _taken(rule, rules[:i], start, domain)]


def never_matching(rules: Sequence[When], within: When) -> list[int]:
    """The positions of rules that match no case inside `within`, each taken alone."""
    return [i for i, rule in enumerate(rules) if _box((*within, *rule), _domain([rule, within])) is None]


def _taken(rule: When, earlier: Sequence[When], start: Box, domain: Box) -> bool:
    box = _box(rule, domain, start)
    rest = [box] if box is not None else []
    for other in earlier:
        hole = _box(other, domain)
        if hole is None:
            continue
        rest = [piece for box in rest for piece in _minus(box, hole, domain)]
        if len(rest) > MAX_BOXES:  # too entangled to tell: given the benefit of the doubt
            return False
    return not rest


def _minus(box: Box, hole: Box, domain: Box) -> Iterator[Box]:
    """The cases of `box` outside `hole`, as boxes that do not overlap."""
    if any(not box.get(fact, domain[fact]) & inside for fact, inside in hole.items()):
        yield box
        return
    for fact, inside in hole.items():
        here = box.get(fact, domain[fact])
        if here - inside:
            yield {**box, fact: here - inside}
        box = {**box, fact: here & inside}


def _box(when: When, domain: Box, start: Box | None = None) -> Box | None:
    """The cases a `when` takes; None: there are none."""
    box = dict(start or {})
    for condition in when:
        here = box.get(condition.fact, domain[condition.fact])
        box[condition.fact] = frozenset(atom for atom in here if _takes(condition, atom))
        if not box[condition.fact]:
            return None
    return box


def _takes(condition: Condition, atom: Atom) -> bool:
    return atom != OTHER and condition.holds(atom)


def _domain(whens: Iterable[When]) -> Box:
    """For every fact asked for, the values the rules can tell apart."""
    by_fact: dict[str, list[Condition]] = {}
    for when in whens:
        for condition in when:
            by_fact.setdefault(condition.fact, []).append(condition)
    return {fact: frozenset(_atoms(fact, conditions)) for fact, conditions in by_fact.items()}


def _atoms(name: str, conditions: Sequence[Condition]) -> Iterator[Atom]:
    fact = FACTS[name]
    if fact.default is None and not fact.stated:
        yield None
    if fact.kind == "flag":
        yield from (True, False)
    elif fact.values:
        yield from fact.values
    elif fact.kind == "code":
        yield from (value for condition in conditions for value in condition.values)
        yield OTHER
    else:
        yield from _starts(fact.least, conditions)


def _starts(least: int, conditions: Sequence[Condition]) -> set[int]:
    """The first number of each stretch that the conditions tell apart."""
    edges = {least}
    for condition in conditions:
        edges |= {n + step for n in condition.values if isinstance(n, int) for step in (0, 1)}
        edges |= {n for n in (condition.at_least, condition.below) if n is not None}
    return {edge for edge in edges if edge >= least}
