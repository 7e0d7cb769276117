"""Areas, agencies, institutions, diseases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.spelling import spell
from regions.admin.scope import Historic, KeptByArea
from regions.models import Area, Disease, Institution

SEARCH = ["name", "pinyin", "initials__startswith", "code__startswith"]


class Spelled(Historic):
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


class AreaAdmin(Spelled):
    form = AreaForm
    list_display = ["code", "name", "level", "parent", "pools_at"]
    list_filter = ["level", "pools_at"]
    list_select_related = ["parent"]
    search_fields = SEARCH
    autocomplete_fields = ["parent"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


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


class InstitutionAdmin(Spelled):
    form = InstitutionForm
    list_display = ["code", "name", "area", "grade", "level", "inpatient", "outpatient"]
    list_filter = ["level", "specialty", "inpatient", "outpatient", "issues_referrals"]
    list_select_related = ["area"]
    search_fields = [*SEARCH, "area__name"]
    autocomplete_fields = ["area"]
    fieldsets = [
        (None, {"fields": ["code", "invented_code", "name", "area"]}),
        (_("等级"), {"fields": ["grade", "level", "sub_class", "specialty"]}),
        (_("跨省开通"), {"fields": ["inpatient", "outpatient", "chronic", "issues_referrals"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


class DiseaseAdmin(ModelAdmin):
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
