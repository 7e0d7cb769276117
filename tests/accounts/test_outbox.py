"""Subscribe messages and text messages: after the commit, at most once, tried again only when surely not sent."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from accounts import outbox, services, wechat
from accounts.models import Account, Channel, Consent, Delivery, DeliveryStatus, Message, PushStatus, SandboxDelivery
from accounts.tasks import deliver as deliver_task
from tests.accounts.servers import SEND, TOKEN, running

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def subscriber():
    """Somebody with WeChat who agreed to plenty of messages."""
    return subscribed(Account.objects.create(openid_hash="h", openid="sandbox:wang", nickname="wang"))


def subscribed(account, left=50):
    Consent.objects.create(account=account, template="TPL", left=left)
    return account


@pytest.fixture
def platform(settings):
    """The real gateway, talking to a server of the test's own."""
    with running() as server:
        settings.WECHAT_APP_ID, settings.WECHAT_APP_SECRET = "wxapp", "sesame"
        settings.WECHAT_API_BASE, settings.WECHAT_TEMPLATES = server.url, {"default": "TPL"}
        server.will_answer(TOKEN, {"access_token": "T", "expires_in": 7200})
        made = wechat.gateway()
        yield server
        made._client.close()
        wechat._platform.cache_clear()


def tell(subscriber, key="k"):
    return services.tell(subscriber, key=key, kind="approved", title="已通过", text="您的备案已通过。")


def by_wechat(message):
    return message.deliveries.get(channel=Channel.WECHAT)


def state(message):
    return by_wechat(message).status


def due_again(message):
    """The pause is over."""
    Delivery.objects.filter(message=message).update(next_at=timezone.now())


def sends(server):
    return [asked["json"]["touser"] for asked in server.asked if asked["path"] == SEND]


def test_waiting_message_is_sent_once(subscriber):
    message = tell(subscriber)

    assert outbox.deliver() == 1
    assert outbox.deliver() == 0

    assert state(message) == DeliveryStatus.SENT

    sent = SandboxDelivery.objects.get()
    assert (sent.channel, sent.to, sent.key, sent.text) == (
        "wechat",
        "sandbox:wang",
        "k",
        "已通过：请进入小程序查看详情",
    )


def test_task_sends_what_waits(subscriber):
    message = tell(subscriber)

    assert deliver_task() == 1

    assert state(message) == DeliveryStatus.SENT


def test_no_more_than_the_limit_at_a_time(subscriber):
    for n in range(3):
        tell(subscriber, key=str(n))

    assert outbox.deliver(limit=2) == 2
    assert Message.objects.filter(push=PushStatus.WAITING).count() == 1


def test_who_has_no_wechat_has_the_inbox_only():
    subscriber = Account.objects.create(username="cq-one")
    message = tell(subscriber)

    outbox.deliver()

    message.refresh_from_db()
    assert message.push == PushStatus.NONE
    assert not Delivery.objects.exists()
    assert not SandboxDelivery.objects.exists()


@pytest.mark.parametrize(
    ("answer", "push"),
    [
        ({"errcode": 0}, DeliveryStatus.SENT),
        ({"errcode": 43101}, DeliveryStatus.REFUSED),
        ({"errcode": 47003}, DeliveryStatus.FAILED),
        (500, DeliveryStatus.FAILED),
        (b"<html>", DeliveryStatus.FAILED),
    ],
)
def test_final_outcomes_are_never_tried_again(subscriber, platform, answer, push):
    platform.will_answer(SEND, answer)
    message = tell(subscriber)

    outbox.deliver()
    due_again(message)

    outbox.deliver()

    assert state(message) == push
    assert sends(platform) == ["sandbox:wang"]


def test_busy_platform_is_asked_again_later_and_later(subscriber, platform):
    platform.will_answer(SEND, {"errcode": -1})
    message = tell(subscriber)
    pauses = []

    for _ in range(6):
        asked_at = timezone.now()
        assert outbox.deliver() == 1
        assert outbox.deliver() == 0
        if next_at := by_wechat(message).next_at:
            pauses.append(round((next_at - asked_at).total_seconds(), -1))
        due_again(message)

    assert pauses == [30, 120, 480, 1920, 7680]
    assert (state(message), by_wechat(message).attempts) == (DeliveryStatus.FAILED, 6)
    assert len(sends(platform)) == 6


def test_busy_once_then_sent(subscriber, platform):
    platform.will_answer(SEND, {"errcode": -1}, {"errcode": 0})
    message = tell(subscriber)

    outbox.deliver()

    assert (state(message), by_wechat(message).error) == (DeliveryStatus.WAITING, "errcode -1")

    due_again(message)
    outbox.deliver()

    assert (state(message), by_wechat(message).error) == (DeliveryStatus.SENT, "")


def test_worker_that_died_while_sending_leaves_no_second_message(subscriber, platform):
    message = tell(subscriber)

    outbox._hand_over(1)
    taken = outbox._take_one()

    assert taken == by_wechat(message)

    assert outbox.deliver() == 0
    assert state(message) == DeliveryStatus.SENDING

    Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))

    assert outbox.deliver() == 0

    assert (state(message), by_wechat(message).error) == (DeliveryStatus.FAILED, "abandoned")
    assert sends(platform) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work(subscriber, platform):
    platform.will_answer(SEND, {"errcode": 0})
    others = [subscribed(Account.objects.create(openid_hash=f"h{n}", openid=f"o{n}")) for n in range(20)]
    for other in others:
        tell(other)
    counts, barrier = [], threading.Barrier(2)

    def work():
        try:
            barrier.wait(20)
            counts.append(outbox.deliver())
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()

    for worker in workers:
        worker.join()

    assert sum(counts) == 20
    assert sorted(sends(platform)) == sorted(f"o{n}" for n in range(20))
    assert set(Delivery.objects.values_list("status", flat=True)) == {DeliveryStatus.SENT}


def test_of_a_case_nothing_but_its_number_leaves(subscriber, platform):
    platform.will_answer(SEND, {"errcode": 0})
    text = "受理编号20261121-000123-6：王*兰到北京市的备案已通过，病种：高血压。"
    services.tell(subscriber, key="k", kind="approved", title="已通过", text=text, submission=UUID(int=7))

    outbox.deliver()

    sent = platform.asked[-1]["json"]
    assert sent["page"] == f"pages/record/record?filing={UUID(int=7)}"
    assert (sent["data"]["thing1"]["value"], sent["data"]["thing2"]["value"]) == ("已通过", "编号20261121-000123-6")


def test_without_a_configured_app_the_message_is_given_up(subscriber, settings):
    settings.SANDBOX = False
    message = tell(subscriber)

    outbox.deliver()

    assert state(message) == DeliveryStatus.FAILED
