"""Wrong passwords: whoever guesses waits longer and longer, and nobody else is kept out by it.

django-axes keeps the wrong ones, here by name and address, or by name and known device: one that signed in as this name before
and shows it by a signed cookie. From the fifth on the next try waits, thirty seconds at first and twice as long each time.
Guesses at one name from many addresses are slowed down together, and stop no known device.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.core import signing
from django.db.models import Max, Q, Sum
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from rest_framework.throttling import BaseThrottle

from accounts.models import Account, SignIn
from core.retention import Retention
from core.sealing import keyed_hash

SALT = "accounts.security.device"
MOST_NAMES = 8
STRANGERS_AFTER, STRANGERS_WAIT = 40, timedelta(minutes=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
DEVICE = "device "


class Attempts(AxesDatabaseHandler):  # type: ignore[misc]
    """What django-axes asks before a password is looked at, and tells afterwards."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """At the limit while this client has to wait, else none."""
        wait = _wait(request, get_client_username(request, credentials) or "")
        request.sign_in_wait = wait  # type: ignore[attr-defined]
        return int(settings.AXES_FAILURE_LIMIT) if wait else 0

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **rest: Any
    ) -> None:
        """Keep a wrong password under the client it came from."""
        if request is not None:
            client = _client(request, get_client_username(request, credentials) or "")
            request.axes_user_agent = client["user_agent"]  # type: ignore[attr-defined]
        super().user_login_failed(sender, credentials, request, **rest)

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Account, **rest: Any) -> None:
        """Put the sign-in on record: the audit reads it."""
        keep_sign_in(request, user, SignIn.Door.SITE)


def keep_sign_in(request: HttpRequest, account: Account, door: str, how: str = "") -> None:
    """Somebody signed in: it stands on record, and the wrong tries of this client count no more."""
    how = how or getattr(request, "second_factor", "")
    SignIn.objects.create(account=account, door=door, factor=how, address=address_of(request))
    AccessAttempt.objects.filter(username=account.username, **_client(request, account.username or "")).delete()


def _wait(request: HttpRequest, username: str) -> int:
    """The seconds that this client has to wait before its next try at a name; 0: it may try."""
    client = _client(request, username)
    waits = [_pause(_tries(username, client))]
    if not client["user_agent"]:
        count, last = _tries(username, {"user_agent": ""})
        waits.append(last + STRANGERS_WAIT if count >= STRANGERS_AFTER else None)
    left = max((until - timezone.now()).total_seconds() for until in [*filter(None, waits), timezone.now()])
    return max(0, math.ceil(left))


def _tries(username: str, client: dict[str, Any]) -> tuple[int, datetime]:
    """How many wrong ones still count, and when the last was."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    rows = AccessAttempt.objects.filter(username=username, attempt_time__gt=since, **client)
    found = rows.aggregate(count=Sum("failures_since_start"), last=Max("attempt_time"))
    return found["count"] or 0, found["last"] or since


def _pause(tries: tuple[int, datetime]) -> datetime | None:
    """Until when the next try waits after so many wrong ones, twice as long each time; None: not at all."""
    count, last = tries
    over = count - settings.AXES_FAILURE_LIMIT
    return None if over < 0 else last + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


def _client(request: HttpRequest, username: str) -> dict[str, Any]:
    """By which columns the wrong tries of this client are kept: a device that knows the name wherever it is, else the address."""
    device = _known_device(request, username)
    return {"user_agent": DEVICE + device} if device else {"ip_address": address_of(request), "user_agent": ""}


def address_of(request: HttpRequest) -> str | None:
    """The caller's network address, as django-axes keeps it: of IPv6 the network that one customer has. None: there is none."""
    try:
        address = ipaddress.ip_address(BaseThrottle().get_ident(request) or "")  # type: ignore[arg-type]
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    network = ipaddress.ip_network((address, 64), strict=False)
    return str(address.ipv4_mapped or network.network_address)


# Known devices


def _cookie(request: HttpRequest) -> dict[str, Any]:
    """What the device's cookie says: its id, and the hashes of the names that signed in on it; empty if it is not ours."""
    try:
        said = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=settings.DEVICE_COOKIE_AGE
        )
    except signing.BadSignature:
        return {}
    return dict(said)


def _known_device(request: HttpRequest, username: str) -> str:
    """The id of a device on which this name signed in before; empty for a stranger."""
    said = _cookie(request)
    return str(said["id"]) if said and _name(username) in said["names"] else ""


def remember_device(request: HttpRequest, answer: HttpResponseBase, account: Account) -> None:
    """The device has signed in: from now on its wrong tries are its own, and those of strangers do not keep it out."""
    said, name = _cookie(request), _name(account.username or "")
    names = [*(each for each in said.get("names", []) if each != name), name][-MOST_NAMES:]
    value = signing.dumps({"id": said.get("id") or secrets.token_hex(12), "names": names}, salt=SALT)
    answer.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        value,
        max_age=settings.DEVICE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(username: str) -> str:
    return keyed_hash(username, purpose="device")[:24]


# For those who look after others


def locked_out(accounts: Iterable[Account]) -> set[str]:
    """The user names, of these, at which somebody tried too many wrong passwords within the hour."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    failed = AccessAttempt.objects.filter(username__in=[row.username for row in accounts], attempt_time__gt=since)
    over = failed.values("username").annotate(count=Sum("failures_since_start"))
    return {row["username"] for row in over if row["count"] >= settings.AXES_FAILURE_LIMIT}


def forget_attempts(username: str | None) -> bool:
    """Let a name be tried again at once from everywhere; whether there was anything to forget."""
    return bool(AccessAttempt.objects.filter(username=username).delete()[0])


def purge_sign_ins() -> int:
    """Delete the wrong tries that count no more, and the sign-ins after `SIGN_INS_KEPT`; return how many."""
    return WRONG_TRIES.purge() + SIGN_INS.purge() + OLD_SIGN_INS.purge()


WRONG_TRIES = Retention(AccessAttempt, lambda now: Q(attempt_time__lt=now - settings.AXES_COOLOFF_TIME))
SIGN_INS = Retention(SignIn, lambda now: Q(at__lt=now - settings.SIGN_INS_KEPT))
OLD_SIGN_INS = Retention(AccessLog, lambda now: Q(attempt_time__lt=now - settings.SIGN_INS_KEPT))
