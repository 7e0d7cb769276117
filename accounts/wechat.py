"""The WeChat platform behind one small interface: who a sign-in code belongs to, and subscribe messages (订阅消息).

Sources: developers.weixin.qq.com, code2Session, getStableAccessToken, sendMessage (STACK.md §5). `session_key` is read by
nobody: it is not kept, logged or passed on. Without an app id, and never in production, the sandbox stands in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol

import httpx
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from accounts.models import SandboxDelivery
from core.clock import SHANGHAI
from core.errors import Forbidden, Invalid, Refusal, TooMany

CODE_WRONG = {40029, 40163}  # invalid, used before
USER_TOO_OFTEN = 45011
USER_BLOCKED = 40226
TOKEN_STALE = {40001, 40014, 42001}
PUSH_REFUSED = 43101
NOT_DONE = {-1, 45009, 45011}  # busy, over a quota: surely not carried out
TOKEN_MARGIN = 300
THING = 20  # characters a `thing` of a template may have


class WeChatUnavailable(Refusal):
    """503 (502: it answered nonsense): WeChat could not be asked. `done`: it may have carried out what was asked all the same."""

    status = 503
    code = "wechat_unavailable"

    def __init__(self, *, status: int = 503, done: bool = False) -> None:
        super().__init__(_("微信服务暂时不可用，请稍后再试。"))
        self.status = status
        self.done = done


class Outcome(Enum):
    """Why a subscribe message was not delivered, which decides what is done about it."""

    REFUSED = "the user has not subscribed, or the subscription is used up: final"
    FAILED = "WeChat will never take this message: final"
    AGAIN = "surely not sent: try again later"
    UNKNOWN = "may have been sent: never try again"


class Undelivered(Exception):
    """A subscribe message was not, or not surely, delivered. `reason` goes into the log and the message's row."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


@dataclass(frozen=True)
class Push:
    """One subscribe message: to whom, of what kind, saying what. `key` names it for ever."""

    openid: str
    kind: str
    title: str
    text: str
    at: datetime
    key: str
    page: str = ""


class Gateway(Protocol):
    """What Yidi asks of WeChat."""

    def openid(self, code: str) -> str:
        """Return the openid a sign-in code stands for. Raises Invalid `code_invalid`, Forbidden, TooMany, WeChatUnavailable."""

    def push(self, push: Push) -> None:
        """Send a subscribe message. Raises Undelivered."""


def gateway() -> Gateway:
    """Return the real platform when an app is configured, else the sandbox where that is allowed."""
    if settings.WECHAT_APP_ID:
        return _platform(settings.WECHAT_API_BASE, settings.WECHAT_APP_ID, settings.WECHAT_APP_SECRET)
    if settings.SANDBOX:
        return Sandbox()
    raise WeChatUnavailable


@lru_cache(maxsize=1)
def _platform(base: str, app_id: str, secret: str) -> Platform:
    client = httpx.Client(base_url=base, timeout=httpx.Timeout(5, connect=3))
    return Platform(client, app_id=app_id, secret=secret, templates=settings.WECHAT_TEMPLATES)


class Platform:
    """The real WeChat. `templates` maps a message's kind, or `default`, to a template of `thing1`, `thing2` and `time3`."""

    def __init__(self, client: httpx.Client, *, app_id: str, secret: str, templates: dict[str, str]) -> None:
        self._client = client
        self._app = {"appid": app_id, "secret": secret}
        self._templates = templates

    def openid(self, code: str) -> str:
        """code2Session; the `session_key` of the answer is dropped here."""
        query = {**self._app, "js_code": code, "grant_type": "authorization_code"}
        answer = self._ask("GET", "/sns/jscode2session", params=query)
        if answer.get("errcode", 0) != 0:
            raise _sign_in_refusal(answer["errcode"])
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise WeChatUnavailable(status=502)
        return openid

    def push(self, push: Push) -> None:
        """sendMessage; a token that went stale is renewed once."""
        message = self._message(push)
        error = self._send(message)
        if error in TOKEN_STALE:
            cache.delete(self._token_key)
            error = self._send(message)
        if error:
            raise Undelivered(_outcome(error), f"errcode {error}")

    def _message(self, push: Push) -> dict[str, Any]:
        template = self._templates.get(push.kind) or self._templates.get("default")
        if not template:
            raise Undelivered(Outcome.FAILED, f"no template for {push.kind}")
        says = {"thing1": push.title[:THING], "thing2": push.text[:THING], "time3": _chinese_time(push.at)}
        data = {name: {"value": value} for name, value in says.items()}
        page = {"page": push.page} if push.page else {}
        return {"touser": push.openid, "template_id": template, "data": data, "lang": "zh_CN", **page}

    def _send(self, message: dict[str, Any]) -> Any:
        """Send and return the error code, 0 for none."""
        try:
            token = self._token()
        except WeChatUnavailable as error:
            raise Undelivered(Outcome.AGAIN, "no access token") from error
        try:
            answer = self._ask("POST", "/cgi-bin/message/subscribe/send", params={"access_token": token}, json=message)
        except WeChatUnavailable as error:
            raise Undelivered(Outcome.UNKNOWN if error.done else Outcome.AGAIN, "no answer") from error
        if not isinstance(answer.get("errcode"), int):
            raise Undelivered(Outcome.UNKNOWN, "answer without errcode")
        return answer["errcode"]

    @property
    def _token_key(self) -> str:
        return f"wechat-token:{self._app['appid']}"

    def _token(self) -> str:
        """The stable access token, shared through the cache until shortly before it expires."""
        token = cache.get(self._token_key)
        if not token:
            query = {"grant_type": "client_credential", **self._app}
            answer = self._ask("POST", "/cgi-bin/stable_token", json=query)
            token, seconds = answer.get("access_token"), answer.get("expires_in")
            if not isinstance(token, str) or not token or not isinstance(seconds, int):
                raise WeChatUnavailable(status=502)
            cache.set(self._token_key, token, max(seconds - TOKEN_MARGIN, 1))
        return str(token)

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """Send one request and return the JSON object it was answered with; raises WeChatUnavailable."""
        try:
            response = self._client.request(method, path, **request)
            answer = response.json() if response.status_code == httpx.codes.OK else None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise WeChatUnavailable from error
        except httpx.HTTPError as error:
            raise WeChatUnavailable(done=True) from error
        except ValueError as error:
            raise WeChatUnavailable(status=502, done=True) from error
        if not isinstance(answer, dict):
            raise WeChatUnavailable(status=502, done=True)
        return answer


def _sign_in_refusal(error: Any) -> Refusal:
    """What an error code of code2Session means for the person who signs in."""
    if error in CODE_WRONG:
        return _code_invalid()
    if error == USER_TOO_OFTEN:
        return TooMany(_("登录过于频繁，请一分钟后再试。"), retry_after=60)
    if error == USER_BLOCKED:
        return Forbidden(_("微信已限制此账号登录小程序，请联系微信客服。"), code="account_blocked")
    return WeChatUnavailable(status=503 if error == -1 else 502)


def _code_invalid() -> Invalid:
    return Invalid(_("登录凭证无效或已过期，请重新进入小程序后再试。"), code="code_invalid", attr="code")


def _outcome(error: int) -> Outcome:
    """What an error code of sendMessage means for the message."""
    if error == PUSH_REFUSED:
        return Outcome.REFUSED
    return Outcome.AGAIN if error in NOT_DONE or error in TOKEN_STALE else Outcome.FAILED


def _chinese_time(at: datetime) -> str:
    """`time` of a template: 2026年11月21日 10:00."""
    at = at.astimezone(SHANGHAI)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


class Sandbox:
    """For development and tests: `sandbox:NAME` signs in the stable test account NAME, messages can be read in the admin."""

    def openid(self, code: str) -> str:
        if not re.fullmatch(r"sandbox:[\w.\-]{1,40}", code):
            raise _code_invalid()
        return code

    def push(self, push: Push) -> None:
        text = f"{push.title}：{push.text}"
        SandboxDelivery.objects.create(channel="wechat", to=push.openid, text=text[:500], key=push.key)
