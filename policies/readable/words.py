"""Conditions and figures in words: 年满60岁、三级医院、未备案; 1,300元; 85%."""

from decimal import Decimal

from policies.language.facts import Condition, FactValue
from policies.language.wording import LEVEL_LABELS, exact, value_text
from policies.readable.pieces import Names

ALL, OTHERS = "所有情形", "其他情形"

# A number as the words of its sentence: exactly (where it has no name of its own), at least, less than.
_COUNTED: dict[str, tuple[str, str, str]] = {
    "age": ("{}岁", "年满{}岁", "不满{}岁"),
    "visit": ("当年第{}次住院", "当年第{}次及以后住院", "当年第{}次以前住院"),
    "visit_at_level": ("当年第{}次在同级医院住院", "当年第{}次及以后在同级医院住院", "当年第{}次以前在同级医院住院"),
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
    whole, point, places = exact(amount).partition(".")
    return f"{Decimal(whole):,}{point}{places.ljust(2, '0') if point else ''}元"
