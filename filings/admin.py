"""Filings and proofs in the admin: lists of their own, whose rows open the case, and the form by which a clerk enters a filing."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import Account, Enrollment
from filings import services
from filings.bodies import FilingInput
from filings.models import Filing, FilingType, Proof
from filings.options import options
from policies.notices import current_notices
from regions.models import Area
from reviews.admin.entry import DayInput, EntryForm, Guarded, Lookup, enter, institution_code
from reviews.admin.filters import AssigneeFilter, DaysFilter
from reviews.admin.lists import KindAdmin
from reviews.lifecycle import Case
from reviews.models import Channel, Kind


class FilingForm(EntryForm):
    """A filing, as the person would file it themselves."""

    kind = Kind.FILING
    title = _("录入异地就医备案")
    places = {"notice": "notice_read", "commitment": "promise", "makes_up_for": "admitted_on", "institutions": "chosen"}

    type = forms.ChoiceField(
        label=_("备案类型"), choices=FilingType.choices, required=False, widget=UnfoldAdminSelectWidget
    )
    destination = forms.ChoiceField(label=_("就医地"), required=False, widget=UnfoldAdminSelect2Widget)
    starts_on = forms.CharField(label=_("开始日期"), required=False, widget=DayInput)
    ends_on = forms.CharField(
        label=_("结束日期"), required=False, widget=DayInput, help_text=_("不填写：按参保地规定的有效期。")
    )
    contact_name = forms.CharField(label=_("联系人"), required=False, widget=UnfoldAdminTextInputWidget)
    contact_phone = forms.CharField(label=_("联系电话"), required=False, widget=UnfoldAdminTextInputWidget)
    address = forms.CharField(label=_("就医地住址"), required=False, widget=UnfoldAdminTextInputWidget)
    chosen = forms.CharField(
        label=_("选定的医疗机构"), required=False, widget=Lookup, help_text=_("参保地要求选定时填写，编码或全称。")
    )
    referral = forms.CharField(label=_("转诊编号"), required=False, widget=UnfoldAdminTextInputWidget)
    hospital = forms.CharField(
        label=_("补办：入住的医院"), required=False, widget=Lookup, help_text=_("已入院的补办填写，编码或全称。")
    )
    admitted_on = forms.CharField(label=_("补办：入院日期"), required=False, widget=DayInput)
    promise = forms.ChoiceField(
        label=_("个人承诺书：承诺补交"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=_("参保地接受承诺的材料，可以先签承诺书。"),
    )  # fmt: skip
    signed_name = forms.CharField(
        label=_("承诺人（参保人本人姓名）"), required=False, widget=UnfoldAdminTextInputWidget
    )
    injury = forms.BooleanField(label=_("因外伤就医"), required=False, widget=UnfoldBooleanWidget)
    notice_read = forms.BooleanField(
        label=_("已向申请人出示或宣读备案告知书，并取得确认"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(enrollment, *args, **kwargs)
        places = Area.objects.pooling().exclude(pk=enrollment.area_id).order_by("code")
        shown: Any = self.fields["destination"]
        shown.choices = [("", "—"), *((area.code, f"{area.code} {area.name}") for area in places)]
        promise: Any = self.fields["promise"]
        promise.choices = self.promises()

    def enter(self, clerk: Account, channel: Channel, materials: list[str]) -> Case:
        body = FilingInput.of({**self._sent(), "materials": materials})
        return services.file(clerk, self.enrollment, body, entering=channel)

    def _sent(self) -> dict[str, Any]:
        """The form as a body of the API."""
        plain = ("type", "destination", "starts_on", "ends_on", "contact_name", "contact_phone", "address", "referral")
        sent = {"enrollment": str(self.enrollment.pk), **self.given(*plain), **self.promised(), **self._stay()}
        if self.cleaned_data["injury"]:
            sent["injury"] = True
        if self.cleaned_data["notice_read"] and sent.get("type") in FilingType.values:
            sent["notice"] = str(current_notices(self.enrollment.area_id, (sent["type"],))[sent["type"]].pk)
        chosen = self.given("chosen").get("chosen")
        return {**sent, "institutions": [institution_code(chosen)]} if chosen else sent

    def _stay(self) -> dict[str, Any]:
        """The admission it makes up for."""
        stay = self.given("hospital", "admitted_on")
        if not stay:
            return {}
        hospital = institution_code(stay.get("hospital", ""))
        return {"makes_up_for": {"institution": hospital, "admitted_on": stay.get("admitted_on", "")}}

    def beside(self) -> tuple[str, dict[str, Any]] | None:
        """What can be filed for the chosen place, with the documents that each way asks for."""
        place = Area.objects.filter(pk=self.given("destination").get("destination", "")).first()
        return ("admin/filings/options.html", {"options": options(self.enrollment, place)}) if place else None


class EmergencyForm(FilingForm):
    """An emergency elsewhere, reported by telephone or at the counter."""

    title = _("录入急诊报告")

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(enrollment, *args, **kwargs)
        kind: Any = self.fields["type"]
        kind.choices = [(FilingType.EMERGENCY, FilingType.EMERGENCY.label)]


def urls(guarded: Guarded) -> list[URLPattern]:
    """The addresses of the forms."""
    return [
        path("enter/<uuid:enrollment>/", guarded(partial(enter, form_class=FilingForm)), name="enter_filing"),
        path("emergency/<uuid:enrollment>/", guarded(partial(enter, form_class=EmergencyForm)), name="enter_emergency"),
    ]


@admin.register(Filing)
class FilingAdmin(KindAdmin):
    """All filings of the area, with what they are for and until when."""

    list_display = ["numbered", "who", "type", "destination", "shown_status", "valid_from", "until", "submitted_at"]
    list_filter = ["status", "type", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "destination"]

    def entry_urls(self, guarded: Any) -> list[URLPattern]:
        return urls(guarded)

    @display(description=_("有效期至"), ordering="valid_until")
    def until(self, row: Filing) -> str:
        if row.valid_from is None:
            return "—"
        return f"{row.valid_until:%Y-%m-%d}" if row.valid_until else str(_("长期有效"))


@admin.register(Proof)
class ProofAdmin(KindAdmin):
    """Proofs of commitments."""

    counter_roles = ()

    list_display = ["numbered", "who", "proves", "shown_status", "shown_due", "submitted_at"]
    list_filter = ["status", AssigneeFilter, ("submitted_at", DaysFilter)]
    list_select_related = ["person", "area", "proves"]
