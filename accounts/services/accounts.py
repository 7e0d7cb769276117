"""Signing in and out, and closing an account."""

from __future__ import annotations

from functools import partial

import structlog
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from knox.models import AuthToken, get_digest_token
from knox.settings import CONSTANTS

from accounts import wechat
from accounts.models import (
    STAFF_ROLES,
    Account,
    Consent,
    IdempotencyRecord,
    Mandate,
    Message,
    Person,
    Role,
    SignIn,
    StaffChange,
)
from accounts.security import attempts, enrolment, factor
from accounts.security.sessions import end_places
from accounts.services.mandates import end_all_of
from core import bulk
from core.errors import Forbidden, Refusal
from core.hooks import Hook
from core.prepared import prepared
from core.sealing import keyed_hash

SANDBOX = "sandbox:"
log = structlog.get_logger(__name__)

account_closed = Hook[[Account]]("account closed")
"""A citizen closes an account, in this transaction: higher apps erase what only it needed (drafts, unused uploads)."""


class Unauthenticated(Refusal):
    """401: user name or password is wrong; which of them is not said."""

    status = 401
    code = "credentials_wrong"


def openid_hash(openid: str) -> str:
    """The keyed hash by which the account of a WeChat user is found."""
    return keyed_hash(openid, purpose="openid")


def sign_in_wechat(code: str) -> tuple[str, AuthToken]:
    """Sign in the citizen behind a WeChat code, at the first time with a new account. Returns token and its row.

    Raises what `wechat.Gateway.openid` raises, and Forbidden `account_disabled`.
    """
    openid = wechat.gateway().openid(code)
    nickname = openid.removeprefix(SANDBOX) if openid.startswith(SANDBOX) else _("微信用户")
    known = openid_hash(openid)
    account = _of_wechat.first(openid_hash=known)
    if account is None:
        account, _created = Account.objects.get_or_create(
            openid_hash=known, defaults={"openid": openid, "nickname": nickname}
        )
    return _new_token(account)


@prepared
def _of_wechat(*, openid_hash: str) -> QuerySet[Account]:
    return Account.objects.filter(openid_hash=openid_hash)


def sign_in_staff(request: HttpRequest, username: str, password: str, code: str = "") -> tuple[str, AuthToken]:
    """Sign in staff. Unknown name, wrong password, no staff and a disabled account all get the same answer.

    Raises Unauthenticated, or Forbidden `locked_out` while this client has to wait (`accounts.security.attempts`); and what
    the second factor is refused with (`accounts.security.factor.ask`).
    """
    account = authenticate(request, username=username, password=password)
    if isinstance(account, Account) and account.is_staff:
        how = factor.ask(account, code)
        attempts.keep_sign_in(request, account, SignIn.Door.API, how)
        return _new_token(account)
    if getattr(request, "axes_locked_out", False):
        request.axes_locked_out = False  # type: ignore[attr-defined]  # or its middleware answers with a page
        raise LockedOut(getattr(request, "sign_in_wait", 0))
    raise Unauthenticated(_("用户名或密码不正确，请核对后重新登录。"))


class LockedOut(Forbidden):
    """403: too many wrong passwords from here; `retry_after` says how long to wait."""

    code = "locked_out"

    def __init__(self, wait: int) -> None:
        super().__init__(_("连续多次登录失败，请稍候再试；急需登录请联系审核主管或系统管理员。"))
        self.retry_after = wait or None


def _new_token(account: Account) -> tuple[str, AuthToken]:
    if not account.is_active:
        raise Forbidden(_("该账户已停用，请联系经办机构。"), code="account_disabled")
    account.last_login = now = timezone.now()
    digest, token = get_digest_token()
    row = AuthToken(
        user=account,
        digest=digest,
        token_key=token[: CONSTANTS.TOKEN_KEY_LENGTH],
        expiry=now + (settings.STAFF_TOKEN_TTL if account.is_staff else settings.TOKEN_TTL),
    )
    bulk.together(*bulk.updating([account], ["last_login"]), bulk.inserting([row]))
    bulk.stored([row])
    return token, row


def choose_reading(account: Account, *, language: str | None = None, elder_mode: bool | None = None) -> None:
    """How somebody reads: the language, also of what is written to them, and whether on the pages for old people; None stays."""
    chosen = {"language": language, "elder_mode": elder_mode}
    changed = {name: value for name, value in chosen.items() if value is not None}
    for name, value in changed.items():
        setattr(account, name, value)
    account.save(update_fields=list(changed))


def sign_out(token: AuthToken) -> None:
    """The token is dead at once, on this device only."""
    token.delete()


def require_supervises(by: Account, account: Account, *, also: frozenset[Role] = frozenset()) -> None:
    """Raise Forbidden unless `by` is the supervisor of this colleague's area, and this is a colleague who decides there."""
    own = by.role == Role.SUPERVISOR and by.is_active and by.area_id is not None and by.area_id == account.area_id
    if not own or account.role not in {Role.REVIEWER, Role.SUPERVISOR, *also}:
        raise Forbidden(_("只能管理本地区的审核人员。"), code="other_area")


def switch(account: Account, *, by: Account, active: bool) -> None:
    """The area's supervisor switches a colleague off, which ends what is signed in, or on again.

    Raises Forbidden `other_area`, `oneself`.
    """
    require_supervises(by, account)
    if by.pk == account.pk:
        raise Forbidden(_("不能停用自己，请由其他主管或系统管理员办理。"), code="oneself")
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk, is_active=not active).update(is_active=active):
            StaffChange.objects.keep(account, StaffChange.What.ON if active else StaffChange.What.OFF, by=by)
        if not active:
            end_places(account)
    log.info("staff_switched", account=str(account.pk), by=str(by.pk), active=active)


def note_change(account: Account, fields: list[str], *, by: Account, new: bool) -> None:
    """Put on record what an administrator's form did; in the transaction that saves it."""
    keep = partial(StaffChange.objects.keep, account, by=by)
    if new:
        keep(StaffChange.What.OPENED)
        return
    if "is_active" in fields:
        keep(StaffChange.What.ON if account.is_active else StaffChange.What.OFF)
    if "new_password" in fields:
        keep(StaffChange.What.PASSWORD)
    if others := [name for name in fields if name not in ("is_active", "new_password")]:
        keep(StaffChange.What.CHANGED, fields=others)


def unlock(account: Account, *, by: Account) -> None:
    """Let a colleague sign in again who was locked out by wrong passwords: of one's area as its supervisor, or as an administrator.

    Raises Forbidden `other_area`.
    """
    if by.role != Role.ADMIN:
        require_supervises(by, account)
    with transaction.atomic():
        if attempts.forget_attempts(account.username):
            StaffChange.objects.keep(account, StaffChange.What.UNLOCKED, by=by)
    log.info("staff_unlocked", account=str(account.pk), by=str(by.pk))


def reset_factor(account: Account, *, by: Account) -> bool:
    """Take away the second factor that a colleague lost: as the area's supervisor at once, as administrators by two of them.

    Whether it is done. Raises Forbidden `other_area`, `oneself`, `second_administrator`.
    """
    if by.role == Role.ADMIN and by.is_active and account.role in STAFF_ROLES:
        return factor.reset_by_two(account, by=by)
    require_supervises(by, account, also=frozenset({Role.FINANCE}))
    factor.reset(account, by=by)
    return True


def give_enrolment_code(account: Account, *, by: Account) -> str:
    """A code with which a colleague sets up the first second factor; as the area's supervisor, or as an administrator.

    Raises Forbidden `other_area`, `oneself`; WrongState `no_code_needed`.
    """
    if not (by.role == Role.ADMIN and by.is_active and account.role in STAFF_ROLES):
        require_supervises(by, account, also=frozenset({Role.FINANCE}))
    return enrolment.give_code(account, by=by)


def end_sign_ins(account: Account, *, by: Account) -> None:
    """The area's supervisor ends whatever a colleague is signed in with. Raises Forbidden `other_area`."""
    require_supervises(by, account, also=frozenset({Role.FINANCE}))
    end_places(account, by=by)


def close_account(account: Account) -> None:
    """Close a citizen's account: mandates end, tokens die, what names the person is erased.

    What was done under its mandates stays on record, as the law asks. Raises Forbidden `staff_account`.
    """
    if account.role != Role.CITIZEN:
        raise Forbidden(_("工作人员账户不能自行注销，请联系系统管理员。"), code="staff_account")
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        end_all_of(account)
        account_closed(account)
        AuthToken.objects.filter(user=account).delete()
        Message.objects.filter(account=account).delete()
        Consent.objects.filter(account=account).delete()
        IdempotencyRecord.objects.filter(account=account).delete()
        _erase(account)
        _forget_untouched_persons(account)


def _erase(account: Account) -> None:
    account.openid_hash = None
    account.openid = account.name = account.id_number = account.nickname = ""
    account.is_active = False
    account.closed_at = timezone.now()
    account.save()


def _forget_untouched_persons(account: Account) -> None:
    """Persons whom only this account ever named, and about whom nothing is on record, are forgotten."""
    named = Mandate.objects.filter(account=account).values_list("person_id", flat=True).distinct()
    for person in Person.objects.filter(id__in=list(named)).exclude(
        mandates__in=Mandate.objects.exclude(account=account)
    ):
        try:
            with transaction.atomic():
                person.mandates.all().delete()
                person.enrollments.all().delete()
                person.delete()
        except ProtectedError:
            continue
