"""Pages beside the worklist: reason templates and the event log."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.models import Role
from reviews.admin.scope import REVIEWING, ReadOnly, account_of, role_of
from reviews.models import Event, Submission


class ReasonTemplateAdmin(ModelAdmin):
    """Prepared reasons: everyone who reviews may read them, supervisors and administrators keep them."""

    list_display = ["kind", "outcome", "code", "text"]
    list_filter = ["kind", "outcome"]
    search_fields = ["code", "text"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) in REVIEWING

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _keeps(self, request: HttpRequest) -> bool:
        return role_of(request) in (Role.SUPERVISOR, Role.ADMIN)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._keeps(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request)


class EventAdmin(ReadOnly):
    """Everything that happened to the submissions one may see."""

    list_display = ["at", "submission", "verb", "from_status", "to_status", "actor"]
    list_filter = ["verb"]
    search_fields = ["submission__number"]
    list_select_related = ["submission", "actor"]
    list_per_page = 30
    show_full_result_count = False
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        seen = Submission.objects.visible_to(account_of(request)).values("id")
        return Event.objects.filter(submission__in=seen)
