"""How people are reached: consent for each subscribe message, text messages where WeChat does not reach, channels switched off."""

import logging
import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone

from accounts import outbox, services, sms, wechat
from accounts.models import Account, Channel, Consent, Delivery, DeliveryStatus, Message, PushStatus, SandboxDelivery
from core.clock import standing_at
from core.errors import WrongState
from reviews import services as queue
from tests import factories as make
from tests.accounts.servers import SEND, TOKEN, running
from tests.factories import api, moment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

SMS = "/sms"
NUMBER = "20261121-000123-6"
TEXT = f"受理编号{NUMBER}：王*兰到北京市的备案已通过。"


@pytest.fixture
def services_outside(settings):
    """WeChat and the text-message service, both played by one local server."""
    with running() as server:
        settings.WECHAT_APP_ID, settings.WECHAT_APP_SECRET, settings.WECHAT_API_BASE = "wxapp", "sesame", server.url
        settings.WECHAT_TEMPLATES = {"default": "TPL", "expiring": "DUE", "renewal_due": "DUE"}
        settings.SMS_URL, settings.SMS_KEY = f"{server.url}{SMS}", "K"
        server.will_answer(TOKEN, {"access_token": "T", "expires_in": 7200})
        server.will_answer(SEND, {"errcode": 0})
        server.will_answer(SMS, {"ok": True})
        clients = wechat.gateway()._client, sms.gateway()._client
        yield server
        for client in clients:
            client.close()
        wechat._platform.cache_clear()
        sms._service.cache_clear()


@pytest.fixture
def wang():
    """Somebody with WeChat who is bound to herself, with a telephone in the register."""
    account = make.citizen(make.person(phone="13900000001"))
    account.openid = "oWANG"
    account.save()
    return account


def agree(account, template="TPL", left=1):
    return Consent.objects.create(account=account, template=template, left=left)


def left(account, template="TPL"):
    return Consent.objects.get(account=account, template=template).left


def tell(account, key="k", kind="approved", text=TEXT):
    return services.tell(account, key=key, kind=kind, title="异地就医备案已通过", text=text)


def ways(message):
    return list(message.deliveries.order_by("id").values_list("channel", "status"))


def asked(server, path):
    return [each["json"] for each in server.asked if each["path"] == path]


# Consent


def test_what_the_phone_may_ask_consent_for(wang, services_outside):
    agree(wang, left=2)

    answer = api(wang).get("/api/v1/account/notifications/").json()

    assert answer == {
        "wechat": {
            "on": True,
            "templates": [
                {"template": "TPL", "kinds": ["default"], "left": 2, "long_term": False},
                {"template": "DUE", "kinds": ["expiring", "renewal_due"], "left": 0, "long_term": False},
            ],
        },
        "sms": {"on": True, "phone": "139****0001"},
    }


def test_each_acceptance_is_one_message_more_and_a_repeated_call_is_none(wang, services_outside):
    client, body = (
        api(wang),
        {"results": [{"template": "TPL", "answer": "accept"}, {"template": "DUE", "answer": "reject"}]},
    )
    address = "/api/v1/account/notifications/consents/"

    client.post(address, body, HTTP_IDEMPOTENCY_KEY="first")
    client.post(address, body, HTTP_IDEMPOTENCY_KEY="first")
    answer = client.post(address, body, HTTP_IDEMPOTENCY_KEY="second").json()

    assert [row["left"] for row in answer["wechat"]["templates"]] == [2, 0]


def test_a_ban_ends_what_was_left(wang, services_outside):
    agree(wang, left=3)

    services.record_consents(wang, [("TPL", "ban")])

    assert left(wang) == 0


def test_a_template_nobody_knows_is_refused(wang, services_outside):
    body = {"results": [{"template": "TPL", "answer": "accept"}, {"template": "OTHER", "answer": "accept"}]}

    refused = api(wang).post("/api/v1/account/notifications/consents/", body)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "template_unknown")
    assert not Consent.objects.exists()


def test_the_same_template_twice_in_one_answer_counts_twice(wang, services_outside):
    agree(wang, left=0)

    services.record_consents(wang, [("TPL", "accept")] * 2)

    assert left(wang) == 2


def test_a_message_uses_one_consent_up(wang, services_outside):
    agree(wang, left=2)
    message = tell(wang)

    outbox.deliver()
    outbox.deliver()

    assert ways(message) == [("wechat", "sent")]
    assert left(wang) == 1
    assert len(asked(services_outside, SEND)) == 1


def test_a_long_term_subscription_lasts(wang, services_outside, settings):
    settings.WECHAT_LONG_TERM = ["TPL"]
    agree(wang, left=1)
    for key in "ab":
        tell(wang, key=key)

    outbox.deliver()

    assert left(wang) == 1
    assert len(asked(services_outside, SEND)) == 2


def test_what_was_not_sent_is_not_used_up(wang, services_outside):
    services_outside.will_answer(SEND, {"errcode": 45047}, {"errcode": 0})
    agree(wang)
    message = tell(wang)

    outbox.deliver()

    assert (ways(message), left(wang)) == ([("wechat", "waiting")], 1)

    Delivery.objects.update(next_at=timezone.now())
    outbox.deliver()

    assert (ways(message), left(wang)) == ([("wechat", "sent")], 0)


def test_wechat_has_the_last_word_about_consent(wang, services_outside):
    services_outside.will_answer(SEND, {"errcode": 43101})
    agree(wang, left=5)
    message = tell(wang)

    outbox.deliver()

    assert left(wang) == 0
    assert ways(message) == [("wechat", "refused"), ("sms", "sent")]


# Text messages


def test_who_never_agreed_is_sent_a_text_message(wang, services_outside):
    message = tell(wang)

    outbox.deliver()
    outbox.deliver()

    assert ways(message) == [("wechat", "refused"), ("sms", "sent")]
    assert asked(services_outside, SEND) == []
    (sent,) = asked(services_outside, SMS)
    assert sent == {
        "phone": "13900000001",
        "text": f"【异地就医】异地就医备案已通过（受理编号{NUMBER}）。详情请进入异地就医小程序“消息”查看，或致电12393。",
        "notice": {"kind": "approved", "title": "异地就医备案已通过", "name": "", "number": NUMBER},
    }


def test_who_has_no_account_is_told_by_text_message_with_a_masked_name(services_outside):
    person = make.person("王秀兰", phone="13900000001")
    filing = make.submitted(make.enrollment(person), account=make.citizen())

    queue.approve(filing, reviewer=make.reviewer())
    outbox.deliver()

    message = Message.objects.get(person=person)
    assert ways(message) == [("sms", "sent")]
    (sent,) = asked(services_outside, SMS)
    assert sent["notice"] == {
        "kind": "approved",
        "title": "异地就医备案已通过",
        "name": "王*兰",
        "number": filing.number,
    }
    assert "王秀兰" not in sent["text"]


def test_who_has_neither_has_the_inbox_only(services_outside):
    account = make.citizen()
    message = tell(account)

    outbox.deliver()

    message.refresh_from_db()
    assert (message.push, ways(message)) == (PushStatus.NONE, [])


def test_a_message_that_may_have_arrived_by_wechat_is_not_sent_by_text_too(wang, services_outside):
    services_outside.will_answer(SEND, 500)
    agree(wang)
    message = tell(wang)

    outbox.deliver()

    assert ways(message) == [("wechat", "failed")]
    assert left(wang) == 0


@pytest.mark.parametrize(
    ("answer", "status", "next_tried"),
    [
        ({"ok": True}, DeliveryStatus.SENT, False),
        (400, DeliveryStatus.FAILED, False),
        (500, DeliveryStatus.FAILED, False),
        (429, DeliveryStatus.WAITING, True),
        (503, DeliveryStatus.WAITING, True),
    ],
)
def test_what_becomes_of_a_text_message(wang, services_outside, answer, status, next_tried):
    services_outside.will_answer(SMS, answer)
    message = tell(wang)

    outbox.deliver()

    row = message.deliveries.get(channel=Channel.SMS)
    assert (row.status, row.next_at is not None) == (status, next_tried)


def test_a_text_message_tried_again_names_itself_as_the_same(wang, services_outside):
    services_outside.will_answer(SMS, 503, {"ok": True})
    tell(wang)

    outbox.deliver()
    Delivery.objects.filter(channel=Channel.SMS).update(next_at=timezone.now())
    outbox.deliver()

    keys = [each["key"] for each in services_outside.asked if each["path"] == SMS]
    assert keys == [str(Delivery.objects.get(channel=Channel.SMS).pk)] * 2


# At night


def test_at_night_a_text_message_waits_and_goes_out_once_in_the_morning(wang, services_outside):
    with standing_at(moment("2026-11-20 21:00")):
        message = tell(wang)
        outbox.deliver()
        Delivery.objects.filter(channel=Channel.SMS).update(next_at=timezone.now() - timedelta(hours=11))

        assert ways(message) == [("wechat", "refused"), ("sms", "waiting")]
        assert outbox.lag() == timedelta()

    with standing_at(moment("2026-11-21 07:59")):
        assert outbox.deliver() == 0

    with standing_at(moment("2026-11-21 08:10")):
        assert outbox.lag() == timedelta(minutes=10)

        outbox.deliver()
        outbox.deliver()

    assert ways(message) == [("wechat", "refused"), ("sms", "sent")]
    assert len(asked(services_outside, SMS)) == 1


def test_at_night_a_message_by_wechat_does_not_wait(wang, services_outside):
    agree(wang)

    with standing_at(moment("2026-11-21 03:00")):
        message = tell(wang)
        outbox.deliver()

    assert ways(message) == [("wechat", "sent")]
    assert services.unread(wang) == 1


def test_a_code_is_asked_for_and_goes_out_at_night(insured):
    insured("王秀兰", "110101195503070028")
    body = {"name": "王秀兰", "id_number": "110101195503070028", "relation": "self", "consent": True}

    with standing_at(moment("2026-11-21 03:00")):
        api(make.citizen()).post("/api/v1/persons/", body)

    assert SandboxDelivery.objects.get().to == "13900000001"


def test_the_sandbox_keeps_the_text_and_logs_nobody(wang, caplog):
    wang.openid = ""
    wang.save()
    tell(wang)

    with caplog.at_level(logging.INFO):
        outbox.deliver()

    kept = SandboxDelivery.objects.get()
    assert (kept.channel, kept.to) == ("sms", "13900000001")
    assert "sandbox_sms" in caplog.text
    assert not any(word in caplog.text for word in ("13900000001", NUMBER, "王"))


# Switched off


def test_channels_are_switched_off_on_the_phone(wang, services_outside):
    client, address = api(wang), "/api/v1/account/notifications/"
    agree(wang)

    answer = client.patch(address, {"wechat": False})

    assert (answer.json()["wechat"]["on"], answer.json()["sms"]["on"]) == (False, True)

    first = tell(wang, key="first")
    outbox.deliver()

    assert ways(first) == [("sms", "sent")]

    client.patch(address, {"sms": False})
    second = tell(wang, key="second")
    outbox.deliver()

    assert ways(second) == []
    assert services.unread(wang) == 2


def test_what_waits_follows_a_channel_that_is_switched_off(wang, services_outside):
    services_outside.will_answer(SEND, {"errcode": -1}, {"errcode": 0})
    agree(wang)
    message = tell(wang)
    outbox.deliver()

    services.choose_channels(wang, by_wechat=False, by_sms=False)
    Delivery.objects.update(next_at=timezone.now())
    outbox.deliver()

    assert ways(message) == [("wechat", "refused")]
    assert len(asked(services_outside, SEND)) == 1


# The access token, retries and what is left over


@pytest.mark.django_db(transaction=True)
def test_many_workers_renew_the_token_once(services_outside):
    cache.delete("wechat-token:wxapp")
    people = [Account.objects.create(openid_hash=f"h{n}", openid=f"o{n}") for n in range(8)]
    for account in people:
        agree(account)
        tell(account)
    barrier = threading.Barrier(4)

    def work():
        try:
            barrier.wait(20)
            outbox.deliver()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()

    for worker in workers:
        worker.join()

    assert len(asked(services_outside, TOKEN)) == 1
    assert sorted(each["touser"] for each in asked(services_outside, SEND)) == [f"o{n}" for n in range(8)]


def test_a_failed_message_is_sent_again_by_staff_once(wang, services_outside):
    services_outside.will_answer(SEND, 500, {"errcode": 0})
    agree(wang, left=2)
    message = tell(wang)
    outbox.deliver()
    failed, admin = message.deliveries.get(), make.staff("admin")

    outbox.send_again(failed, by=admin)

    with pytest.raises(WrongState) as refused:
        outbox.send_again(failed, by=admin)
    assert refused.value.code == "not_failed"

    outbox.deliver()

    assert ways(message) == [("wechat", "sent")]


def test_an_account_closed_meanwhile_is_told_nothing(wang, services_outside):
    services_outside.will_answer(SEND, {"errcode": -1})
    agree(wang)
    tell(wang)
    outbox.deliver()

    services.close_account(wang)
    Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))

    assert outbox.deliver() == 0
    assert not Consent.objects.exists()
