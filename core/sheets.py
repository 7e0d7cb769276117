"""CSV for people and their spreadsheets: opens in the right script, and no cell of it is ever run as a formula.

And their workbooks read, however small a file is that unfolds into gigabytes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

BOM = "\ufeff"  # by which spreadsheets know UTF-8
RUN_BY_SPREADSHEETS = tuple("=+-@\t\r\n＝＋－＠")
QUOTE = "'"
MOST_UNPACKED, MOST_COLUMNS = 64 * 1024 * 1024, 100


class TooBig(ValueError):
    """A workbook that would unfold beyond what any list needs."""


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def lines(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The lines of the file, one at a time, however many there are."""
    writer = csv.writer(_Echo())
    yield BOM + str(writer.writerow([str(title) for title in header]))
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: Any) -> str:
    """A value as a cell. Figures stay figures; what a spreadsheet would run gets an apostrophe, which `plain` takes off again."""
    if value is None:
        return ""
    text = f"{value:.2f}" if isinstance(value, Decimal) else str(value)
    if isinstance(value, Decimal | int):
        return text
    return QUOTE + text if text.startswith((*RUN_BY_SPREADSHEETS, QUOTE)) else text


def plain(text: str) -> str:
    """What `cell` wrote."""
    guarded = text.startswith(QUOTE) and text[1:].startswith((*RUN_BY_SPREADSHEETS, QUOTE))
    return text[1:] if guarded else text


def download(name: str, header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """The file as an answer, to be kept by nobody on the way. `name` is ASCII."""
    answer = StreamingHttpResponse(lines(header, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def read_workbook(content: bytes, *, most_rows: int) -> list[list[Any]]:
    """The rows of the sheet that an XLSX file shows, all of one length, `most_rows` at most.

    Raises TooBig, and whatever a broken file makes the readers raise. A sheet may state rows and columns without end in a few bytes,
    and what is packed may unfold a thousandfold: neither is believed.
    """
    from openpyxl import load_workbook  # with numpy, lxml and Pillow behind it: 20 MB that few processes ever need

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())  # of no part more is unpacked than it states
        if unpacked > MOST_UNPACKED:
            raise TooBig(f"more than {MOST_UNPACKED} bytes")
    sheet: Any = load_workbook(io.BytesIO(content), read_only=True, data_only=True).active
    read = sheet.iter_rows(max_row=most_rows, max_col=MOST_COLUMNS, values_only=True)
    rows = [_without_end(row) for row in read]
    width = max(map(len, rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def _without_end(row: Iterable[Any]) -> list[Any]:
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells
