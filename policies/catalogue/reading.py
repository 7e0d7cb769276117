"""A catalogue file: CSV with one item of one area a line, read whole or refused with everything wrong in it. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from core.sheets import plain
from policies.language.loader import NATIONAL

COLUMNS = ("area", "code", "name", "class", "first_copay_ratio", "price_limit", "effective_from")
CLASSES = {
    **dict.fromkeys(("甲", "甲类", "a", "01", "1"), "A"),
    **dict.fromkeys(("乙", "乙类", "b", "02", "2"), "B"),
    **dict.fromkeys(("丙", "丙类", "自费", "全自费", "c", "03", "3"), "C"),
}
"""The catalogue's classes as lists write them; the figures are those of the national code table (收费项目等级)."""
Wrong: TypeAlias = Callable[[str], None]
MOST_ROWS = 300_000
LARGEST = 32 * 1024 * 1024
_CODE = re.compile(r"[0-9A-Z][0-9A-Z._/-]{0,49}")
_RATIO = re.compile(r"(0(\.[0-9]{1,4})?|1(\.0{1,4})?)")
_LIMIT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,6})?")
_DAY = re.compile(r"(20[0-9]{2})-([01][0-9])-([0-3][0-9])")


class Row(NamedTuple):
    """One line of a file; `area` 000000 is all of them, an empty class: listed, and nobody said as what."""

    area: str
    code: str
    name: str
    item_class: str
    first_copay_ratio: Decimal | None
    price_limit: Decimal | None
    effective_from: date

    @property
    def key(self) -> tuple[str, str, date]:
        return self.code, self.area, self.effective_from

    @property
    def complete(self) -> bool:
        """Whether a bill can be split by it."""
        return bool(self.item_class) and (self.item_class != "B" or self.first_copay_ratio is not None)


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong in a line (from 1, the head included)."""

    line: int
    detail: str

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.detail}"


class CatalogueError(Exception):
    """The file is refused: everything that is wrong with it, by line."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        super().__init__("；".join(map(str, problems[:3])))
        self.problems = tuple(problems)


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or as Chinese spreadsheets write it. Raises CatalogueError."""
    if len(content) > LARGEST:
        raise CatalogueError([LineProblem(1, "文件超过 32 MB，请分成几个文件")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CatalogueError([LineProblem(1, "文件应为 UTF-8 或 GBK 编码的 CSV，请另存后再导入")])


def read(text: str, areas: Container[str]) -> list[Row]:
    """The rows of a file. `areas`: the known ones by code. Raises CatalogueError with all problems, by line."""
    problems: list[LineProblem] = []
    rows: list[Row] = []
    first: dict[tuple[str, str, date], int] = {}
    for line, cells in _lines(text):
        row = _row(line, cells, areas, problems)
        if row is None:
            continue
        if (before := first.setdefault(row.key, line)) != line:
            problems.append(LineProblem(line, f"与第 {before} 行的地区、编码和开始日相同，请只留一行"))
        rows.append(row)
    if not rows and not problems:
        problems.append(LineProblem(1, "文件里没有目录项目，请在表头下面逐行填写"))
    if problems:
        raise CatalogueError(problems)
    return rows


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The cells of every line by column, with its number; empty lines are none."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff").replace("\0", "\ufffd")))
    try:
        head = [cell.strip().lower() for cell in next(reader, [])]
        if missing := [name for name in COLUMNS if head.count(name) != 1]:
            raise CatalogueError([LineProblem(1, f"表头应有 {','.join(COLUMNS)}，缺少或重复：{'、'.join(missing)}")])
        for count, cells in enumerate(reader):
            if count >= MOST_ROWS:
                raise CatalogueError([LineProblem(reader.line_num, f"超过 {MOST_ROWS} 行，请分成几个文件")])
            if any(cell.strip() for cell in cells):
                padded = [*cells, *[""] * len(head)]
                yield reader.line_num, {name: plain(cell.strip()) for name, cell in zip(head, padded, strict=False)}
    except csv.Error as broken:
        raise CatalogueError([LineProblem(reader.line_num, "这一行不是 CSV，请检查引号和逗号")]) from broken


def _row(line: int, cells: dict[str, str], areas: Container[str], problems: list[LineProblem]) -> Row | None:
    """One line; what is wrong with it is added to the problems."""
    before = len(problems)

    def wrong(detail: str) -> None:
        problems.append(LineProblem(line, detail))

    area = cells["area"] or NATIONAL
    if area != NATIONAL and area not in areas:
        wrong(f"area：没有代码为 {area[:20]} 的地区；所有地区通用的请留空")
    code = cells["code"].upper()
    if not _CODE.fullmatch(code):
        wrong("code：请填写国家编码（字母和数字，不超过 50 位）")
    if not cells["name"] or len(cells["name"]) > 200:
        wrong("name：请填写名称，不超过 200 字")
    kind = CLASSES.get(cells["class"].lower(), "" if not cells["class"] else "?")
    if kind == "?":
        wrong("class：请填写甲、乙、丙或 A、B、C；还不知道的请留空")
    ratio, limit = _ratio(cells["first_copay_ratio"], kind, wrong), _limit(cells["price_limit"], kind, wrong)
    since = _day(cells["effective_from"])
    if since is None:
        wrong("effective_from：请填写开始日，如 2026-01-01")
    if len(problems) > before or since is None:
        return None
    return Row(area, code, cells["name"], kind, ratio, limit, since)


def _ratio(text: str, kind: str, wrong: Wrong) -> Decimal | None:
    """The first copay of class B; that of the others follows from the class and need not be written."""
    if not text:
        return None
    if not _RATIO.fullmatch(text):
        wrong("first_copay_ratio：请填写 0 到 1 之间、最多四位小数的比例，如 0.1")
        return None
    ratio = Decimal(text)
    if kind not in ("B", "?") and ratio != {"A": 0, "C": 1}.get(kind):
        wrong("first_copay_ratio：只有乙类有先自付比例，其他类别请留空")
    return ratio if kind == "B" else None


def _limit(text: str, kind: str, wrong: Wrong) -> Decimal | None:
    if not text:
        return None
    if not _LIMIT.fullmatch(text) or not Decimal(text):
        wrong("price_limit：请填写大于 0、最多六位小数的单价（元）；没有限价的请留空")
        return None
    if kind not in ("A", "B", "?"):
        wrong("price_limit：只有甲类和乙类有限价，其他类别请留空")
    return Decimal(text)


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
