"""Bills in the staff's site: read line by line; the agency takes back what its hospital no longer can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from core.errors import Refusal
from core.printing import pdf_answer
from core.text import prose
from policies import published
from policies.language.omissions import omissions_text
from policies.language.wording import AMOUNT_LABELS
from policies.published import source_named
from reviews.admin.scope import ReadOnly, VisibleToReviewer, account_of
from settlements import presenting, services, statement
from settlements.adjudication import omissions_of
from settlements.admin import reports
from settlements.models import AMOUNTS, IdentityLookup, Settlement, Status
from settlements.models.entries import NEWEST


def yuan(name: str, label: Any) -> Callable[[Any], str]:
    """A column of a list: the row's amount of this name, sorted by it."""

    @display(description=label, ordering=name)
    def shown(row: Any) -> str:
        amount = getattr(row, name)
        return "—" if amount is None else intcomma(amount, use_l10n=False)

    return shown


COLOURS = {str(Status.SETTLED.label): "success", str(Status.REVERSED.label): "danger"}


class StandingFilter(SimpleListFilter):
    """Bills that stand, or were reversed; the reversing entries are shown with what they reverse."""

    title = _("状态")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(status.value, status.label) for status in (Status.SETTLED, Status.REVERSED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class SettlementAdmin(VisibleToReviewer):
    """The bills of the area's insured, wherever they were treated."""

    list_display = [
        "number", "shown_status", "person", "institution_name", "care", "travel",
        yuan("total", _("费用总额")), yuan("fund", _("基金支付")), yuan("own", _("个人负担")), "settled_at",
    ]  # fmt: skip
    list_filter = [StandingFilter, "channel", "care", "travel", "insurance", ("settled_on", RangeDateFilter)]
    list_filter_submit = True
    search_fields = ["number__startswith", "bill_number__startswith", "institution_name"]
    search_help_text = _("结算编号、医院账单号或医疗机构")
    empty_said = _("本地区参保人还没有结算。医院直接结算或手工报销审核通过后，会出现在这里。")
    list_select_related = ["person"]
    list_per_page = 25
    show_full_result_count = False
    ordering = NEWEST

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).answered()  # type: ignore[attr-defined]
        return rows

    @display(description=_("状态"), label=COLOURS, ordering="status")
    def shown_status(self, row: Settlement) -> str:
        return row.get_status_display()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = Settlement.objects.one(account_of(request), object_id) if self.get_object(request, object_id) else None
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        status, reason = 200, prose(request.POST.get("reason", ""))[:200]
        if request.method == "POST":
            try:
                services.reverse(account_of(request), row, reason=reason)
            except Refusal as refusal:
                messages.error(request, refusal.detail)
                status = refusal.status
            else:
                messages.success(request, _("已冲正，年度累计已恢复。"))
                return HttpResponseRedirect(reverse("admin:settlements_settlement_change", args=[row.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{_('结算')} {row.number}",
            "reason": reason,
            **_shown(row, request),
        }
        return TemplateResponse(request, "admin/settlements/settlement/bill.html", context, status=status)

    def get_urls(self) -> list[URLPattern]:
        statement = self.admin_site.admin_view(self.statement)
        return [
            path("<uuid:pk>/statement.pdf", statement, name="settlement_statement"),
            *reports.urls(self.admin_site.admin_view),
            *super().get_urls(),
        ]

    def statement(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The statement to print."""
        row = Settlement.objects.one(account_of(request), pk)
        if row is None:
            raise Http404
        return pdf_answer(statement.pdf(row), f"settlement-{row.number}")


def _shown(row: Settlement, request: HttpRequest) -> dict[str, Any]:
    """What the page draws: the bill, its amounts, every line with its source."""
    policy = published.by_id(row.policy)
    shown = presenting.detail(row, account_of(request))
    lines = [{**line, "source": source_named(policy, line["source"]) if policy else None} for line in shown["lines"]]
    return {
        "bill": row,
        "shown": shown,
        "policy": policy,
        "amounts": [(AMOUNT_LABELS[name], getattr(row, name)) for name in AMOUNTS if getattr(row, name)],
        "parts": [(AMOUNT_LABELS[name], getattr(row, name)) for name in ("fund", "account", "cash")],
        "lines": lines,
        "not_included": omissions_text(omissions_of(row)),
        "may_reverse": row.status == Status.SETTLED and services.may_reverse(account_of(request), row),
    }


class IdentityLookupAdmin(ReadOnly):
    """Who was looked up by name and ID number: by which hospital, and why it said so."""

    list_display = ["at", "person", "institution", "account", "why"]
    list_filter = [("at", RangeDateFilter)]
    list_filter_submit = True
    search_fields = ["institution__name", "institution__code"]
    list_select_related = ["person", "institution", "account"]
    list_per_page = 25
    list_display_links = None
    search_help_text = _("医疗机构名称或编码")
    empty_said = _("没有医院用证件号码和姓名查询过本地区的参保人。医院扫医保码结算的，不在此列。")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return IdentityLookup.objects.visible_to(account_of(request))

    @display(description=_("原因"))
    def why(self, row: IdentityLookup) -> str:
        return str(row.reason)
