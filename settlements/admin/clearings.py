"""Monthly clearing (月度清算) in the admin: who pays whom, the entries behind it, and closing a month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core import clock
from core.errors import Refusal
from core.sheets import download
from regions.models import Area
from reviews.admin.lists import CappedPaginator
from reviews.admin.scope import ReadOnly, account_of
from settlements.models import Clearing, Settlement, SettlementQuerySet, Status
from settlements.reconciliation import clearing, daily
from settlements.reconciliation.clearing import NOTHING, Net, Owed

LIST = "admin:settlements_clearing_changelist"
PER_PAGE = 50
ENTRY_COLUMNS = {
    "number": _("结算编号"), "bill_number": _("医院账单号"), "status": _("状态"), "area": _("参保地"),
    "care_area": _("就医地"), "institution": _("机构编码"), "institution_name": _("医疗机构"),
    "settled_on": _("结算日"), "total": _("费用总额"), "fund": _("基金支付"),
}  # fmt: skip


class ClearingAdmin(ReadOnly):
    """Administrators see all areas, reviewers what their own area owes and is owed; entries only of their own insured."""

    def get_urls(self) -> list[URLPattern]:
        pages = [
            ("export/", self.export_view, "export"),
            ("entries/", self.entries_view, "entries"),
            ("entries/export/", self.entries_export_view, "entries_export"),
            ("freeze/", self.freeze_view, "freeze"),
        ]
        own = [
            path(where, self.admin_site.admin_view(view), name=f"settlements_clearing_{name}")
            for where, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A month: who pays whom, and every area's balance."""
        account, month = self._asked(request)
        frozen, lines, changed = _lines(account, month)
        nets, names = clearing.netted(lines), _names(lines)
        balances = clearing.balances(lines)
        context = {
            **self._context(request, _("月度清算")),
            "month": month,
            "before": _text(month - timedelta(days=1)),
            "after": _text(clearing.following(month)) if clearing.over(month) else "",
            "frozen": frozen,
            "changed": [(_named(old, names), _named(new, names)) for old, new in changed],
            "nets": [{"net": net, "payer": names[net.payer], "payee": names[net.payee]} for net in nets],
            "balances": [{"of": one, "name": names[one.area]} for one in balances],
            "owes": sum((one.owes for one in balances), NOTHING),
            "owed": sum((one.owed for one in balances), NOTHING),
            "zero": sum((one.amount for one in balances), NOTHING),
            "pays": sum((net.amount for net in nets), NOTHING),
            "entries": sum(one.entries for one in lines),
            "months": Clearing.objects.order_by("-month")[:24],
            "kept": daily.area_of(account),
            "may_freeze": account.role == Role.ADMIN and frozen is None and clearing.closable(month),
            "over": clearing.over(month),
        }
        return TemplateResponse(request, "admin/settlements/clearing/month.html", context)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The nets of a month as a file."""
        account, month = self._asked(request)
        _frozen, lines, _changed = _lines(account, month)
        names = _names(lines)
        header = [_("月份"), _("应付地区代码"), _("应付地区"), _("应收地区代码"), _("应收地区"), _("净额"), _("应付"), _("应收"), _("笔数")]  # fmt: skip
        rows = (_net_row(net, month, names) for net in clearing.netted(lines))
        return download(f"clearing-{_text(month)}.csv", header, rows)

    def entries_view(self, request: HttpRequest) -> HttpResponse:
        """The entries behind a sum, as far as they are of insured people whose cases the account may see."""
        account, month = self._asked(request)
        rows = _entries(request, account, month)
        pages = CappedPaginator(rows.select_related("area", "care_area").defer("case", "lines", "reason"), PER_PAGE)
        context = {
            **self._context(request, _("清算明细")),
            "month": month,
            "area": _area(request, "area"),
            "care_area": _area(request, "care_area"),
            "page": pages.get_page(request.GET.get("page")),
            "sums": daily.sums(rows),
            "kept": daily.area_of(account),
        }
        return TemplateResponse(request, "admin/settlements/clearing/entries.html", context)

    def entries_export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The entries behind a sum as a file."""
        account, month = self._asked(request)
        rows = _entries(request, account, month).values_list(*ENTRY_COLUMNS).iterator(2000)
        labels = {value: str(label) for value, label in Status.choices}
        cells = ([number, bill, labels[status], *rest] for number, bill, status, *rest in rows)
        return download(f"clearing-{_text(month)}-entries.csv", ENTRY_COLUMNS.values(), cells)

    def freeze_view(self, request: HttpRequest) -> HttpResponse:
        """Close a month."""
        account, month = self._asked(request)
        if request.method == "POST":
            try:
                clearing.freeze(account, month)
            except Refusal as refusal:
                messages.error(request, refusal.detail)
            else:
                messages.success(request, _("%(month)s 已关账。") % {"month": _text(month)})
        return HttpResponseRedirect(f"{reverse(LIST)}?month={_text(month)}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if row is None:
            raise Http404
        return HttpResponseRedirect(f"{reverse(LIST)}?month={_text(row.month)}")

    def _asked(self, request: HttpRequest) -> tuple[Account, date]:
        if not self.has_view_permission(request):
            raise Http404
        text = request.POST.get("month") or request.GET.get("month") or _text(clock.today())
        try:
            month = date.fromisoformat(f"{text}-01")
        except ValueError:
            raise Http404 from None
        if not 2000 <= month.year <= 2100:
            raise Http404
        return account_of(request), month

    def _context(self, request: HttpRequest, title: Any) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "title": title, "opts": self.opts}


def _lines(account: Account, month: date) -> tuple[Clearing | None, list[Owed], list[tuple[Owed, Owed]]]:
    """The closed month if it is closed, what is owed, and where the entries part from what was closed."""
    now = clearing.owed(account, month)
    frozen = Clearing.objects.select_related("frozen_by").filter(month=month).first()
    if frozen is None:
        return None, now, []
    before = clearing.stored(account, frozen)
    return frozen, before, clearing.changed(before, now)


def _entries(request: HttpRequest, account: Account, month: date) -> SettlementQuerySet:
    rows: Any = Settlement.objects.visible_to(account) & clearing.across(month)
    areas = {name: request.GET.get(name, "").replace("\0", "") for name in ("area", "care_area")}
    return rows.filter(**{name: code for name, code in areas.items() if code}).order_by(
        "settled_on", "settled_at", "id"
    )


def _names(lines: Iterable[Owed]) -> dict[str, str]:
    codes = {code for one in lines for code in (one.area, one.care_area)}
    return dict(Area.objects.filter(pk__in=codes).values_list("code", "name"))


def _named(one: Owed, names: dict[str, str]) -> dict[str, Any]:
    area, care_area = (names.get(code, code) for code in (one.area, one.care_area))
    return {"area": area, "care_area": care_area, "entries": one.entries, "fund": one.fund}


def _net_row(net: Net, month: date, names: dict[str, str]) -> list[str | int | Decimal]:
    payer, payee = names[net.payer], names[net.payee]
    return [_text(month), net.payer, payer, net.payee, payee, net.amount, net.owes, net.owed_back, net.entries]


def _area(request: HttpRequest, name: str) -> Area | None:
    return Area.objects.filter(pk=request.GET.get(name, "").replace("\0", "")).first()


def _text(month: date) -> str:
    return f"{month:%Y-%m}"
