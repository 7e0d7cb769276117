"""What the pages of all scenarios do alike: whose they are, how one is requested, followed and shown."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.models import Role
from core.admin import Exported
from regions.admin import area_kept
from reviews.admin.scope import role_of
from scenarios.models import Status

COLOURS = {
    str(Status.QUEUED.label): "info",
    str(Status.RUNNING.label): "warning",
    str(Status.DONE.label): "success",
    str(Status.FAILED.label): "danger",
}


class ScenarioAdmin(Exported):
    """Supervisors see and request what is of their area, administrators everything; nothing is changed afterwards."""

    area_field: str
    page: str
    list_filter = ["status"]
    list_per_page = 25

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return role_of(request) == Role.ADMIN or area_kept(request) is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        area = area_kept(request)
        return rows.filter(**{self.area_field: area}) if area else rows

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_button})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:scenarios_{self.opts.model_name}_change", args=[obj.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        waiting = row.status in (Status.QUEUED, Status.RUNNING)
        context = {
            **self.admin_site.each_context(request),
            "title": self.opts.verbose_name,
            "opts": self.opts,
            "run": row,
            "waiting": waiting,
            **(self.shown(row, row.result) if row.result else {}),
        }
        headers = {"Refresh": "2"} if waiting else {}
        return TemplateResponse(request, self.page, context, headers=headers)

    def shown(self, row: Any, result: dict[str, Any]) -> dict[str, Any]:
        """The result as the page draws it."""
        raise NotImplementedError

    @display(description=_("状态"), label=COLOURS, ordering="status")
    def shown_status(self, row: Any) -> str:
        return str(row.get_status_display())
