"""Recognitions in the admin: a list of their own; a row opens the case."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from chronic.admin import entering
from chronic.models import Recognition
from reviews.admin.filters import AssigneeFilter, DaysFilter
from reviews.admin.lists import KindAdmin


class RecognitionAdmin(KindAdmin):
    """All recognitions of the area: which disease, from when, until when."""

    list_display = ["numbered", "who", "disease", "reviewing", "shown_status", "valid_from", "until", "submitted_at"]
    list_filter = ["status", "disease", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "disease"]
    reviews = (_("初审"), _("专家复审"))

    def entry_urls(self, guarded: Any) -> list[URLPattern]:
        return entering.urls(guarded)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        return rows.with_renewal()

    @display(description=_("有效期至"), ordering="renew_by")
    def until(self, row: Recognition) -> str:
        if row.valid_from is None:
            return "—"
        if row.is_being_renewed():
            return str(_("续期审核中"))
        last = row.valid_until or row.renew_by
        return f"{last:%Y-%m-%d}" if last else str(_("长期有效"))
