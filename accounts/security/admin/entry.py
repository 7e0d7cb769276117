"""Between the password and being in: who is at it, the steps of one form each, and what is asked again once one is in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import Account, SignIn, StaffChange
from accounts.security import factor, passkeys, sessions
from accounts.security.attempts import address_of, remember_device
from core import clock
from core.errors import Refusal

HALF, HALF_SECONDS = "half", 300
GIVEN_AT, ADMITTED = "second_factor_at", "admitted_app"
BACKEND = "django.contrib.auth.backends.ModelBackend"
TOLD = timedelta(days=7)

protected = [sensitive_post_parameters("code", "enrolment", "passkey", "password"), csrf_protect, never_cache]


def protect(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    for decorator in protected:
        view = decorator(view)
    return view


def half_way(request: HttpRequest, account: Account, onward: str, page: str) -> HttpResponse:
    """Remember who gave the right password, and go on to the second step."""
    request.session.flush()
    request.session[HALF] = {
        "account": str(account.pk),
        "password": account.get_session_auth_hash(),
        "until": time.time() + HALF_SECONDS,
        "onward": onward,
    }
    return HttpResponseRedirect(reverse(page))


def at_it(request: HttpRequest) -> Account | None:
    """Who gave the right password a moment ago and is not signed in yet."""
    half = request.session.get(HALF)
    if not half or half["until"] < time.time():
        return None
    account = Account.objects.filter(pk=half["account"], is_active=True).first()
    if account is None or not constant_time_compare(half["password"], account.get_session_auth_hash()):
        return None
    return account


def let_in(request: HttpRequest, account: Account, how: str, answer: HttpResponse) -> HttpResponse:
    """Sign in, on record and with the factor that was given; tell what others did about the account."""
    request.session.pop(HALF, None)
    request.second_factor = how  # type: ignore[attr-defined]
    if ended := sessions.make_room(account):
        messages.warning(
            request, _("同时登录的地方已满，最久未使用的 %d 处已退出。不是您本人登录的，请修改密码。") % ended
        )
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
    acts = StaffChange.What
    what = [acts.INVITED, acts.RESET, acts.PASSWORD, acts.ENDED]
    rows = StaffChange.objects.filter(account=account, at__gt=since, what__in=what).exclude(by=account)
    return list(rows.select_related("by")[:5])


def start_again(request: HttpRequest) -> HttpResponse:
    """Back to name and password: nobody is at it any more."""
    messages.error(request, _("登录已超时，请重新输入用户名和密码。"))
    return HttpResponseRedirect(reverse("admin:login"))


def step(request: HttpRequest, template: str, title: str, refusal: Refusal | None, **shown: Any) -> HttpResponse:
    """A page of one form, with why it was refused, if it was."""
    context = {**admin.site.each_context(request), "title": title, "refusal": refusal, **shown}
    status = refusal.status if refusal else 200
    answer = TemplateResponse(request, template, context, status=status)
    if refusal and refusal.retry_after:
        answer["Retry-After"] = str(refusal.retry_after)
    return answer


def is_fresh(request: HttpRequest) -> bool:
    """Whether who is signed in gave the factor a moment ago, or uses none."""
    assert isinstance(request.user, Account)
    return factor.is_fresh(request.user, request.session.get(GIVEN_AT, 0))


def confirm_first(page: str) -> str:
    """The address that asks for the factor, and then goes on to this page."""
    return f"{reverse('security:confirm')}?{urlencode({'next': reverse(page)})}"


# Asked again


@dataclass(frozen=True)
class Asking:
    """A form has to ask for the second factor again; where a passkey may answer instead of a code, a page of its own asks."""

    elsewhere: str


def asks_again(request: HttpRequest) -> Asking | None:
    """What a form that sends money or changes sign-ins has to ask; None: the factor was given a moment ago."""
    if is_fresh(request):
        return None
    assert isinstance(request.user, Account)
    by_key = passkeys.is_offered(request) and passkeys.keys_of(request.user).exists()
    return Asking(f"{reverse('security:confirm')}?{urlencode({'next': request.get_full_path()})}" if by_key else "")


def ask_again(request: HttpRequest) -> None:
    """Ask for the factor before something that cannot be taken back; the form has a code as `code`, or a passkey's answer.

    Raises what `factor.ask` and `passkeys.verify` raise.
    """
    if is_fresh(request):
        return
    assert isinstance(request.user, Account)
    if answer := request.POST.get("passkey", ""):
        passkeys.verify(request.user, request.session, answer)
    else:
        factor.ask(request.user, request.POST.get("code", ""))
    request.session[GIVEN_AT] = time.time()


def second_step(
    request: HttpRequest, account: Account, title: str, refusal: Refusal | None, **shown: Any
) -> HttpResponse:
    """The page that asks for a code, or for a passkey where there is one and a browser lets it answer here."""
    by_key = passkeys.is_offered(request) and passkeys.keys_of(account).exists()
    asked = json.dumps(passkeys.challenge(request.session, account, adding=False)) if by_key else ""
    return step(request, "admin/security/code.html", title, refusal, passkey=asked, **shown)
