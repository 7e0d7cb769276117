"""Limits against guessing and flooding, counted in the cache by machine time. The rates stand in the settings (`LIMITS`)."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from core.errors import TooMany

SECONDS = {"min": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Limit:
    """So many times in a period for each `who`, from the first time on: `settings.LIMITS[name]`, written `10/hour`."""

    name: str

    def spend(self, who: object) -> None:
        """Count one time; raises TooMany `throttled` when there were too many already."""
        times, _slash, period = settings.LIMITS[self.name].partition("/")
        key, seconds = self._key(who), SECONDS[period]
        cache.add(f"{key}:until", time.time() + seconds, seconds)
        if _count(key, seconds) > int(times):
            wait = cache.get(f"{key}:until", time.time()) - time.time()
            raise TooMany(_("操作过于频繁，请稍后再试。"), retry_after=max(1, round(wait)))

    def refund(self, who: object) -> None:
        """Take one time back: it was no guess."""
        try:
            cache.decr(self._key(who))
        except ValueError:  # the period has just ended
            return

    def _key(self, who: object) -> str:
        return f"limit:{self.name}:{hashlib.blake2b(str(who).encode(), digest_size=16).hexdigest()}"


def _count(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # the period ended between the two
        cache.add(key, 1, seconds)
        return 1


SIGNING_IN = Limit("sign-in")
GUESSING_ACCOUNT = Limit("guess-account")
GUESSING_ADDRESS = Limit("guess-address")
WRONG_CODES = Limit("wrong-code")
REQUESTS_BY_ACCOUNT = Limit("ask-person")
REQUESTS_ABOUT_PERSON = Limit("person-asked")
VOUCHERS = Limit("voucher")
GUESSING_VOUCHER = Limit("guess-voucher")
