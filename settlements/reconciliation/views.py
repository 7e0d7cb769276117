"""Reconciliation over HTTP, for hospitals: their own day, and their own list of it compared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, cast

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint
from accounts.models import Role
from core import clock
from core.http.json import JSONParser
from core.http.schema import operation
from settlements.models import Reconciliation, Status
from settlements.reconciliation import daily, reading
from settlements.reconciliation.bodies import (
    COMPARISON,
    DAY,
    SENT,
    ComparisonAnswer,
    DayAnswer,
    DayQuery,
    DifferenceAnswer,
    EntryAnswer,
    FileInput,
    ListInput,
    Sums,
)
from settlements.reconciliation.comparing import CODES

ENTRY = ("number", "bill_number", "status", "reverses__number", *daily.MONEY, "settled_at")
NAMES = tuple(name.removesuffix("__number") for name in ENTRY)
FORM_AROUND_THE_FILE = 64 * 1024


class ReconciliationView(Endpoint):
    """A hospital's day: what was settled and reversed at its till, and its own list beside it (国家平台 3201、3202 所对的账).

    A bill reversed on its own day may stand in the list once as `reversed`, or as `settled` with a `reversal` (below zero); a
    reversal of an earlier day's bill stands in the list of the day on which it was made. `total = fund + account + cash`.
    """

    roles = frozenset({Role.HOSPITAL})
    parser_classes = [JSONParser, MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what says itself that it is too long, before reading it."""
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > reading.MOST_BYTES + FORM_AROUND_THE_FILE:
            raise reading.too_large()

    @operation(
        "日对账：本院一天的合计与明细",
        parameters=[DayQuery],
        answer=DayAnswer,
        example=DAY,
    )
    def get(self, request: Request) -> Response:
        on = DayQuery.read(request).on or clock.today()
        hospital, rows = self.account.institution, daily.entries(self.account, on).order_by("settled_at", "id")
        assert hospital is not None
        entries = [dict(zip(NAMES, row, strict=True)) for row in rows.values_list(*ENTRY)]
        answer: DayAnswer = {
            **_summed(entries),
            "institution": hospital.code,
            "institution_name": hospital.name,
            "on": on,
            "entries": cast(list[EntryAnswer], entries),
        }
        return Response(answer)

    @operation(
        "日对账：与本院自己的清单比对（JSON，或 CSV 文件）",
        request={"application/json": ListInput, "multipart/form-data": FileInput},
        sent=SENT,
        answer=ComparisonAnswer,
        example=COMPARISON,
        status=201,
        refusals={
            400: {
                "money_invalid": "第 2 行：费用总额应为金额，最多两位小数，如 15260.80。",
                "money_sign": "第 2 行：冲正行的费用总额应为负数。",
                "status_invalid": "第 2 行：状态应为 settled（已结算）、reversed（已冲正）或 reversal（冲正）。",
                "repeated": "第 3 行：与第 2 行的结算编号重复。",
                "columns": "第 1 行须是列名，且每列一次：bill_number、number、total、fund、cash、status。",
                "not_csv": "这不是 CSV 文件；如是 Excel 表格，请另存为 CSV 后再上传。",
                "encoding": "文件应为 UTF-8 或 GB18030 编码，请另存后再上传。",
                "too_many_rows": "最多 20000 行，请按天分开导入。",
                "day_ahead": "对账日期还没有到，请选择今天或以前的日期。",
            },
            413: {
                "file_too_large": "文件超过 4 MB，请按天导出后再上传。",
                "body_too_large": "提交的内容超过 2 MB，请减少后重试。",  # as JSON; the same list is smaller as a file
            },
            429: {"throttled": "操作过于频繁，请稍后再试。"},
        },
    )
    def post(self, request: Request) -> Response:
        on, sheet = self._sent(request)
        hospital = self.account.institution
        assert hospital is not None
        row, new = daily.take(self.account, hospital, on, sheet)
        return Response(presented(row, again=not new), status=201)

    def _sent(self, request: Request) -> tuple[date, reading.Sheet]:
        if request.content_type.startswith("multipart/"):
            form = FileInput.read(request)
            return form.on, reading.read_file(form.file.read(), form.file.name or "")
        body = ListInput.read(request)
        return body.on, reading.read_rows(body.rows)


def _summed(entries: list[dict[str, Any]]) -> Sums:
    """The day's sums, of these very entries: one more that is settled meanwhile is in both or in neither."""
    reversals = sum(one["status"] == Status.REVERSAL for one in entries)
    total, fund, account, cash = (sum((one[name] for one in entries), Decimal("0.00")) for name in daily.MONEY)
    counted = len(entries) - reversals
    return {
        "settlements": counted,
        "reversals": reversals,
        "total": total,
        "fund": fund,
        "account": account,
        "cash": cash,
    }


def presented(row: Reconciliation, *, again: bool) -> ComparisonAnswer:
    """A comparison as its hospital is answered it."""
    return {
        "id": str(row.pk),
        "institution": row.institution_id,
        "on": row.on,
        "rows": row.rows,
        "entries": row.entries,
        "sums": row.sums,
        "agrees": row.differing == 0,
        "imported_at": row.imported_at,
        "again": again,
        "differences": [difference_row(one) for one in row.differences],
    }


def difference_row(one: dict[str, Any]) -> DifferenceAnswer:
    """A stored difference with its sentence."""
    shown = {name: value for name, value in one.items() if name != "area"}
    return cast(DifferenceAnswer, {**shown, "message": str(CODES[one["code"]])})
