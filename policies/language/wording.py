"""Codes, conditions and figures of policy files in Chinese words, for explanations, pages and the readable rendering."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from policies.language.facts import Condition, FactValue
from policies.language.terms import CARE_LABELS, DOCUMENT_LABELS, PERSON_LABELS, TRAVEL_LABELS

INSURANCE_LABELS = {"employee": "职工医保", "resident": "居民医保"}
LEVEL_LABELS = {0: "社区（一级以下）", 1: "一级医院", 2: "二级医院", 3: "三级医院"}
IDENTITY_LABELS = {
    "none": "无特殊身份",
    "low_income": "低保对象",
    "extreme_poor": "特困人员",
    "civil_servant": "公务员",
    "orphan": "孤儿",
    "disabled": "重度残疾人",
    "returning_poor": "返贫致贫人口",
    "marginal": "低保边缘家庭成员",
}
FUND_LABELS = {
    "large_amount": "大额医疗费用补助",
    "serious_illness": "大病保险",
    "assistance": "医疗救助",
    "civil_servant": "公务员医疗补助",
    "enterprise": "企业补充医疗保险",
}
AMOUNT_LABELS = {
    "total": "费用总额",
    "excluded": "全自费",
    "over_limit": "超限价自费",
    "first_copay": "先行自付",
    "scope": "符合政策范围",
    "travel_first_pay": "异地就医首先自付",
    "eligible": "纳入报销的费用",
    "deductible": "起付线",
    "payable": "起付线以上",
    "pooled": "统筹基金支付",
    "beyond": "超过年度封顶线的费用",
    "burden": "政策内个人负担",
    **FUND_LABELS,
    "fund": "基金支付合计",
    "own": "个人负担",
    "account": "个人账户支付",
    "cash": "个人现金支付",
}
REFUSAL_LABELS = {"not_covered": "不予报销", "not_known": "没有查到规定"}
GRADE_LABELS = {"A": "官方来源", "B": "媒体转述", "C": "便民网站，仅供参考", "D": "来源不可靠，仅供参考"}
_LABELS: Mapping[str, Mapping[Any, str]] = {
    "insurance": INSURANCE_LABELS,
    "care": CARE_LABELS,
    "level": LEVEL_LABELS,
    "person": PERSON_LABELS,
    "travel": TRAVEL_LABELS,
    "identity": IDENTITY_LABELS,
    "tier": {1: "一档缴费", 2: "二档缴费", 3: "三档缴费"},
    "class": {
        "special": "特等医院",
        "provincial": "省属医院",
        "municipal": "市属医院",
        "district": "区属医院",
        "county": "县级医院",
        "village": "村卫生室",
        "station": "社区卫生服务站",
        "3A": "三级甲等",
        "3B": "三级乙等",
        "2A": "二级甲等",
        "2B": "二级乙等",
    },
    "distance": {"same_area": "统筹区内", "same_province": "省内异地", "other_province": "跨省异地"},
    "settlement": {"direct": "直接结算", "manual": "手工报销"},
    "referred": {True: "经基层首诊转诊", False: "未经基层首诊转诊"},
    "filed_by": {"document": "凭材料备案", "commitment": "承诺备案（材料未补）"},
    "institution_kind": {"hospital": "医疗机构", "pharmacy": "定点药店"},
    "vacation": {True: "学生假期在外就医", False: "不是学生假期在外就医"},
    "injury": {True: "外伤", False: "不是外伤"},
    "no_third_party": {True: "已承诺无第三方责任", False: "未承诺无第三方责任"},
    "newborn": {True: "新生儿随母亲就医", False: "不是新生儿随母亲就医"},
    "maternity": {True: "生育住院", False: "不是生育住院"},
    "specialty": {
        "general": "综合医院",
        "tcm": "中医医院",
        "ethnic": "民族医医院",
        "mental": "精神专科",
        "infectious": "传染病专科",
    },
}
_NUMBERS = {
    "level": "医院等级{count}级",
    "age": "年龄{count}周岁",
    "visit": "年度内第{count}次住院",
    "visit_at_level": "年度内在同级医院第{count}次住院",
    "tier": "缴费档次{count}档",
    "retired_year": "退休年份{count}年",
    "months_insured": "参保满{count}个月",
    "years_contributed": "缴费满{count}年",
    "diseases_recognised": "已认定慢特病{count}种",
}
_CODES = {"disease": "病种", "destination": "就医省份", "class": "医院类别", "identity": "身份类别"}


def sentence(text: str) -> str:
    """A reason as a policy file has it, with its full stop: something follows."""
    return text.rstrip("。") + "。"


def value_text(fact: str, value: FactValue) -> str:
    """One value of a fact in words: 三级医院, 病种M03900, 年度内第2次住院."""
    known = _LABELS.get(fact, {}).get(value)
    if known is not None:
        return known
    if fact in _NUMBERS:
        return _counted(fact, value)
    return f"{_CODES.get(fact, fact)}{value}"


def _counted(fact: str, count: FactValue | None) -> str:
    return _NUMBERS[fact].format(count=count)


def condition_text(condition: Condition) -> str:
    """One condition in words; several values are joined by 或."""
    if condition.values:
        return "或".join(value_text(condition.fact, value) for value in condition.values)
    if condition.at_least is not None:
        return f"{_counted(condition.fact, condition.at_least)}及以上"
    return f"{_counted(condition.fact, condition.below)}以下（不含）"


def when_text(when: Iterable[Condition]) -> str:
    """A whole `when` in words; empty when there is no condition."""
    return "，".join(condition_text(condition) for condition in when)


def day(value: date) -> str:
    """2026-11-21 → 2026年11月21日."""
    return f"{value.year}年{value.month}月{value.day}日"


def digits(value: Decimal) -> str:
    """All digits that count, no exponent: 0.85, 1200, 15260.805."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(ratio: Decimal) -> str:
    """0.85 → 85%."""
    return f"{digits(ratio * 100)}%"


def document_label(kind: str) -> str:
    """The name of a kind of document; the kind itself for one the rules do not know."""
    return next((label for known, label in DOCUMENT_LABELS.items() if known == kind), kind)


def listed(words: Iterable[str]) -> str:
    """Words in one line, as Chinese lists them."""
    return "、".join(words)
