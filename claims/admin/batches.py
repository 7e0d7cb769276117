"""Payment files in the admin: what is due is exported once, fetched on record, and marked as paid."""

from __future__ import annotations

from typing import Any

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

from claims import payments
from claims.models import Claim, PaymentBatch
from core import clock
from core.errors import Refusal
from core.http.bodies import read_day
from reviews.admin.scope import ReadOnly, account_of
from settlements.admin.bills import yuan

LIST = "admin:claims_paymentbatch_changelist"
PAGE = "admin:claims_paymentbatch_change"


class PaymentBatchAdmin(ReadOnly):
    """The payment files of the area; administrators look at all, and export none."""

    list_display = ["numbered", "area", "count", yuan("total", _("金额")), "made_by", "made_at", "paid_on"]
    list_display_links = None
    list_select_related = ["area", "made_by"]
    list_before_template = "admin/claims/paymentbatch/due.html"
    list_per_page = 25
    search_fields = ["number__startswith"]
    search_help_text = _("批次号")
    empty_said = _("还没有支付批次。手工报销两次审核通过后，由没有参与审核的人员生成。")
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return PaymentBatch.objects.visible_to(account_of(request))

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(require_POST(self.export_view)), name="export_claims")
        fetch = path("<uuid:pk>/file/", self.admin_site.admin_view(require_POST(self.file_view)), name="payment_file")
        return [export, fetch, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        area = account_of(request).area_id
        due = Claim.objects.due(area) if area else Claim.objects.none()
        shown = {"due": due.count(), "due_total": due.aggregate(sum=Sum("settlement__fund"))["sum"] or 0}
        return super().changelist_view(request, {**shown, "may_export": bool(area), **(extra_context or {})})

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Make a batch of what is due, and show it."""
        try:
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
            content = payments.download(self._batch(request, pk), account_of(request))
        except Refusal as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(reverse(PAGE, args=[pk]))
        answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="payment-{self._batch(request, pk).number}.csv"'
        answer["Cache-Control"] = "no-store"
        return answer

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
        if request.method == "POST":
            try:
                payments.mark_paid(
                    batch, account_of(request), paid_on=read_day(request.POST.get("paid_on", ""), "paid_on")
                )
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
            "claims": Claim.objects.filter(batch=batch)
            .select_related("person", "settlement")
            .order_by("decided_at", "pk"),
            "downloads": batch.downloads.select_related("account")[:50],
            "today": clock.today(),
            "own": account_of(request).area_id == batch.area_id,
        }
        return TemplateResponse(request, "admin/claims/paymentbatch/batch.html", context)

    @display(description=_("批次号"), ordering="number")
    def numbered(self, row: PaymentBatch) -> SafeString:
        return format_html('<a class="yd-link" href="{}">{}</a>', reverse(PAGE, args=[row.pk]), row.number)
