"""The policies in the staff's site: versions, uploading, comparing, publishing; and the notices that the rules write."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin import Exported
from policies.admin.catalogue import CatalogueEntryAdmin, CatalogueVersionAdmin
from policies.admin.versions import PolicyVersionAdmin
from policies.language.terms import TYPE_LABELS
from policies.models import CatalogueEntry, CatalogueVersion, Notice, PolicyVersion

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(CatalogueEntry, CatalogueEntryAdmin)
admin.site.register(CatalogueVersion, CatalogueVersionAdmin)


class TypeFilter(admin.SimpleListFilter):
    """For whom a notice is."""

    title, parameter_name = _("备案类型"), "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*TYPE_LABELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notice]) -> QuerySet[Notice]:
        return queryset.filter(type=self.value()) if self.value() else queryset


@admin.register(Notice)
class NoticeAdmin(Exported):
    """Every version of every notice (备案告知书); the rules write them, nobody else, and they never change."""

    list_display = ["title", "area", "for_whom", "version", "published_at"]
    list_filter = [TypeFilter]
    list_select_related = ["area"]
    search_fields = ["area__name", "area__pinyin", "area__initials__startswith"]
    fields = ["title", "area", "for_whom", "version", "published_at", "text"]
    readonly_fields = ["for_whom"]

    @display(description=_("备案类型"), ordering="type")
    def for_whom(self, row: Notice) -> str:
        return TYPE_LABELS[row.type]  # type: ignore[index]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
