"""Staffing simulations in the admin: how many reviewers an area's queue needs, and what a long holiday does to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.tables import figure
from regions.admin import area_kept
from regions.models import Area
from reviews.admin.scope import account_of
from scenarios import services
from scenarios.admin.scenario import ScenarioAdmin
from scenarios.models import StaffingScenario
from scenarios.staffing.planning import workload

WIDTH, HEIGHT = 960, 240
LEFT, TOP, BOTTOM = 56, 12, 28
TICKS = 4
HEAD = [
    _("审核人数"), _("按时办结（最差–最好）"), _("无一超时的次数"), _("超时件数（中位 / 最多）"), _("九成办结用时（小时，含休息日）"), _("下班时最多未办"),
]  # fmt: skip


class StaffingScenarioForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = StaffingScenario
        fields = [
            "area", "start", "days", "fewest", "most", "per_day", "weekdays", "holiday", "minutes", "absence", "runs", "seed",
        ]  # fmt: skip
        help_texts = {
            "start": _("想看长假的影响，就从假前一周开始，例如国庆节：9月20日起30天。"),
            "per_day": _("留空：按本地区近半年的申请（星期、节假日、钟点都按实际）。"),
            "weekdays": _("与工作日平均相比，周一在前。填写了每个工作日的申请数才起作用。"),
            "holiday": _("落在周一至周五的节假日，与工作日平均相比。填写了每个工作日的申请数才起作用。"),
            "minutes": _("留空：按本地区近半年同一人相邻两次决定的间隔（超过一小时的不计）。"),
            "absence": _("每人每个工作日不在岗的可能，互不影响。"),
            "runs": _("次数越多，范围越可靠。"),
            "seed": _("相同的种子得到相同的结果。"),
        }

    def full_clean(self) -> None:
        """Ask for what history does not know, once every field is right by itself."""
        super().full_clean()
        if self.is_bound and not self.errors:
            try:
                workload(self.instance)
            except Refusal as refusal:
                self.add_error(refusal.problems[0].attr, refusal.detail)


@admin.register(StaffingScenario)
class StaffingScenarioAdmin(ScenarioAdmin):
    """How many reviewers keep every case in time."""

    form = StaffingScenarioForm
    area_field = "area"
    page = "admin/scenarios/staffingscenario/result.html"
    list_display = ["area", "start", "days", "fewest", "most", "shown_status", "requested_by", "requested_at"]
    list_select_related = ["area", "requested_by"]
    search_fields = ["area__code", "area__name"]
    search_help_text = _("地区代码或名称")
    empty_said = _("还没有测算。发起一次，看看多少名审核人员能按时办结。")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "area":
            area = area_kept(request)
            kwargs["queryset"] = Area.objects.filter(code=area) if area else Area.objects.pooling().order_by("code")
            kwargs["initial"] = area
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.request_staffing(account_of(request), obj)

    def shown(self, row: StaffingScenario, result: dict[str, Any]) -> dict[str, Any]:
        """The table, and the charts of the number that is needed (or the most) and of one fewer, on one scale."""
        last = result["needed"] or row.most
        drawn = [line for line in result["table"] if line["reviewers"] in (last - 1, last)]
        highest = max((high for line in drawn for _low, _middle, high in line["waiting"]), default=0)
        charts = [{**line, "chart": chart(result["days"], line["waiting"], highest)} for line in drawn]
        return {
            "result": result,
            "charts": charts,
            "head": HEAD,
            "rows": [_line(row, line) for line in result["table"]],
        }


def _line(run: StaffingScenario, line: dict[str, Any]) -> list[str]:
    """How a number of reviewers does: in the middle, with the range of the repeated runs."""
    (middle, worst, best), (low, hours, high) = line["in_time"], line["hours"]
    return [
        str(line["reviewers"]),
        f"{middle}%（{worst}%–{best}%）",
        f"{line['runs_in_time']} / {run.runs}",
        " / ".join(figure(count) for count in line["late"]),
        f"{hours}（{low}–{high}）",
        figure(line["peak"]),
    ]


def chart(days: Sequence[dict[str, Any]], waiting: Sequence[Sequence[float]], highest: float) -> dict[str, Any]:
    """How many cases wait day by day as a line, a band around it and the closed days, in numbers that the template draws.

    `waiting` is the low, middle and high count of each day, `highest` the top of the axis.
    """
    step = (WIDTH - LEFT) / len(days)
    across = [LEFT + step * (number + 0.5) for number in range(len(days))]
    low, middle, high = ([_height(values[which], highest) for values in waiting] for which in range(3))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "top": TOP,
        "band": _points([*zip(across, high, strict=True), *reversed([*zip(across, low, strict=True)])]),
        "line": _points([*zip(across, middle, strict=True)]),
        "closed": [
            {"x": f"{LEFT + step * number:.1f}", "width": f"{step:.1f}"}
            for number, day in enumerate(days)
            if not day["open"]
        ],
        "dates": [
            {"x": f"{across[number]:.1f}", "label": days[number]["date"][5:]}
            for number in range(0, len(days), max(1, len(days) // 8))
        ],
        "counts": [
            {"y": f"{_height(value, highest):.1f}", "label": f"{value:.0f}"}
            for value in sorted({round(highest * tick / TICKS) for tick in range(TICKS + 1)})
        ],
    }


def _height(value: float, highest: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / (highest or 1)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
