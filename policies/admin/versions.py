"""The versions of the policies: the list, and the ways into a version, a comparison, an upload."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core import clock
from policies.admin.coverage import coverage_page
from policies.admin.pages import comparison_page, upload_page, version_page
from policies.models import PolicyVersion
from regions.admin import Historic, area_kept
from regions.models import Area

STATES: dict[str, Any] = {
    "waiting": _("待发布"),
    "current": _("现行"),
    "future": _("尚未生效"),
    "past": _("已失效"),
    "replaced": _("已被修订"),
    "withdrawn": _("已撤回"),
}
COLOURS = {"waiting": "warning", "current": "success", "future": "info", "withdrawn": "danger"}


def conditions(today: date) -> dict[str, Q]:
    """What puts a version into each state; on rows `with_ends`."""
    counts = Q(status="published", replaced=False)
    return {
        "waiting": Q(status="draft"),
        "current": counts & Q(effective_from__lte=today) & (Q(ends__isnull=True) | Q(ends__gt=today)),
        "future": counts & Q(effective_from__gt=today),
        "past": counts & Q(ends__lte=today),
        "replaced": Q(status="published", replaced=True),
        "withdrawn": Q(status="withdrawn"),
    }


def with_ends(rows: QuerySet[PolicyVersion]) -> QuerySet[PolicyVersion]:
    """With the day each stops counting, whether a newer revision took its place, and the name of its area."""
    same = PolicyVersion.objects.published().filter(area=OuterRef("area"), effective_from=OuterRef("effective_from"))
    return rows.annotate(
        ends=Coalesce(F("closed_on"), F("effective_until")),
        replaced=Exists(same.filter(revision__gt=OuterRef("revision"))),
        area_name=Subquery(Area.objects.filter(pk=OuterRef("area")).values("name")[:1]),
    )


def state_of(row: Any, today: date) -> str:
    """The state of one row `with_ends`."""
    if row.status != PolicyVersion.Status.PUBLISHED:
        return "waiting" if row.status == PolicyVersion.Status.DRAFT else "withdrawn"
    if row.replaced:
        return "replaced"
    if row.effective_from > today:
        return "future"
    return "past" if row.ends is not None and row.ends <= today else "current"


class StateFilter(admin.SimpleListFilter):
    title = _("状态")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(conditions(clock.today()).get(self.value() or "", Q()))


class PolicyVersionAdmin(Historic):
    """Administrators keep the policies of all areas, a supervisor those of their own; the others' do not exist for them."""

    list_display = ["named", "shown_area", "since", "until", "shown_state", "revision", "uploaded_by", "published_at"]
    list_display_links = None
    list_filter = [StateFilter, ("effective_from", admin.DateFieldListFilter)]
    list_select_related = ["uploaded_by"]
    list_per_page = 30
    show_full_result_count = False
    search_fields = ["name", "area__startswith", "slug__startswith", "file__startswith"]
    search_help_text = _("地区名称、拼音、代码，或者文件名")
    ordering = ["area", "-effective_from", "-revision", "-uploaded_at"]
    actions = None
    list_before_template = "admin/policies/policyversion/above.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        rows = with_ends(PolicyVersion.objects.defer("text"))
        area = area_kept(request)
        return rows.filter(area=area) if area else rows

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        matches, duplicates = super().get_search_results(request, queryset, search_term)
        areas = Area.objects.search(search_term).order_by().values("pk") if search_term.strip() else []
        return (matches | queryset.filter(area__in=areas)) if areas else matches, duplicates

    def get_urls(self) -> list[URLPattern]:
        compare = path(
            "<uuid:version>/compare/<uuid:other>/",
            self.admin_site.admin_view(self.compare_view),
            name="policies_policyversion_compare",
        )
        known = path(
            "coverage/", self.admin_site.admin_view(self.coverage_view), name="policies_policyversion_coverage"
        )
        return [compare, known, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        self._may(request)
        return upload_page(request, self.admin_site)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return version_page(request, self._version(request, object_id), self.admin_site)

    def compare_view(self, request: HttpRequest, version: uuid.UUID, other: uuid.UUID) -> HttpResponse:
        """What `version` says otherwise than `other`."""
        new, old = self._version(request, version), self._version(request, other)
        return comparison_page(request, old, new, self.admin_site)

    def coverage_view(self, request: HttpRequest) -> HttpResponse:
        """What is known of every area; open to anyone in the API, so here to all who keep policies."""
        self._may(request)
        return coverage_page(request, self.admin_site)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self._version(request, object_id)
        return super().history_view(request, object_id, extra_context)

    def _version(self, request: HttpRequest, version: object) -> PolicyVersion:
        self._may(request)
        try:
            return (
                self.get_queryset(request).select_related("uploaded_by", "published_by").get(pk=uuid.UUID(str(version)))
            )
        except (ValueError, PolicyVersion.DoesNotExist):
            raise Http404 from None

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return area_kept(request) is not None or super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @display(description=_("政策"), ordering="name")
    def named(self, row: PolicyVersion) -> SafeString:
        url = reverse("admin:policies_policyversion_change", args=[row.pk])
        return format_html(
            '<a class="yd-link" href="{}">{}</a><br><small>{}</small>', url, row.name, row.slug or row.file
        )

    @display(description=_("地区"), ordering="area")
    def shown_area(self, row: Any) -> str:
        return f"{row.area_name or ''} {row.area}"

    @display(description=_("开始日"), ordering="effective_from")
    def since(self, row: PolicyVersion) -> str:
        return f"{row.effective_from:%Y-%m-%d}"

    @display(description=_("截止日（不含）"), ordering="ends")
    def until(self, row: Any) -> str:
        return f"{row.ends:%Y-%m-%d}" if row.ends else "—"

    @display(description=_("状态"), label={str(STATES[name]): colour for name, colour in COLOURS.items()})
    def shown_state(self, row: Any) -> str:
        return str(STATES[state_of(row, clock.today())])
