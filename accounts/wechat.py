"""The WeChat platform behind one small interface: who a sign-in code belongs to, and subscribe messages (订阅消息).

Sources: developers.weixin.qq.com, code2Session, getStableAccessToken, sendMessage (STACK.md §5). `session_key` is read by
nobody: it is not kept, logged or passed on. Without an app id, and never in production, the sandbox stands in.
"""

from __future__ import annotations

import re
import time
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
from core.cache import CacheGone
from core.clock import SHANGHAI
from core.errors import Forbidden, Invalid, Refusal, TooMany

CODE_WRONG = {40029, 40163}  # invalid, used before
USER_TOO_OFTEN = 45011
USER_BLOCKED = 40226
TOKEN_STALE = {40001, 40014, 42001}
PUSH_REFUSED = 43101
NOT_DONE = {-1, 45009, 45011, 45047}  # busy, over a quota: surely not carried out
TOKEN_MARGIN = 300
RENEWING, PATIENCE = 10, 3.0  # seconds: how long one process may take to renew the token, and the others wait for it
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


@dataclass(frozen=True)
class Template:
    """A template at WeChat: its id, and what its fields for the title, the text and the time are called there."""

    key: str
    title: str = "thing1"
    text: str = "thing2"
    time: str = "time3"


def template_of(kind: str) -> Template | None:
    """The template of a kind of message by the settings: `TEMPLATE`, or `TEMPLATE/thing4/thing2/time6` with its own fields."""
    configured = settings.WECHAT_TEMPLATES.get(kind) or settings.WECHAT_TEMPLATES.get("default")
    return Template(*configured.split("/")) if configured else None


def subscriptions() -> dict[str, list[str]]:
    """Each template that people can subscribe to, with the kinds of messages it is for."""
    kinds: dict[str, list[str]] = {}
    for kind, configured in settings.WECHAT_TEMPLATES.items():
        kinds.setdefault(configured.split("/")[0], []).append(kind)
    return kinds


def is_long_term(template: str) -> bool:
    """Whether one acceptance lasts (长期订阅), as WeChat allows public services, instead of being for one message."""
    return template in settings.WECHAT_LONG_TERM


class Gateway(Protocol):
    """What Yidi asks of WeChat."""

    def template(self, kind: str) -> str:
        """The id of the template whose consent a kind of message needs; empty: none."""

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
    return Platform(client, app_id=app_id, secret=secret)


class Platform:
    """The real WeChat."""

    def __init__(self, client: httpx.Client, *, app_id: str, secret: str) -> None:
        self._client = client
        self._app = {"appid": app_id, "secret": secret}

    def template(self, kind: str) -> str:
        found = template_of(kind)
        return found.key if found else ""

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
        message = _message(push)
        token = self._token()
        error = self._send(message, token)
        if error in TOKEN_STALE:
            error = self._send(message, self._token(stale=token))
        if error:
            raise Undelivered(_outcome(error), f"errcode {error}")

    def _send(self, message: dict[str, Any], token: str) -> Any:
        """Send and return the error code, 0 for none."""
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

    def _token(self, *, stale: str = "") -> str:
        """The access token, shared through the cache until shortly before it expires; `stale`: not this one.

        One process renews it, the others wait for what it gets. Raises Undelivered, to be tried again.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            token = cache.get(self._token_key)
            if token and token != stale:
                return str(token)
            if self._may_renew():
                try:
                    token = cache.get(self._token_key)  # renewed since we looked
                    return str(token) if token and token != stale else self._renew()
                finally:
                    cache.delete(f"{self._token_key}:renewing")
            time.sleep(0.05)
        raise Undelivered(Outcome.AGAIN, "no access token")

    def _may_renew(self) -> bool:
        """Whether nobody else renews it now. Without a cache everybody asks: the stable token is the same for all."""
        try:
            return bool(cache.add(f"{self._token_key}:renewing", 1, RENEWING))
        except CacheGone:
            return True

    def _renew(self) -> str:
        """getStableAccessToken."""
        try:
            query = {"grant_type": "client_credential", **self._app}
            answer = self._ask("POST", "/cgi-bin/stable_token", json=query)
        except WeChatUnavailable as error:
            raise Undelivered(Outcome.AGAIN, "no access token") from error
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise Undelivered(Outcome.AGAIN, f"no access token: errcode {answer.get('errcode')}")
        cache.set(self._token_key, token, max(seconds - TOKEN_MARGIN, 1))
        return token

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


def _message(push: Push) -> dict[str, Any]:
    """The body of sendMessage. Raises Undelivered: no template for this kind."""
    template = template_of(push.kind)
    if template is None:
        raise Undelivered(Outcome.FAILED, f"no template for {push.kind}")
    says = {template.title: push.title[:THING], template.text: push.text[:THING], template.time: _chinese_time(push.at)}
    data = {name: {"value": value} for name, value in says.items()}
    page = {"page": push.page} if push.page else {}
    return {"touser": push.openid, "template_id": template.key, "data": data, "lang": "zh_CN", **page}


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

    def template(self, kind: str) -> str:
        """Nobody needs to subscribe to the sandbox."""
        return ""

    def push(self, push: Push) -> None:
        text = f"{push.title}：{push.text}"
        SandboxDelivery.objects.create(channel="wechat", to=push.openid, text=text[:500], key=push.key)
