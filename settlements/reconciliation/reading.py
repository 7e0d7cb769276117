"""A hospital's own list of a day, read strictly: every line that cannot be taken is named, and then nothing is taken."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.utils.translation import gettext as _

from core.errors import Invalid, Problem, Refusal
from core.sheets import plain
from settlements.models import Status
from settlements.reconciliation.comparing import There

MOST_ROWS = 20_000
MOST_BYTES = 4 * 1024 * 1024
MOST_PROBLEMS = 100
MONEY = re.compile(r"-?\d{1,10}(\.\d{1,2})?")
COLUMNS = {
    "bill_number": "医院账单号",
    "number": "结算编号",
    "total": "费用总额",
    "fund": "基金支付",
    "cash": "现金",
    "status": "状态",
}
"""The columns of a list, by the names that machines and people give them."""
BESIDES = {"account": "个人账户", "area": "参保地", "settled_at": "结算时间"}
"""More columns of our own export, which are not compared."""
NAMES = {label: name for name, label in (COLUMNS | BESIDES).items()}
STATUSES = {**{str(label): value for value, label in Status.choices}, **{value: value for value in Status.values}}
WIDTHS = {"bill_number": 64, "number": 24}


class TooLarge(Refusal):
    """413: more bytes than a day's list of the largest hospital."""

    status = 413
    code = "file_too_large"


def too_large() -> TooLarge:
    """The refusal of a file beyond MOST_BYTES."""
    return TooLarge(_("文件超过 4 MB，请按天导出后再上传。"), attr="file")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list that could be read: its rows, and the digest of the file they stood in."""

    rows: tuple[There, ...]
    sha256: str
    file_name: str = ""


def read_file(data: bytes, name: str = "") -> Sheet:
    """Read a CSV file in UTF-8 (with or without mark) or GB 18030, its first line the names of the columns.

    Raises TooLarge; Invalid `encoding`, `not_csv`, `columns`, `too_many_rows`, or a problem per line (`attr` names it).
    """
    if len(data) > MOST_BYTES:
        raise too_large()
    rows = _cells(_text(data))
    return Sheet(_checked(rows, "file"), hashlib.sha256(data).hexdigest(), name[:120])


def read_rows(rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """Read rows that came as JSON, their values strings; the same rows have the same digest. Raises Invalid as `read_file`."""
    given = ((line, _of_json(line, row)) for line, row in enumerate(rows, start=1))
    checked = _checked(given, "rows")
    return Sheet(checked, hashlib.sha256(orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)).hexdigest())


def _of_json(line: int, row: Mapping[str, Any]) -> dict[str, str]:
    row = {name: value for name, value in row.items() if value is not None}
    if not all(name in COLUMNS and isinstance(value, str) for name, value in row.items()):
        raise Invalid(
            _("第 %(line)d 行：各列应为字符串，列名为：%(columns)s。") % {"line": line, "columns": "、".join(COLUMNS)},
            code="invalid",
            attr=f"rows.{line}",
        )
    return {name: row.get(name, "").strip() for name in COLUMNS}


def _text(data: bytes) -> str:
    if b"\0" in data or data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Invalid(_("这不是 CSV 文件；如是 Excel 表格，请另存为 CSV 后再上传。"), code="not_csv", attr="file")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(_("文件应为 UTF-8 或 GB18030 编码，请另存后再上传。"), code="encoding", attr="file")


def _cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with the line each ends on; empty lines are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = _columns(next(reader, []))
        for row in reader:
            if any(value.strip() for value in row):
                yield reader.line_num, _row(columns, row, reader.line_num)
    except csv.Error as error:
        raise Invalid(
            _("第 %(line)d 行不是有效的 CSV，请检查引号和分隔符。") % {"line": reader.line_num},
            code="not_csv",
            attr="file",
        ) from error


def _columns(header: list[str]) -> list[str]:
    """The names of the columns, in their order."""
    names = [NAMES.get(title.strip(), title.strip()) for title in header]
    missing = [f"{name}（{label}）" for name, label in COLUMNS.items() if name not in names]
    strange = [title for title in names if title not in COLUMNS | BESIDES]
    if missing or strange or len(set(names)) < len(names):
        problem = _("第 1 行须是列名，且每列一次：%(columns)s。") % {"columns": "、".join(COLUMNS)}
        if missing:
            problem += _("缺少：%(missing)s。") % {"missing": "、".join(missing)}
        if strange:
            problem += _("多出：%(strange)s。") % {"strange": "、".join(strange)[:80]}
        raise Invalid(problem, code="columns", attr="file")
    return names


def _row(columns: list[str], row: list[str], line: int) -> dict[str, str]:
    if len(row) != len(columns):
        raise Invalid(
            _("第 %(line)d 行有 %(found)d 列，应有 %(columns)d 列。")
            % {"line": line, "found": len(row), "columns": len(columns)},
            code="columns",
            attr=f"file.{line}",
        )
    return {name: plain(value.strip()) for name, value in zip(columns, row, strict=True)}


def _checked(rows: Iterable[tuple[int, dict[str, str]]], where: str) -> tuple[There, ...]:
    """The rows as figures. Raises Invalid with a problem per line."""
    taken: list[There] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, bool], int] = {}
    for count, (line, row) in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise Invalid(_("最多 20000 行，请按天分开导入。"), code="too_many_rows", attr=where)
        wrong = [
            Problem(code, f"第 {line} 行：{message}", f"{where}.{line}") for code, message in _wrong(row, line, lines)
        ]
        problems += wrong
        if len(problems) >= MOST_PROBLEMS:
            break
        if not wrong:
            taken.append(_there(line, row))
    if problems:
        raise Invalid(problems=problems)
    return tuple(taken)


def _wrong(row: Mapping[str, str], line: int, lines: dict[tuple[str, bool], int]) -> Iterator[tuple[str, str]]:
    """What keeps a row from being taken: (code, sentence)."""
    if not row["bill_number"] and not row["number"]:
        yield "required", _("请填写医院账单号或结算编号。")
    for name, width in WIDTHS.items():
        if len(row[name]) > width or not row[name].isprintable():
            message = _("%(column)s最多 %(width)d 个字符，且不含控制字符。")
            yield "too_long", message % {"column": COLUMNS[name], "width": width}
    if row["status"] not in STATUSES:
        yield "status_invalid", _("状态应为 settled（已结算）、reversed（已冲正）或 reversal（冲正）。")
    yield from _wrong_money(row)
    key = row["number"], STATUSES.get(row["status"]) == Status.REVERSAL
    if row["number"] and lines.setdefault(key, line) != line:
        yield "repeated", _("与第 %(line)d 行的结算编号重复。") % {"line": lines[key]}


def _wrong_money(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    reversal = STATUSES.get(row["status"]) == Status.REVERSAL
    for name in ("total", "fund", "cash"):
        label = {"column": COLUMNS[name]}
        if not MONEY.fullmatch(row[name]) or not row[name].isascii():
            yield "money_invalid", _("%(column)s应为金额，最多两位小数，如 15260.80。") % label
        elif reversal and Decimal(row[name]) > 0:
            yield "money_sign", _("冲正行的%(column)s应为负数。") % label
        elif not reversal and Decimal(row[name]) < 0:
            yield "money_sign", _("%(column)s不应为负数；冲正请另列一行，状态为 reversal。") % label


def _there(line: int, row: Mapping[str, str]) -> There:
    money = {name: Decimal(row[name]).quantize(Decimal("0.01")) for name in ("total", "fund", "cash")}
    return There(
        line=line, bill_number=row["bill_number"], number=row["number"], status=STATUSES[row["status"]], **money
    )
