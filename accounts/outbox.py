"""The outbox: what stands in the inbox goes out by WeChat, or by text message where WeChat does not reach somebody; each once.

A message is handed over first: a row of `Delivery` for the first channel that can reach its account. Where a channel surely
did not deliver and never will (no subscription, a wrong number), the next one gets a row.

WeChat has no idempotency key, so a message that was sent and not noted would be sent twice. Therefore a row is marked
`sending` and committed before anybody is asked; what surely was not sent (no connection, busy) goes back to `waiting` and is
tried again later and later; what may have been sent (no answer, a killed process) is given up, for staff to look at.
The table is the queue: losing the broker loses nothing, and any number of workers share the work (SKIP LOCKED). At night text
messages stay in it until the morning (`sms.open_since`), by the business clock; WeChat and the inbox make no noise and do not wait.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import structlog
from django.db import models, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts import sms, wechat
from accounts.models import Account, Channel, Delivery, DeliveryStatus, Message, PushStatus
from accounts.services import notifications
from accounts.wechat import Outcome, Push, Undelivered
from core import clock
from core.errors import WrongState
from core.languages.sentences import translated

MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=30)
LEASE = timedelta(minutes=5)
NUMBER = re.compile(r"\d{8}-\d{6,}-\d")

log = structlog.get_logger(__name__)


def deliver(limit: int = 200) -> int:
    """Send up to `limit` waiting messages, one by one; return how many were taken up."""
    _give_up_abandoned()
    _hand_over(limit)
    taken = 0
    while taken < limit and (delivery := _take_one()):
        taken += 1
        _send(delivery)
    return taken


def lag() -> timedelta:
    """For how long the message that waits longest should have gone out: not handed over yet, or due at its channel."""
    now, machine = clock.now(), timezone.now()
    new = Message.objects.filter(push=PushStatus.WAITING).order_by("id").values_list("created_at", flat=True)[:1]
    due = _due(machine).order_by().values_list("channel").annotate(first=Min("next_at"))
    morning = sms.open_since(now)
    awake = {Channel.SMS: now - morning} if morning else {}
    lags = [now - at for at in new] + [min(machine - at, awake.get(Channel(name), timedelta.max)) for name, at in due]
    return max(lags, default=timedelta())


def _due(machine: datetime) -> models.QuerySet[Delivery]:
    """What waits and may go out now: at night no text messages."""
    waiting = Delivery.objects.filter(status=DeliveryStatus.WAITING, next_at__lte=machine)
    return waiting if sms.open_since(clock.now()) else waiting.exclude(channel=Channel.SMS)


# From the inbox to a channel


def _hand_over(limit: int) -> None:
    """Give each new message a row for the first channel by which it can go; without one it stays in the inbox."""
    with transaction.atomic():
        new = Message.objects.filter(push=PushStatus.WAITING).select_for_update(skip_locked=True, of=("self",))
        messages = list(new.select_related("account", "person").order_by("id")[:limit])
        channels = {message.pk: _next_channel(message) for message in messages}
        rows = [Delivery(message_id=key, channel=channel) for key, channel in channels.items() if channel]
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        Message.objects.filter(pk__in=channels).update(push=PushStatus.HANDED)
        Message.objects.filter(pk__in=[key for key in channels if not channels[key]]).update(push=PushStatus.NONE)


def _next_channel(message: Message, after: str = "") -> Channel | None:
    """The channel that is tried first, or after one that did not reach anybody."""
    account = message.account
    if not after and account and account.openid and account.by_wechat:
        return Channel.WECHAT
    return Channel.SMS if after != Channel.SMS and telephone(message) else None


def telephone(message: Message) -> str:
    """Where a text message goes: the telephone in the register; empty: nowhere, or not wanted."""
    if message.person:
        return str(message.person.phone)
    account = message.account
    return notifications.telephone_of(account) if account and account.by_sms else ""


# From a channel to somebody


def _take_one() -> Delivery | None:
    """Mark the next waiting row as being sent, for all to see."""
    now = timezone.now()
    with transaction.atomic():
        row = _due(now).select_for_update(skip_locked=True).order_by("next_at").first()
        if row:
            _mark(row, DeliveryStatus.SENDING, next_at=now + LEASE, attempts=row.attempts + 1)
    return row


def _give_up_abandoned() -> None:
    """A worker died while it was sending: nobody knows whether the message went out."""
    abandoned = Delivery.objects.filter(status=DeliveryStatus.SENDING, next_at__lt=timezone.now())
    abandoned.update(status=DeliveryStatus.FAILED, next_at=None, ended_at=timezone.now(), error="abandoned")


def _send(delivery: Delivery) -> None:
    message = Message.objects.select_related("account", "person").filter(pk=delivery.message_id).first()
    if message is None:  # the account was closed meanwhile
        return
    try:
        _push(message) if delivery.channel == Channel.WECHAT else _text(message, delivery)
    except Undelivered as undelivered:
        _settle(delivery, message, undelivered)
    else:
        _mark(delivery, DeliveryStatus.SENT)


def _push(message: Message) -> None:
    """Send it as a subscribe message, if the account agreed to one more of them. Raises Undelivered."""
    account = message.account
    assert account is not None, "only an account has WeChat"
    if not account.by_wechat:
        raise Undelivered(Outcome.REFUSED, "switched off")
    try:
        gateway = wechat.gateway()
    except wechat.WeChatUnavailable as error:
        raise Undelivered(Outcome.FAILED, "no app configured") from error
    template = gateway.template(message.kind)
    if template and not notifications.use_consent(account, template):
        raise Undelivered(Outcome.REFUSED, "no consent left")
    try:
        gateway.push(_push_of(message, account))
    except Undelivered as undelivered:
        _mend_consent(account, template, undelivered.outcome)
        raise


def _mend_consent(account: Account, template: str, outcome: Outcome) -> None:
    """What was not sent was not used up; where WeChat says that nothing is left, nothing is."""
    if outcome is Outcome.REFUSED:
        notifications.end_consent(account, template)
    elif outcome is not Outcome.UNKNOWN:
        notifications.return_consent(account, template)


def _push_of(message: Message, account: Account) -> Push:
    """No more of a person leaves than the number of the case; the inbox behind the page has the sentence. In Chinese, as the
    labels of the templates are; a field takes twenty characters."""
    number = NUMBER.search(message.text)
    page = f"pages/record/record?filing={message.submission}" if message.submission else "pages/home/home"
    return Push(
        openid=account.openid,
        kind=message.kind,
        title=message.title,
        text=_("编号%s") % number[0] if number else _("请进入小程序查看详情"),
        at=message.created_at,
        key=message.key,
        page=page,
    )


def _text(message: Message, delivery: Delivery) -> None:
    """Send it as a text message: the title, the number of the case, and where to hear more. Raises Undelivered."""
    phone = telephone(message)
    if not phone:
        raise Undelivered(Outcome.REFUSED, "no telephone, or switched off")
    number = NUMBER.search(message.text)
    language = (message.account and message.account.language) or get_language()
    notice = sms.Notice(
        kind=message.kind,
        title=translated(message.title, language),
        name=message.person.masked_name if message.person else "",
        number=number[0] if number else "",
    )
    try:
        gateway = sms.gateway()
    except sms.SmsUnavailable as error:
        raise Undelivered(Outcome.FAILED, "no service configured") from error
    with override(language):
        gateway.send_notice(phone, notice, key=str(delivery.pk))


# What became of it


def _settle(delivery: Delivery, message: Message, undelivered: Undelivered) -> None:
    """Try again later, each pause four times the last; or never, and then by the next channel if surely nothing was sent."""
    outcome, reason = undelivered.outcome, undelivered.reason
    log.info("undelivered", delivery=str(delivery.pk), channel=delivery.channel, outcome=outcome.name, reason=reason)
    if outcome is Outcome.AGAIN and delivery.attempts < MOST_ATTEMPTS:
        pause = FIRST_PAUSE * 4 ** (delivery.attempts - 1)
        _mark(delivery, DeliveryStatus.WAITING, next_at=timezone.now() + pause, error=reason)
        return
    with transaction.atomic():
        refused = outcome is Outcome.REFUSED
        _mark(delivery, DeliveryStatus.REFUSED if refused else DeliveryStatus.FAILED, error=reason)
        channel = None if outcome is Outcome.UNKNOWN else _next_channel(message, after=delivery.channel)
        if channel:
            Delivery.objects.bulk_create([Delivery(message=message, channel=channel)], ignore_conflicts=True)


def _mark(
    delivery: Delivery,
    status: DeliveryStatus,
    *,
    next_at: datetime | None = None,
    error: str = "",
    attempts: int | None = None,
) -> None:
    delivery.status, delivery.next_at, delivery.error = status, next_at, error[:80]
    delivery.attempts = delivery.attempts if attempts is None else attempts
    delivery.ended_at = None if next_at else timezone.now()
    delivery.save(update_fields=["status", "next_at", "error", "attempts", "ended_at"])


def send_again(delivery: Delivery, *, by: Account) -> None:
    """A member of staff has what failed tried again, knowing that it may have arrived. Raises WrongState `not_failed`."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if row.status != DeliveryStatus.FAILED:
            raise WrongState(_("只有发送失败的消息可以重新发送，请刷新后查看。"), code="not_failed")
        _mark(row, DeliveryStatus.WAITING, next_at=timezone.now(), attempts=0)
    log.info("sent_again", delivery=str(row.pk), by=str(by.pk))
