"""The national interface in the staff's site, for administrators: who is connected and how that goes, keys, and every message.

A message is read as figures, codes and times: names, numbers of certificates and free text are masked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q, QuerySet
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
from core.sealing import mask_id_number, mask_name, mask_phone
from gateway import keys
from gateway.models import GatewayCall, GatewayKey
from gateway.models.calls import CallState, Style
from gateway.transactions import TRANSACTIONS
from regions.models import Institution
from reviews.admin.scope import ReadOnly, account_of, role_of

SHOWN = re.compile(
    r"infcode|infno|err_msg|inf_refmsgid|refmsg_time|respond_time|psn_no|mdtrt_id|setl_id|medins_setl_id|o?msgid|oinfno|sign_no"
    r"|opter_no|feedetl_sn|init_feedetl_sn|chrg_bchno|file_qury_no|trt_dcla_detl_sn|insutype|med_type|clr_\w+|setl_optins"
    r"|stmt_\w+|fund_pay_type\w*|med_list_codg|medins_list_codg|fixmedins_\w+|insuplc_admdvs|mdtrtarea_\w+|cnt|pric|\w+_cnt"
    r"|\w+_(amt|amout|sumamt|ownpay_amt|pay|selfpay|payamt|prop|flag|lv|type|time|date|dedc)|begntime|endtime|begndate|enddate"
    r"|balc|selfpay_prop|pool_prop_selfpay|\w+_pay_\w+|trt_enjymnt_flag"
)
PERSONS = (
    "psn_name",
    "opter_name",
    "coner_name",
    "dr_name",
    "chfpdr_name",
    "bilg_dr_name",
    "dise_dor_name",
    "agnter_name",
)
NUMBERS = ("certno", "mdtrt_cert_no", "card_sn")
PHONES = ("tel", "agnter_tel")
HIDDEN = "***"
TOO_LONG = "（内容过长，未保存全文）"


def masked(text: str) -> str:
    """A message, or its input, as JSON to be read; what was stored cut off is not shown."""
    if not text:
        return ""
    try:
        message = json.loads(text)
    except ValueError:
        return TOO_LONG
    return json.dumps(_masked(message), ensure_ascii=False, indent=2)


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, name) for inner in value]
    if value in (None, "") or SHOWN.fullmatch(name.lower()):
        return value
    return _hidden(str(value), name.lower())


def _hidden(text: str, name: str) -> str:
    if name in NUMBERS:
        return mask_id_number(text)
    if name in PHONES:
        return mask_phone(text)
    return mask_name(text) if name in PERSONS else HIDDEN


WINDOW, KNOWN = timedelta(hours=24), timedelta(days=7)
SLOW = 2000
"""Milliseconds from which on a call is slow: a patient stands there."""


@dataclass(frozen=True)
class Connection:
    """An institution with valid keys, or that called within a week; `calls` and the rest are of the last 24 hours.

    `failed` ended in an error of ours, `refused` in a sentence.
    """

    institution: Institution
    keys: int
    last: datetime | None = None
    calls: int = 0
    refused: int = 0
    failed: int = 0
    slow: int = 0

    @property
    def failure_rate(self) -> str:
        return f"{100 * self.failed / self.calls:.1f}%" if self.calls else "—"


def connections() -> list[Connection]:
    """Every institution that is connected, those that fail most first."""
    now = timezone.now()
    keys = dict(GatewayKey.objects.valid(now).values_list("institution").annotate(Count("pk")).order_by())
    called = {row["institution"]: row for row in _calls(now)}
    places = Institution.objects.filter(code__in={*keys, *called}).order_by("code")
    listed = [_of(place, keys.get(place.pk, 0), called.get(place.pk, {})) for place in places]
    return sorted(listed, key=lambda each: (-each.failed, -each.calls))


def _calls(now: datetime) -> Iterable[Any]:
    recent = Q(created_at__gte=now - WINDOW)
    rows = GatewayCall.objects.filter(created_at__gte=now - KNOWN).order_by().values("institution")
    return rows.annotate(
        last=Max("created_at"),
        calls=Count("pk", filter=recent),
        refused=Count("pk", filter=recent & Q(state=CallState.REFUSED)),
        failed=Count("pk", filter=recent & Q(state=CallState.FAILED)),
        slow=Count("pk", filter=recent & Q(milliseconds__gte=SLOW)),
    )


def _of(place: Institution, keys: int, row: Mapping[str, Any]) -> Connection:
    return Connection(place, keys, **{name: value for name, value in row.items() if name != "institution"})


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
            "connections": connections(),
            "slow": SLOW // 1000,
            "keys": [(key, key.ends_at is None or key.ends_at > now) for key in rows],
            "signatures": Style.choices,
            "asks_code": asks_again(request),
            **more,
        }
        return TemplateResponse(request, "admin/gateway/connections.html", context, status=status)

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
