"""Setting up the second factor: who must have one and has none does so with a one-time code (绑定码), handed over in person.

So the password alone, whoever has it, sets nothing up. The code is a device of django-otp that is never confirmed: its digest
is kept, it counts once and for a day of machine time, and who guesses waits. It admits one app: a later code, and a
reset, take away the earlier code and whatever it admitted.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice

from accounts.models import Account, Authenticator, StaffChange
from accounts.security import factor
from core.errors import Forbidden, Invalid, TooMany, WrongState

CODE, CODE_COUNTS = "enrolment", timedelta(days=1)
FREE, ADMITTED = "app", "admitted"
"""The names of an app that waits for its first code: set up freely, or admitted by a code."""


def needs_code(account: Account) -> bool:
    """Whether this account sets up its first factor only with a code."""
    return factor.is_required(account) and not factor.is_enrolled(account)


def give_code(account: Account, *, by: Account, from_the_machine: bool = False) -> str:
    """A new code for a colleague, which voids an earlier one; nobody sees it again.

    Who may, the callers ask (`services.give_enrolment_code`); whoever has the machine itself may give one to themselves.
    Raises Forbidden `oneself`; WrongState `no_code_needed`.
    """
    if not from_the_machine:
        factor.require_another(account, by)
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        if not needs_code(account):
            raise WrongState(_("该账户已绑定，或无须绑定码。"), code="no_code_needed")
        withdraw(account)
        code = factor.add_code(StaticDevice.objects.create(user=account, name=CODE, confirmed=False))
        StaffChange.objects.keep(account, StaffChange.What.INVITED, by=by)
    return code


def withdraw(account: Account) -> None:
    """Void the code of an account and what it admitted; under the lock of the account."""
    StaticDevice.objects.filter(user=account, name=CODE).delete()
    Authenticator.objects.filter(user=account, confirmed=False).delete()


def admit(account: Account, code: str) -> Authenticator:
    """Use up a code: the app that it admits, to be confirmed next.

    Raises Unverified `enrolment_code_wrong`; TooMany after wrong ones.
    """
    since = timezone.now() - CODE_COUNTS
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        codes = StaticDevice.objects.select_for_update().filter(user=account, name=CODE, created_at__gt=since)
        device = codes.first()
        wait = factor.seconds_to_wait(device)
        right = device is not None and not wait and device.verify_token(factor.digest(factor.as_typed(code)))
        if right:
            withdraw(account)
            waiting = _new_app(account, ADMITTED)
    if wait:
        raise TooMany(_("绑定码多次不正确，请稍候再试。"), retry_after=wait)
    if not right:
        message = _("绑定码不正确、已使用或已过期，请核对，或向审核主管、系统管理员重新领取。")
        raise factor.Unverified(message, code="enrolment_code_wrong", attr="enrolment")
    return waiting


def admitted(account: Account, device: int | None) -> Authenticator | None:
    """The app that a code admitted, as long as no later code or reset took it away."""
    found: Authenticator | None = Authenticator.objects.filter(
        user=account, pk=device, name=ADMITTED, confirmed=False
    ).first()
    return found


def begin(account: Account) -> Authenticator:
    """The secret to be taken into the app; until it is confirmed by a code it counts for nothing, and stays the same one.

    Raises Forbidden `enrolment_code_missing` where a code admits it (`admit`).
    """
    if needs_code(account):
        raise Forbidden(_("首次绑定须凭绑定码。"), code="enrolment_code_missing")
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        rows = Authenticator.objects.filter(user=account, name=FREE, confirmed=False)
        waiting: Authenticator | None = rows.first()
        return waiting or _new_app(account, FREE)


def _new_app(account: Account, name: str) -> Authenticator:
    secret = secrets.token_hex(20)
    made: Authenticator = Authenticator.objects.create(user=account, name=name, confirmed=False, key="", secret=secret)
    return made


def confirm(account: Account, code: str, *, device: int | None = None) -> list[str]:
    """Take the new secret into use, in the place of an earlier one; return the recovery codes, which nobody sees again.

    `device` is the app that `admit` returned, where a code is needed. Raises WrongState `nothing_to_confirm`, Invalid
    `second_factor_wrong`, TooMany.
    """
    with transaction.atomic():
        locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        which = {"pk": device, "name": ADMITTED} if needs_code(locked) else {"name": FREE}
        rows = Authenticator.objects.select_for_update().filter(user=account, confirmed=False, **which)
        waiting: Authenticator | None = rows.first()
        wait = factor.seconds_to_wait(waiting)
        right = waiting is not None and not wait and waiting.verify_token(factor.as_typed(code))
        if waiting is not None and right:
            Authenticator.objects.filter(user=account).exclude(pk=waiting.pk).delete()
            waiting.confirmed = True
            waiting.save(update_fields=["confirmed"])
            codes = factor.codes_anew(account)
            StaffChange.objects.keep(account, StaffChange.What.ENROLLED, by=account)
    if waiting is None:
        raise WrongState(_("绑定已经完成或已失效，请刷新页面。"), code="nothing_to_confirm")
    if wait:
        raise TooMany(_("验证码多次不正确，请稍候再试。"), retry_after=wait)
    if not right:
        raise Invalid(_("动态验证码不正确，请核对手机时间后重新填写。"), code="second_factor_wrong", attr="code")
    return codes
