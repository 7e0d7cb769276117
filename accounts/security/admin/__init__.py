"""Signing in to the staff's site, and what each looks after there: second factor, recovery codes, where one is signed in.

After the right password nobody is signed in yet who has, or must have, a second factor: until the code is given (or the app is
set up, which asks for a code of its own) the session only remembers who is at it, for five minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from unfold.forms import AuthenticationForm

from accounts import limits
from accounts.models import Account, Authenticator, SignIn, StaffChange
from accounts.security import factor, passkeys, sessions
from accounts.security.admin.enrolling import codes_page, enrol_page, passkey_page
from accounts.security.admin.entry import (
    HALF,
    ask_again,
    at_it,
    confirm_first,
    half_way,
    is_fresh,
    let_in,
    protect,
    protected,
    second_step,
    start_again,
    step,
)
from accounts.security.attempts import address_of
from core.errors import Refusal, TooMany

RECORDS = 20


# Signing in


@method_decorator(protected, name="dispatch")
class SignInPage(LoginView):
    """Name and password; then the code, where there is to be one."""

    template_name = "admin/login.html"
    authentication_form = AuthenticationForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if admin.site.has_permission(request):
            return HttpResponseRedirect(self.get_success_url())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            limits.SIGNING_IN.spend(address_of(request))
        except TooMany as refusal:
            messages.error(request, refusal.detail)
            answer = self.get(request)
            answer.status_code, answer["Retry-After"] = refusal.status, str(refusal.retry_after)
            return answer
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        shown = {"title": _("登录"), "app_path": self.request.get_full_path()}
        return {**admin.site.each_context(self.request), **super().get_context_data(**given), **shown}

    def form_valid(self, form: Any) -> HttpResponse:
        account, onward = form.get_user(), self.get_success_url()
        if factor.is_enrolled(account):
            return half_way(self.request, account, onward, "security:code")
        if factor.is_required(account):
            return half_way(self.request, account, onward, "security:enrol")
        return let_in(self.request, account, "", HttpResponseRedirect(onward))


def code_page(request: HttpRequest) -> HttpResponseBase:
    """The second step of signing in."""
    account = at_it(request)
    if account is None:
        return start_again(request)
    refusal = None
    if request.method == "POST":
        try:
            if answer := request.POST.get("passkey", ""):
                how = passkeys.verify(account, request.session, answer)
            else:
                how = factor.verify(account, request.POST.get("code", ""))
        except Refusal as error:
            refusal = error
        else:
            onward = request.session[HALF]["onward"]
            return let_in(request, account, how, HttpResponseRedirect(onward))
    return second_step(request, account, _("第二重验证"), refusal)


def confirm_page(request: HttpRequest) -> HttpResponseBase:
    """A fresh code, and back to where it was asked for."""
    asked = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    onward = asked if safe else resolve_url("security:own")
    refusal = None
    if request.method == "POST":
        try:
            ask_again(request)
        except Refusal as error:
            refusal = error
        else:
            return HttpResponseRedirect(onward)
    elif is_fresh(request):
        return HttpResponseRedirect(onward)
    assert isinstance(request.user, Account)
    return second_step(request, request.user, _("再次验证"), refusal, again=True)


# One's own page


def own_page(request: HttpRequest) -> HttpResponseBase:
    """登录安全: the second factor, the recovery codes, where one is signed in, and what was done about it."""
    account = request.user
    assert isinstance(account, Account)
    if request.method == "POST":
        if request.POST.get("do") in ("codes", "remove", "passkey") and not is_fresh(request):
            return HttpResponseRedirect(confirm_first("security:own"))
        return _act(request, account)
    shown = {
        "enrolled": factor.is_enrolled(account),
        "required": factor.is_required(account),
        "has_app": Authenticator.objects.filter(user=account, confirmed=True).exists(),
        "passkeys": passkeys.all_of(account),
        "codes_left": factor.codes_left(account),
        "places": sessions.places(account, request.session.session_key),
        "sign_ins": SignIn.objects.filter(account=account)[:RECORDS],
        "changes": StaffChange.objects.filter(account=account).select_related("by")[:RECORDS],
        "minutes": settings.SECOND_FACTOR_SECONDS // 60,
    }
    return step(request, "admin/security/own.html", _("登录安全"), None, **shown)


def _act(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Do what the button says."""
    try:
        match request.POST.get("do", ""):
            case "codes":
                return codes_page(request, factor.new_codes(account), reverse("security:own"))
            case "remove":
                factor.remove(account)
                messages.success(request, _("已停用第二重验证。"))
            case "passkey":
                passkeys.remove(account, request.POST.get("key", ""))
                messages.success(request, _("已移除通行密钥。"))
            case "end":
                sessions.end_place(account, request.POST.get("place", ""), by=account)
                messages.success(request, _("该登录已结束。"))
            case "end_all":
                count = sessions.end_places(account, by=account, but=request.session.session_key)
                messages.success(request, _("已结束其他 %d 处登录。") % count if count else _("没有其他登录。"))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
    return HttpResponseRedirect(reverse("security:own"))


def guarded(view: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    return admin.site.admin_view(protect(view))


urlpatterns: list[URLPattern] = [
    path("login/code/", protect(code_page), name="code"),
    path("login/enrol/", protect(enrol_page), name="enrol"),
    path("login/passkey/", protect(passkey_page), name="passkey"),
    path("security/confirm/", guarded(confirm_page), name="confirm"),
    path("security/", guarded(own_page), name="own"),
]
