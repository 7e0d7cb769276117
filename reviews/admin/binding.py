"""Binding at the counter in the staff's site: a clerk keeps the scans of both identities, a colleague looks at them and confirms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.admin import MandateAdmin
from accounts.models import Mandate, MandateStatus, Proof, Role
from core.errors import Invalid, NotFound, Refusal
from reviews.admin.entry import WAITING, clerk_of, upload, uploads_of
from reviews.admin.scope import ReadOnly, account_of
from reviews.materials.api import hand_out
from reviews.models import CounterStep, Material
from reviews.services.at_counter import keep_look
from reviews.services.binding import check_identities, checked, confirm_identities
from reviews.services.counter import CLERKS

SCANS = {"applicant": _("申请人的身份证件"), "person": _("参保人的身份证件或户口簿")}
IDENTITY = "identity"


class CounterMandateAdmin(MandateAdmin):
    """Mandates, with the page of the counter for those that wait for it."""

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """With the way to the counter for those who work there."""
        shown = [*super().get_list_display(request)]
        return [*shown, "at_counter"] if account_of(request).role in CLERKS else shown

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("<uuid:pk>/counter/", guarded(self.counter), name="counter_binding"),
            path("<uuid:pk>/counter/<str:whose>/<str:purpose>/", guarded(self.scan), name="counter_scan"),
            *super().get_urls(),
        ]

    @display(description=_("窗口办理"))
    def at_counter(self, row: Mandate) -> SafeString | str:
        if row.status != MandateStatus.PENDING or row.proof != Proof.COUNTER:
            return "—"
        url = reverse("admin:counter_binding", args=[row.pk])
        return format_html('<a class="yd-link" href="{}">{}</a>', url, _("核验与复核"))

    def _mandate(self, request: HttpRequest, pk: UUID) -> Mandate:
        return get_object_or_404(self.get_queryset(request).select_related("person", "account"), pk=pk)

    def counter(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Both steps on one page; which one is asked for, the record says."""
        clerk_of(request)
        mandate, scans, refused = self._mandate(request, pk), self._uploads(request), None
        if request.method == "POST":
            try:
                return self._act(request, mandate, scans)
            except Refusal as refusal:
                refused = refusal
        return self._page(request, mandate, scans, refused)

    def _page(
        self, request: HttpRequest, mandate: Mandate, scans: dict[str, Material], refused: Refusal | None
    ) -> TemplateResponse:
        waits = refused is not None and refused.code == WAITING
        context = {
            **self.admin_site.each_context(request),
            "title": _("窗口绑定"),
            "opts": self.opts,
            "mandate": mandate,
            "first": checked(mandate),
            "own": self._own(request, mandate),
            "waiting": mandate.status == MandateStatus.PENDING and mandate.proof == Proof.COUNTER,
            "labels": [(whose, label, scans.get(whose)) for whose, label in SCANS.items()],
            "problem": refused.detail if refused and not waits else "",
            "waits": waits,
            "steps": CounterStep.objects.filter(mandate=mandate).select_related("account"),
        }
        status = refused.status if refused and not waits else 200
        return TemplateResponse(request, "admin/reviews/counter/binding.html", context, status=status)

    def _own(self, request: HttpRequest, mandate: Mandate) -> bool:
        first = checked(mandate)
        return first is not None and first.account_id == account_of(request).pk

    def _uploads(self, request: HttpRequest) -> dict[str, Material]:
        """The scans that came with an earlier try, by whose they are."""
        clerk = account_of(request)
        rows = {str(row.pk): row for row in uploads_of(clerk, [request.POST.get(whose, "") for whose in SCANS])}
        return {whose: rows[key] for whose in SCANS if (key := request.POST.get(whose, "")) in rows}

    def _act(self, request: HttpRequest, mandate: Mandate, scans: dict[str, Material]) -> HttpResponse:
        clerk = account_of(request)
        if request.POST.get("step") == "confirm":
            confirm_identities(clerk, mandate)
            messages.success(request, _("%s：授权已生效。") % mandate.person)
            return HttpResponseRedirect(reverse("admin:accounts_mandate_changelist"))
        for whose in SCANS:
            if file := request.FILES.get(f"{whose}-scan"):
                scans[whose] = upload(clerk, file, IDENTITY)
        if len(scans) < len(SCANS):
            raise Invalid(_("请分别上传申请人和参保人的证件。"), code="scans_missing")
        check_identities(clerk, mandate, applicant_scan=scans["applicant"], person_scan=scans["person"])
        messages.success(request, _("证件已核验，请另一名工作人员复核。"))
        return HttpResponseRedirect(request.path)

    def scan(self, request: HttpRequest, pk: UUID, whose: str, purpose: str) -> HttpResponseBase:
        """A scan that was kept, to whoever confirms, while it waits; opening it in full is on record."""
        clerk, mandate = clerk_of(request), self._mandate(request, pk)
        first = checked(mandate)
        kept = getattr(first, f"{whose}_scan", None) if first and whose in SCANS else None
        if kept is None or purpose not in ("file", "thumbnail"):
            raise Http404
        try:
            answer = hand_out(kept, purpose)
        except NotFound as nothing:
            raise Http404(nothing.detail) from nothing
        if purpose == "file":
            keep_look(clerk, mandate.person)
        return answer


class CounterStepAdmin(ReadOnly):
    """Who checked and who confirmed what was bound at the counter."""

    list_display = ["at", "kind", "mandate", "who", "account"]
    list_display_links = None
    list_filter = ["kind"]
    list_select_related = ["mandate__person", "account"]
    list_per_page = 30
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return CounterStep.objects.visible_to(account_of(request))

    @display(description=_("参保人"))
    def who(self, row: CounterStep) -> str:
        return row.mandate.person.masked_name


class PersonLookupAdmin(ReadOnly):
    """Whom the clerks looked up at the counter: supervisors see their area's, administrators all."""

    list_display = ["at", "account", "person"]
    list_display_links = None
    list_select_related = ["account", "person"]
    list_per_page = 30
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and account_of(request).role != Role.REVIEWER

    def get_queryset(self, request: HttpRequest) -> Any:
        account, rows = account_of(request), super().get_queryset(request)
        return rows if account.role == Role.ADMIN else rows.filter(area=account.area_id)
