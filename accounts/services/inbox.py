"""The inbox of an account: what it is told, once and only once for each key."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, Message
from core import clock
from core.errors import NotFound
from core.hooks import Hook
from core.http.paging import COUNT_CAP
from core.prepared import Param, PreparedQuery

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


@dataclass(frozen=True)
class Inbox(Sequence[Any]):
    """An account's messages, the newest first, or those not read yet. Like a list, it has a length (no further than the
    pages count) and slices; each costs one query.
    """

    account: Account
    unread: bool

    def __getitem__(self, part: Any) -> Any:
        return _page(self.unread, part.start, part.stop)(account=self.account.pk)

    def __len__(self) -> int:
        return _keys(self.unread).count(account=self.account.pk)


@lru_cache(maxsize=256)
def _page(unread: bool, start: int, stop: int) -> PreparedQuery[Message]:
    return PreparedQuery(lambda: _messages(unread).order_by("-created_at", "-id")[start:stop])


@cache
def _keys(unread: bool) -> PreparedQuery[uuid.UUID]:
    return PreparedQuery(lambda: _messages(unread).order_by().values_list("pk", flat=True)[: COUNT_CAP + 1])


def _messages(unread: bool) -> QuerySet[Message]:
    rows = Message.objects.filter(account=Param("account"))
    return rows.filter(read_at=None) if unread else rows


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
