"""The facts of one settlement that a rule may ask for (POLICY.md §1, "Conditions"), and how a `when` reads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from policies.language.binding import BAD, Binder, SectionReader, show
from policies.language.terms import CARES, FILED_BY, INSTITUTION_KINDS, INSURANCES, PERSONS, SPECIALTIES, TRAVELS
from policies.language.text import Node

FactValue: TypeAlias = str | int | bool


@dataclass(frozen=True, slots=True)
class Fact:
    """What a fact may be: one of `values`, a `pattern` of text, a whole number from `least`, or true and false.

    `default`: what it is when a case does not state it; without one, an unstated fact matches no rule that asks for it.
    """

    kind: Literal["choice", "code", "number", "flag"]
    values: tuple[str | int, ...] = ()
    pattern: str = ""
    meaning: str = ""
    least: int = 0
    default: FactValue | None = None
    stated: bool = False

    @property
    def expected(self) -> str:
        if self.kind == "flag":
            return "true 或 false"
        if self.values:
            return f"{'、'.join(map(str, self.values))} 之一"
        return self.meaning if self.kind == "code" else f"不小于 {self.least} 的整数"


_WORD = r"[a-z][a-z_0-9]*"

FACTS: dict[str, Fact] = {
    "insurance": Fact("choice", INSURANCES, stated=True),
    "care": Fact("choice", CARES, stated=True),
    "level": Fact("number", (0, 1, 2, 3)),
    "person": Fact("choice", PERSONS),
    "age": Fact("number"),
    "travel": Fact("choice", TRAVELS),
    "visit": Fact("number", least=1, default=1),
    "disease": Fact("code", pattern=r"M\d{5}", meaning="病种代码（如 M03900）"),
    "identity": Fact("code", pattern=_WORD, meaning="身份类别（如 low_income）", default="none"),
    "tier": Fact("number", (1, 2, 3)),
    "class": Fact("code", pattern=r"[A-Za-z0-9_]+", meaning="医院细分类别（如 special、3A）"),
    "distance": Fact("choice", ("same_area", "same_province", "other_province")),
    "destination": Fact("code", pattern=r"\d{6}", meaning='加引号的省级地区代码（如 "120000"）'),
    "settlement": Fact("choice", ("direct", "manual")),
    "referred": Fact("flag"),
    "filed_by": Fact("choice", FILED_BY),
    "vacation": Fact("flag", default=False),
    "injury": Fact("flag", default=False),
    "no_third_party": Fact("flag", default=False),
    "newborn": Fact("flag", default=False),
    "maternity": Fact("flag", default=False),
    "specialty": Fact("choice", SPECIALTIES),
    "institution_kind": Fact("choice", INSTITUTION_KINDS, default="hospital"),
    "visit_at_level": Fact("number", least=1),
    "retired_year": Fact("number", least=1900),
    "months_insured": Fact("number"),
    "years_contributed": Fact("number"),
    "diseases_recognised": Fact("number"),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a `when`: the fact is among `values`, or a number of at least `at_least`, or less than `below`."""

    fact: str
    values: tuple[FactValue, ...] = ()
    at_least: int | None = None
    below: int | None = None

    def holds(self, value: FactValue | None) -> bool:
        """Whether this value of the fact meets the condition; an unstated one (None) never does."""
        if value is None:
            return False
        if self.values:
            return any(value == option and type(value) is type(option) for option in self.values)
        assert isinstance(value, int)
        return (self.at_least is None or value >= self.at_least) and (self.below is None or value < self.below)


def read_when(binder: Binder, node: Node, key: str) -> Any:
    """A `when` as conditions that must all hold; every wrong key or value is noted."""
    if not node.mapping:
        return binder.refuse(node, key, "type_wrong", f"应为一组条件，实际是 {show(node)}")
    conditions = [read_condition(binder, name, value, f"{key}.{name}") for name, value in node.mapping.items()]
    return BAD if BAD in conditions else tuple(conditions)


def read_condition(binder: Binder, name: str, node: Node, key: str) -> Any:
    """One key of a `when`: `fact`, `fact_from` or `fact_below`."""
    if name in FACTS:
        values = read_values(binder, FACTS[name], node, key)
        return BAD if values is BAD else Condition(name, values)
    fact, _, bound = name.rpartition("_")
    if bound in ("from", "below") and fact in FACTS and FACTS[fact].kind == "number":
        if type(node.value) is not int:
            return binder.refuse(node, key, "type_wrong", f"应为整数，实际是 {show(node)}")
        return Condition(fact, at_least=node.value) if bound == "from" else Condition(fact, below=node.value)
    expected = f"没有系统能说明的这个事实；可以用 {'、'.join(FACTS)}，数字类可加 _from、_below"
    return binder.refuse(node, key, "fact_unknown", expected)


def read_values(binder: Binder, fact: Fact, node: Node, key: str) -> Any:
    """The value or values a fact may have here."""
    nodes = (node,) if node.sequence is None else node.sequence
    if not nodes:
        return binder.refuse(node, key, "type_wrong", "至少要写一个值")
    values = [read_value(binder, fact, value, key) for value in nodes]
    return BAD if BAD in values else tuple(values)


def read_value(binder: Binder, fact: Fact, node: Node, key: str) -> Any:
    """One value of a fact, as it may stand in a `when` and in an example's `given`."""
    value = node.value
    if fact.kind == "code" and type(value) is int:
        return binder.refuse(node, key, "code_unquoted", f'由数字组成的代码要加引号："{value}"')
    if not fits(fact, value):
        return binder.refuse(node, key, "value_unknown", f"应为{fact.expected}，实际是 {show(node)}")
    return value


def fits(fact: Fact, value: Any) -> bool:
    """Whether a fact may have this value."""
    if fact.kind == "flag":
        return isinstance(value, bool)
    if fact.kind == "code":
        return isinstance(value, str) and re.fullmatch(fact.pattern, value) is not None
    if fact.values:
        return type(value) in (str, int) and value in fact.values
    return type(value) is int and value >= fact.least


def of_fact(when: "When", fact: str) -> Iterator[Condition]:
    """The conditions of a `when` on one fact."""
    return (condition for condition in when if condition.fact == fact)


When: TypeAlias = Annotated[tuple[Condition, ...], SectionReader(read_when)]
