"""An app on a phone, as tests have one: it shows the codes of a member of the staff."""

from __future__ import annotations

from django_otp.oath import totp

from accounts.models import Account, Authenticator
from accounts.security import enrolment

STEP = 30


def code_of(account: Account, *, later: int = 0, confirmed: bool = True) -> str:
    """What the app shows now, or so many steps of thirty seconds later (a phone may run a little fast)."""
    device = Authenticator.objects.get(user=account, confirmed=confirmed)
    return f"{totp(device.bin_key, t0=-STEP * later):06d}"


def enrolled(account: Account) -> list[str]:
    """Set up the app for an account, as the page does, and forget that a code was used; return the recovery codes."""
    device = admitted(account) if enrolment.needs_code(account) else enrolment.begin(account).pk
    codes = enrolment.confirm(account, code_of(account, confirmed=False), device=device)
    Authenticator.objects.filter(user=account).update(last_t=-1)
    return codes


def invited(account: Account) -> str:
    """A code to set up the first factor, as the machine itself gives one."""
    return enrolment.give_code(account, by=account, from_the_machine=True)


def admitted(account: Account) -> int:
    """Use up such a code; the app that waits for its first code."""
    return int(enrolment.admit(account, invited(account)).pk)


def wrong_code(account: Account) -> str:
    """Six digits that the app shows neither now nor a moment before or after."""
    near = {code_of(account, later=steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)
