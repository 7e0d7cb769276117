"""The second factor: codes of an app on the phone (动态验证码, TOTP, RFC 6238), passkeys, and recovery codes for when neither is at hand.

django-otp checks the codes, remembers the last one so that none counts twice, and makes who mistypes wait. A code is checked
under the lock of its account's devices. Everything that changes is on record (`StaffChange`). How it is set up: `enrolment`, `passkeys`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.models import ThrottlingMixin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp_webauthn.models import WebAuthnCredential

from accounts.models import Account, Authenticator, Role, SignIn, StaffChange
from accounts.security.sessions import end_places
from core import clock
from core.errors import Forbidden, Refusal, TooMany, WrongState

CODES = 10
CODE_BYTES = 10  # 80 random bits: their digest needs no key
ASKED_COUNTS = timedelta(days=1)
NEEDS_ONE = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE, Role.ADMIN})
"""Who decides, pays or administers."""


class Unverified(Refusal):
    """401: the second factor is missing or wrong."""

    status = 401
    code = "second_factor_required"


def is_required(account: Account) -> bool:
    """Whether this account does not get in without one."""
    return bool(settings.SECOND_FACTOR == "required" and account.role in NEEDS_ONE)


def is_enrolled(account: Account) -> bool:
    """Whether this account has one, and so is asked for it everywhere."""
    return bool(enrolled([account]))


def enrolled(accounts: Iterable[Account]) -> set[Any]:
    """The keys of those, of these accounts, that have one: an app or a passkey."""
    have = {"user__in": [account.pk for account in accounts], "confirmed": True}
    apps = Authenticator.objects.filter(**have).values_list("user")
    return {user for (user,) in apps.union(WebAuthnCredential.objects.filter(**have).values_list("user"))}


def ask(account: Account, code: str) -> str:
    """Ask who signs in for the second factor, if there is to be one; return which it was (`SignIn.Factor`).

    Raises Unverified `second_factor_required`, and what `verify` raises; Forbidden `second_factor_missing`.
    """
    if is_enrolled(account):
        if not code.strip():
            raise Unverified(_("请同时填写验证器应用中的6位动态验证码，或一个恢复码。"))
        return verify(account, code)
    if is_required(account):
        message = _("尚未绑定动态验证码。请向审核主管或系统管理员领取绑定码，在审核后台登录并完成绑定。")
        raise Forbidden(message, code="second_factor_missing")
    return ""


def verify(account: Account, code: str) -> str:
    """Use up a code; return which it was. A second call with the same code finds it used.

    Raises Unverified `second_factor_wrong`; TooMany after wrong ones.
    """
    typed = as_typed(code)
    of_the_app = typed.isdecimal() and typed.isascii()
    with transaction.atomic():
        device = _locked(account, of_the_app)
        wait = seconds_to_wait(device)
        right = device is not None and not wait and device.verify_token(typed if of_the_app else digest(typed))
    if wait:
        raise TooMany(_("验证码多次不正确，请稍候再试。"), retry_after=wait)
    if not right:
        message = _("动态验证码不正确或已使用过，请等验证器应用显示下一个后重新填写。")
        raise Unverified(message, code="second_factor_wrong", attr="code")
    return SignIn.Factor.CODE if of_the_app else SignIn.Factor.RECOVERY


def _locked(account: Account, of_the_app: bool) -> Any:
    rows = Authenticator.objects if of_the_app else StaticDevice.objects
    return rows.select_for_update().filter(user=account, confirmed=True).first()


def seconds_to_wait(device: ThrottlingMixin | None) -> int:
    """The seconds until another code may be tried; 0: now."""
    _allowed, why = device.verify_is_allowed() if device is not None else (True, None)
    return max(1, round((why["locked_until"] - timezone.now()).total_seconds())) if why else 0


def as_typed(code: str) -> str:
    """A code without what people put between its characters."""
    return "".join(unicodedata.normalize("NFKC", code).split()).replace("-", "")


def digest(typed: str) -> str:
    """What is kept of a recovery code, or of a code to set up the first factor."""
    return hashlib.sha256(typed.upper().encode()).hexdigest()[:16]


# One's own


def new_codes(account: Account) -> list[str]:
    """New recovery codes; the earlier ones are void. Raises WrongState `not_enrolled`."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        if not is_enrolled(account):
            raise WrongState(_("尚未绑定动态验证码。"), code="not_enrolled")
        codes = codes_anew(account)
        StaffChange.objects.keep(account, StaffChange.What.CODES, by=account)
    return codes


def codes_anew(account: Account) -> list[str]:
    """Recovery codes in the place of all that the account had; under the lock of the account."""
    StaticDevice.objects.filter(user=account).delete()
    device = StaticDevice.objects.create(user=account, name="recovery", confirmed=True)
    return [add_code(device) for _each in range(CODES)]


def add_code(device: StaticDevice) -> str:
    """One more code of a device, in groups of four as people read it; its digest alone is kept."""
    code = base64.b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    device.token_set.create(token=digest(code))
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def codes_left(account: Account) -> int:
    """How many recovery codes were not used yet."""
    device = StaticDevice.objects.filter(user=account, confirmed=True).first()
    return device.token_set.count() if device else 0


def remove(account: Account) -> None:
    """Do without one again. Raises Forbidden `second_factor_missing` where nobody may."""
    if is_required(account):
        raise Forbidden(_("您的岗位必须使用动态验证码，不能停用；可以更换。"), code="second_factor_missing")
    with transaction.atomic():
        if _take_away(account):
            StaffChange.objects.keep(account, StaffChange.What.REMOVED, by=account)


def _take_away(account: Account) -> bool:
    """Delete the devices of an account, and what was given to set one up; whether there were any."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    devices = (Authenticator, WebAuthnCredential, StaticDevice)
    return bool(sum(model.objects.filter(user=account).delete()[0] for model in devices))


# A colleague's lost one


def reset(account: Account, *, by: Account, from_the_machine: bool = False) -> bool:
    """Take away what somebody lost, and end what they are signed in with; they are told at the next sign-in. Whether there was any.

    Who may, the callers ask (`services.reset_factor`); whoever has the machine itself may reset their own. Raises Forbidden `oneself`.
    """
    if not from_the_machine:
        require_another(account, by)
    with transaction.atomic():
        taken = _take_away(account)
        if taken:
            end_places(account)
            StaffChange.objects.keep(account, StaffChange.What.RESET, by=by)
    return taken


def require_another(account: Account, by: Account) -> None:
    """Raise Forbidden `oneself`: nobody resets their own, or lets themselves set one up."""
    if account.pk == by.pk or (account.identity_hash and account.identity_hash == by.identity_hash):
        raise Forbidden(_("不能为自己重设或发放，请由他人办理。"), code="oneself")


def reset_by_two(account: Account, *, by: Account) -> bool:
    """Ask for a reset as an administrator, or carry out what another one asked for within a day; whether it is done.

    Raises Forbidden `oneself`, `second_administrator`.
    """
    require_another(account, by)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        first = asked(account)
        if first is None:
            StaffChange.objects.keep(account, StaffChange.What.ASKED, by=by)
            return False
        if first.by_id == by.pk or (by.identity_hash and first.by.identity_hash == by.identity_hash):
            message = _("您已申请重设，须由另一名系统管理员确认。")
            raise Forbidden(message, code="second_administrator")
        reset(account, by=by)
    return True


def asked(account: Account) -> StaffChange | None:
    """What another administrator asked for, as long as it counts and was not done."""
    about = StaffChange.objects.filter(account=account, at__gt=clock.now() - ASKED_COUNTS).select_related("by")
    last = about.filter(what__in=[StaffChange.What.ASKED, StaffChange.What.RESET, StaffChange.What.ENROLLED]).first()
    return last if last is not None and last.what == StaffChange.What.ASKED else None


def is_fresh(account: Account, given_at: float) -> bool:
    """Whether the factor given at this moment (machine time) still stands for what is asked again; so does none where none is used."""
    recently = time.time() - given_at < settings.SECOND_FACTOR_SECONDS
    return recently or not (is_enrolled(account) or is_required(account))
