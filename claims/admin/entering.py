"""The form by which a clerk enters a claim for somebody at the counter or on the telephone."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import Account, Enrollment
from claims import services
from claims.adjudication import catalogue_named
from claims.admin import lines
from claims.admin.lines import Lines
from claims.bodies import ClaimInput
from core import clock
from core.errors import Refusal
from policies.language.terms import CARE_LABELS
from regions.models import Area, Disease, Institution
from reviews.admin.entry import DayInput, EntryForm, Guarded, Lookup, enter, institution_code
from reviews.lifecycle import Case
from reviews.models import Channel, Kind
from settlements.bills import SUMS
from settlements.facts import STATED

PLAIN = (
    "care", "disease", "place", "admitted_on", "discharged_on", "invoice_code", "invoice_number", "bank_account",
    "bank_holder", "reason", "born_on",
)  # fmt: skip
TICKED = ("emergency", *STATED)


def _text(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, widget=UnfoldAdminTextInputWidget, **more)


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _tick(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanWidget)


class ClaimForm(EntryForm):
    """A claim, as the person would make it themselves: its cost in sums, or by the lines of the hospital's list."""

    kind = Kind.CLAIM
    title = _("录入手工报销")
    places = {"institution": "hospital", "institution_name": "hospital", "cost": "total"}

    care = forms.ChoiceField(
        label=_("就医方式"), choices=CARE_LABELS.items(), required=False, widget=UnfoldAdminSelectWidget
    )
    disease = forms.ChoiceField(
        label=_("门诊慢特病病种"), required=False, widget=UnfoldAdminSelectWidget, help_text=_("门诊慢特病填写。")
    )
    hospital = forms.CharField(
        label=_("医疗机构"), required=False, widget=Lookup, help_text=_("编码或全称；名录中没有的填写票据上的名称。")
    )
    place = forms.ChoiceField(
        label=_("医疗机构所在地区"), required=False, widget=UnfoldAdminSelect2Widget, help_text=_("名录中没有的医疗机构填写。")
    )  # fmt: skip
    admitted_on = forms.CharField(label=_("入院（就诊）日期"), required=False, widget=DayInput)
    discharged_on = forms.CharField(label=_("出院日期"), required=False, widget=DayInput)
    invoice_code = _text(_("票据代码"))
    invoice_number = _text(_("票据号码"))
    total = _text(_("费用总额（元）"))
    excluded = _text(_("其中：全自费（元）"))
    over_limit = _text(_("其中：超限价自费（元）"))
    first_copay = _text(_("其中：先行自付（元）"))
    bank_account = _text(_("收款银行账号"))
    bank_holder = _text(_("开户名"), help_text=_("不填写：参保人本人。"))
    reason = forms.CharField(
        label=_("没有直接结算的原因"), required=False, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )
    emergency = _tick(_("急诊抢救"))
    injury = _tick(_("因外伤就医"))
    vacation = _tick(_("学生假期在外就医"))
    newborn = _tick(_("新生儿随母亲就医"))
    born_on = forms.CharField(
        label=_("新生儿出生日期"), required=False, widget=DayInput, help_text=_("新生儿随母亲就医的填写。")
    )
    maternity = _tick(_("生育住院"))

    class Media:
        js = (Script("claims/items.js", defer=True),)

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(enrollment, *args, **kwargs)
        self.lines = Lines()
        disease: Any = self.fields["disease"]
        disease.choices = [("", "—"), *((row.code, row.name) for row in Disease.objects.order_by("code"))]
        place: Any = self.fields["place"]
        areas = Area.objects.pooling().order_by("code")
        place.choices = [("", "—"), *((area.code, f"{area.code} {area.name}") for area in areas)]

    def clean(self) -> dict[str, Any]:
        """Read the lines; what is wrong with them is said above the form, and at the lines themselves."""
        try:
            self.lines = lines.read(self.data, self.files)
            self.lines.catalogue = self._catalogue()
        except Refusal as refusal:
            self.add_error(None, refusal.detail)
        for place, problems in sorted(self.lines.problems.items()):
            self.add_error(None, lines.of_line(place) + " ".join(problems))
        return dict(self.cleaned_data)

    def _catalogue(self) -> tuple[str, date]:
        """By whose catalogue codes are looked up, on the day of discharge or of the visit; today until one is given."""
        day = _day_of(self.data.get("discharged_on", "")) or _day_of(self.data.get("admitted_on", "")) or clock.today()
        code = institution_code(str(self.data.get("hospital", "")).strip())
        listed = Institution.objects.filter(pk=code).values_list("area_id", flat=True).first()
        return catalogue_named(self.enrollment.area_id, day, listed or str(self.data.get("place", ""))), day

    def unseen(self) -> bool:
        return self.lines.read and self.data.get("seen") != self.lines.digest

    def beside(self) -> tuple[str, dict[str, Any]] | None:
        pasted = self.data.get("pasted", "")
        return "admin/claims/claim/entry_lines.html", lines.shown(self.lines, pasted=pasted)

    def enter(self, clerk: Account, channel: Channel, materials: list[str]) -> Case:
        sent = {
            "enrollment": str(self.enrollment.pk),
            "materials": materials,
            **self.given(*PLAIN),
            **{name: bool(self.cleaned_data[name]) for name in TICKED},
            **self._hospital(),
        }
        if cost := self._cost():
            sent["cost"] = cost
        return services.apply(clerk, self.enrollment, ClaimInput.of(sent), entering=channel)

    def _cost(self) -> dict[str, Any]:
        """The sums that were typed, and the lines; the list's own total counts where none was typed, so that both are compared."""
        sums = self.given(*SUMS)
        if not self.lines.items:
            return sums
        stated = {"total": self.lines.stated} if self.lines.stated else {}
        return {**stated, **sums, "items": self.lines.items}

    def _hospital(self) -> dict[str, str]:
        """By its code, where it is listed; else by its name."""
        text = self.given("hospital").get("hospital", "")
        code = institution_code(text)
        if Institution.objects.filter(pk=code).exists():
            return {"institution": code}
        return {"institution_name": text} if text else {}


def urls(guarded: Guarded) -> list[URLPattern]:
    """The address of the form."""
    return [path("enter/<uuid:enrollment>/", guarded(partial(enter, form_class=ClaimForm)), name="enter_claim")]
