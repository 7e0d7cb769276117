"""What seals personal data and what hashes it for look-ups: AES-256-GCM and HMAC-SHA256, or SM4-GCM and HMAC-SM3 (商用密码).

Each key says which by itself: `NAME:KEY` of `DATA_KEYS` is AES, `NAME:sm4:KEY` is SM4; `KEY` in `HASH_KEY` is SHA-256, `sm3:KEY` is SM3.
SM4 is GB/T 32907-2016, in GCM as RFC 8998 has it; SM3 is GB/T 32905-2016.
"""

from __future__ import annotations

import base64
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SM4_PREFIX, SM3_PREFIX = "sm4:", "sm3:"
AES_BYTES = SHA_BYTES = SM3_BYTES = 32
SM4_BYTES = TAG = 16


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
    if configured.startswith(SM4_PREFIX):
        return SM4GCM(base64.b64decode(configured.removeprefix(SM4_PREFIX)))
    return AESGCM(base64.b64decode(configured))


def digest(configured: str, data: bytes) -> str:
    """The keyed hash of `data` in hex (64 characters), by the key as `HASH_KEY` has it."""
    sm3 = configured.startswith(SM3_PREFIX)
    made = hmac.HMAC(base64.b64decode(configured.removeprefix(SM3_PREFIX)), hashes.SM3() if sm3 else hashes.SHA256())
    made.update(data)
    return made.finalize().hex()
