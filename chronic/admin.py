"""Recognitions in the admin: a list of their own, whose rows open the case, and the form by which a clerk enters an application."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import Account, Enrollment
from chronic import services
from chronic.bodies import RecognitionInput
from chronic.models import Recognition
from regions.models import Disease
from reviews.admin.entry import DayInput, EntryForm, Guarded, Lookup, enter, institution_code
from reviews.admin.filters import AssigneeFilter, DaysFilter
from reviews.admin.lists import KindAdmin
from reviews.lifecycle import Case
from reviews.models import Channel, Kind


class RecognitionForm(EntryForm):
    """An application, as the person would make it themselves."""

    kind = Kind.RECOGNITION
    title = _("录入门诊慢特病认定")
    places = {"commitment": "promise", "institutions": "chosen", "diagnosing_institution": "diagnosed_at"}

    disease = forms.ChoiceField(label=_("病种"), required=False, widget=UnfoldAdminSelectWidget)
    diagnosed_on = forms.CharField(label=_("确诊日期"), required=False, widget=DayInput)
    diagnosed_at = forms.CharField(label=_("诊断医疗机构"), required=False, widget=Lookup, help_text=_("编码或全称。"))
    chosen = forms.CharField(
        label=_("选定的医疗机构"), required=False, widget=Lookup, help_text=_("参保地要求选定时填写，编码或全称。")
    )
    promise = forms.ChoiceField(label=_("个人承诺书：承诺补交"), required=False, widget=UnfoldAdminSelectWidget)
    signed_name = forms.CharField(
        label=_("承诺人（参保人本人姓名）"), required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(enrollment, *args, **kwargs)
        disease: Any = self.fields["disease"]
        rows = Disease.objects.order_by("code")
        disease.choices = [("", "—"), *((row.code, f"{row.name}（{row.code}）") for row in rows)]
        promise: Any = self.fields["promise"]
        promise.choices = self.promises()

    def enter(self, clerk: Account, channel: Channel, materials: list[str]) -> Case:
        sent = {
            "enrollment": str(self.enrollment.pk),
            "materials": materials,
            **self.given("disease", "diagnosed_on"),
            **self.promised(),
        }
        if at := self.given("diagnosed_at").get("diagnosed_at"):
            sent["diagnosing_institution"] = institution_code(at)
        if chosen := self.given("chosen").get("chosen"):
            sent["institutions"] = [institution_code(chosen)]
        return services.apply(clerk, self.enrollment, RecognitionInput.of(sent), entering=channel)


def urls(guarded: Guarded) -> list[URLPattern]:
    """The address of the form."""
    return [
        path("enter/<uuid:enrollment>/", guarded(partial(enter, form_class=RecognitionForm)), name="enter_recognition")
    ]


@admin.register(Recognition)
class RecognitionAdmin(KindAdmin):
    """All recognitions of the area: which disease, from when, until when."""

    list_display = ["numbered", "who", "disease", "reviewing", "shown_status", "valid_from", "until", "submitted_at"]
    list_filter = ["status", "disease", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "disease"]
    reviews = (_("初审"), _("专家复审"))

    def entry_urls(self, guarded: Any) -> list[URLPattern]:
        return urls(guarded)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = super().get_queryset(request)
        return rows.with_renewal()

    @display(description=_("有效期至"), ordering="renew_by")
    def until(self, row: Recognition) -> str:
        if row.valid_from is None:
            return "—"
        if row.is_being_renewed():
            return str(_("续期审核中"))
        last = row.valid_until or row.renew_by
        return f"{last:%Y-%m-%d}" if last else str(_("长期有效"))
