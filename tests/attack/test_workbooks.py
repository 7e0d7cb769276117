"""Workbooks that are small as they come and unfold without end: refused in a moment, wherever a workbook is taken."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from claims.admin import lines
from core import sheets
from core.errors import Invalid
from regions import importing

BOOK, SHEET, NAMES = (
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"',
)
FILLING = b"<row><c><v>1</v></c></row>" * 40_000


def book(sheet: bytes, repeated: bytes = b"", times: int = 0) -> bytes:
    """An ordinary workbook but for its sheet."""
    whole, made = io.BytesIO(), io.BytesIO()
    Workbook().save(whole)
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in parts.namelist():
            if part != SHEET:
                changed.writestr(part, parts.read(part))
        head, foot = sheet.split(b"</sheetData>")
        with changed.open(SHEET, "w") as out:
            for chunk in (head, *[repeated] * times, b"</sheetData>" + foot):
                out.write(chunk)
    return made.getvalue()


def of_rows(rows: str, before: str = "") -> bytes:
    return f"<worksheet {NAMES}>{before}<sheetData>{rows}</sheetData></worksheet>".encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "a hundred megabytes of rows": lambda: book(of_rows(""), FILLING, 100),
    "rows without end": lambda: book(of_rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "a size without end": lambda: book(of_rows('<row r="1"><c r="A1"><v>1</v></c></row>', '<dimension ref="A1:XFD1048576"/>')),
    "a billion laughs": lambda: book(
        f'<!DOCTYPE w [<!ENTITY l0 "ha">{LAUGHS}]>'.encode()
        + of_rows('<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>')
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=BOMBS)
def bomb(request: pytest.FixtureRequest) -> Any:
    return BOMBS[request.param]()


def read(take: Callable[[], Any]) -> list[Any]:
    """The rows; none of what is refused."""
    try:
        return list(take())
    except Invalid:
        return []


def test_no_workbook_unfolds_without_end(bomb: bytes) -> None:
    began = time.process_time()

    for take in (
        lambda: importing._dataset("a.xlsx", bomb),
        lambda: lines._rows_of(SimpleUploadedFile("a.xlsx", bomb)),
    ):
        rows = read(take)
        assert len(rows) <= importing.MOST_ROWS + 1
        assert all(len(row) <= sheets.MOST_COLUMNS for row in rows)

    assert len(bomb) < importing.LARGEST
    assert time.process_time() - began < 10


def test_an_ordinary_workbook_is_read_cell_by_cell() -> None:
    made, out = Workbook(), io.BytesIO()
    for row in (["code", "name", None], ["A", None], [1.5, "二", "更多"]):
        made.active.append(row)
    made.save(out)

    rows = sheets.read_workbook(out.getvalue(), most_rows=10)

    assert rows == [["code", "name", None], ["A", None, None], [1.5, "二", "更多"]]
    assert len(sheets.read_workbook(out.getvalue(), most_rows=2)) == 2
