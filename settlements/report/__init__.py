"""The monthly report (业务月报) of an area, as a page of the staff's site and as a PDF set by Typst: the same texts on both.

It stands with the ledger because every yuan in it, a claim's too, is an entry of the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core import clock
from core.printing import set_in_type
from regions.models import Area
from reviews.models import Kind, Outcome
from reviews.statistics import Reason, hours, percent
from settlements.report.figures import MONEY, Month, OfKind, Paid, month_of

TEMPLATE = Path(__file__).parent / "report.typ"
MOST_REASONS = 15
Rows = list[list[str]]


def pdf(shown: dict[str, Any]) -> bytes:
    """The report, whose texts were made already, as a PDF."""
    return set_in_type(TEMPLATE, shown)


def texts(area: Area | None, first: date) -> dict[str, Any]:
    """What the report of the month that begins on `first` says, as texts; `days` are figures, to be drawn."""
    month = month_of(area, first)
    return {
        "area": area.name if area else _("全国"),
        "month": _("%(year)d年%(month)d月") % {"year": first.year, "month": first.month},
        "made_at": f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        "running": "" if month.over else _("本月尚未结束，数字截至生成时间。"),
        "speed": _speed(month),
        "kinds_head": [
            _("事项"), _("收件"), _("通过"), _("不予通过"), _("退回补正"), _("期末在办"), _("按时率"), _("用时中位数"), _("九成在此用时内"),
        ],
        "kinds": [*map(_kind, month.kinds), _all_kinds(month)],
        "reasons_head": [_("事项"), _("理由"), _("件数")],
        "reasons": [_reason(row) for row in month.reasons[:MOST_REASONS]],
        "paid_head": [_("结算方式"), _("结算笔数"), _("冲正笔数"), _("费用总额"), _("基金支付"), _("个人账户"), _("现金")],
        "paid": [*map(_paid, month.paid), _all_paid(month.paid)],
        "days": [[f"{day:%m-%d}", came, went] for day, came, went in month.flow],
        "notes": _notes(month),
    }  # fmt: skip


def _speed(month: Month) -> Rows:
    speed = month.speed
    return [
        [_("收件"), str(sum(row.received for row in month.kinds))],
        [_("期末在办"), str(sum(row.open for row in month.kinds))],
        [_("按时率"), percent(speed.in_time)],
        [_("超时决定的件数"), str(speed.late_cases)],
        [_("用时中位数"), hours(speed.median)],
        [_("九成在此用时内"), hours(speed.p90)],
    ]


def _kind(row: OfKind) -> list[str]:
    outcomes = [str(row.decided[name]) for name in (Outcome.APPROVED, Outcome.REJECTED, Outcome.RETURNED)]
    speed = [percent(row.speed.in_time), hours(row.speed.median), hours(row.speed.p90)]
    return [str(row.kind.label), str(row.received), *outcomes, str(row.open), *speed]


def _all_kinds(month: Month) -> list[str]:
    sums = [sum(int(_kind(row)[place]) for row in month.kinds) for place in range(1, 6)]
    speed = [percent(month.speed.in_time), hours(month.speed.median), hours(month.speed.p90)]
    return [_("合计"), *map(str, sums), *speed]


def _reason(row: Reason) -> list[str]:
    text = row.text or (_("系统核查 %s") % row.code if row.code else _("自行填写的理由"))
    return [str(Kind(row.kind).label), text, str(row.cases)]


def _paid(row: Paid) -> list[str]:
    return [str(row.channel.label), str(row.bills), str(row.reversals), *(f"{row.sums[name]:.2f}" for name in MONEY)]


def _all_paid(rows: Sequence[Paid]) -> list[str]:
    sums = (f"{sum(row.sums[name] for row in rows):.2f}" for name in MONEY)
    return [_("合计"), str(sum(row.bills for row in rows)), str(sum(row.reversals for row in rows)), *sums]


def _notes(month: Month) -> list[str]:
    calendar = _("全国工作日历") if month.area is None else _("本统筹区的工作日历")
    return [
        _("用时和按时率按每次审核决定计算，用时是工作时间（%s，9:00–17:00），待补正期间不计，当场通过的不计。")
        % calendar,
        _(
            "两次审核的事项，末次审核通过才计为通过；退回补正按次计；撤回和终止的不在三种结论之内。期末在办含待补正的申请。"
        ),
        _("金额单位：元；按结算时间归入本月，已减去本月的冲正。手工报销按作出结算的时间，不按支付时间。"),
    ]
