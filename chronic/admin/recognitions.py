"""Recognitions in the admin: a list of their own; a row opens the case."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from chronic.admin import entering
from chronic.models import Recognition
from reviews.admin.filters import AssigneeFilter, DaysFilter
from reviews.admin.worklist import SubmissionAdmin


class RecognitionAdmin(SubmissionAdmin):
    """All recognitions of the area: which disease, from when, until when."""

    list_display = ["numbered", "who", "disease", "reviewing", "shown_status", "valid_from", "until", "submitted_at"]
    list_filter = ["status", "disease", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "disease"]
    list_before_template = None
    ordering = ["-created_at"]

    def get_urls(self) -> list[URLPattern]:
        return [*entering.urls(self.admin_site.admin_view), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super(SubmissionAdmin, self).changelist_view(request, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        return rows.with_renewal()

    @display(description=_("审核环节"))
    def reviewing(self, row: Recognition) -> str:
        if row.status != "submitted":
            return "—"
        return str(_("专家复审") if row.stage == row.stages and row.stages > 1 else _("初审"))

    @display(description=_("有效期至"), ordering="renew_by")
    def until(self, row: Recognition) -> str:
        if row.valid_from is None:
            return "—"
        if row.is_being_renewed():
            return str(_("续期审核中"))
        last = row.valid_until or row.renew_by
        return f"{last:%Y-%m-%d}" if last else str(_("长期有效"))
