"""The pages on which a second factor is set up: the code that was handed over, the app, a passkey, and the recovery codes, once."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, SignIn
from accounts.security import enrolment, factor, passkeys
from accounts.security.admin.entry import (
    ADMITTED,
    GIVEN_AT,
    HALF,
    HALF_SECONDS,
    at_it,
    confirm_first,
    is_fresh,
    let_in,
    start_again,
    step,
)
from core.errors import Refusal
from core.printing import qr


def enrol_page(request: HttpRequest) -> HttpResponseBase:
    """Setting up the app: the picture to scan, its first code, and then the recovery codes, once."""
    account, half, instead = _who(request, "security:enrol")
    if instead is not None or account is None:
        return instead or start_again(request)
    waiting = enrolment.admitted(account, request.session.get(ADMITTED))
    if waiting is None and enrolment.needs_code(account):
        return _admission(request, account)
    refusal = None
    if request.method == "POST":
        try:
            codes = enrolment.confirm(account, request.POST.get("code", ""), device=request.session.get(ADMITTED))
        except Refusal as error:
            refusal = error
        else:
            return _enrolled(request, account, codes, SignIn.Factor.CODE, signing_in=half)
    waiting = waiting or enrolment.begin(account)
    secret = base64.b32encode(waiting.bin_key).decode()
    shown = {
        "picture": _picture(qr(waiting.config_url)),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "half": half,
        "offered": half and passkeys.is_offered(request),
    }
    return step(request, "admin/security/enrol.html", _("绑定动态验证码"), refusal, **shown)


def passkey_page(request: HttpRequest) -> HttpResponseBase:
    """A passkey more, or as the first second factor; then the recovery codes, once."""
    account, half, instead = _who(request, "security:passkey")
    if instead is not None or account is None:
        return instead or start_again(request)
    device = request.session.get(ADMITTED) if enrolment.needs_code(account) else None
    if enrolment.needs_code(account) and enrolment.admitted(account, device) is None:
        return HttpResponseRedirect(reverse("security:enrol"))
    refusal = None
    if request.method == "POST":
        answer, name = request.POST.get("passkey", ""), request.POST.get("name", "")
        try:
            codes = passkeys.add(account, request.session, answer, name, device=device)
        except Refusal as error:
            refusal = error
        else:
            if codes:
                return _enrolled(request, account, codes, SignIn.Factor.PASSKEY, signing_in=half)
            messages.success(request, _("已添加通行密钥。"))
            return HttpResponseRedirect(reverse("security:own"))
    offered = passkeys.is_offered(request)
    asked = json.dumps(passkeys.challenge(request.session, account, adding=True)) if offered else ""
    shown = {
        "passkey": asked,
        "half": half,
        "longest": passkeys.NAME_LENGTH,
        "sites": settings.OTP_WEBAUTHN_ALLOWED_ORIGINS,
    }
    return step(request, "admin/security/passkey.html", _("添加通行密钥"), refusal, **shown)


def _who(request: HttpRequest, page: str) -> tuple[Account | None, bool, HttpResponse | None]:
    """Who sets a factor up here, whether they are still signing in, and what is answered instead, if they may not now."""
    half = at_it(request)
    account = half or (request.user if admin.site.has_permission(request) else None)
    if not isinstance(account, Account):
        return None, False, start_again(request)
    if half and factor.is_enrolled(account):
        return account, True, HttpResponseRedirect(reverse("security:code"))
    if not half and not enrolment.needs_code(account) and not is_fresh(request):
        return account, False, HttpResponseRedirect(confirm_first(page))
    return account, half is not None, None


def _admission(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Ask for the code that a supervisor or an administrator handed over."""
    refusal = None
    if request.method == "POST" and "enrolment" in request.POST:
        try:
            waiting = enrolment.admit(account, request.POST["enrolment"])
        except Refusal as error:
            refusal = error
        else:
            request.session[ADMITTED] = waiting.pk
            if half := request.session.get(HALF):
                request.session[HALF] = {**half, "until": time.time() + HALF_SECONDS}
            return HttpResponseRedirect(reverse("security:enrol"))
    return step(request, "admin/security/admission.html", _("绑定码"), refusal)


def _picture(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _enrolled(request: HttpRequest, account: Account, codes: list[str], how: str, *, signing_in: bool) -> HttpResponse:
    """Show the recovery codes; whoever was signing in is in now."""
    request.session.pop(ADMITTED, None)
    onward = request.session[HALF]["onward"] if signing_in else reverse("security:own")
    answer = codes_page(request, codes, onward)
    if signing_in:
        return let_in(request, account, how, answer)
    request.session[GIVEN_AT] = time.time()
    return answer


def codes_page(request: HttpRequest, codes: list[str], onward: str) -> HttpResponse:
    """The recovery codes, shown once."""
    return step(request, "admin/security/codes.html", _("恢复码"), None, codes=codes, onward=onward)


# Handed over to others


@dataclass(frozen=True)
class Handed:
    """A code to set up the first second factor, to be handed over in person."""

    colleague: Account
    code: str


def handed_page(request: HttpRequest, handed: list[Handed], onward: str) -> HttpResponse:
    """The codes that were just made, shown once."""
    return step(request, "admin/security/handed.html", _("绑定码"), None, handed=handed, onward=onward)
