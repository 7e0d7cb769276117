"""Conditions and figures in words: 年满60岁、三级医院、未备案; 1,300元; 85%."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from regions.policy.facts import Condition, FactValue
from regions.policy.readable.pieces import Names
from regions.policy.terms import CARE_LABELS, PERSON_LABELS, TRAVEL_LABELS

INSURANCE_LABELS = {"employee": "职工医保", "resident": "居民医保"}
LEVEL_LABELS = {0: "社区卫生服务机构", 1: "一级医院", 2: "二级医院", 3: "三级医院"}
ALL, OTHERS = "所有情形", "其他情形"

_WORDS: Mapping[str, Mapping[Any, str]] = {
    "insurance": INSURANCE_LABELS,
    "care": CARE_LABELS,
    "level": LEVEL_LABELS,
    "person": PERSON_LABELS,
    "travel": TRAVEL_LABELS,
    "identity": {
        "none": "无特殊身份",
        "low_income": "低保对象",
        "extreme_poor": "特困人员",
        "civil_servant": "公务员",
    },
    "class": {
        "special": "特等医院",
        "provincial": "省属医院",
        "3A": "三级甲等医院",
        "3B": "三级乙等医院",
        "3C": "三级丙等医院",
        "2A": "二级甲等医院",
        "2B": "二级乙等医院",
    },
    "tier": {1: "一档缴费", 2: "二档缴费", 3: "三档缴费"},
    "distance": {"same_area": "本统筹区内", "same_province": "省内异地", "other_province": "跨省"},
    "settlement": {"direct": "直接结算", "manual": "手工报销"},
    "referred": {True: "经下级医院转诊", False: "未经下级医院转诊"},
    "filed_by": {"document": "凭材料备案", "commitment": "以承诺备案（材料未补齐）"},
    "specialty": {
        "general": "综合医院",
        "tcm": "中医医院",
        "ethnic": "民族医医院",
        "mental": "精神专科医院",
        "infectious": "传染病专科医院",
    },
}
# A number as the words of its sentence: exactly, at least, less than.
_COUNTED: dict[str, tuple[str, str, str]] = {
    "age": ("{}岁", "年满{}岁", "不满{}岁"),
    "visit": ("当年第{}次住院", "当年第{}次及以后住院", "当年第{}次以前住院"),
    "visit_at_level": ("当年第{}次在同级医院住院", "当年第{}次及以后在同级医院住院", "当年第{}次以前在同级医院住院"),
    "months_insured": ("参保满{}个月", "连续参保{}个月以上", "连续参保不足{}个月"),
    "years_contributed": ("缴费{}年", "缴费满{}年", "缴费不足{}年"),
    "diseases_recognised": ("已认定{}个病种", "已认定{}个以上病种", "已认定病种少于{}个"),
    "level": ("{}级", "{}及以上", "{}以下"),
    "tier": ("{}档", "{}档及以上", "{}档以下"),
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
    if fact in _WORDS:
        return _WORDS[fact].get(value, str(value))
    if fact in _COUNTED:
        return _COUNTED[fact][0].format(value)
    return f"就医地为{names(str(value))}" if fact == "destination" else names(str(value))


def ordered(whens: list[tuple[Condition, ...]], names: Names) -> list[str]:
    """The cases of a list in which the first that matches counts: one without conditions after others is all the rest."""
    return [when_words(when, names, OTHERS if i else ALL) for i, when in enumerate(whens)]


def fact_words(fact: str, value: FactValue, names: Names) -> str:
    """One fact of a case in words."""
    return _value(fact, value, names)


def day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def yuan(amount: Decimal) -> str:
    """1300 → 1,300元; 0.5 keeps its digits."""
    return f"{_plain(amount, ',')}元"


def percent(ratio: Decimal) -> str:
    return f"{_plain(ratio * 100)}%"


def plain(value: Decimal) -> str:
    return _plain(value)


def _plain(value: Decimal, group: str = "") -> str:
    text = f"{value:{group}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
