"""The national interface in the staff's site, for administrators: who is connected, keys, and every message."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from accounts.models import Role
from accounts.security.admin.entry import ask_again, asks_again
from core.errors import Refusal
from gateway import figures, keys
from gateway.masking import masked
from gateway.models import GatewayCall, GatewayKey
from gateway.models.keys import Style
from gateway.transactions import TRANSACTIONS
from reviews.admin.scope import ReadOnly, account_of, role_of

COLOURS = {"成功": "success", "拒绝": "warning", "系统失败": "danger"}


class ForAdministrators(ReadOnly):
    """Nobody else sees what hospitals send, or by what they sign."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) == Role.ADMIN


@admin.register(GatewayCall)
class GatewayCallAdmin(ForAdministrators):
    """Every message, found by its number, personal data masked."""

    list_display = ["created_at", "institution", "transaction", "msgid", "shown_state", "milliseconds"]
    list_filter = ["state", "infno", ("created_at", RangeDateTimeFilter)]
    list_filter_submit = True
    list_select_related = ["institution"]
    list_per_page = 25
    search_fields = ["msgid__startswith"]
    search_help_text = _("报文编号（msgid）或它的前若干位")
    empty_said = _("还没有医院通过国家平台接口发来报文。")
    show_full_result_count = False
    fields = [
        "institution", "transaction", "msgid", "shown_state", "created_at", "milliseconds", "opter", "psn_no", "settlement",
        "visit", "sent_masked", "answer_masked",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayCall]:
        rows: QuerySet[GatewayCall] = GatewayCall.objects.visible_to(account_of(request))
        return rows.defer("answer", "sent")

    @display(description=_("交易"), ordering="infno")
    def transaction(self, row: GatewayCall) -> str:
        known = TRANSACTIONS.get(row.infno)
        return f"{row.full_infno} {known.name}" if known else row.full_infno

    @display(description=_("状态"), ordering="state", label=COLOURS)
    def shown_state(self, row: GatewayCall) -> str:
        return str(row.get_state_display())

    @display(description=_("输入"))
    def sent_masked(self, row: GatewayCall) -> str:
        return format_html('<pre class="yd-message">{}</pre>', masked(row.sent))

    @display(description=_("应答"))
    def answer_masked(self, row: GatewayCall) -> str:
        return format_html('<pre class="yd-message">{}</pre>', masked(row.answer))


@admin.register(GatewayKey)
class GatewayKeyAdmin(ForAdministrators):
    """Who is connected and how it does, and the keys: made here, shown once, ended."""

    search_fields = ["institution__code", "name__startswith"]
    fields = ["name", "institution", "style", "created_at", "created_by", "ends_at", "ended_by"]
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("make/", self.admin_site.admin_view(require_POST(self.make_view)), name="gateway_gatewaykey_make"),
            path("<uuid:pk>/end/", self.admin_site.admin_view(require_POST(self.end_view)), name="gateway_gatewaykey_end"),
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The page of the connections and keys."""
        return self._page(request)

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """A new key; its secret stands on this one answer, and nowhere else."""
        self._may(request)
        code, style = request.POST.get("institution", ""), request.POST.get("style", "")
        try:
            ask_again(request)
            key, secret = keys.make_key(account_of(request), code, style)
        except Refusal as refusal:
            return self._page(request, status=refusal.status, problem=refusal.detail, code=code, style=style)
        answer = self._page(request, made=key, secret=secret)
        add_never_cache_headers(answer)
        return answer

    def end_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """End a key; twice is as once."""
        self._may(request)
        key = get_object_or_404(GatewayKey, pk=pk)
        keys.end_key(account_of(request), key)
        messages.success(request, _("密钥%s已停用。") % key.name)
        return HttpResponseRedirect(reverse("admin:gateway_gatewaykey_changelist"))

    def _page(self, request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
        self._may(request)
        now = timezone.now()
        rows = GatewayKey.objects.select_related("institution", "created_by", "ended_by").order_by(
            "institution", "-created_at"
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("国家平台接口"),
            "opts": self.opts,
            "connections": figures.connections(),
            "slow": figures.SLOW // 1000,
            "keys": [(key, key.ends_at is None or key.ends_at > now) for key in rows],
            "signatures": Style.choices,
            "asks_code": asks_again(request),
            **more,
        }
        return TemplateResponse(request, "admin/gateway/connections.html", context, status=status)

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
