"""Comparisons of draft policies in the admin: who wins, who loses, what it costs the funds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain, repeat
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.tables import bar, figure
from policies.language.wording import FUND_LABELS
from policies.models import PolicyVersion
from regions.admin import area_kept
from reviews.admin.scope import account_of
from scenarios import services
from scenarios.admin.scenario import ScenarioAdmin
from scenarios.models import PolicyScenario

GROUP_LABELS = {
    "person": _("人员类别"),
    "care": _("就医类别"),
    "level": _("医院等级"),
    "travel": _("就医身份"),
    "identity": _("身份类别"),
}


FUNDS: Mapping[str, Any] = {"fund": _("基金合计"), "pooled": _("统筹基金"), **FUND_LABELS}


class PolicyScenarioForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = PolicyScenario
        fields = ["draft", "bills", "size", "seed"]
        help_texts = {
            "size": _("用于模拟账单：1000 至 1000000 份，越多越准，一百万份约需几秒。"),
            "bills": _("已结算的账单取最近的，至多20万份，按当时的年度累计重新计算。"),
            "seed": _("用于模拟账单：相同的种子生成相同的账单，便于比较不同的草稿。"),
        }

    def clean_draft(self) -> PolicyVersion:
        draft: PolicyVersion = self.cleaned_data["draft"]
        try:
            services.baseline_of(draft)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.detail) from refusal
        return draft

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("bills") == PolicyScenario.Bills.SETTLED and values.get("draft"):
            try:
                services.settled_count(values["draft"])
            except Refusal as refusal:
                self.add_error("bills", refusal.detail)
        return values


@admin.register(PolicyScenario)
class PolicyScenarioAdmin(ScenarioAdmin):
    """What a draft would change: who wins, who loses, what it costs the funds."""

    form = PolicyScenarioForm
    area_field = "draft__area"
    page = "admin/scenarios/policyscenario/result.html"
    list_display = ["draft", "baseline", "bills", "size", "shown_status", "requested_by", "requested_at"]
    list_select_related = ["draft", "requested_by"]
    search_fields = ["draft__area", "draft__name", "baseline"]
    search_help_text = _("地区代码、草稿名称或对照的政策")
    empty_said = _("还没有测算。先在“政策版本”上传一份草稿，再在这里发起测算。")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "draft":
            drafts = PolicyVersion.objects.filter(status=PolicyVersion.Status.DRAFT)
            area = area_kept(request)
            kwargs["queryset"] = drafts.filter(area=area) if area else drafts
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in ("size", "seed", "bills")}
        scenario = services.request(account_of(request), form.cleaned_data["draft"], **values)
        obj.pk = scenario.pk

    def shown(self, row: PolicyScenario, result: dict[str, Any]) -> dict[str, Any]:
        return {"result": result, "tables": [*_tables(result)]}


def _tables(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each table as the page draws it: who pays less or more, what it costs the funds, in which groups, the furthest bills."""
    tones = chain(["less"] * 4, ["same"], repeat("more"))
    change = [
        [one["label"], bar(length, tone), figure(one["bills"])]
        for (one, length), tone in zip(bars(result["histogram"], "bills"), tones, strict=False)
    ]
    yield {"title": _("个人负担变化的分布"), "rows": change, "texts": 2}
    funds = [one for one in result["funds"] if one["before"] != one["after"]]
    yield {
        "title": _("各项基金"),
        "head": [_("基金"), _("变化"), _("原支付（元）"), _("新支付（元）"), _("变化（元）")],
        "rows": [
            [FUNDS[one["fund"]], _change(one["change"], length), *_figures(one, "before", "after", "change")]
            for one, length in bars(funds, "change")
        ],
        "texts": 2,
        "empty": _("各项基金的支付都没有变化。"),
    }
    yield from _groups(result["groups"])
    yield {
        "title": _("变化最大的账单"),
        "head": [_("情形"), _("费用（元）"), _("原个人负担"), _("新个人负担"), _("变化")],
        "rows": [
            [one["facts"], *_figures(one, "total", "before", "after", "change")]
            for one in (*result["most"]["losers"], *result["most"]["winners"])
        ],
        "texts": 1,
        "empty": _("没有账单的个人负担发生变化。"),
    }


def _groups(groups: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for fact, title in GROUP_LABELS.items():
        rows = [
            [
                one["label"],
                _change(one["fund_change"], length),
                *_figures(one, "fund_change", "mean_change"),
                " / ".join(_figures(one, "winners", "losers", "bills")),
            ]
            for one, length in bars([one for one in groups if one["fact"] == fact], "fund_change")
        ]
        head = [title, _("基金支付的变化"), _("基金（元）"), _("平均每份个人（元）"), _("少付 / 多付 / 共")]
        if rows:
            yield {"title": title, "head": head, "rows": rows, "texts": 2}


def _change(value: Any, length: str) -> Any:
    return bar(length, "less" if Decimal(str(value)) < 0 else "more")


def _figures(row: Mapping[str, Any], *names: str) -> list[str]:
    return [figure(row[name]) for name in names]


def bars(rows: list[dict[str, Any]], key: str) -> list[tuple[dict[str, Any], str]]:
    """Each row with the length of its bar: |value| in percent of the largest."""
    values = [Decimal(str(row[key])) for row in rows]
    longest = max((abs(value) for value in values), default=Decimal(0)) or Decimal(1)
    return [(row, f"{abs(value) * 100 / longest:.2f}") for row, value in zip(rows, values, strict=True)]
