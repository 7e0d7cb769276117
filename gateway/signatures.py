"""The three ways in which hospitals sign a call by HTTP headers; each differs by province. Pure.

tif: SHA-256 of timestamp, secret, nonce, timestamp. ca: HMAC-SM3 over the timestamp and the body. api: HMAC-SHA1 over the other
headers. Only ca signs the body: for the others, `gateway.keys` lets a signature that was used serve the same body alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes

SM3_BLOCK = 64


@dataclass(frozen=True)
class Signed:
    """What the headers say: by which key, in which style, when (None: no time that is one), and the signature."""

    style: str
    key: str
    at: datetime | None
    signature: str


def read(meta: Mapping[str, str]) -> Signed | None:
    """What a request's headers (as WSGI names them) say; None: it is not signed."""
    if key := meta.get("HTTP_X_TIF_PAASID"):
        at = _moment(meta.get("HTTP_X_TIF_TIMESTAMP", ""))
        return Signed("tif", key, at, meta.get("HTTP_X_TIF_SIGNATURE", ""))
    if key := meta.get("HTTP_X_CA_KEY"):
        stamp, _colon, signature = meta.get("HTTP_X_CA_SIGNATURE", "").partition(":")
        return Signed("ca", key, _moment(stamp.lstrip("-")), signature)
    if key := meta.get("HTTP__API_ACCESS_KEY"):
        at = _moment(meta.get("HTTP__API_TIMESTAMP", ""), per_second=1000)
        return Signed("api", key, at, meta.get("HTTP__API_SIGNATURE", ""))
    return None


def holds(signed: Signed, meta: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Whether the signature is the secret's."""
    sent = signed.signature if signed.style == "api" else signed.signature.lower()
    return any(hmac.compare_digest(sent.encode(), one.encode()) for one in EXPECTED[signed.style](meta, body, secret))


def _moment(text: str, *, per_second: int = 1) -> datetime | None:
    if not (text.isascii() and text.isdecimal()) or len(text) > 14:
        return None
    try:
        return datetime.fromtimestamp(int(text) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _tif(meta: Mapping[str, str], body: bytes, secret: str) -> list[str]:
    stamp, nonce = meta.get("HTTP_X_TIF_TIMESTAMP", ""), meta.get("HTTP_X_TIF_NONCE", "")
    return [hashlib.sha256(f"{stamp}{secret}{nonce}{stamp}".encode()).hexdigest()]


def _ca(meta: Mapping[str, str], body: bytes, secret: str) -> list[str]:
    """Some clients send the time with a minus sign; whether they also sign it so nobody says."""
    stamp = meta.get("HTTP_X_CA_SIGNATURE", "").partition(":")[0]
    stamps = dict.fromkeys((stamp, stamp.lstrip("-")))
    return [hmac_sm3(secret.encode(), each.encode() + b"\n" + body).hex() for each in stamps]


def _api(meta: Mapping[str, str], body: bytes, secret: str) -> list[str]:
    names = ("_api_access_key", "_api_name", "_api_timestamp", "_api_version")
    text = "&".join(f"{name}={meta.get(f'HTTP_{name.upper()}', '')}" for name in names)
    return [base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()]


EXPECTED = {"tif": _tif, "ca": _ca, "api": _api}


def sm3(content: bytes) -> bytes:
    """The digest of GB/T 32905."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


def hmac_sm3(key: bytes, content: bytes) -> bytes:
    """HMAC (RFC 2104) over SM3."""
    block = (sm3(key) if len(key) > SM3_BLOCK else key).ljust(SM3_BLOCK, b"\0")
    inner = sm3(bytes(each ^ 0x36 for each in block) + content)
    return sm3(bytes(each ^ 0x5C for each in block) + inner)
