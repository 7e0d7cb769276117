"""The inbox of an account: what it is told, once and only once for each key."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Message
from core import clock
from core.errors import NotFound
from core.hooks import Hook

noted = Hook[[list[uuid.UUID]]]("notes that messages give as their reason are read")
"""Each follower answers with the texts it knows, by the key of the note."""


@dataclass(frozen=True)
class Text:
    """What a message says: its kind (a stable word), a title, a sentence."""

    kind: str
    title: str
    text: str


def compose(account: Account, text: Text, *, key: str, submission: uuid.UUID | None = None) -> Message:
    """Return an unsaved message, for callers that insert many at once. It goes out by WeChat or text message after the commit (`accounts.outbox`)."""
    return Message(
        account=account,
        key=key,
        kind=text.kind,
        title=text.title,
        text=text.text,
        submission=submission,
        created_at=clock.now(),
    )


def tell(
    account: Account, *, key: str, kind: str, title: str, text: str, submission: uuid.UUID | None = None
) -> Message:
    """Put a message into the inbox; telling the same `key` again returns the first one."""
    message = compose(account, Text(kind, title, text), key=key, submission=submission)
    Message.objects.bulk_create([message], ignore_conflicts=True)
    return Message.objects.get(account=account, key=key)


def mark_read(account: Account, message_id: Any) -> Message:
    """Note that a message was read; the first time stays. Raises NotFound."""
    Message.objects.filter(account=account, id=message_id, read_at=None).update(read_at=clock.now())
    message = Message.objects.filter(account=account, id=message_id).first()
    if message is None:
        raise NotFound(_("没有这条消息。"))
    return message


def reasons(messages: list[Message]) -> dict[uuid.UUID, str]:
    """By the key of a note, the reason it gives; one query for all of them, none without any."""
    keys = [message.note for message in messages if message.note]
    return {key: text for known in (noted(keys) if keys else []) for key, text in known.items()}


def unread(account: Account) -> int:
    """How many messages of the inbox were not read yet."""
    return Message.objects.filter(account=account, read_at=None).count()
