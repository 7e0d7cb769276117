"""The lines of a bill (费用明细) as staff give them: typed, pasted from a spreadsheet, or as the hospital's list in a file.

What is read is the body of the API, and the API's own checks say what is wrong with it, line by line.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _

from claims.bodies import read_cost
from core.errors import Invalid, Refusal
from core.sheets import plain, read_workbook
from policies.catalogue.reading import CLASSES
from policies.language.examples import Cost
from settlements.bills import ITEM_KEYS
from settlements.coding import CodedCost

FILE = "lines"
LARGEST = 4 * 1024 * 1024
ROWS_AT_MOST, BLANK_ROWS, MOST_READ = 150, 5, 20_000
WHOLE = -1
COLUMNS = {
    "name": "名称 项目 品名 项目名称 收费项目 收费项目名称 药品名称 费用名称",
    "class": "类别 目录类别 医保类别 医保目录类别 目录等级 费用等级 收费等级 收费项目等级 甲乙丙",
    "amount": "金额 费用 总价 总额 费用金额 合计金额 项目金额",
    "first_copay_ratio": "先自付比例 先行自付比例 乙类先自付比例 乙类先行自付比例 自付比例",
    "code": "编码 项目编码 医保编码 国家编码 国家医保编码 医保目录编码 药品编码",
    "quantity": "数量",
    "limit": "限价 医保限价 最高限价 支付标准 医保支付标准 最高支付限额",
}
"""How hospitals head the columns of a list; without such a head the order is that of `ITEM_KEYS`."""
CLASS_LABELS = (("A", _("甲类")), ("B", _("乙类")), ("C", _("自费")))
ALL_OF_IT, PARTS_OF_IT = ("合计", "总计", "总合计"), ("小计",)


@dataclass
class Lines:
    """The lines of a bill, and the sum that the list itself states (empty: none). `read`: they come from a file or were pasted.

    `catalogue`: by which area's codes are looked up, on which day.
    """

    items: list[dict[str, str]] = field(default_factory=list)
    stated: str = ""
    read: bool = False
    catalogue: tuple[str, date] | None = None

    @cached_property
    def problems(self) -> dict[int, list[str]]:
        """What is wrong, by the place of the line (from 0), as the API finds it."""
        try:
            self.cost  # noqa: B018 - read for what it refuses
        except Refusal as refusal:
            found = defaultdict(list)
            for problem in refusal.problems:
                found[line_of(problem.attr)].append(problem.detail)
            return dict(found)
        return {}

    @cached_property
    def cost(self) -> Cost | None:
        """The cost they make, its codes looked up. Raises Invalid."""
        cost = read_cost({"items": self.items}) if self.items else None
        return cost.resolved(*self.catalogue) if isinstance(cost, CodedCost) and self.catalogue else cost

    @property
    def digest(self) -> str:
        """By which one knows that what is sent is what was shown."""
        return sha256(json.dumps([row_of(item) for item in self.items]).encode()).hexdigest()

    def sums(self) -> list[tuple[str, int, Decimal]]:
        """How many lines of each class there are, and what they come to; nothing while a line is wrong."""
        if self.problems or self.cost is None:
            return []
        counts: Counter[str] = Counter(item.catalogue for item in self.cost.items)
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for item in self.cost.items:
            amounts[item.catalogue] += item.amount
        by_class = [(str(label), counts[name], amounts[name]) for name, label in CLASS_LABELS if counts[name]]
        return [*by_class, (_("合计"), counts.total(), sum(amounts.values(), Decimal()))]


def read(post: Any, files: Any) -> Lines:
    """What a form says: the file, else what was pasted, else the rows of the table. Raises Invalid for an unreadable file."""
    if file := files.get(FILE):
        return _listed(_rows_of(file))
    if pasted := post.get("pasted", "").strip():
        return _listed(_split(pasted))
    columns = [post.getlist(f"item_{name}") for name in ITEM_KEYS]
    rows = [_item(ITEM_KEYS, cells) for cells in zip_longest(*columns, fillvalue="")]
    return Lines([row for row in rows if row.keys() - {"class"}])


def shown(lines: Lines, *, pasted: str = "") -> dict[str, Any]:
    """What the template of the lines shows: a table to go on in, or the text of so many that nobody types them."""
    many = len(lines.items) > ROWS_AT_MOST
    rows = [(number, row_of(item), lines.problems.get(number - 1, [])) for number, item in enumerate(lines.items, 1)]
    text = "\n".join("\t".join(cells) for _number, cells, _problems in rows)
    return {
        "classes": CLASS_LABELS,
        "items": [] if many else [*rows, *[("", row_of({}), [])] * BLANK_ROWS],
        "pasted": text if many else "" if lines.items else pasted,
        "sums": lines.sums(),
        "wrong": [*lines.problems.get(WHOLE, []), *(_in_words(rows) if many else [])],
        "seen": lines.digest if lines.items else "",
    }


def _in_words(rows: Iterable[tuple[int, Any, list[str]]]) -> Iterator[str]:
    """What is wrong in which line, where the lines are no table."""
    for number, _cells, problems in rows:
        yield from (of_line(number - 1) + problem for problem in problems)


def row_of(item: dict[str, Any]) -> list[str]:
    """The cells of a line."""
    return ["" if item.get(name) in (None, "0") else str(item[name]) for name in ITEM_KEYS]


def line_of(attr: str | None) -> int:
    """The place of the line that a problem is about, or `WHOLE`."""
    found = re.search(r"items\.(\d+)", attr or "")
    return int(found[1]) if found else WHOLE


def of_line(place: int) -> str:
    """Which line of the bill a problem is about, to stand before its sentence."""
    return "" if place == WHOLE else _("第 %d 行：") % (place + 1)


def _listed(rows: Iterable[Sequence[str]]) -> Lines:
    """The rows of a list, with or without a head; what sums it up is no line of it."""
    found, keys = Lines(read=True), tuple[str, ...](ITEM_KEYS)
    for number, cells in enumerate(rows):
        if number == 0 and (head := _head(cells)):
            keys = head
            continue
        item = _item(keys, cells)
        named = re.sub(r"[\s:：]", "", next(iter(item.values()), ""))
        if named in ALL_OF_IT and "class" not in item:
            found.stated = item.get("amount", "")
        elif item and not (named in PARTS_OF_IT and "class" not in item):
            found.items.append(item)
    return found


def _head(cells: Sequence[str]) -> tuple[str, ...]:
    """What each column holds, where this is the head of a list (it names the amount); an empty name: nothing of ours."""
    names = {title: name for name, titles in COLUMNS.items() for title in titles.split()}
    found = [names.get(re.sub(r"[（(].*?[)）]|\s", "", cell), "") for cell in cells]
    return tuple(found) if "amount" in found else ()


def _item(keys: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A line as the API takes it; what is empty says nothing."""
    given = {name: text for name, cell in zip(keys, cells, strict=False) if name and (text := plain(cell.strip()))}
    if "class" in given:
        given["class"] = CLASSES.get(given["class"].lower(), given["class"])
    if given.get("first_copay_ratio", "").endswith(("%", "％")):
        given["first_copay_ratio"] = _share(given["first_copay_ratio"])
    return given


def _share(text: str) -> str:
    """10% as 0.1; what is no number stays as it was typed."""
    number = text[:-1].strip()
    return f"{Decimal(number) / 100:f}" if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", number) else text


def _split(text: str) -> Iterator[list[str]]:
    """Lines out of a spreadsheet: parted by tabs, else by commas, where an amount may stand in quotes."""
    lines = [line for line in text.splitlines() if line.strip()]
    if any("\t" in line for line in lines):
        return (line.split("\t") for line in lines)
    return csv.reader(line.replace("，", ",") for line in lines)


def _rows_of(file: File[bytes]) -> Iterable[list[str]]:
    """The rows of a CSV or XLSX file. Raises Invalid `file_too_large`, `file_unreadable`."""
    if file.size > LARGEST:
        raise Invalid(_("文件太大（超过 4 MB），请分次录入。"), code="file_too_large", attr=FILE)
    content = file.read()
    try:
        if content.startswith(b"PK"):
            return [[_text(cell) for cell in row] for row in read_workbook(content, most_rows=MOST_READ)]
        return list(_split(_decoded(content)))
    except Exception as error:  # whatever a broken file makes the readers raise
        message = _("读不了这个文件，请上传医院清单的 CSV 或 XLSX，或者把表格粘贴到下面。")
        raise Invalid(message, code="file_unreadable", attr=FILE) from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _text(cell: Any) -> str:
    """A cell of a spreadsheet; figures without the noise of their binary form."""
    if isinstance(cell, float):
        return f"{cell:.6f}".rstrip("0").rstrip(".")
    return "" if cell is None else str(cell)
