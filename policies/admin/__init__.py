"""The policies in the staff's site: versions, uploading, comparing, publishing; and the notices that the rules write."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin import Exported
from policies.admin.catalogue import CatalogueEntryAdmin, CatalogueVersionAdmin
from policies.admin.versions import PolicyVersionAdmin
from policies.models import CatalogueEntry, CatalogueVersion, Notice, PolicyVersion

admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.register(CatalogueEntry, CatalogueEntryAdmin)
admin.site.register(CatalogueVersion, CatalogueVersionAdmin)


@admin.register(Notice)
class NoticeAdmin(Exported):
    """Every version of every notice (备案告知书); the rules write them, nobody else, and they never change."""

    list_display = ["title", "area", "type", "version", "published_at"]
    list_filter = ["type"]
    list_select_related = ["area"]
    search_fields = ["area__name", "area__pinyin", "area__initials__startswith"]
    fields = ["title", "area", "type", "version", "published_at", "text"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
