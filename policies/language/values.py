"""Annotated value types of policy files and how each is read."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from policies.language.binding import Reader, show
from policies.language.terms import Span, parse_span
from policies.language.text import Node, RefusedError, decimal_of


def _decimal(node: Node) -> Decimal:
    if isinstance(node.value, Decimal | int) and not isinstance(node.value, bool):
        return node.value if isinstance(node.value, Decimal) else decimal_of(node.value)
    raise RefusedError("type_wrong", f"应为数字，实际是 {show(node)}")


def _money(node: Node) -> Decimal:
    amount = _decimal(node)
    if amount < 0:
        raise RefusedError("amount_negative", f"金额不得小于 0，实际是 {amount}")
    return amount


def _ratio(node: Node) -> Decimal:
    ratio = _decimal(node)
    if not 0 <= ratio <= 1:
        raise RefusedError("ratio_out_of_range", f"比例应在 0 到 1 之间（85% 写作 0.85），实际是 {ratio}")
    return ratio


def _points(node: Node) -> Decimal:
    points = _decimal(node)
    if not -100 <= points <= 100:
        raise RefusedError("points_out_of_range", f"百分点应在 -100 到 100 之间，实际是 {points}")
    return points


def _whole(node: Node) -> int:
    if type(node.value) is not int or node.value < 0:
        raise RefusedError("type_wrong", f"应为 0 或正整数，实际是 {show(node)}")
    return node.value


def _span(node: Node) -> Span:
    span = parse_span(node.value) if isinstance(node.value, str) else None
    if span is None:
        raise RefusedError("span_invalid", f"应为一段时间，如 6 months、60 days、5 working days，实际是 {show(node)}")
    return span


def _span_or_none(node: Node) -> Span | None:
    return None if node.value == "none" else _span(node)


def _calendar_span(node: Node) -> Span | None:
    span = _span_or_none(node)
    if span and span.unit == "working days":
        raise RefusedError("span_invalid", "这里只能写月或日（months、days）")
    return span


def _term(node: Node) -> Span | str:
    if node.value in ("open_ended", "single_visit"):
        return str(node.value)
    span = _calendar_span(node)
    if span is None:
        raise RefusedError("span_invalid", "应为 open_ended、single_visit 或一段时间（如 6 months）")
    return span


def _claim_term(node: Node) -> Span | str:
    return "end_of_next_year" if node.value == "end_of_next_year" else _months_or_days(node)


def _months_or_days(node: Node) -> Span:
    span = _calendar_span(node)
    if span is None:
        raise RefusedError("span_invalid", f"应为一段时间，如 6 months、60 days，实际是 {show(node)}")
    return span


def _text_code(node: Node, pattern: str, meaning: str) -> str:
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        raise RefusedError("code_unquoted", f'由数字组成的代码要加引号："{node.value}"')
    if not isinstance(node.value, str) or not re.fullmatch(pattern, node.value):
        raise RefusedError("code_invalid", f"应为{meaning}，实际是 {show(node)}")
    return node.value


def _area_code(node: Node) -> str:
    return _text_code(node, r"\d{6}", "六位地区代码（GB/T 2260）")


def _place(node: Node) -> str:
    return str(node.value) if node.value in ("same_province", "country") else _area_code(node)


def _disease_code(node: Node) -> str:
    return _text_code(node, r"M\d{5}", "门诊慢特病病种代码（如 M03900）")


def _diagnosis_prefix(node: Node) -> str:
    return _text_code(node, r"[A-Z](\d\d?(\.\d+)?)?", "ICD-10 诊断编码的开头（如 C、N18、Z94.0）")


def _identifier(node: Node) -> str:
    return _text_code(node, r"[a-z][a-z0-9_-]*", "小写字母、数字和连字符组成的标识")


def _level(node: Node) -> int:
    if type(node.value) is not int or node.value not in (0, 1, 2, 3):
        raise RefusedError("value_unknown", f"医院结算等级应为 0、1、2、3 之一，实际是 {show(node)}")
    return node.value


def _reason(node: Node) -> str:
    if not isinstance(node.value, str) or not node.value.strip() or node.value.rstrip().endswith(("。", ".")):
        raise RefusedError("reason_invalid", f"应为一句话，说明没有找到什么，末尾不写句号，实际是 {show(node)}")
    return node.value


def _clock(node: Node) -> str:
    return _text_code(node, r"([01]\d|2[0-3]):[0-5]\d", '加引号的钟点（如 "17:00"）')


def _month_day(node: Node) -> str:
    day = _text_code(node, r"\d\d-\d\d", '加引号的月日（如 "01-01"）')
    try:
        date.fromisoformat(f"2023-{day}")
    except ValueError:
        raise RefusedError("date_invalid", f"{day} 不是每年都有的日期") from None
    return day


Money: TypeAlias = Annotated[Decimal, Reader(_money)]
Ratio: TypeAlias = Annotated[Decimal, Reader(_ratio)]
Points: TypeAlias = Annotated[Decimal, Reader(_points)]
Factor: TypeAlias = Annotated[Decimal, Reader(_money)]
Signed: TypeAlias = Annotated[Decimal, Reader(_decimal)]
Whole: TypeAlias = Annotated[int, Reader(_whole)]
AnySpan: TypeAlias = Annotated[Span, Reader(_span)]
CalendarSpan: TypeAlias = Annotated[Span, Reader(_months_or_days)]
SpanOrNone: TypeAlias = Annotated[Span | None, Reader(_calendar_span)]
Term: TypeAlias = Annotated[Span | Literal["open_ended", "single_visit"], Reader(_term)]
ClaimTerm: TypeAlias = Annotated[Span | Literal["end_of_next_year"], Reader(_claim_term)]
AreaCode: TypeAlias = Annotated[str, Reader(_area_code)]
Place: TypeAlias = Annotated[str, Reader(_place)]
DiseaseCode: TypeAlias = Annotated[str, Reader(_disease_code)]
DiagnosisPrefix: TypeAlias = Annotated[str, Reader(_diagnosis_prefix)]
Identifier: TypeAlias = Annotated[str, Reader(_identifier)]
Level: TypeAlias = Annotated[int, Reader(_level)]
Reason: TypeAlias = Annotated[str, Reader(_reason)]
Clock: TypeAlias = Annotated[str, Reader(_clock)]
MonthDay: TypeAlias = Annotated[str, Reader(_month_day)]
