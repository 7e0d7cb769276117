"""Conditions, figures and the examples of a file in words: 年满60岁、三级医院、未备案; 1,300元; 85%.

What policy files say in words of their own (notes, names of documents, why something is left out) has its translation found by
the very text: one that changed has none until it is translated.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from policies.language.examples import Amount, Case, Cost, Expected, Item, YearKey
from policies.language.facts import Condition, FactValue
from policies.language.filing_schema import FilingRules
from policies.language.schema import PolicyFile
from policies.language.wording import AMOUNT_LABELS, LEVEL_LABELS, digits, percent, value_text
from policies.readable.pieces import Names

ALL, OTHERS = "所有情形", "其他情形"

# A number as the words of its sentence: exactly (where it has no name of its own), at least, less than.
_COUNTED: dict[str, tuple[str, str, str]] = {
    "age": ("{}岁", "年满{}岁", "不满{}岁"),
    "visit": ("当年第{}次住院", "当年第{}次及以后住院", "当年第{}次以前住院"),
    "visit_at_level": ("当年第{}次在同级医院住院", "当年第{}次及以后在同级医院住院", "当年第{}次以前在同级医院住院"),
    "retired_year": ("{}年退休", "{}年及以后退休", "{}年以前退休"),
    "months_insured": ("参保满{}个月", "连续参保{}个月以上", "连续参保不足{}个月"),
    "years_contributed": ("缴费{}年", "缴费满{}年", "缴费不足{}年"),
    "diseases_recognised": ("已认定{}个病种", "已认定{}个以上病种", "已认定病种少于{}个"),
    "level": ("", "{}及以上", "{}以下"),
    "tier": ("", "{}档及以上", "{}档以下"),
}


def when_words(when: tuple[Condition, ...], names: Names, nothing: str = ALL) -> str:
    """All conditions of a rule, which must hold together; `nothing`: what a rule without conditions is called."""
    return "，".join(condition_words(condition, names) for condition in when) or nothing


def condition_words(condition: Condition, names: Names) -> str:
    if condition.values:
        return "或".join(_value(condition.fact, value, names) for value in condition.values)
    _, at_least, below = _COUNTED[condition.fact]
    bound = condition.at_least if condition.at_least is not None else condition.below
    assert bound is not None
    shown = LEVEL_LABELS[bound] if condition.fact == "level" and bound in LEVEL_LABELS else str(bound)
    return (at_least if condition.at_least is not None else below).format(shown)


def _value(fact: str, value: FactValue, names: Names) -> str:
    if fact == "disease":
        return names(str(value))
    if fact == "destination":
        return f"就医地为{names(str(value))}"
    exactly = _COUNTED[fact][0] if fact in _COUNTED else ""
    return exactly.format(value) if exactly else value_text(fact, value)


def ordered(whens: list[tuple[Condition, ...]], names: Names) -> list[str]:
    """The cases of a list in which the first that matches counts: one without conditions after others is all the rest."""
    return [when_words(when, names, OTHERS if i else ALL) for i, when in enumerate(whens)]


def fact_words(fact: str, value: FactValue, names: Names) -> str:
    """One fact of a case in words."""
    return _value(fact, value, names)


def yuan(amount: Decimal) -> str:
    """1300 → 1,300元; with fen both places are written: 5,605.10元."""
    whole, point, places = digits(amount).partition(".")
    return f"{Decimal(whole):,}{point}{places.ljust(2, '0') if point else ''}元"


_YEAR: dict[YearKey, str] = {
    "month_scope": "本月政策范围内费用",
    "month_deductible": "本月起付线",
    "month_pooled": "本月统筹支付",
    "chronic_scope": "本病种政策范围内费用",
    "chronic_pooled": "本病种统筹支付",
    "linked_deductible": "前次住院已扣起付线",
}


def case_words(given: Case, names: Names) -> str:
    """The case of an example in one line."""
    facts = [fact_words(name, value, names) for name, value in given.facts.items()]
    return "；".join(["，".join(facts), *_costs(given.cost), *_so_far(given)])


def expected_words(expect: Expected) -> list[tuple[Amount, str, str]]:
    """What must come out, by amount: (name, label, figure); empty for a refusal."""
    return [(name, AMOUNT_LABELS[name], yuan(value)) for name, value in expect.amounts.items()]


def _costs(cost: Cost) -> Iterator[str]:
    sums: tuple[Amount, ...] = ("total", "excluded", "over_limit", "first_copay")
    given = {AMOUNT_LABELS[name]: getattr(cost, name) for name in sums}
    yield from (f"{label}{yuan(value)}" for label, value in given.items() if value is not None)
    yield from map(_item, cost.items)


def _item(item: Item) -> str:
    first = f"先自付{percent(item.first_copay_ratio)}" if item.first_copay_ratio else ""
    limit = f"限价{yuan(item.limit)}" if item.limit is not None else ""
    kind = {"A": "甲类", "B": "乙类", "C": "丙类"}[item.catalogue]
    return "，".join(word for word in (f"{item.name or '项目'}（{kind}）{yuan(item.amount)}", first, limit) if word)


def _so_far(given: Case) -> Iterator[str]:
    for name, value in given.year_to_date.items():
        if value:
            yield f"{_YEAR.get(name) or '本年度已计' + AMOUNT_LABELS[name]}{yuan(value)}"
    if given.account_balance:
        yield f"个人账户余额{yuan(given.account_balance)}"


WRITTEN = frozenset({"note", "label"})
REASONS = frozenset({"reason", "not_known"})


def own_words(rules: Iterable[FilingRules]) -> set[str]:
    """The notes and labels of these rules, without the stop that follows them."""
    return {text.rstrip("。") for each in rules for text in _written(each, WRITTEN)} - {""}


def names_and_reasons(policies: Iterable[PolicyFile]) -> set[str]:
    """What these policies are called, and why they pay nothing or leave something out."""
    policies = list(policies)
    benefits = [(each.benefits, each.supplements, each.not_included) for each in policies]
    reasons = {text.rstrip("。") for text in _written(benefits, REASONS)}
    return {each.name for each in policies} | reasons - {""}


def _written(value: Any, names: frozenset[str]) -> Iterator[str]:
    if is_dataclass(value):
        for field in fields(value):
            held = getattr(value, field.name)
            if isinstance(held, str):
                yield from (held,) if field.name in names else ()
            elif field.name != "sources":
                yield from _written(held, names)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _written(each, names)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _written(each, names)
