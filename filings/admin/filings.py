"""Filings and proofs in the admin: lists of their own; a row opens the case."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from filings.admin import entering
from filings.models import Filing
from reviews.admin.filters import AssigneeFilter, DaysFilter
from reviews.admin.lists import KindAdmin


class FilingAdmin(KindAdmin):
    """All filings of the area, with what they are for and until when."""

    list_display = ["numbered", "who", "type", "destination", "shown_status", "valid_from", "until", "submitted_at"]
    list_filter = ["status", "type", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "destination"]

    def entry_urls(self, guarded: Any) -> list[URLPattern]:
        return entering.urls(guarded)

    @display(description=_("有效期至"), ordering="valid_until")
    def until(self, row: Filing) -> str:
        if row.valid_from is None:
            return "—"
        return f"{row.valid_until:%Y-%m-%d}" if row.valid_until else str(_("长期有效"))


class ProofAdmin(KindAdmin):
    """Proofs of commitments."""

    counter_roles = ()

    list_display = ["numbered", "who", "proves", "shown_status", "shown_due", "submitted_at"]
    list_filter = ["status", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "proves"]
