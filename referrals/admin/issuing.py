"""What a hospital does with its referrals: issue one, look at it, mend what was returned, print it, withdraw or revoke it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.throttling import BaseThrottle

import reviews.services
from accounts.certificate import CertificateKind, country_choices
from accounts.models import Account, Insurance, Role
from core import clock
from core.errors import Refusal
from core.ids import new_id
from core.text import prose
from policies.language.wording import listed
from referrals import services
from referrals.bodies import AmendReferral, ReferralInput
from referrals.certificate import counts, spaced
from referrals.lifecycle import ReferralLifecycle, described
from referrals.models import Rank, Reason, Referral
from referrals.views import pdf_answer, verify_url
from regions.models import Area, Institution
from reviews import workflow
from reviews.admin.scope import account_of
from reviews.models import Status
from reviews.presenting import present
from reviews.services import Actor
from reviews.workflow import Action

SHOWN_FOR = timedelta(days=7)
LIST = "admin:referrals_referral_changelist"
PAGE = "admin:referrals_referral_change"
VERBS: dict[str, tuple[Callable[..., Any], tuple[str, ...], Any]] = {
    Action.WITHDRAW: (reviews.services.withdraw, (), _("转诊已撤回。")),
    Action.RESUBMIT: (reviews.services.resubmit, (), _("转诊已重新提交。")),
    Action.REVOKE: (services.revoke, ("reason",), _("转诊已撤销，据此办理的备案已终止。")),
}
# Where a problem of the API's fields is shown on the form.
FIELDS = {
    "patient": "id_number",
    "patient.name": "name",
    "patient.id_number": "id_number",
    **dict.fromkeys(
        ["patient.certificate", *(f"patient.certificate.{part}" for part in ("kind", "country", "number"))], "id_number"
    ),
    "insured_area": "insured",
    "insurance": "insured",
    "diagnosis": "diagnosis",
    "diagnosis.code": "diagnosis",
    "diagnosis.name": "diagnosis",
    "reason": "reason",
    "summary": "summary",
    "destination": "destination",
    "receiving_institution": "receiver",
    "doctor.name": "doctor_name",
    "doctor.rank": "doctor_rank",
    "issued_on": "issued_on",
    "replacing": "replacing",
}
CODE = re.compile(r"[A-Za-z]?\d[\w.]*")


def _clerk(request: HttpRequest) -> Account:
    account = account_of(request)
    if account.role != Role.HOSPITAL:
        raise PermissionDenied
    return account


def _own(request: HttpRequest, pk: UUID) -> Referral:
    rows = Referral.objects.visible_to(_clerk(request)).select_related(*ReferralLifecycle.joins, "area", "made_filing")
    return get_object_or_404(rows, pk=pk)


def waiting(account: Account) -> dict[str, Any]:
    """What the insured areas decided and the hospital should look at: returned for correction, or lately rejected."""
    own = Referral.objects.visible_to(account)
    lately = clock.now() - SHOWN_FOR
    return {
        "returned": own.filter(status=Status.RETURNED).aggregate(count=Count("pk"), soonest=Min("correct_by")),
        "rejected": own.filter(status=Status.REJECTED, decided_at__gt=lately).count(),
    }


def issue(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends. The page's own id makes a second click harmless."""
    account = _clerk(request)
    typed: Mapping[str, Any] = request.POST or {"key": str(new_id())}
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            body = ReferralInput.of(sent_by(request.POST))
            address = BaseThrottle().get_ident(request) or ""  # type: ignore[arg-type]
            case = services.issue(
                account,
                body,
                address=address,
                key=UUID(request.POST.get("key", "")),
                replacing="replacing" in request.POST,
            )
            referral = case.submission
            messages.success(request, f"{referral.number} {_ISSUED[referral.status]}")
            return HttpResponseRedirect(reverse(PAGE, args=[referral.pk]))
        except (Refusal, ValueError) as refusal:
            problems = _by_field(refusal)
    return _form(request, _("开具转诊"), typed, problems)


_ISSUED = {
    "approved": _("转诊已开具并生效，可打印转诊证明。"),
    "submitted": _("转诊已提交参保地审核，通过后可打印转诊证明。"),
    "superseded": _("转诊已开具。"),
}


def mend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the agency returned, in the form it was written in; saved and handed in again in one step."""
    referral = _own(request, pk)
    typed: Mapping[str, Any] = request.POST or typed_of(referral)
    problems: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            body = AmendReferral.of(sent_by(request.POST))
            actor = Actor(account_of(request))
            services.amend(referral, body, actor=actor)
            reviews.services.resubmit(referral, actor=actor)
            messages.success(request, f"{referral.number} {VERBS[Action.RESUBMIT][2]}")
            return HttpResponseRedirect(reverse(PAGE, args=[referral.pk]))
        except Refusal as refusal:
            problems = _by_field(refusal)
    return _form(request, _("补正转诊"), typed, problems, referral)


def _by_field(refusal: Exception) -> dict[str, list[str]]:
    """What is wrong, by field; what belongs to no field of the form stands above it (key "")."""
    problems: dict[str, list[str]] = {}
    if isinstance(refusal, Refusal):
        for problem in refusal.problems:
            problems.setdefault(FIELDS.get(problem.attr or "", ""), []).append(str(problem.detail))
    else:
        problems[""] = [str(_("页面已过期，请刷新后重新填写。"))]
    return problems


def _form(
    request: HttpRequest,
    title: Any,
    typed: Mapping[str, Any],
    problems: dict[str, list[str]],
    referral: Referral | None = None,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": Referral._meta,
        "typed": typed,
        "problems": problems,
        "referral": referral,
        "returned": _returned(referral, account_of(request)) if referral else None,
        "insurances": Insurance.choices,
        "certificate_kinds": CertificateKind.choices,
        "countries": country_choices(),
        "reasons": Reason.choices,
        "ranks": Rank.choices,
    }
    return TemplateResponse(request, "admin/referrals/form.html", context, status=400 if problems else 200)


def _returned(referral: Referral, account: Account) -> dict[str, str]:
    """Why the agency returned it, and what it marked."""
    decision = present(referral, account)["decision"] or {"reason": "", "fields": []}
    marked = [str(label) for name, label in ReferralLifecycle.fields if name in decision["fields"]]
    return {"reason": decision["reason"], "marked": listed(marked)}


def show(request: HttpRequest, referral: Referral, site: AdminSite) -> HttpResponse:
    """One referral of the hospital's own; a POST is one of its verbs."""
    referral = _own(request, referral.pk)
    account, status = account_of(request), 200
    if request.method == "POST":
        try:
            return _act(request, referral)
        except Refusal as refusal:
            messages.error(request, refusal.detail)
            referral, status = _own(request, referral.pk), refusal.status
    context = {
        **site.each_context(request),
        "title": f"{_('转诊')} {referral.number}",
        "opts": Referral._meta,
        "case": referral,
        "facts": list(described(referral, unmasked=True)),
        "shown": present(referral, account),
        "counts": counts(referral),
        "code": spaced(referral.verification_code),
        "actions": set(workflow.actions_for(referral, account)),
    }
    return TemplateResponse(request, "admin/referrals/referral.html", context, status=status)


def _act(request: HttpRequest, referral: Referral) -> HttpResponse:
    action = request.POST.get("action", "")
    if action in VERBS:
        verb, takes, message = VERBS[action]
        given = {name: request.POST.get(name, "")[:300] for name in takes}
        verb(referral, actor=Actor(account_of(request)), **given)
        messages.success(request, f"{referral.number} {message}")
    return HttpResponseRedirect(reverse(PAGE, args=[referral.pk]))


def certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The certificate to print."""
    referral = _own(request, pk)
    try:
        return pdf_answer(referral, verify_url(request, referral))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return HttpResponseRedirect(reverse(PAGE, args=[pk]))


def sent_by(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The form as a body of the API."""
    text = {name: prose(str(value)) for name, value in typed.items()}
    sent: dict[str, Any] = {
        "patient": {"name": text.get("name", ""), **_certificate(text)},
        "insured_area": _area(text.get("insured", "")),
        "diagnosis": _diagnosis(text.get("diagnosis", "")),
        "reason": text.get("reason", ""),
        "summary": text.get("summary", ""),
        "destination": _area(text.get("destination", "")),
        "receiving_institution": _institution(text.get("receiver", "")),
        "doctor": {"name": text.get("doctor_name", ""), "rank": text.get("doctor_rank", "")},
    }
    return sent | {name: text[name] for name in ("insurance", "issued_on") if text.get(name)}


def _certificate(text: Mapping[str, str]) -> dict[str, Any]:
    """The patient's number, or another certificate, as the API takes them."""
    kind, number = text.get("kind") or CertificateKind.ID_CARD, text.get("id_number", "")
    if kind == CertificateKind.ID_CARD:
        return {"id_number": number}
    country = text.get("country", "") if kind == CertificateKind.PASSPORT else ""
    return {"certificate": {"kind": kind, "country": country, "number": number}}


def _code(text: str) -> str:
    """The code in front of a chosen text (`110000 北京市`), else nothing."""
    first = text.partition(" ")[0]
    return first if CODE.fullmatch(first) else ""


def _diagnosis(text: str) -> dict[str, str]:
    code = _code(text)
    return {"code": code, "name": text.removeprefix(code).strip()}


def _area(text: str) -> str:
    named = Area.objects.filter(name=text).values_list("code", flat=True).first() if text else None
    return _code(text) or named or text


def _institution(text: str) -> str:
    named = Institution.objects.filter(name=text).values_list("code", flat=True).first() if text else None
    return _code(text) or named or text[:12]


def typed_of(referral: Referral) -> dict[str, Any]:
    """A stored referral as the form shows it."""
    receiver = referral.receiver
    return {
        "diagnosis": f"{referral.diagnosis_code} {referral.diagnosis_name}",
        "reason": referral.reason,
        "summary": referral.summary,
        "destination": f"{referral.destination_id} {referral.destination.name}",
        "receiver": f"{receiver.code} {receiver.name}" if receiver else "",
        "doctor_name": referral.doctor_name,
        "doctor_rank": referral.doctor_rank,
        "issued_on": referral.issued_on.isoformat(),
    }
