"""Filings and proofs in the admin: lists of their own; a row opens the case."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from filings.models import Filing, Proof
from reviews.admin.filters import AssigneeFilter, DaysFilter
from reviews.admin.worklist import SubmissionAdmin


@admin.register(Filing)
class FilingAdmin(SubmissionAdmin):
    """All filings of the area, with what they are for and until when."""

    list_display = ["numbered", "who", "type", "destination", "shown_status", "valid_from", "until", "submitted_at"]
    list_filter = ["status", "type", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "destination"]
    list_before_template = None
    ordering = ["-created_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super(SubmissionAdmin, self).changelist_view(request, extra_context)

    @display(description=_("有效期至"), ordering="valid_until")
    def until(self, row: Filing) -> str:
        if row.valid_from is None:
            return "—"
        return f"{row.valid_until:%Y-%m-%d}" if row.valid_until else str(_("长期有效"))


@admin.register(Proof)
class ProofAdmin(SubmissionAdmin):
    """Proofs of commitments."""

    list_display = ["numbered", "who", "proves", "shown_status", "shown_due", "submitted_at"]
    list_filter = ["status", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "proves"]
    list_before_template = None
    ordering = ["-created_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super(SubmissionAdmin, self).changelist_view(request, extra_context)
