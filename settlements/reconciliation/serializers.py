"""What reconciliation takes and answers over HTTP, with the examples of the OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.http.fields import Day
from settlements.models import Status
from settlements.reconciliation.comparing import CODES
from settlements.reconciliation.reading import MOST_ROWS


class DayQuery(serializers.Serializer[Any]):
    on = Day(required=False, help_text="A business day; today if left out.")


class Sums(serializers.Serializer[Any]):
    settlements = serializers.IntegerField()
    reversals = serializers.IntegerField()
    total = serializers.CharField(help_text="Yuan, reversals taken off; so are the others.")
    fund = serializers.CharField()
    account = serializers.CharField()
    cash = serializers.CharField()


class EntryAnswer(serializers.Serializer[Any]):
    number = serializers.CharField()
    bill_number = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    reverses = serializers.CharField(
        allow_null=True, help_text="The number of the settlement that this entry reverses."
    )
    total = serializers.CharField(help_text="Below zero for a reversal; so are the others.")
    fund = serializers.CharField()
    account = serializers.CharField()
    cash = serializers.CharField()
    settled_at = serializers.DateTimeField()


class Figures(serializers.Serializer[Any]):
    status = serializers.ChoiceField(Status.choices)
    total = serializers.CharField()
    fund = serializers.CharField()
    cash = serializers.CharField()


class OurFigures(Figures):
    settled_on = serializers.DateField()


class DifferenceAnswer(serializers.Serializer[Any]):
    code = serializers.ChoiceField([*CODES])
    message = serializers.CharField()
    number = serializers.CharField(help_text="Our settlement number, as far as it is known.")
    bill_number = serializers.CharField()
    line = serializers.IntegerField(allow_null=True, help_text="Line of the file, or row of the list (from 1).")
    here = OurFigures(allow_null=True)
    there = Figures(allow_null=True)


class Compared(serializers.Serializer[Any]):
    total = serializers.CharField()
    fund = serializers.CharField()
    cash = serializers.CharField()


class BothSums(serializers.Serializer[Any]):
    here = Compared()
    there = Compared()


class ComparisonAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    institution = serializers.CharField()
    on = serializers.DateField()
    rows = serializers.IntegerField(help_text="How many rows the hospital's list has.")
    entries = serializers.IntegerField(help_text="How many entries the day had here.")
    sums = BothSums()
    agrees = serializers.BooleanField()
    imported_at = serializers.DateTimeField()
    again = serializers.BooleanField(help_text="This list had been compared with these entries before.")
    differences = DifferenceAnswer(many=True)


class DayAnswer(Sums):
    institution = serializers.CharField()
    institution_name = serializers.CharField()
    on = serializers.DateField()
    entries = EntryAnswer(many=True)


class RowInput(serializers.Serializer[Any]):
    bill_number = serializers.CharField(max_length=64, required=False, help_text="This or `number`.")
    number = serializers.CharField(max_length=24, required=False, help_text="Our settlement number, where it is known.")
    total = serializers.CharField(help_text="Below zero for a reversal; so are the others.")
    fund = serializers.CharField()
    cash = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)


class ListInput(serializers.Serializer[Any]):
    """A list as JSON; the rows are read by `reading`, which names every wrong one."""

    on = Day()
    rows = serializers.ListField(child=serializers.DictField(), max_length=MOST_ROWS)


class ListDescribed(serializers.Serializer[Any]):
    on = Day()
    rows = RowInput(many=True)


class FileInput(serializers.Serializer[Any]):
    """A list as a CSV file, its columns those of a row."""

    on = Day()
    file = serializers.FileField(
        allow_empty_file=True,
        error_messages={
            "required": _("请选择要上传的 CSV 文件。"),
            "invalid": _("请选择要上传的 CSV 文件。"),
            "no_name": _("文件没有名称，请重新选择。"),
        },
    )


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
