"""Payment files in the admin: what is due is exported once, fetched on record, marked as paid; what the bank sent back is entered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import Role
from accounts.security.admin.entry import ask_again, asks_again
from claims import payments, refusals
from claims.models import BankRefusal, Claim, PaymentBatch
from core import clock
from core.errors import Invalid, Refusal
from core.http.bodies import read_day
from reviews.admin.scope import REVIEWING, ReadOnly, account_of, role_of
from settlements.admin.bills import yuan

LIST = "admin:claims_paymentbatch_changelist"
PAGE = "admin:claims_paymentbatch_change"
MOST_PROBLEMS = 20


class PaymentBatchAdmin(ReadOnly):
    """The payment files of the area: finance pays, reviewers and supervisors look; administrators look at all."""

    list_display = [
        "numbered", "area", "count", yuan("total", _("金额")), "made_by", "made_at", "state", "refused",
    ]  # fmt: skip
    list_display_links = None
    list_select_related = ["area", "made_by"]
    list_before_template = "admin/claims/paymentbatch/due.html"
    list_per_page = 25
    search_fields = ["number__startswith"]
    search_help_text = _("批次号")
    empty_said = _("还没有支付批次。手工报销两次审核通过后，由没有参与审核的财务人员生成。")
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return PaymentBatch.objects.visible_to(account_of(request)).with_refused()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in (*REVIEWING, Role.FINANCE)

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(require_POST(self.export_view)), name="export_claims")
        fetch = path("<uuid:pk>/file/", self.admin_site.admin_view(require_POST(self.file_view)), name="payment_file")
        refuse = path(
            "<uuid:pk>/refuse/", self.admin_site.admin_view(require_POST(self.refuse_view)), name="payment_refuse"
        )
        load = path(
            "<uuid:pk>/returned/", self.admin_site.admin_view(require_POST(self.load_view)), name="payment_returned"
        )
        return [export, fetch, refuse, load, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        account = account_of(request)
        area = account.area_id
        due = Claim.objects.due(area) if area else Claim.objects.none()
        shown = {"due": due.count(), "due_total": due.aggregate(sum=Sum("settlement__fund"))["sum"] or 0}
        return super().changelist_view(
            request,
            {
                **shown,
                "has_area": bool(area),
                "may_export": account.role == Role.FINANCE,
                "asks_code": shown["due"] and account.role == Role.FINANCE and asks_again(request),
                **(extra_context or {}),
            },
        )

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Make a batch of what is due, and show it."""
        try:
            ask_again(request)
            batch = payments.export(account_of(request))
        except Refusal as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(reverse(LIST))
        message = _("已生成支付批次 %(number)s：%(count)d 笔，%(total)s 元。")
        messages.success(request, message % {"number": batch.number, "count": batch.count, "total": batch.total})
        return HttpResponseRedirect(reverse(PAGE, args=[batch.pk]))

    def file_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The file itself; a POST, for every look is on record."""
        try:
            ask_again(request)
            content = payments.download(self._batch(request, pk), account_of(request))
        except Refusal as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(reverse(PAGE, args=[pk]))
        answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="payment-{self._batch(request, pk).number}.csv"'
        answer["Cache-Control"] = "no-store"
        return answer

    def refuse_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """One line that the bank sent back."""
        batch, sent = self._batch(request, pk), request.POST

        def act() -> int:
            on = read_day(sent.get("on", ""), "on")
            return refusals.refuse(
                batch, account_of(request), line=_key(sent.get("line")), code=sent.get("code", ""), on=on
            )

        return self._entered(request, pk, act)

    def load_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The bank's return file."""
        batch, upload = self._batch(request, pk), request.FILES.get("file")

        def act() -> int:
            if upload is None:
                raise Invalid(_("请选择银行的回盘文件。"), code="required", attr="file")
            return refusals.load(batch, account_of(request), upload.read(refusals.LARGEST_FILE + 1))

        return self._entered(request, pk, act)

    def _entered(self, request: HttpRequest, pk: Any, act: Callable[[], int]) -> HttpResponse:
        try:
            count = act()
        except Refusal as refusal:
            for problem in refusal.problems[:MOST_PROBLEMS]:
                messages.error(request, problem.detail)
            if len(refusal.problems) > MOST_PROBLEMS:
                messages.error(request, _("另有%d处问题。") % (len(refusal.problems) - MOST_PROBLEMS))
        else:
            said = (
                _("已登记退回 %d 笔，已通知申请人更正收款账户。") % count
                if count
                else _("没有新的退回，此前均已登记。")
            )
            messages.success(request, said)
        return HttpResponseRedirect(reverse(PAGE, args=[pk]))

    def _batch(self, request: HttpRequest, pk: Any) -> PaymentBatch:
        batch: PaymentBatch | None = (
            self.get_queryset(request).select_related("area", "made_by", "paid_by").filter(pk=pk).first()
        )
        if batch is None:
            raise Http404
        return batch

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One batch: what is in it, who fetched it; a POST says on which day the bank paid it."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        batch = self._batch(request, row.pk)
        account = account_of(request)
        if request.method == "POST":
            try:
                ask_again(request)
                payments.mark_paid(batch, account, paid_on=read_day(request.POST.get("paid_on", ""), "paid_on"))
            except Refusal as refusal:
                messages.error(request, refusal.detail)
            else:
                messages.success(request, _("已登记支付，已通知申请人。"))
            return HttpResponseRedirect(reverse(PAGE, args=[batch.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{_('支付批次')} {batch.number}",
            "opts": self.opts,
            "batch": batch,
            "lines": batch.lines.select_related("claim__person", "claim__settlement").order_by("order"),
            "sums": refusals.sums_of(batch),
            "reasons": BankRefusal.choices,
            "columns": "、".join(refusals.RESULT),
            "downloads": batch.downloads.select_related("account")[:50],
            "today": clock.today(),
            "asks_code": account.role == Role.FINANCE and asks_again(request),
            "pays": account.role == Role.FINANCE and account.area_id == batch.area_id,
            "reviews": account.role in REVIEWING,
        }
        return TemplateResponse(request, "admin/claims/paymentbatch/batch.html", context)

    @display(description=_("批次号"), ordering="number")
    def numbered(self, row: PaymentBatch) -> SafeString:
        return format_html('<a class="yd-link" href="{}">{}</a>', reverse(PAGE, args=[row.pk]), row.number)

    @display(description=_("状态"), ordering="paid_on", label={"paid": "success", "sent": "warning"})
    def state(self, row: PaymentBatch) -> tuple[str, Any]:
        if row.paid_on:
            return "paid", _("%s 已支付") % f"{row.paid_on:%Y-%m-%d}"
        return "sent", _("待银行支付")

    @display(description=_("银行退回"))
    def refused(self, row: Any) -> str:
        said = {"count": row.refused_count, "total": row.refused_total}
        return _("%(count)d 笔，%(total)s 元") % said if row.refused_count else "—"


def _key(text: str | None) -> UUID | None:
    """The key of a line as the page sends it; None: it was tampered with."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
