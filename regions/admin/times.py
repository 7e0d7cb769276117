"""The working calendar, whose changes move open deadlines."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from regions.admin.scope import Historic, KeptByArea


class ChangesCalendar(ModelAdmin):
    """Whoever saves or deletes here is told that open deadlines move. The sweep does it: there may be very many of them."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._changed(request)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._changed(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        self._changed(request)

    def _changed(self, request: HttpRequest) -> None:
        messages.info(request, _("工作日历已变化，未办结事项的时限将很快重新计算。"))


class CalendarYearAdmin(ChangesCalendar, Historic):
    list_display = ["year", "announced", "source"]
    list_filter = ["announced"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["year"] if obj else []


class CalendarDayAdmin(ChangesCalendar, Historic):
    list_display = ["date", "is_workday", "name", "source"]
    list_filter = ["is_workday"]
    search_fields = ["name", "date"]
    date_hierarchy = "date"
    ordering = ["-date"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["date"] if obj else []


class ClosedDayAdmin(ChangesCalendar, KeptByArea):
    list_display = ["date", "area", "reason"]
    search_fields = ["area__name", "area__pinyin", "area__initials__startswith", "reason"]
    date_hierarchy = "date"
    ordering = ["-date"]
    fields = ["area", "date", "reason"]
