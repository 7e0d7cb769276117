"""What reconciliation takes and answers over HTTP, with the examples of the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from core.http.bodies import SENTENCES, Body, Query
from core.http.values import Day, DescribedAs, Maybe, OneOf, SentFile, Text, Upload
from settlements.models import Status
from settlements.reconciliation.comparing import CODES
from settlements.reconciliation.reading import MOST_ROWS

Yuan = Annotated[Decimal, WithJsonSchema({"type": "string"})]

# What is sent

NO_FILE = _("请选择要上传的 CSV 文件。")


class DayQuery(Query):
    on: Maybe[Day] = Field(None, description="A business day; today if left out.")


class RowInput(Body):
    bill_number: Maybe[Annotated[str, Text(64)]] = Field(None, description="This or `number`.")
    number: Maybe[Annotated[str, Text(24)]] = Field(None, description="Our settlement number, where it is known.")
    total: Annotated[str, Text()] = Field(description="Below zero for a reversal; so are the others.")
    fund: Annotated[str, Text()]
    cash: Annotated[str, Text()]
    status: Status


class ListInput(Body):
    """A list as JSON. Every row that cannot be taken is named."""

    component: ClassVar[str] = "ListDescribed"

    on: Day
    rows: Annotated[list[dict[str, Any]], Field(max_length=MOST_ROWS), DescribedAs(list[RowInput])]


class FileInput(Body):
    """A list as a CSV file, its columns those of a row."""

    sentences = {**SENTENCES, "missing.file": ("required", NO_FILE)}

    on: Day
    file: Annotated[SentFile, Upload(NO_FILE)]


# What is answered


class Sums(TypedDict):
    settlements: int
    reversals: int
    total: Annotated[Yuan, Field(description="Yuan, reversals taken off; so are the others.")]
    fund: Yuan
    account: Yuan
    cash: Yuan


class EntryAnswer(TypedDict):
    number: str
    bill_number: str
    status: Annotated[str, OneOf(Status)]
    reverses: Annotated[str | None, Field(description="The number of the settlement that this entry reverses.")]
    total: Annotated[Yuan, Field(description="Below zero for a reversal; so are the others.")]
    fund: Yuan
    account: Yuan
    cash: Yuan
    settled_at: datetime


class Figures(TypedDict):
    status: Annotated[str, OneOf(Status)]
    total: Yuan
    fund: Yuan
    cash: Yuan


class OurFigures(Figures):
    settled_on: date


class DifferenceAnswer(TypedDict):
    code: Annotated[str, OneOf(CODES)]
    message: str
    number: Annotated[str, Field(description="Our settlement number, as far as it is known.")]
    bill_number: str
    line: Annotated[int | None, Field(description="Line of the file, or row of the list (from 1).")]
    here: OurFigures | None
    there: Figures | None


class Compared(TypedDict):
    total: Yuan
    fund: Yuan
    cash: Yuan


class BothSums(TypedDict):
    here: Compared
    there: Compared


class ComparisonAnswer(TypedDict):
    id: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
    institution: str
    on: date
    rows: Annotated[int, Field(description="How many rows the hospital's list has.")]
    entries: Annotated[int, Field(description="How many entries the day had here.")]
    sums: BothSums
    agrees: bool
    imported_at: datetime
    again: Annotated[bool, Field(description="This list had been compared with these entries before.")]
    differences: list[DifferenceAnswer]


class DayAnswer(Sums):
    institution: str
    institution_name: str
    on: date
    entries: list[EntryAnswer]


# Examples

ENTRY = {
    "number": "JS2026112100000001",
    "bill_number": "ZY202611210001",
    "status": "settled",
    "reverses": None,
    "total": "15260.80",
    "fund": "10231.44",
    "account": "0.00",
    "cash": "5029.36",
    "settled_at": "2026-11-21T10:00:00+08:00",
}
DAY = {
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "on": "2026-11-21",
    "settlements": 1,
    "reversals": 0,
    **{name: ENTRY[name] for name in ("total", "fund", "account", "cash")},
    "entries": [ENTRY],
}
SENT = {
    "on": "2026-11-21",
    "rows": [
        {
            "bill_number": "ZY202611210001", "number": "JS2026112100000001", "total": "15260.80", "fund": "10131.44",
            "cash": "5129.36", "status": "settled",
        }
    ],
}  # fmt: skip
_HERE = {"total": "15260.80", "fund": "10231.44", "cash": "5029.36"}
_THERE = {"total": "15260.80", "fund": "10131.44", "cash": "5129.36"}
COMPARISON = {
    "id": "019ab5c0-6f00-7c3e-9d58-2f6d1c1b7a10",
    "institution": "H11010100001",
    "on": "2026-11-21",
    "rows": 1,
    "entries": 1,
    "sums": {"here": _HERE, "there": _THERE},
    "agrees": False,
    "imported_at": "2026-11-21T18:00:00+08:00",
    "again": False,
    "differences": [
        {
            "code": "amount_differs", "message": str(CODES["amount_differs"]), "number": "JS2026112100000001",
            "bill_number": "ZY202611210001", "line": 1,
            "here": {"status": "settled", **_HERE, "settled_on": "2026-11-21"}, "there": {"status": "settled", **_THERE},
        }
    ],
}  # fmt: skip
