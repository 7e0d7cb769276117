"""Signing in to the staff's site, and what each looks after there: second factor, recovery codes, where one is signed in.

After the right password nobody is signed in yet who has, or must have, a second factor: until the code is given (or the app is
set up) the session only remembers who is at it, for five minutes.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from unfold.forms import AuthenticationForm

from accounts import limits
from accounts.models import Account, SignIn, StaffChange
from accounts.security import factor, sessions
from accounts.security.attempts import address_of, remember_device
from core import clock
from core.errors import Refusal, TooMany
from core.printing import qr

HALF, HALF_SECONDS = "half", 300
GIVEN_AT = "second_factor_at"
BACKEND = "django.contrib.auth.backends.ModelBackend"
TOLD = timedelta(days=7)
RECORDS = 20

protected = [sensitive_post_parameters("code", "password"), csrf_protect, never_cache]


def _protect(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    for decorator in protected:
        view = decorator(view)
    return view


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
            return _half_way(self.request, account, onward, "security:code")
        if factor.is_required(account):
            return _half_way(self.request, account, onward, "security:enrol")
        return _let_in(self.request, account, "", HttpResponseRedirect(onward))


def _half_way(request: HttpRequest, account: Account, onward: str, page: str) -> HttpResponse:
    """Remember who gave the right password, and go on to the second step."""
    request.session.flush()
    request.session[HALF] = {
        "account": str(account.pk),
        "password": account.get_session_auth_hash(),
        "until": time.time() + HALF_SECONDS,
        "onward": onward,
    }
    return HttpResponseRedirect(reverse(page))


def _at_it(request: HttpRequest) -> Account | None:
    """Who gave the right password a moment ago and is not signed in yet."""
    half = request.session.get(HALF)
    if not half or half["until"] < time.time():
        return None
    account = Account.objects.filter(pk=half["account"], is_active=True).first()
    if account is None or not constant_time_compare(half["password"], account.get_session_auth_hash()):
        return None
    return account


def _let_in(request: HttpRequest, account: Account, how: str, answer: HttpResponse) -> HttpResponse:
    """Sign in, on record and with the factor that was given; tell what others did about the account."""
    request.session.pop(HALF, None)
    request.second_factor = how  # type: ignore[attr-defined]
    login(request, account, backend=BACKEND)
    sessions.note(request, address_of(request), request.headers.get("User-Agent", ""))
    if how:
        request.session[GIVEN_AT] = time.time()
    if how == SignIn.Factor.RECOVERY:
        left = factor.codes_left(account)
        messages.warning(request, _("您用恢复码登录，还剩 %d 个。若手机已遗失，请在“登录安全”中更换。") % left)
    for change in _done_by_others(account):
        said = _("%(at)s %(by)s：%(what)s。如有疑问请联系系统管理员。")
        what = {
            "at": f"{change.at.astimezone(clock.SHANGHAI):%m-%d %H:%M}",
            "by": change.by,
            "what": change.get_what_display(),
        }
        messages.warning(request, said % what)
    remember_device(request, answer, account)
    return answer


def _done_by_others(account: Account) -> list[StaffChange]:
    """What others did lately about how this account signs in."""
    since = clock.now() - TOLD
    what = [StaffChange.What.RESET, StaffChange.What.PASSWORD, StaffChange.What.ENDED]
    rows = StaffChange.objects.filter(account=account, at__gt=since, what__in=what).exclude(by=account)
    return list(rows.select_related("by")[:5])


def code_page(request: HttpRequest) -> HttpResponseBase:
    """The second step of signing in."""
    account = _at_it(request)
    if account is None:
        return _start_again(request)
    refusal = None
    if request.method == "POST":
        try:
            how = factor.verify(account, request.POST.get("code", ""))
        except Refusal as error:
            refusal = error
        else:
            onward = request.session[HALF]["onward"]
            return _let_in(request, account, how, HttpResponseRedirect(onward))
    return _step(request, "admin/security/code.html", _("动态验证码"), refusal)


def _start_again(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("登录已超时，请重新输入用户名和密码。"))
    return HttpResponseRedirect(reverse("admin:login"))


def _step(request: HttpRequest, template: str, title: str, refusal: Refusal | None, **shown: Any) -> HttpResponse:
    """A page of one form, with why it was refused, if it was."""
    context = {**admin.site.each_context(request), "title": title, "refusal": refusal, **shown}
    status = refusal.status if refusal else 200
    answer = TemplateResponse(request, template, context, status=status)
    if refusal and refusal.retry_after:
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


def enrol_page(request: HttpRequest) -> HttpResponseBase:
    """Setting up the app: the picture to scan, the first code, and then the recovery codes, once."""
    half = _at_it(request)
    account = half or (request.user if admin.site.has_permission(request) else None)
    if not isinstance(account, Account):
        return _start_again(request)
    if factor.is_enrolled(account) and half:
        return HttpResponseRedirect(reverse("security:code"))
    if not half and not _is_fresh(request):
        return HttpResponseRedirect(_confirm_first("security:enrol"))
    refusal = None
    if request.method == "POST":
        try:
            codes = factor.confirm(account, request.POST.get("code", ""))
        except Refusal as error:
            refusal = error
        else:
            return _enrolled(request, account, codes, half is not None)
    waiting = factor.begin(account)
    secret = base64.b32encode(waiting.bin_key).decode()
    shown = {
        "picture": _picture(qr(waiting.config_url)),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "half": half is not None,
        "required": factor.is_required(account),
    }
    return _step(request, "admin/security/enrol.html", _("绑定动态验证码"), refusal, **shown)


def _picture(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _enrolled(request: HttpRequest, account: Account, codes: list[str], signing_in: bool) -> HttpResponse:
    """Show the recovery codes; whoever was signing in is in now."""
    onward = request.session[HALF]["onward"] if signing_in else reverse("security:own")
    answer = _codes(request, codes, onward)
    if signing_in:
        return _let_in(request, account, SignIn.Factor.CODE, answer)
    request.session[GIVEN_AT] = time.time()
    return answer


def _codes(request: HttpRequest, codes: list[str], onward: str) -> HttpResponse:
    return _step(request, "admin/security/codes.html", _("恢复码"), None, codes=codes, onward=onward)


# Asked again


def _is_fresh(request: HttpRequest) -> bool:
    assert isinstance(request.user, Account)
    return factor.is_fresh(request.user, request.session.get(GIVEN_AT, 0))


def asks_again(request: HttpRequest) -> bool:
    """Whether a form that sends money or changes sign-ins has to have a field for the code."""
    return not _is_fresh(request)


def ask_again(request: HttpRequest) -> None:
    """Ask for a fresh code before something that cannot be taken back; the form has it as `code`.

    Raises what `factor.ask` raises.
    """
    if _is_fresh(request):
        return
    assert isinstance(request.user, Account)
    factor.ask(request.user, request.POST.get("code", ""))
    request.session[GIVEN_AT] = time.time()


def _confirm_first(page: str) -> str:
    return f"{reverse('security:confirm')}?{urlencode({'next': reverse(page)})}"


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
    elif _is_fresh(request):
        return HttpResponseRedirect(onward)
    return _step(request, "admin/security/code.html", _("再次验证"), refusal, again=True, onward=onward)


# One's own page


def own_page(request: HttpRequest) -> HttpResponseBase:
    """登录安全: the second factor, the recovery codes, where one is signed in, and what was done about it."""
    account = request.user
    assert isinstance(account, Account)
    if request.method == "POST":
        if request.POST.get("do") in ("codes", "remove") and not _is_fresh(request):
            return HttpResponseRedirect(_confirm_first("security:own"))
        return _act(request, account)
    shown = {
        "enrolled": factor.is_enrolled(account),
        "required": factor.is_required(account),
        "codes_left": factor.codes_left(account),
        "places": sessions.places(account, request.session.session_key),
        "sign_ins": SignIn.objects.filter(account=account)[:RECORDS],
        "changes": StaffChange.objects.filter(account=account).select_related("by")[:RECORDS],
        "minutes": settings.SECOND_FACTOR_SECONDS // 60,
    }
    return _step(request, "admin/security/own.html", _("登录安全"), None, **shown)


def _act(request: HttpRequest, account: Account) -> HttpResponseBase:
    """Do what the button says."""
    try:
        match request.POST.get("do", ""):
            case "codes":
                return _codes(request, factor.new_codes(account), reverse("security:own"))
            case "remove":
                factor.remove(account)
                messages.success(request, _("已停用动态验证码。"))
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
    return admin.site.admin_view(_protect(view))


urlpatterns: list[URLPattern] = [
    path("login/code/", _protect(code_page), name="code"),
    path("login/enrol/", _protect(enrol_page), name="enrol"),
    path("security/confirm/", guarded(confirm_page), name="confirm"),
    path("security/", guarded(own_page), name="own"),
]
