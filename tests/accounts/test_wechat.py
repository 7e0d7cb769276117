"""The real WeChat gateway, over real HTTP against a server that misbehaves as told; and the sandbox."""

from datetime import UTC, datetime

import httpx
import pytest

from accounts import wechat
from accounts.models import SandboxDelivery
from accounts.wechat import Outcome, Platform, Push, Sandbox, Undelivered, WeChatUnavailable
from core.errors import Forbidden, Invalid, Refusal, TooMany
from tests.accounts.servers import SEND, SESSION, TOKEN, running

GOOD_TOKEN = {"access_token": "T1", "expires_in": 7200}
PUSH = Push(
    openid="oABC",
    kind="approved",
    title="异地就医备案已通过",
    text="您到北京市的异地就医备案已通过，自2026年11月21日起生效，请持卡就医。",
    at=datetime(2026, 11, 21, 2, 5, tzinfo=UTC),
    key="approved:1",
    page="pages/record?id=1",
)


@pytest.fixture
def server(settings):
    settings.WECHAT_TEMPLATES = {"default": "TPL", "due": "DUE"}
    with running() as server:
        server.will_answer(TOKEN, GOOD_TOKEN)
        yield server


@pytest.fixture
def platform(server):
    with httpx.Client(base_url=server.url, timeout=10) as client:
        yield Platform(client, app_id="wxapp", secret="sesame")


@pytest.fixture
def hasty(server):
    """A gateway that waits no longer than it must, as its server never answers."""
    with httpx.Client(base_url=server.url, timeout=httpx.Timeout(10, read=0.05)) as client:
        yield Platform(client, app_id="wxapp", secret="sesame")


@pytest.fixture
def unplugged(settings):
    """A gateway to a port where nobody listens."""
    settings.WECHAT_TEMPLATES = {"default": "TPL"}
    with running() as gone:
        url = gone.url
    with httpx.Client(base_url=url, timeout=10) as client:
        yield Platform(client, app_id="wxapp", secret="sesame")


def test_code_becomes_an_openid(server, platform):
    server.will_answer(SESSION, {"openid": "oABC", "session_key": "secret==", "unionid": "u"})

    assert platform.openid("081abc") == "oABC"

    (asked,) = server.asked
    assert (asked["method"], asked["path"]) == ("GET", SESSION)
    assert asked["query"] == {
        "appid": "wxapp",
        "secret": "sesame",
        "js_code": "081abc",
        "grant_type": "authorization_code",
    }


@pytest.mark.parametrize(
    ("errcode", "kind", "status", "code"),
    [
        (40029, Invalid, 400, "code_invalid"),
        (40163, Invalid, 400, "code_invalid"),
        (45011, TooMany, 429, "throttled"),
        (40226, Forbidden, 403, "account_blocked"),
        (-1, WeChatUnavailable, 503, "wechat_unavailable"),
        (40013, WeChatUnavailable, 502, "wechat_unavailable"),
        ("40029", WeChatUnavailable, 502, "wechat_unavailable"),
    ],
)
def test_error_codes_of_sign_in(server, platform, errcode, kind, status, code):
    server.will_answer(SESSION, {"errcode": errcode, "errmsg": "…"})

    with pytest.raises(Refusal) as refused:
        platform.openid("081abc")

    assert type(refused.value) is kind
    assert (refused.value.status, refused.value.code) == (status, code)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"<html>", 502),
        (b"", 502),
        (b"\xff\xfe", 502),
        ([1], 502),
        ({}, 502),
        ({"openid": ""}, 502),
        ({"openid": 7}, 502),
        (500, 502),
        (404, 502),
    ],
)
def test_malformed_answers_to_sign_in(server, platform, answer, status):
    server.will_answer(SESSION, answer)

    with pytest.raises(WeChatUnavailable) as refused:
        platform.openid("081abc")

    assert refused.value.status == status


def test_sign_in_that_is_never_answered(server, hasty):
    server.will_answer(SESSION, ...)

    with pytest.raises(WeChatUnavailable) as refused:
        hasty.openid("081abc")

    assert refused.value.status == 503


def test_sign_in_when_nobody_listens(unplugged):
    with pytest.raises(WeChatUnavailable) as refused:
        unplugged.openid("081abc")

    assert (refused.value.status, refused.value.done) == (503, False)


def test_secret_is_in_no_message(server, hasty):
    server.will_answer(SESSION, ...)

    with pytest.raises(WeChatUnavailable) as refused:
        hasty.openid("081abc")

    assert "sesame" not in f"{refused.value} {refused.value.__cause__}"


def test_subscribe_message_is_sent_with_the_templates_fields(server, platform):
    server.will_answer(SEND, {"errcode": 0, "errmsg": "ok"})

    platform.push(PUSH)

    token, sent = server.asked

    assert token["json"] == {"grant_type": "client_credential", "appid": "wxapp", "secret": "sesame"}
    assert sent["query"] == {"access_token": "T1"}
    assert sent["json"] == {
        "touser": "oABC",
        "template_id": "TPL",
        "page": "pages/record?id=1",
        "lang": "zh_CN",
        "data": {
            "thing1": {"value": "异地就医备案已通过"},
            "thing2": {"value": "您到北京市的异地就医备案已通过，自202"},
            "time3": {"value": "2026年11月21日 10:05"},
        },
    }


def test_access_token_is_shared_between_messages(server, platform):
    server.will_answer(SEND, {"errcode": 0})

    platform.push(PUSH)

    platform.push(PUSH)

    assert [asked["path"] for asked in server.asked] == [TOKEN, SEND, SEND]


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_stale_token_is_renewed_once(server, platform, errcode):
    server.will_answer(TOKEN, GOOD_TOKEN, {"access_token": "T2", "expires_in": 7200})
    server.will_answer(SEND, {"errcode": errcode}, {"errcode": 0})

    platform.push(PUSH)

    assert [asked["query"].get("access_token") for asked in server.asked] == [None, "T1", None, "T2"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"errcode": 43101}, Outcome.REFUSED),
        ({"errcode": 47003}, Outcome.FAILED),
        ({"errcode": 40003}, Outcome.FAILED),
        ({"errcode": -1}, Outcome.AGAIN),
        ({"errcode": 45009}, Outcome.AGAIN),
        ({"errcode": 40001}, Outcome.AGAIN),
        ({}, Outcome.UNKNOWN),
        (b"<html>", Outcome.UNKNOWN),
        (500, Outcome.UNKNOWN),
    ],
)
def test_what_becomes_of_a_message(server, platform, answer, outcome):
    server.will_answer(SEND, answer)

    with pytest.raises(Undelivered) as undelivered:
        platform.push(PUSH)

    assert undelivered.value.outcome is outcome


def test_message_that_is_never_answered_may_have_been_sent(server, hasty):
    server.will_answer(SEND, ...)

    with pytest.raises(Undelivered) as undelivered:
        hasty.push(PUSH)

    assert undelivered.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("answer", [{"errcode": 40164}, {"access_token": "T"}, b"<html>", 500])
def test_without_a_token_nothing_was_sent(server, platform, answer):
    server.will_answer(TOKEN, answer)

    with pytest.raises(Undelivered) as undelivered:
        platform.push(PUSH)

    assert undelivered.value.outcome is Outcome.AGAIN
    assert [asked["path"] for asked in server.asked] == [TOKEN]


def test_message_when_nobody_listens_is_tried_again(unplugged):
    with pytest.raises(Undelivered) as undelivered:
        unplugged.push(PUSH)

    assert undelivered.value.outcome is Outcome.AGAIN


def test_message_of_a_kind_without_template_is_given_up(server, platform, settings):
    settings.WECHAT_TEMPLATES = {"due": "DUE"}

    with pytest.raises(Undelivered) as undelivered:
        platform.push(PUSH)

    assert undelivered.value.outcome is Outcome.FAILED
    assert server.asked == []


def test_configured_app_is_asked_for_real(server, settings):
    settings.WECHAT_APP_ID, settings.WECHAT_APP_SECRET = "wxapp", "sesame"
    settings.WECHAT_API_BASE = server.url
    server.will_answer(SESSION, {"openid": "oABC", "session_key": "k"})

    platform = wechat.gateway()

    assert platform.openid("081abc") == "oABC"

    platform._client.close()
    wechat._platform.cache_clear()


def test_without_app_and_sandbox_nobody_signs_in(settings):
    settings.SANDBOX = False

    with pytest.raises(WeChatUnavailable):
        wechat.gateway()


@pytest.mark.parametrize("code", ["sandbox:wang", "sandbox:王-1_a.b", "sandbox:" + "x" * 40])
def test_sandbox_code_is_its_own_openid(code):
    assert Sandbox().openid(code) == code


@pytest.mark.parametrize(
    "code", ["", "wang", "sandbox:", "sandbox:a b", "sandbox:" + "x" * 41, "Sandbox:wang", "sandbox:a\n"]
)
def test_sandbox_refuses_other_codes(code):
    with pytest.raises(Invalid) as refused:
        Sandbox().openid(code)

    assert refused.value.code == "code_invalid"


@pytest.mark.django_db
def test_sandbox_keeps_what_it_would_have_sent():
    Sandbox().push(PUSH)

    kept = SandboxDelivery.objects.get()

    assert (kept.channel, kept.to, kept.key) == ("wechat", "oABC", "approved:1")
    assert kept.text.startswith("异地就医备案已通过：您到北京市的")
