"""Who keeps what, and what was changed by whom. (What an administrator may do, Django's own permission check says.)"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin

from regions.history import changes_of
from regions.models import Area


def area_kept(request: HttpRequest) -> str | None:
    """The code of the area whose data this account keeps as its supervisor; None for everybody else.

    The account's class stands in a higher app, so only the two attributes that matter are read.
    """
    supervises = request.user.is_active and getattr(request.user, "role", "") == "supervisor"
    return getattr(request.user, "area_id", None) if supervises else None


class Historic(ModelAdmin):
    """A page with the history of each row: every change, whoever made it and however (kept by the database)."""

    object_history_template = "admin/regions/history.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"show_history": True, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        changes = changes_of(row) if row is not None else []
        return super().history_view(request, object_id, {"changes": changes, **(extra_context or {})})


class KeptByArea(Historic):
    """Rows of one area (`area`): administrators keep all, a supervisor those of their own."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("area")
        kept = area_kept(request)
        return rows.filter(area=kept) if kept else rows

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [] if area_kept(request) else ["area"]

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        kept = area_kept(request)
        if kept and db_field.name == "area":
            kwargs |= {"queryset": Area.objects.filter(pk=kept), "initial": kept, "empty_label": None}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj) or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._keeps(request, None) or super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj) or super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj) or super().has_delete_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _keeps(self, request: HttpRequest, obj: Any) -> bool:
        kept = area_kept(request)
        return kept is not None and (obj is None or obj.area_id == kept)
