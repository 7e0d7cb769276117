"""Master data in the staff's site: administrators keep all of it, supervisors their own area's agency and closed days.

What an administrator may do, Django's own permission check says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from core.admin import Exported
from core.clock import SHANGHAI
from core.text import spell
from regions import calendar
from regions.import_pages import Importable
from regions.models import Agency, Area, CalendarDay, CalendarYear, ClosedDay, Disease, Institution
from regions.notice import read as read_notice

LONGEST_NOTICE = 10_000
SEARCH = ["name", "pinyin", "initials__startswith", "code__startswith"]


def area_kept(request: HttpRequest) -> str | None:
    """The code of the area whose data this account keeps as its supervisor; None for everybody else.

    The account's class stands in a higher app, so only the two attributes that matter are read.
    """
    supervises = request.user.is_active and getattr(request.user, "role", "") == "supervisor"
    return getattr(request.user, "area_id", None) if supervises else None


class Historic(Exported):
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


class NeverDeleted(Exported):
    """Rows that records name or deadlines are counted by: they are changed, and deleted by nobody."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KeptByArea(Historic):
    """Rows of one area (`area`): administrators keep all, a supervisor those of their own."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("area")
        own = area_kept(request)
        return rows.filter(area=own) if own else rows

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [] if area_kept(request) else ["area"]

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        own = area_kept(request)
        if own and db_field.name == "area":
            kwargs |= {"queryset": Area.objects.filter(pk=own), "initial": own, "empty_label": None}
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
        own = area_kept(request)
        return own is not None and (obj is None or obj.area_id == own)


# Where


class Spelled(NeverDeleted, Historic):
    """Rows found by pinyin and initials, which follow the name."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pinyin, obj.initials = spell(obj.name)
        super().save_model(request, obj, form, change)


class AreaForm(forms.ModelForm):  # type: ignore[type-arg]
    """An area may only be local to areas that there are."""

    class Meta:
        model = Area
        fields = ["code", "name", "level", "parent", "pools_at", "local_to", "source"]

    def clean_local_to(self) -> list[str]:
        return _known(Area, self.cleaned_data["local_to"] or [], _("没有代码为 %s 的地区。"))


@admin.register(Area)
class AreaAdmin(Importable, Spelled):
    form = AreaForm
    list_display = ["code", "name", "level", "parent", "pools_at"]
    list_filter = ["level", "pools_at"]
    list_select_related = ["parent"]
    search_fields = SEARCH
    autocomplete_fields = ["parent"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(Agency)
class AgencyAdmin(KeptByArea):
    list_display = ["name", "area", "phone", "address", "demo"]
    list_filter = ["demo"]
    search_fields = ["name", "area__name", "area__pinyin", "area__initials__startswith"]
    fields = ["area", "name", "address", "phone", "demo"]


class InstitutionForm(forms.ModelForm):  # type: ignore[type-arg]
    """An institution may only be open for diseases that there are."""

    class Meta:
        model = Institution
        exclude: list[str] = []

    def clean_chronic(self) -> list[str]:
        return _known(Disease, self.cleaned_data["chronic"] or [], _("没有编码为 %s 的病种。"))


@admin.register(Institution)
class InstitutionAdmin(Importable, Spelled):
    form = InstitutionForm
    list_display = ["code", "name", "area", "grade", "level", "inpatient", "outpatient"]
    list_filter = ["kind", "level", "specialty", "inpatient", "outpatient", "issues_referrals"]
    list_select_related = ["area"]
    search_fields = [*SEARCH, "area__name"]
    autocomplete_fields = ["area"]
    fieldsets = [
        (None, {"fields": ["code", "invented_code", "name", "kind", "area"]}),
        (gettext_lazy("等级"), {"fields": ["grade", "level", "sub_class", "specialty"]}),
        (gettext_lazy("跨省开通"), {"fields": ["inpatient", "outpatient", "chronic", "issues_referrals"]}),
        (gettext_lazy("联系方式"), {"fields": ["address", "phone", "invented_contact"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(Disease)
class DiseaseAdmin(Importable, NeverDeleted):
    list_display = ["code", "name", "since"]
    search_fields = ["code", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


def _known(model: type[Area] | type[Disease], codes: list[str], sentence: Any) -> list[str]:
    """The codes without repetition, if each names a row. ValidationError: one does not."""
    known = set(model._default_manager.filter(pk__in=codes).values_list("pk", flat=True))
    for code in codes:
        if code not in known:
            raise ValidationError(sentence % code, code="unknown")
    return list(dict.fromkeys(codes))


# When: its changes move open deadlines


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


@admin.register(CalendarYear)
class CalendarYearAdmin(NeverDeleted, ChangesCalendar, Historic):
    list_display = ["year", "announced", "source"]
    list_filter = ["announced"]
    actions_detail = ["paste_notice"]

    @action(description=gettext_lazy("粘贴放假通知"), url_path="notice")
    def paste_notice(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The announced notice as text: read and shown first, saved when that was confirmed. Administrators."""
        year = self.get_object(request, object_id)
        if year is None:
            raise Http404
        if not self.has_change_permission(request, year):
            raise PermissionDenied
        text = request.POST.get("text", "")[:LONGEST_NOTICE]
        notice = read_notice(text, year.pk) if text.strip() else None
        sound = notice is not None and not notice.problems and bool(notice.holidays)
        if sound and notice is not None and "save" in request.POST:
            changed = calendar.announce(year, notice)
            messages.success(
                request, _("%(year)s 年日历已按通知保存，变动 %(count)d 天。") % {"year": year, "count": changed}
            )
            self._changed(request)
            return HttpResponseRedirect(reverse("admin:regions_calendaryear_change", args=[year.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{year} · {_('粘贴放假通知')}",
            "opts": self.opts,
            "year": year,
            "text": text,
            "notice": notice,
            "sound": sound,
            "kept": {day.date for day in CalendarDay.objects.filter(date__year=year.pk)},
        }
        return TemplateResponse(request, "admin/regions/calendaryear/notice.html", context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["year"] if obj else []


@admin.register(CalendarDay)
class CalendarDayAdmin(ChangesCalendar, Historic):
    list_display = ["date", "is_workday", "name", "source"]
    list_filter = ["is_workday"]
    search_fields = ["name", "date"]
    date_hierarchy = "date"
    ordering = ["-date"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["date"] if obj else []


@admin.register(ClosedDay)
class ClosedDayAdmin(ChangesCalendar, KeptByArea):
    list_display = ["date", "area", "reason"]
    search_fields = ["area__name", "area__pinyin", "area__initials__startswith", "reason"]
    date_hierarchy = "date"
    ordering = ["-date"]
    fields = ["area", "date", "reason"]


# The history of a row of master data, from the events that the database keeps of it (django-pghistory).

LATEST = 100


@dataclass(frozen=True)
class Change:
    """What one change made of a row: `fields` lists (label, old, new); `by` is empty for loading and commands."""

    at: datetime
    by: str
    kind: str
    fields: list[tuple[str, str, str]]


def changes_of(row: Model) -> list[Change]:
    """Return the latest changes of a row, newest first."""
    events = list(row.events.select_related("pgh_context").order_by("-pgh_id")[: LATEST + 1])  # type: ignore[attr-defined]
    people = _people(events)
    before = [*events[1:], None][: len(events)]
    return [_change(row, event, previous, people) for event, previous in zip(events, before, strict=True)][:LATEST]


def _change(row: Model, event: Any, previous: Any, people: Mapping[str, str]) -> Change:
    fields = [
        (str(field.verbose_name), _shown(field, previous), _shown(field, event))
        for field in row._meta.concrete_fields
        if field.editable and getattr(event, field.attname) != getattr(previous, field.attname, None)
    ]
    return Change(event.pgh_created_at, people.get(_user(event), ""), event.pgh_label, fields)


def _shown(field: Any, event: Any) -> str:
    """A value as the page shows it: the label of a choice, 是 or 否, a time in China, a list in one line."""
    value = getattr(event, field.attname, None)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(dict(field.flatchoices or ()).get(value, value))


def _people(events: list[Any]) -> dict[str, str]:
    users = {_user(event) for event in events} - {""}
    return {str(account.pk): str(account) for account in get_user_model().objects.filter(pk__in=users)}


def _user(event: Any) -> str:
    return str((event.pgh_context.metadata if event.pgh_context else {}).get("user") or "")
