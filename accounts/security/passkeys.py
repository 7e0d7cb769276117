"""Passkeys (通行密钥): keys in a phone, a computer or a stick that answer for this site alone, as a second factor beside the app.

django-otp-webauthn, on py_webauthn, makes the challenges and checks the answers (W3C WebAuthn); here is what it leaves to its user:
whose answer it is, that a challenge counts once, that nothing is taken while a rival takes it away, and what stands on record.
"""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import DataError, IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn import base64url_to_bytes, verify_authentication_response
from webauthn.helpers.exceptions import WebAuthnException

from accounts.models import Account, SignIn, StaffChange, StaffSession
from accounts.security import enrolment, factor
from core.errors import Invalid, NotFound, WrongState

CHALLENGE, CHALLENGE_SECONDS = "passkey", 300
MOST, NAME_LENGTH = 10, 30
FAULTS = (OTPWebAuthnApiError, WebAuthnException, ValueError, TypeError, LookupError, DataError, IntegrityError)
"""What the libraries raise at an answer that is not sound, Python's and the database's own among it."""


class Ceremony(WebAuthnHelper):  # type: ignore[misc]
    """The library's ceremonies for a key of this name; no maker of a device is asked about, so nothing of it is kept."""

    def __init__(self, name: str = ""):
        super().__init__(request=None)
        self.name = name

    def create_credential(self, *said: Any, **more: Any) -> Any:
        """The key, with the name that its owner knows it by."""
        key = super().create_credential(*said, **more)
        key.name = self.name
        return key

    def create_attestation(self, *_of_the_device: Any) -> None:
        """Nothing is kept."""


def is_offered(request: HttpRequest) -> bool:
    """Whether a browser lets a passkey answer on this page: its address is one that the settings name."""
    host, site = request.get_host().partition(":")[0], settings.OTP_WEBAUTHN_RP_ID
    ours = host == site or host.endswith(f".{site}")
    return ours and f"{request.scheme}://{request.get_host()}" in settings.OTP_WEBAUTHN_ALLOWED_ORIGINS


def keys_of(account: Account) -> Any:
    """The passkeys that an account may use."""
    return WebAuthnCredential.objects.filter(user=account, confirmed=True).order_by("pk")


def all_of(account: Account) -> Any:
    """All passkeys of an account, those that were blocked among them."""
    return WebAuthnCredential.objects.filter(user=account).order_by("pk")


# A challenge counts once


def challenge(session: SessionBase, account: Account, *, adding: bool) -> dict[str, Any]:
    """What the browser is to answer; the session remembers it for five minutes of machine time."""
    ceremony = Ceremony()
    if adding:
        options, state = ceremony.register_begin(account)
    else:
        options, state = ceremony.authenticate_begin(account, require_user_verification=False)
    session[CHALLENGE] = {**state, "adding": adding, "until": time.time() + CHALLENGE_SECONDS}
    return dict(options)


def _taken(session: SessionBase, *, adding: bool) -> dict[str, Any]:
    """The challenge that this session was given, which it then has no more. Raises WrongState `passkey_expired`."""
    session.pop(CHALLENGE, None)
    with transaction.atomic():
        row = StaffSession.objects.select_for_update().filter(session_key=session.session_key).first()
        kept = session.decode(row.session_data) if row is not None else {}
        state: dict[str, Any] = kept.pop(CHALLENGE, {})
        if row is not None and state:
            row.session_data = session.encode(kept)
            row.save(update_fields=["session_data"])
    if state.get("adding") is not adding or state["until"] < time.time():
        raise WrongState(_("通行密钥的验证已超时，请重新操作。"), code="passkey_expired")
    return state


def _read(answer: str) -> dict[str, Any]:
    """The browser's answer. Raises ValueError."""
    said = json.loads(answer)
    if not isinstance(said, dict):
        raise ValueError("no object")
    return {**said, "clientExtensionResults": {}}  # unsigned, and nothing here rests on it


# One's own


def add(account: Account, session: SessionBase, answer: str, name: str, *, device: int | None = None) -> list[str]:
    """Take a passkey into use; return the recovery codes where it is the first second factor, else nothing.

    `device` is the app that `enrolment.admit` returned, where a code is needed. Raises WrongState `passkey_expired`,
    `nothing_to_confirm`, `too_many_passkeys`; Invalid `passkey_wrong`.
    """
    state = _taken(session, adding=True)
    codes: list[str] = []
    try:
        with transaction.atomic():
            account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
            by_code = device is not None or enrolment.needs_code(account)
            if by_code and enrolment.admitted(account, device) is None:
                raise WrongState(_("绑定已经完成或已失效，请刷新页面。"), code="nothing_to_confirm")
            if keys_of(account).count() >= MOST:
                raise WrongState(_("最多添加 %d 个通行密钥，请先移除不用的。") % MOST, code="too_many_passkeys")
            first = not factor.is_enrolled(account)
            Ceremony(" ".join(name.split())[:NAME_LENGTH]).register_complete(account, state, _read(answer))
            if first:
                enrolment.withdraw(account)
                codes = factor.codes_anew(account)
            StaffChange.objects.keep(account, StaffChange.What.PASSKEY, by=account)
    except FAULTS as fault:
        raise Invalid(_("通行密钥未通过验证，请重试。"), code="passkey_wrong", attr="passkey") from fault
    return codes


def remove(account: Account, key: str) -> None:
    """Do without a passkey; with the last factor go the recovery codes.

    Raises NotFound; Forbidden `second_factor_missing` where it is the last one and nobody may do without.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        rows = WebAuthnCredential.objects.filter(user=account, pk=key if key.isdecimal() else None)
        if not rows.delete()[0]:
            raise NotFound(_("该通行密钥已经移除。"))
        StaffChange.objects.keep(account, StaffChange.What.UNPASSKEY, by=account)
        if not factor.is_enrolled(account):
            factor.remove(account)


def verify(account: Account, session: SessionBase, answer: str) -> str:
    """Check the answer of one of the account's passkeys; return which factor it was. A second call finds the challenge used.

    A counter that did not go on says that the key was copied: it is blocked, which stands on record. Raises WrongState
    `passkey_expired`; Unverified `passkey_wrong`, `passkey_cloned`.
    """
    state = _taken(session, adding=False)
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        keys = list(keys_of(account).select_for_update())
        right, copied = _checked(account, state, answer, keys)
        if copied is not None:
            WebAuthnCredential.objects.filter(pk=copied.pk).update(confirmed=False)
            StaffChange.objects.keep(account, StaffChange.What.CLONED, by=account)
    if copied is not None:
        message = _("此通行密钥的计数异常，可能被复制，已停用。请用其他方式验证，并联系审核主管或系统管理员。")
        raise factor.Unverified(message, code="passkey_cloned", attr="passkey")
    if not right:
        raise factor.Unverified(_("通行密钥未通过验证，请重试。"), code="passkey_wrong", attr="passkey")
    return SignIn.Factor.PASSKEY


def _checked(account: Account, state: dict[str, Any], answer: str, keys: list[Any]) -> tuple[bool, Any]:
    """Whether the answer is right; else the key whose answer it would be but for the counter, if there is one."""
    try:
        with transaction.atomic():
            return Ceremony().authenticate_complete(account, state, _read(answer)) in keys, None
    except FAULTS:
        return False, next((key for key in keys if _is_copied(key, state, answer)), None)


def _is_copied(key: Any, state: dict[str, Any], answer: str) -> bool:
    """Whether this key signed the answer, whatever it counts: the counter alone was wrong."""
    ceremony = Ceremony()
    try:
        verify_authentication_response(
            credential=_read(answer),
            credential_current_sign_count=0,
            credential_public_key=key.public_key,
            expected_challenge=base64url_to_bytes(state["challenge"]),
            expected_rp_id=ceremony.get_relying_party_domain(),
            expected_origin=ceremony.get_allowed_origins(),
        )
    except FAULTS:
        return False
    return True
