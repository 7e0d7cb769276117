"""Limits against guessing and flooding, counted by machine time in the cache, and in the database while there is none.

The rates stand in the settings (`LIMITS`).
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import LimitCount
from core.cache import CacheGone
from core.cache import count as count_in_cache
from core.errors import TooMany
from core.retention import Retention

SECONDS = {"min": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Limit:
    """So many times in a period for each `who`, from the first time on: `settings.LIMITS[name]`, written `10/hour`."""

    name: str

    def spend(self, who: object) -> int:
        """Count one time, and return how many there were; raises TooMany `throttled` when there were too many already."""
        times, _slash, period = settings.LIMITS[self.name].partition("/")
        key, seconds = self._key(who), SECONDS[period]
        try:
            count, wait = count_in_cache(key, seconds)
        except CacheGone:
            count, wait = _count_in_database(key, seconds)
        if count > int(times):
            raise TooMany(_("操作过于频繁，请稍后再试。"), retry_after=max(1, round(wait)))
        return count

    def refund(self, who: object) -> None:
        """Take one time back: it was no guess. (While the database counts, it stays counted.)"""
        with suppress(ValueError, CacheGone):  # ValueError: the period has just ended
            cache.decr(self._key(who))

    def _key(self, who: object) -> str:
        return f"limit:{self.name}:{hashlib.blake2b(str(who).encode(), digest_size=16).hexdigest()}"


COUNT = """
    INSERT INTO accounts_limitcount AS known (key, times, until) VALUES (%(key)s, 1, now() + %(seconds)s * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET
        times = CASE WHEN known.until < now() THEN 1 ELSE known.times + 1 END,
        until = CASE WHEN known.until < now() THEN EXCLUDED.until ELSE known.until END
    RETURNING times, extract(epoch FROM until - now())
"""


def _count_in_database(key: str, seconds: int) -> tuple[int, float]:
    """The same, on a connection of its own: it counts, whatever becomes of the request."""
    apart = connection.copy()
    try:
        with apart.cursor() as cursor:
            cursor.execute(COUNT, {"key": key, "seconds": seconds})
            count, wait = cursor.fetchone()
        return int(count), float(wait)
    finally:
        apart.close()


TAKE = """
    INSERT INTO accounts_limitcount (key, times, until) VALUES (%s, 1, now() + %s * interval '1 second')
    ON CONFLICT DO NOTHING RETURNING key
"""


def serves(name: str, what: str, seconds: int) -> bool:
    """Whether what bears this name may serve `what`: once it served something, it serves nothing else while it lasts.

    Both are at most 32 characters. What the cache knew when it went is not known to the database.
    """
    key = f"serves:{name}"
    try:
        first = what if cache.add(key, what, seconds) else cache.get(key)
    except CacheGone:
        first = None
    return _serves_in_database(key, what, seconds) if first is None else first == what


def _serves_in_database(key: str, what: str, seconds: int) -> bool:
    """The same by two rows, the name's and the pair's; a rival waits for who takes the name first."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, [key, seconds])
        if cursor.fetchone() is None:
            return LimitCount.objects.filter(key=f"{key}:{what}").exists()
        cursor.execute(TAKE, [f"{key}:{what}", seconds])
    return True


def purge_counts() -> int:
    """Delete what was counted in the database and counts no more."""
    return COUNTS.purge()


COUNTS = Retention(LimitCount, lambda now: Q(until__lt=now))


SIGNING_IN = Limit("sign-in")
GUESSING_ACCOUNT = Limit("guess-account")
GUESSING_PERSON = Limit("guess-person")
GUESSING_ADDRESS = Limit("guess-address")
GUESSING_OPERATOR = Limit("guess-operator")
GUESSING_HOSPITAL = Limit("guess-hospital")
WRONG_CODES = Limit("wrong-code")
REQUESTS_BY_ACCOUNT = Limit("ask-person")
REQUESTS_ABOUT_PERSON = Limit("person-asked")
VOUCHERS = Limit("voucher")
GUESSING_VOUCHER = Limit("guess-voucher")
