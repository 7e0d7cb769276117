"""Personal data at rest: sealed and bound to its row, keyed hashes for exact look-up; and what is shown of it, masked.

A sealed cell is `kid (1 byte length + ascii) | nonce (12) | ciphertext and tag`; the associated data is
`table.column:row id`, so a cell copied to another row or column does not open. Keys come from the environment
(`DATA_KEYS`, newest first; `HASH_KEY`), and each says its algorithm, so that cells of both stand side by side: `NAME:KEY` is
AES-256-GCM, `NAME:sm4:KEY` SM4 (GB/T 32907-2016) in GCM as RFC 8998 has it; `KEY` is HMAC-SHA256, `sm3:KEY` HMAC-SM3 (GB/T 32905-2016).
`manage.py rotate_keys` seals everything again under the newest, and so does whatever saves a row meanwhile.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

NONCE = 12
SM4, SM3 = "sm4:", "sm3:"
TAG = 16


class Sealing(Protocol):
    """Encryption with associated data: what was changed, or is bound to something else, raises InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


class SM4GCM:
    """SM4 in GCM with a tag of 16 bytes behind the ciphertext, as AESGCM of the same library."""

    def __init__(self, key: bytes) -> None:
        self._block = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        encryptor = Cipher(self._block, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        if len(data) < TAG:
            raise InvalidTag
        decryptor = Cipher(self._block, modes.GCM(nonce, data[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG]) + decryptor.finalize()


def cipher(configured: str) -> Sealing:
    """The cipher of a key as `DATA_KEYS` has it behind the name."""
    if configured.startswith(SM4):
        return SM4GCM(base64.b64decode(configured.removeprefix(SM4)))
    return AESGCM(base64.b64decode(configured))


def digest(configured: str, data: bytes) -> str:
    """The keyed hash of `data` in hex (64 characters), by the key as `HASH_KEY` has it."""
    sm3 = configured.startswith(SM3)
    made = hmac.HMAC(base64.b64decode(configured.removeprefix(SM3)), hashes.SM3() if sm3 else hashes.SHA256())
    made.update(data)
    return made.finalize().hex()


@lru_cache(maxsize=4)
def _keyring(configured: tuple[str, ...]) -> dict[str, Sealing]:
    entries = [entry.partition(":") for entry in configured]
    return {kid: cipher(key) for kid, _, key in entries}


def _ring() -> dict[str, Sealing]:
    return _keyring(tuple(settings.DATA_KEYS))


def seal(text: str, *, bound_to: str) -> bytes:
    """Encrypt `text` under the newest key, bound to `bound_to` (authenticated, not stored)."""
    return seal_bytes(text.encode(), bound_to=bound_to)


def unseal(cell: bytes, *, bound_to: str) -> str:
    """Decrypt a cell; raises `cryptography.exceptions.InvalidTag` if it was changed or moved, KeyError if its key is gone."""
    return unseal_bytes(cell, bound_to=bound_to).decode()


def seal_bytes(content: bytes, *, bound_to: str) -> bytes:
    """As `seal`, of any bytes."""
    kid, newest = next(iter(_ring().items()))
    nonce = os.urandom(NONCE)
    return bytes([len(kid)]) + kid.encode() + nonce + newest.encrypt(nonce, content, bound_to.encode())


def unseal_bytes(cell: bytes, *, bound_to: str) -> bytes:
    """As `unseal`, of any bytes."""
    end = 1 + cell[0]
    key = _ring()[cell[1:end].decode()]
    return key.decrypt(cell[end : end + NONCE], cell[end + NONCE :], bound_to.encode())


def key_of(cell: bytes) -> str:
    """The id of the key a cell was sealed with."""
    return cell[1 : 1 + cell[0]].decode()


def newest_key() -> str:
    """The id of the key under which everything is sealed from now on."""
    return next(iter(_ring()))


def keyed_hash(text: str, *, purpose: str) -> str:
    """Return the keyed hash of `text` in hex, separate per `purpose`: equal texts can be found, texts cannot be guessed."""
    return digest(settings.HASH_KEY, f"{purpose}:{text}".encode())


def sealed_with(row: models.Model, name: str) -> str:
    """The id of the key under which a column of a row lies in the database; empty if it is empty or was opened."""
    cell = row.__dict__.get(name)
    return key_of(cell) if isinstance(cell, bytes) and cell else ""


class _Opening(DeferredAttribute):
    """Opens a sealed cell when it is first read, so that lists never decrypt what they do not show."""

    field: SealedField

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:
            row.refresh_from_db(fields=[name])
        value = row.__dict__[name]
        if isinstance(value, bytes):
            value = row.__dict__[name] = unseal(value, bound_to=self.field.binding(row)) if value else ""
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A text column encrypted at rest and bound to its row's primary key. Not searchable; empty text is stored empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def binding(self, row: models.Model) -> str:
        return f"{self.model._meta.db_table}.{self.column}:{row.pk}"

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname, "")
        if value is None or (isinstance(value, bytes) and (not value or key_of(value) == newest_key())):
            return value
        text = unseal(value, bound_to=self.binding(model_instance)) if isinstance(value, bytes) else str(value)
        return seal(text, bound_to=self.binding(model_instance)) if text else b""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, bytes):
            if value == "":
                value = b""
            else:
                raise TypeError(f"{self.name} is sealed: save the row, do not update or filter the column")
        return super().get_db_prep_value(value, connection, prepared)

    def get_default(self) -> str:
        return ""

    def to_python(self, value: Any) -> Any:
        """Text, as a form sends it; bytes columns take it for Base64."""
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(getattr(obj, self.attname) or "")


# What is shown of personal data: the ends of a name, the ends of a number


def mask_name(name: str) -> str:
    """王秀兰 → 王*兰, 李雷 → 李*, 王 → *."""
    if len(name) <= 1:
        return "*" * len(name)
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id_number(number: str) -> str:
    """110101195503070028 → 1101**********0028; of a shorter number less is shown: E12345678 → E1*****78."""
    shown = 4 if len(number) >= 18 else 2 if len(number) >= 8 else 1 if len(number) >= 5 else 0
    return f"{number[:shown]}{'*' * (len(number) - 2 * shown)}{number[len(number) - shown :]}"


def mask_phone(phone: str) -> str:
    """13900000001 → 139****0001."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "*" * len(phone)
