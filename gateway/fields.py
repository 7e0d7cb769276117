"""What a transaction is sent, declared once as a table of fields, as the interface's documents have it: read tolerantly by `read`.

A name with `*` is required. Clients send amounts as texts or numbers, "" or "null" for what is absent, a single object for a
list, times for dates and dates for times, and names in other cases: all of that is taken. Fields that are not in the table
are not looked at. What is wrong is refused with every problem, in the interface's words.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from core.clock import SHANGHAI
from core.errors import Invalid, Problem

Kind = Literal["text", "number", "day", "moment", "content"]
ABSENT = ("", "null")
YEARS = range(1880, 2101)
FIGURE = re.compile(r"(-?)([0-9]{1,16})(?:\.([0-9]{0,20}))?")
DAY = re.compile(r"([0-9]{4})[-/.]?([0-9]{1,2})[-/.]?([0-9]{1,2})")
MOST_PROBLEMS = 5


@dataclass(frozen=True)
class Field:
    """One field: of a text the most characters, of a number (`length` digits) its places; `codes`: what a code may be."""

    name: str
    label: str
    kind: Kind
    length: int
    required: bool = False
    codes: Container[str] | None = None
    places: int = 0
    signed: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Node:
    """An object of the input, or a list of them (`many`)."""

    name: str
    fields: tuple[Field, ...]
    many: bool = False
    required: bool = True


Table = tuple[Node, ...]


def text(
    name: str, label: str, length: int, codes: Container[str] | None = None, *, also: tuple[str, ...] = ()
) -> Field:
    """A text of so many characters, or a code of a table."""
    return Field(name.rstrip("*"), label, "text", length, name.endswith("*"), codes, also=also)


def number(name: str, label: str, digits: int = 16, places: int = 2, *, signed: bool = False) -> Field:
    """A figure, N16,2 unless it says otherwise; negative only if `signed`."""
    return Field(name.rstrip("*"), label, "number", digits, name.endswith("*"), places=places, signed=signed)


def day(name: str, label: str, *, also: tuple[str, ...] = ()) -> Field:
    """A date; a time of it is left out."""
    return Field(name.rstrip("*"), label, "day", 10, name.endswith("*"), also=also)


def moment(name: str, label: str, *, also: tuple[str, ...] = ()) -> Field:
    """A time in China; of a mere date its midnight."""
    return Field(name.rstrip("*"), label, "moment", 19, name.endswith("*"), also=also)


def content(name: str, label: str, most: int) -> Field:
    """A file of at most so many bytes: Base64, or a list of bytes (as Java's, some below zero)."""
    return Field(name.rstrip("*"), label, "content", most, name.endswith("*"))


def node(name: str, *fields: Field, many: bool = False) -> Node:
    """An object of the input by its name, with `*` if it must be there."""
    return Node(name.rstrip("*"), fields, many, name.endswith("*"))


class Wrong(Exception):
    """What is wrong with one value, as a sentence."""


def read(table: Table, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The input by node and field: texts ("" where absent), Decimals, dates and times (None where absent).

    A node that is absent is {} or []. Raises Invalid with every problem.
    """
    problems: list[Problem] = []
    given = {part.name: _node(part, sent.get(part.name), problems) for part in table}
    if problems:
        raise Invalid(problems=problems[:MOST_PROBLEMS])
    return given


def _node(part: Node, sent: Any, problems: list[Problem]) -> Any:
    rows = sent if isinstance(sent, list) else [] if is_absent(sent) else [sent]
    if part.required and not rows:
        problems.append(Problem("required", f"缺少节点{part.name}", part.name))
    if not part.many and len(rows) > 1:
        problems.append(Problem("too_many", f"节点{part.name}只应有一个", part.name))
    if not all(isinstance(row, Mapping) for row in rows):
        problems.append(Problem("invalid", f"节点{part.name}应为对象", part.name))
        rows = []
    read_rows = [dict(_row(part, row, at, problems)) for at, row in enumerate(rows, 1)]
    return read_rows if part.many else read_rows[0] if read_rows else {}


def _row(part: Node, row: Mapping[str, Any], at: int, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    where = f"{part.name}第{at}条" if part.many else ""
    for field in part.fields:
        try:
            yield field.name, value_of(field, row)
        except Wrong as wrong:
            if len(problems) < MOST_PROBLEMS:
                problems.append(Problem("invalid", f"{where}{field.label}（{field.name}）{wrong}", field.name))


def is_absent(value: Any) -> bool:
    """Whether a value stands for none: null, "", "null"."""
    return value is None or (isinstance(value, str) and value.strip().lower() in ABSENT)


def value_of(field: Field, row: Mapping[str, Any]) -> Any:
    """The value of one field, read. Raises Wrong."""
    sent = next((row[name] for name in (field.name, *field.also) if not is_absent(row.get(name))), None)
    if sent is None:
        if field.required:
            raise Wrong("未填写")
        return "" if field.kind == "text" else None
    if field.kind == "content":
        return _content(field, sent)
    if isinstance(sent, bool) or not isinstance(sent, str | int | Decimal):
        raise Wrong("应为文字或数字")
    return _READ[field.kind](field, str(sent).strip())


def _content(field: Field, sent: Any) -> bytes:
    if isinstance(sent, list):
        if not all(type(each) is int and -128 <= each < 256 for each in sent):
            raise Wrong("应为字节数组")
        data = bytes(each % 256 for each in sent)
    else:
        try:
            data = base64.b64decode(str(sent), validate=True)
        except (binascii.Error, ValueError):
            raise Wrong("应为字节数组或Base64") from None
    if len(data) > field.length:
        raise Wrong(f"超过{field.length // (1024 * 1024)}MB")
    return data


def _text(field: Field, sent: str) -> str:
    if len(sent) > field.length:
        raise Wrong(f"超过{field.length}个字符")
    if field.codes is not None and sent not in field.codes:
        raise Wrong(f"的编码{sent}不在代码表内")
    return sent


def _number(field: Field, sent: str) -> Decimal:
    """Exact: more places than the field has are refused, unless they are zeros."""
    found = FIGURE.fullmatch(sent.replace(",", ""))
    if found is None:
        raise Wrong("应为数字")
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    if len(whole.lstrip("0")) > field.length - field.places or len(fraction) > field.places:
        raise Wrong(f"应为最多{field.length - field.places}位整数、{field.places}位小数的数字")
    figure = Decimal(f"{sign}{whole}.{fraction.ljust(field.places, '0')}" if field.places else f"{sign}{whole}")
    if figure < 0 and not field.signed:
        raise Wrong("不能为负数")
    return abs(figure) if figure == 0 else figure


def _moment(field: Field, sent: str) -> datetime:
    """`yyyy-MM-dd HH:mm:ss`, also ISO, a mere date, and all of it without marks."""
    found = re.fullmatch(r"(.{8,10}?)(?:[T ]?([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?(?:\.[0-9]+)?(Z|[+-].*)?)?", sent)
    begins = DAY.fullmatch(found[1]) if found else None
    if found is None or begins is None:
        raise Wrong("应为日期，如2026-11-20或2026-11-20 10:00:00")
    year, month, day_of_month = (int(part) for part in begins.groups())
    hour, minute, second = (int(part or 0) for part in found.groups()[1:4])
    try:
        read = datetime(year, month, day_of_month, hour, minute, second, tzinfo=SHANGHAI)
        if found[5]:
            offset = found[5].replace("Z", "+00:00")
            read = datetime.fromisoformat(f"{read:%Y-%m-%dT%H:%M:%S}{offset}").astimezone(SHANGHAI)
    except (ValueError, OverflowError):
        raise Wrong("不是有效的日期") from None
    if read.year not in YEARS:
        raise Wrong("不是有效的日期")
    return read


def _day(field: Field, sent: str) -> date:
    return _moment(field, sent).date()


_READ: Mapping[str, Any] = {"text": _text, "number": _number, "day": _day, "moment": _moment}
