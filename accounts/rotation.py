"""Changing the keys of personal data: everything sealed again under the newest, every look-up hash made anew.

1. Put the new data key first in `DATA_KEYS`, keep the old ones behind it; run `rotate_keys`; drop the old ones.
2. For a new `HASH_KEY`: stop the web and worker processes, put the new key in its place, run `rotate_keys`, start again.
   Hashes are made anew from what is sealed beside them, so the old key is not needed.

Both can be broken off and run again: rows already done are skipped or come out the same. Until the second is done, no process
serves: under two keys at once the same person could be there twice (`require_keys`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, models, transaction

from accounts.models import Account, IdempotencyRecord, Person, RegisterEntry, id_hash
from accounts.registry import stored_key
from accounts.services.accounts import openid_hash
from core.hooks import Hook
from core.sealing import SealedField, newest_key, sealed_with

BATCH = 500


@dataclass(frozen=True)
class Hashed:
    """A column of keyed hashes, and how to make it anew from what is sealed beside it. Empty hashes stay empty."""

    model: type[models.Model]
    column: str
    again: Callable[[Any], str]


def _identity_hash(account: Account) -> str:
    return id_hash(account.certificate.key) if account.id_number else account.identity_hash


HASHED = [
    Hashed(Account, "openid_hash", lambda account: openid_hash(account.openid)),
    Hashed(Account, "identity_hash", _identity_hash),
    Hashed(Person, "number_hash", lambda person: id_hash(person.id_number)),
    Hashed(RegisterEntry, "id_hash", lambda entry: id_hash(stored_key(entry))),
    Hashed(Person, "id_hash", lambda person: id_hash(person.certificate.key)),
]
"""In this order, and after those of the apps above: once the last person has its own, all is done (`require_keys`)."""

data_keys_changed = Hook[[str]]("data keys changed")
"""Apps above seal what they keep outside the database under the newest key, whose id they are given; each says how much that was."""

hash_key_changed = Hook[[]]("hash key changed")
"""Apps above make their columns anew (`rehash_column`); each gives how many rows were written."""


class OtherKeys(ImproperlyConfigured):
    """The rows were made under other keys than this process has; the message says which setting is meant."""


def require_keys() -> None:
    """Raise OtherKeys if the persons of the database are not found, or do not open, under the keys of this process.

    Asked of the first row and of the last. `rotate_keys` makes them anew in this order, after all other hashes: under the new key
    nobody serves until it has come to its end. The old key may come back only if it had not begun, which is not seen here. A database that does not answer, or has no tables yet, is no reason to stay away: it is asked at the next start.
    """
    rows = Person.objects.order_by("pk")
    try:
        ends = [rows.first(), rows.last()]
    except (DatabaseError, InterfaceError):
        return
    try:
        found = all(id_hash(person.certificate.key) == person.id_hash for person in ends if person)
    except (InvalidTag, KeyError):
        raise OtherKeys("DATA_KEYS does not open what lies in the database: one of its keys is missing.") from None
    if not found:
        raise OtherKeys(
            "HASH_KEY is not the one by which the database finds people. Put the old one back if `manage.py rotate_keys` has not begun; "
            "else stop every process and run it to its end."
        )


def reseal() -> int:
    """Seal every cell and file again that is not sealed with the newest key; return how many rows and files were written."""
    newest = newest_key()
    rows = sum(_reseal(model, columns, newest) for model, columns in _sealed_columns())
    written: int = rows + sum(data_keys_changed(newest))
    return written


def rehash() -> int:
    """Make every look-up hash anew with the present HASH_KEY; return how many rows were written."""
    written: int = sum(hash_key_changed()) + sum(rehash_column(hashed) for hashed in HASHED)
    if written:
        IdempotencyRecord.objects.all().delete()
    return written


def _sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    for model in apps.get_models():
        columns = [field.name for field in model._meta.local_fields if isinstance(field, SealedField)]
        if columns:
            yield model, columns


def _reseal(model: type[models.Model], columns: list[str], newest: str) -> int:
    def reseal_row(row: models.Model) -> list[str]:
        stale = [name for name in columns if sealed_with(row, name) not in ("", newest)]
        for name in stale:
            setattr(row, name, getattr(row, name))
        return stale

    return _rewrite(model, reseal_row)


def rehash_column(hashed: Hashed) -> int:
    """Make one column of hashes anew; return how many rows were written."""

    def rehash_row(row: models.Model) -> list[str]:
        before = getattr(row, hashed.column)
        after = hashed.again(row) if before else before
        setattr(row, hashed.column, after)
        return [hashed.column] if after != before else []

    return _rewrite(hashed.model, rehash_row)


def _rewrite(model: type[models.Model], change: Callable[[Any], list[str]]) -> int:
    """Give every row to `change`, which returns the columns it changed; a batch is locked and written at a time."""
    written, last = 0, None
    while True:
        with transaction.atomic():
            batch = _next_batch(model, last)
            for row in batch:
                if changed := change(row):
                    row.save(update_fields=changed)
                    written += 1
        if len(batch) < BATCH:
            return written
        last = batch[-1].pk


def _next_batch(model: type[models.Model], last: Any) -> list[Any]:
    rows = model._default_manager.order_by("pk").select_for_update(of=("self",))
    return list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
