"""Text messages with a verification code, behind one small interface.

The real gateway is whatever text-message service a deployment has, reached by one POST to `SMS_URL`:

    POST SMS_URL          Authorization: Bearer SMS_KEY
    {"phone": "13900000001", "text": "…", "code": "123456", "minutes": 10}

Any 2xx answer means it was accepted. The code goes to the telephone in the insured register, never to one the caller names.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Protocol

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import SandboxDelivery
from core.errors import Refusal

SANDBOX_CODE = "000000"


class SmsUnavailable(Refusal):
    """503: the code could not be sent."""

    status = 503
    code = "sms_unavailable"


class Gateway(Protocol):
    """What Yidi asks of a text-message service."""

    def new_code(self) -> str:
        """Return a code of six digits."""

    def send_code(self, phone: str, code: str, *, minutes: int) -> None:
        """Send a code, valid for so many minutes. Raises SmsUnavailable."""


def gateway() -> Gateway:
    """Return the configured service, else the sandbox where that is allowed."""
    if settings.SMS_URL:
        return _service(settings.SMS_URL, settings.SMS_KEY)
    if settings.SANDBOX:
        return Sandbox()
    raise _unavailable()


@lru_cache(maxsize=1)
def _service(url: str, key: str) -> Service:
    client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=httpx.Timeout(5, connect=3))
    return Service(client, url)


class Service:
    """A text-message service reached by one POST."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client = client
        self._url = url

    def new_code(self) -> str:
        return f"{secrets.randbelow(10**6):06d}"

    def send_code(self, phone: str, code: str, *, minutes: int) -> None:
        message = {"phone": phone, "text": _text(code, minutes), "code": code, "minutes": minutes}
        try:
            response = self._client.post(self._url, json=message)
        except httpx.HTTPError as error:
            raise _unavailable() from error
        if not response.is_success:
            raise _unavailable()


class Sandbox:
    """For development and tests: the code is always 000000, and what would have been sent can be read in the admin."""

    def new_code(self) -> str:
        return SANDBOX_CODE

    def send_code(self, phone: str, code: str, *, minutes: int) -> None:
        SandboxDelivery.objects.create(channel="sms", to=phone, text=_text(code, minutes))


def _text(code: str, minutes: int) -> str:
    return _("【异地就医】验证码 %(code)s，%(minutes)d 分钟内有效，用于绑定参保人。请勿告诉他人。") % {
        "code": code,
        "minutes": minutes,
    }


def _unavailable() -> SmsUnavailable:
    return SmsUnavailable(_("验证码暂时发送不出去，请稍后再试。"))
