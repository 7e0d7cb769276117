"""Referrals in the admin: a hospital's own, which it issues here, and the reviewers' list of their area."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import Role
from referrals.admin import diagnoses as diagnoses
from referrals.admin import issuing
from referrals.models import Referral
from reviews.admin.lists import KindAdmin
from reviews.admin.scope import account_of, role_of


def at_hospital(request: HttpRequest) -> bool:
    """Whether a hospital asks."""
    return role_of(request) == Role.HOSPITAL


@admin.register(Referral)
class ReferralAdmin(KindAdmin):
    """What a hospital issued, with the ways to issue, mend, print and revoke; for reviewers a list that opens cases."""

    list_display = ["numbered", "who", "issuer", "destination", "receiver", "shown_status", "issued_on", "valid_until"]
    list_filter = ["status", "issued_on"]
    list_select_related = ["person", "area", "issuer", "destination", "receiver"]
    list_before_template = "admin/referrals/above.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return at_hospital(request) or super().has_view_permission(request, obj)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown: list[Any] = list(super().get_list_display(request))
        if at_hospital(request):
            shown[shown.index("issuer")] = "diagnosis"
        return shown

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {"at_hospital": True, **issuing.waiting(account_of(request))} if at_hospital(request) else {}
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not at_hospital(request):
            return super().change_view(request, object_id, form_url, extra_context)
        referral = self.get_object(request, object_id)
        if referral is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        return issuing.show(request, referral, self.admin_site)

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path("issue/", self.admin_site.admin_view(issuing.issue), name="issue_referral"),
            path("<uuid:pk>/mend/", self.admin_site.admin_view(issuing.mend), name="mend_referral"),
            path(
                "<uuid:pk>/certificate.pdf",
                self.admin_site.admin_view(issuing.certificate),
                name="referral_certificate",
            ),
        ]
        return [*pages, *super().get_urls()]

    @display(description=_("受理编号"), ordering="number")
    def numbered(self, row: Referral) -> SafeString:
        url = reverse("admin:referrals_referral_change", args=[row.pk])
        return format_html('<a class="yd-link" href="{}">{}</a>', url, row.number)

    @display(description=_("诊断"))
    def diagnosis(self, row: Referral) -> str:
        return f"{row.diagnosis_code} {row.diagnosis_name}"
