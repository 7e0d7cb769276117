"""Text messages, behind one small interface: verification codes, and notices to those whom WeChat does not reach.

The real gateway is whatever text-message service a deployment has, reached by one POST to `SMS_URL`:

    POST SMS_URL          Authorization: Bearer SMS_KEY
    {"phone": "13900000001", "text": "…", "code": "123456", "minutes": 10}

    POST SMS_URL          Authorization: Bearer SMS_KEY          Idempotency-Key: KEY
    {"phone": "13900000001", "text": "…", "notice": {"kind": "approved", "title": "…", "name": "王*兰", "number": "…"}}

Any 2xx answer means it was accepted. A notice says by its key that it is the same one, so that a service that honours it
sends it once; `notice` has the words one by one, for services whose texts are approved as templates. Both go to the telephone
in the insured register, never to one the caller names. At night no notice goes out; a code, which somebody asks for, does.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import Protocol

import httpx
import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import SandboxDelivery
from accounts.wechat import Outcome, Undelivered
from core import clock
from core.errors import Refusal

SANDBOX_CODE = "000000"
QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""The night of the business clock. Reminders are written at nine, days before what they tell of; so nothing that waits is told too late."""
NOT_DONE = {401, 403, 429, 503}  # the key is wrong, too many, closed: surely not carried out, and may be later

log = structlog.get_logger(__name__)


class SmsUnavailable(Refusal):
    """503: the code could not be sent."""

    status = 503
    code = "sms_unavailable"


@dataclass(frozen=True)
class Notice:
    """What a text message tells: nothing of a person but the masked name, where it goes to somebody who has no account."""

    kind: str
    title: str
    name: str = ""
    number: str = ""


class Gateway(Protocol):
    """What Yidi asks of a text-message service."""

    def new_code(self) -> str:
        """Return a code of six digits."""

    def send_code(self, phone: str, code: str, *, minutes: int) -> None:
        """Send a code, valid for so many minutes. Raises SmsUnavailable."""

    def send_notice(self, phone: str, notice: Notice, *, key: str) -> None:
        """Send a notice; `key` names it for ever. Raises Undelivered."""


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


def open_since(moment: datetime) -> datetime | None:
    """When the hours began in which notices go out; None: at night, when they wait."""
    here = moment.astimezone(clock.SHANGHAI)
    if not QUIET_UNTIL <= here.time() < QUIET_FROM:
        return None
    return datetime.combine(here.date(), QUIET_UNTIL, clock.SHANGHAI)


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

    def send_notice(self, phone: str, notice: Notice, *, key: str) -> None:
        message = {"phone": phone, "text": _notice_text(notice), "notice": asdict(notice)}
        try:
            response = self._client.post(self._url, json=message, headers={"Idempotency-Key": key})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Undelivered(Outcome.AGAIN, "no connection") from error
        except httpx.HTTPError as error:
            raise Undelivered(Outcome.UNKNOWN, "no answer") from error
        if not response.is_success:
            raise Undelivered(_outcome(response.status_code), f"status {response.status_code}")


def _outcome(status: int) -> Outcome:
    """What a refusing status means for the message."""
    if status in NOT_DONE:
        return Outcome.AGAIN
    return Outcome.FAILED if status < 500 else Outcome.UNKNOWN


class Sandbox:
    """For development and tests: the code is always 000000, and what would have been sent can be read in the admin."""

    def new_code(self) -> str:
        return SANDBOX_CODE

    def send_code(self, phone: str, code: str, *, minutes: int) -> None:
        SandboxDelivery.objects.create(channel="sms", to=phone, text=_text(code, minutes))

    def send_notice(self, phone: str, notice: Notice, *, key: str) -> None:
        SandboxDelivery.objects.create(channel="sms", to=phone, text=_notice_text(notice), key=key)
        log.info("sandbox_sms", kind=notice.kind, key=key)


def _text(code: str, minutes: int) -> str:
    return _("【异地就医】验证码 %(code)s，%(minutes)d 分钟内有效，用于绑定参保人。请勿告诉他人。") % {
        "code": code,
        "minutes": minutes,
    }


def _notice_text(notice: Notice) -> str:
    whose = f"{notice.name}：" if notice.name else ""
    number = _("（受理编号%s）") % notice.number if notice.number else ""
    more = _("详情请进入异地就医小程序“消息”查看，或致电12393。")
    return _("【异地就医】%(what)s。%(more)s") % {"what": f"{whose}{notice.title}{number}", "more": more}


def _unavailable() -> SmsUnavailable:
    return SmsUnavailable(_("验证码暂时发送不出去，请稍后再试。"))
