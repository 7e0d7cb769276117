"""What a clerk enters for somebody who comes to the counter or calls (窗口/电话录入): whom it is for, and the form of its kind.

A kind gives the form (`EntryForm`); what is refused, by the body, the checks or the service, is said beside its field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import BaseThrottle
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from accounts.certificate import CertificateKind, country_choices
from accounts.models import Account, Enrollment
from accounts.services.lookup import typed_certificate
from core import clock
from core.errors import Invalid, Refusal
from core.text import prose
from policies.language.filing_rules import rules_for
from policies.language.filing_types import Document
from policies.language.terms import DOCUMENT_LABELS
from policies.language.wording import day
from regions.models import Institution
from reviews.admin.flow import link
from reviews.admin.scope import account_of
from reviews.lifecycle import LIFECYCLES, Case
from reviews.locking import rows_of
from reviews.materials import receive
from reviews.materials.intake import UPLOADING
from reviews.models import Channel, Kind, Material, Note, Status, Submission
from reviews.services.at_counter import enrollments_at, hand_in, look_up
from reviews.services.counter import CLERKS

Guarded = Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]
CHANNELS = [(Channel.COUNTER, Channel.COUNTER.label), (Channel.TELEPHONE, Channel.TELEPHONE.label)]
BY_TELEPHONE = _("电话办理不能收取材料。请改为窗口办理，或取消勾选材料：可以签承诺的先承诺，其余登记后由本人补交。")
WAITING = "material_processing"
LABELS: dict[str, str] = {str(kind): label for kind, label in DOCUMENT_LABELS.items()}


class DayInput(UnfoldAdminTextInputWidget):
    input_type = "date"


class Lookup(UnfoldAdminTextInputWidget):
    """A hospital, found in the open list while its name or code is typed (`counter.js`)."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-search": "institutions/", "autocomplete": "off", **(attrs or {})})


class EntryForm(forms.Form):
    """The form of one kind. What is missing or wrong is said by the rules that the person's own way has, not by the form."""

    kind: ClassVar[Kind]
    title: ClassVar[Any]
    places: ClassVar[dict[str, str]] = {}
    """Where a problem of the body or the checks is shown, if not at the field of its name."""

    channel = forms.ChoiceField(
        label=_("办理渠道"), choices=CHANNELS, initial=Channel.COUNTER, widget=UnfoldAdminRadioSelectWidget
    )

    def __init__(self, enrollment: Enrollment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enrollment = enrollment
        self.rules = rules_for(enrollment.area_id, clock.today())

    def row(self) -> Any:
        """The submission that there is already; None: it is only being made."""
        return None

    def documents(self) -> list[tuple[str, str]]:
        """The documents that may be handed in, with what may stand in for them, as (kind, label)."""
        papers: Iterable[Document] = LIFECYCLES[self.kind].documents(self.rules, self.row())
        found: dict[str, str] = {}
        for paper in papers:
            found |= {str(paper.kind): paper.label, **{str(other.kind): other.label for other in paper.alternatives}}
        return list(found.items())

    def promises(self) -> list[tuple[str, Any]]:
        """The documents for which a commitment may stand in."""
        papers = LIFECYCLES[self.kind].documents(self.rules, None)
        return [("", "—"), *{str(paper.kind): paper.label for paper in papers if paper.commitment}.items()]

    def given(self, *names: str) -> dict[str, Any]:
        """What was typed or chosen, by field; what is empty says nothing."""
        values = {name: self.data.get(self.add_prefix(name), "") for name in names}
        return {name: value for name, text in values.items() if (value := prose(text))}

    def promised(self) -> dict[str, Any]:
        """The commitment, if one was chosen."""
        letter = self.given("promise", "signed_name")
        if "promise" not in letter:
            return {}
        return {"commitment": {"kind": letter["promise"], "signed_name": letter.get("signed_name", "")}}

    def enter(self, clerk: Account, channel: Channel, materials: list[str]) -> Case:
        """Have it entered by the kind's own service. Raises what that raises."""
        raise NotImplementedError

    def beside(self) -> tuple[str, dict[str, Any]] | None:
        """What helps to fill it in: a template, and what it shows."""
        return None

    def unseen(self) -> bool:
        """Whether something was read that must be looked at before it is entered."""
        return False

    def blame(self, refusal: Refusal) -> None:
        """Say what is wrong beside the field it is about, or above the form."""
        for problem in refusal.problems:
            name = problem.attr or ""
            place = self.places.get(name) or self.places.get(name.split(".")[0], name.split(".")[0])
            self.add_error(place if place in self.fields else None, problem.detail)


class HandIn(EntryForm):
    """What was asked for is brought to the counter (窗口补交材料): it goes with the submission, which is handed in again."""

    title = _("窗口补交材料")

    def __init__(self, submission: Submission, *args: Any, **kwargs: Any) -> None:
        super().__init__(submission.enrollment, *args, **kwargs)
        self.submission = submission
        self.kind = Kind(submission.kind)  # type: ignore[misc]
        self.fields["channel"].initial = Channel.COUNTER

    def row(self) -> Any:
        return rows_of(self.kind).get(pk=self.submission.pk)

    def enter(self, clerk: Account, channel: Channel, materials: list[str]) -> Case:
        return Case(hand_in(self.submission, clerk=clerk, channel=channel, materials=materials))


def institution_code(text: str) -> str:
    """The code that stands in front of what was chosen (`H50010000001 重庆示范医院`), or that of the institution so named."""
    first = text.split(" ")[0]
    named = Institution.objects.filter(name=text).values_list("code", flat=True).first()
    return named or first[:12]


def clerk_of(request: HttpRequest) -> Account:
    """Whoever may enter something for others."""
    account = account_of(request)
    if account.role not in CLERKS:
        raise PermissionDenied
    return account


def find(request: HttpRequest) -> HttpResponse:
    """Whom it is for: the number is typed, sent in a body, and looked up on record; below stand the forms."""
    clerk, found, problem, status = clerk_of(request), None, "", 200
    if request.method == "POST":
        try:
            address = BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]
            found = look_up(clerk, typed_certificate(request.POST), address=address)
        except Refusal as refusal:
            problem, status = refusal.detail, refusal.status
    context = {
        **admin.site.each_context(request),
        "title": _("窗口/电话录入"),
        "opts": Submission._meta,
        "typed": request.POST.get("id_number", ""),
        "kind": request.POST.get("kind", ""),
        "country": request.POST.get("country", ""),
        "certificate_kinds": CertificateKind.choices,
        "countries": country_choices(),
        "problem": problem,
        "person": found,
        "enrollments": enrollments_at(clerk, found) if found else [],
        "entries": [entry for lifecycle in LIFECYCLES.values() for entry in lifecycle.entry],
    }
    return TemplateResponse(request, "admin/reviews/counter/find.html", context, status=status)


def enter(request: HttpRequest, enrollment: UUID, form_class: type[EntryForm]) -> HttpResponse:
    """The form of a kind, and what it sends; scans that came stay, whatever else is refused."""
    clerk = clerk_of(request)
    rows = Enrollment.objects.filter(area=clerk.area_id).select_related("person", "area__parent")
    row = get_object_or_404(rows, pk=enrollment)
    return _filled(request, clerk, form_class(row, request.POST or None, request.FILES or None))


def take_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The papers that a case which came to the counter, or by telephone, was returned for."""
    clerk = clerk_of(request)
    returned = Submission.objects.visible_to(clerk).filter(status=Status.RETURNED).exclude(channel=Channel.ONLINE)
    row = get_object_or_404(returned.select_related("enrollment__person", "enrollment__area__parent"), pk=pk)
    return _filled(request, clerk, HandIn(row, request.POST or None))


def _filled(request: HttpRequest, clerk: Account, form: EntryForm) -> HttpResponse:
    """Have done what the form says; what was refused is said in it."""
    scans, waits = Scans([], set()), False
    if request.method == "POST":
        complete = form.is_valid()
        scans = _scans(request, clerk, form)
        if complete and form.is_valid() and "look" not in request.POST and not form.unseen():
            try:
                return _entered(request, form, clerk, scans)
            except Refusal as refusal:
                waits = refusal.code == WAITING
                if not waits:
                    form.blame(refusal)
    return _page(request, form, scans, waits=waits)


@dataclass(frozen=True)
class Scans:
    """The clerk's uploads for one form, and which of them are to go with it."""

    rows: list[Material]
    chosen: set[str]


def _entered(request: HttpRequest, form: EntryForm, clerk: Account, scans: Scans) -> HttpResponse:
    channel = Channel(form.cleaned_data["channel"])
    chosen = [str(scan.pk) for scan in scans.rows if str(scan.pk) in scans.chosen]
    if chosen and channel == Channel.TELEPHONE:
        raise Invalid(BY_TELEPHONE, code="no_scans_by_telephone", attr="channel")
    case = form.enter(clerk, channel, chosen)
    if case.submission.status == Status.RETURNED:
        messages.warning(request, _to_be_told(case))
    else:
        messages.success(request, _("%s 已录入，由其他审核员办理。") % case.submission.number)
    return HttpResponseRedirect(link(case.submission.pk, ""))


def _to_be_told(case: Case) -> str:
    """What a clerk tells who called without papers, while they are still on the telephone."""
    said = "".join(row.text for row in case.written if isinstance(row, Note))
    words = {"number": case.submission.number, "said": said, "day": day(case.submission.correct_by.date())}
    return _("%(number)s 已登记，等待补交材料。请告知来电人：%(said)s期限：%(day)s前，逾期视为撤回。") % words


def _page(request: HttpRequest, form: EntryForm, scans: Scans, *, waits: bool) -> TemplateResponse:
    template, shown = form.beside() or ("", {})
    context = {
        **admin.site.each_context(request),
        "title": form.title,
        "opts": Submission._meta,
        "form": form,
        "of": form.enrollment,
        "documents": form.documents(),
        "scans": [(scan, LABELS.get(scan.kind, scan.kind), str(scan.pk) in scans.chosen) for scan in scans.rows],
        "waits": waits,
        "beside": template,
        **shown,
    }
    status = 400 if form.is_bound and form.errors else 200
    return TemplateResponse(request, "admin/reviews/counter/enter.html", context, status=status)


def _scans(request: HttpRequest, clerk: Account, form: EntryForm) -> Scans:
    """Those that came before, and those that come now; what cannot be taken is said."""
    before = uploads_of(clerk, request.POST.getlist("scans"))
    now = []
    for kind, label in form.documents():
        for file in request.FILES.getlist(f"scan-{kind}"):
            try:
                now.append(upload(clerk, file, kind))
            except Refusal as refusal:
                form.add_error(None, f"{label}：{refusal.detail}")
    return Scans([*before, *now], {*request.POST.getlist("materials"), *(str(scan.pk) for scan in now)})


def upload(clerk: Account, file: File[bytes], kind: str) -> Material:
    """Take a scan in as the API takes one, with its limit and checks."""
    UPLOADING.spend(clerk.pk)
    return receive(clerk, file, kind)


def uploads_of(clerk: Account, keys: Iterable[str]) -> list[Material]:
    """The clerk's uploads with these keys that are used for nothing yet."""
    known = [key for key in keys if _is_id(key)]
    return list(Material.objects.unattached().filter(account=clerk, pk__in=known).order_by("created_at", "pk"))


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
