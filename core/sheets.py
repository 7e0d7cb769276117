"""CSV for people and their spreadsheets: opens in the right script, and no cell of it is ever run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse

BOM = "\ufeff"  # by which spreadsheets know UTF-8
RUN_BY_SPREADSHEETS = tuple("=+-@\t\r\n＝＋－＠")
QUOTE = "'"


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
