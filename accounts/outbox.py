"""The outbox: WeChat subscribe messages for what stands in the inbox, sent after the commit, at most once.

WeChat has no idempotency key, so a message that was sent and not noted would be sent twice. Therefore a row is marked
`sending` and committed before WeChat is asked; what surely was not sent (no connection, busy) goes back to `waiting` and is
tried again later and later; what may have been sent (no answer, a killed process) is given up. The inbox has it in any case.
The table is the queue: losing the broker loses nothing, and any number of workers share the work (SKIP LOCKED).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import wechat
from accounts.models import Account, Message, PushStatus
from accounts.wechat import Outcome, Push, Undelivered

MOST_ATTEMPTS = 6
FIRST_PAUSE = timedelta(seconds=30)
LEASE = timedelta(minutes=5)

log = structlog.get_logger(__name__)

_ENDS = {
    Outcome.REFUSED: PushStatus.REFUSED,
    Outcome.FAILED: PushStatus.FAILED,
    Outcome.UNKNOWN: PushStatus.FAILED,
}


def deliver(limit: int = 200) -> int:
    """Send up to `limit` waiting messages, one by one; return how many were taken up."""
    _give_up_abandoned()
    taken = 0
    while taken < limit and (message := _take_one()):
        taken += 1
        _send(message)
    return taken


def _take_one() -> Message | None:
    """Mark the next waiting message as being sent, for all to see."""
    now = timezone.now()
    waiting = Message.objects.filter(push=PushStatus.WAITING).filter(Q(push_next_at=None) | Q(push_next_at__lte=now))
    with transaction.atomic():
        message = waiting.select_for_update(skip_locked=True).order_by("push_next_at").first()
        if message:
            _mark(message, PushStatus.SENDING, next_at=now + LEASE, attempts=message.push_attempts + 1)
    return message


def _give_up_abandoned() -> None:
    """A worker died while it was sending: nobody knows whether the message went out."""
    abandoned = Message.objects.filter(push=PushStatus.SENDING, push_next_at__lt=timezone.now())
    abandoned.update(push=PushStatus.FAILED, push_next_at=None, push_error="abandoned")


def _send(message: Message) -> None:
    account = Account.objects.get(pk=message.account_id)
    if not account.openid:
        _mark(message, PushStatus.NONE)
        return
    try:
        wechat.gateway().push(_push(message, account))
    except Undelivered as undelivered:
        _settle(message, undelivered)
    except wechat.WeChatUnavailable:
        _settle(message, Undelivered(Outcome.FAILED, "no app configured"))
    else:
        _mark(message, PushStatus.SENT)


def _push(message: Message, account: Account) -> Push:
    page = f"pages/record?id={message.submission}" if message.submission else ""
    return Push(
        openid=account.openid,
        kind=message.kind,
        title=message.title,
        text=message.text,
        at=message.created_at,
        key=message.key,
        page=page,
    )


def _settle(message: Message, undelivered: Undelivered) -> None:
    """Try again later, each pause four times the last, or never."""
    log.info("push_undelivered", message=str(message.pk), outcome=undelivered.outcome.name, reason=undelivered.reason)
    if undelivered.outcome is Outcome.AGAIN and message.push_attempts < MOST_ATTEMPTS:
        pause = FIRST_PAUSE * 4 ** (message.push_attempts - 1)
        _mark(message, PushStatus.WAITING, next_at=timezone.now() + pause, error=undelivered.reason)
    else:
        _mark(message, _ENDS.get(undelivered.outcome, PushStatus.FAILED), error=undelivered.reason)


def _mark(
    message: Message,
    status: PushStatus,
    *,
    next_at: datetime | None = None,
    error: str = "",
    attempts: int | None = None,
) -> None:
    message.push, message.push_next_at, message.push_error = status, next_at, error[:80]
    message.push_attempts = message.push_attempts if attempts is None else attempts
    message.save(update_fields=["push", "push_next_at", "push_error", "push_attempts"])
