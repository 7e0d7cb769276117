"""What production refuses to start with: a missing secret, a lax switch."""

import base64
import binascii
from collections.abc import Callable, Iterator

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

REQUIRED = (
    "SECRET_KEY",
    "DATA_KEYS",
    "HASH_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "WECHAT_APP_ID",
    "WECHAT_APP_SECRET",
    "SMS_URL",
    "INSURED_REGISTER",
)
FORBIDDEN = ("DEBUG", "SIMULATION", "SANDBOX")
KEY_BYTES, SM4_BYTES = 32, 16


class NotFit(ImproperlyConfigured):
    """The environment is not one that production may start in; the message lists why."""


def require() -> None:
    """Raise NotFit with everything that is wrong, at once."""
    if reasons := list(refusals()):
        raise NotFit("Production does not start:\n- " + "\n- ".join(reasons))


def refusals() -> Iterator[str]:
    """One sentence for each thing that is missing or lax."""
    for name in REQUIRED:
        value = env.str(name, default="").strip()
        if not value:
            yield f"{name} is not set."
        elif name in _CHECKS and (sentence := _CHECKS[name](value)):
            yield f"{name} {sentence}"
    yield from (f"{name} must be off." for name in FORBIDDEN if env.bool(name, default=False))
    if env.str("SECOND_FACTOR", default="required") != "required":
        yield "SECOND_FACTOR must be required: nobody decides, pays or administers with a password alone."
    if env.str("REVIEW_MODE", default="human") != "human":
        yield "REVIEW_MODE must be human: nobody but a person decides."


def _secret(value: str) -> str:
    return "" if len(value) >= 50 and len(set(value)) >= 5 else "must be random and at least 50 characters long."


def _hosts(value: str) -> str:
    return "must name the hosts; * lets any in." if "*" in value.split(",") else ""


def _hash_key(value: str) -> str:
    return (
        "" if _is_key(value.removeprefix("sm3:")) else f"must be {KEY_BYTES} bytes in base64, after sm3: for HMAC-SM3."
    )


def _data_keys(value: str) -> str:
    entries = [entry.partition(":") for entry in value.split(",")]
    sound = all(kid and (_is_key(key) or _is_sm4(key)) for kid, _, key in entries)
    twice = len({kid for kid, _, _ in entries}) < len(entries)
    return (
        ""
        if sound and not twice
        else f"must be NAME:KEY, newest first, separated by commas, no name twice; each key {KEY_BYTES} bytes in base64, "
        f"or sm4: and {SM4_BYTES} bytes."
    )


def _is_sm4(text: str) -> bool:
    return text.startswith("sm4:") and _is_key(text.removeprefix("sm4:"), SM4_BYTES)


def _is_key(text: str, size: int = KEY_BYTES) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == size
    except binascii.Error:
        return False


def _register(value: str) -> str:
    return "must not be the demo register." if value.endswith("DemoRegister") else ""


_CHECKS: dict[str, Callable[[str], str]] = {
    "SECRET_KEY": _secret,
    "ALLOWED_HOSTS": _hosts,
    "HASH_KEY": _hash_key,
    "DATA_KEYS": _data_keys,
    "INSURED_REGISTER": _register,
}
