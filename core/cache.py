"""The cache, in Redis, for as long as there is one: without it everything goes on that can.

What is only kept to be quicker is not there then: reading finds nothing, writing does nothing. Who counts or wants to be the first
is told (`CacheGone`), and does it otherwise. After a failure Redis is left alone for a moment, so that a frozen one holds up one
request and not each.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

import structlog
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

LEFT_ALONE = 2.0  # seconds
log = structlog.get_logger(__name__)
Value = TypeVar("Value")


class CacheGone(Exception):
    """Redis does not answer."""


class Client(RedisCacheClient):
    """Django's, which would make a client of the library for each command: that costs more than the command itself."""

    @cached_property
    def _kept(self) -> Any:
        return super().get_client()

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._kept  # of the one address there is, for reading and writing


class Cache(RedisCache):
    """Django's cache in Redis, which may be gone."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__([server], params)  # one address: the commas in it are between Sentinels
        self._class = Client
        self._alone_until = 0.0

    def _asked(self, ask: Callable[[], Value]) -> Value:
        if time.monotonic() < self._alone_until:
            raise CacheGone
        try:
            return ask()
        except (RedisError, OSError) as error:
            self._alone_until = time.monotonic() + LEFT_ALONE
            log.warning("cache_gone", error=type(error).__name__)
            raise CacheGone from error

    def _or(self, otherwise: Value, ask: Callable[[], Value]) -> Value:
        try:
            return self._asked(ask)
        except CacheGone:
            return otherwise

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._or(default, lambda: RedisCache.get(self, key, default, version))

    def set(self, key: Any, value: Any, *rest: Any, **named: Any) -> None:
        self._or(None, lambda: RedisCache.set(self, key, value, *rest, **named))

    def delete(self, key: Any, version: Any = None) -> bool:
        return self._or(False, lambda: RedisCache.delete(self, key, version))

    def has_key(self, key: Any, version: Any = None) -> bool:
        return self._or(False, lambda: RedisCache.has_key(self, key, version))

    def add(self, *given: Any, **named: Any) -> Any:
        """As Django's. Raises CacheGone."""
        return self._asked(lambda: RedisCache.add(self, *given, **named))

    def incr(self, *given: Any, **named: Any) -> Any:
        """As Django's. Raises CacheGone."""
        return self._asked(lambda: RedisCache.incr(self, *given, **named))

    def count(self, key: str, seconds: int) -> tuple[int, float]:
        """How often, this time included, in a period that the first time began, and the seconds until it ends. Raises CacheGone."""
        return self._asked(lambda: self._count(key, seconds))

    def _count(self, key: str, seconds: int) -> tuple[int, float]:
        name = self.make_and_validate_key(key)
        with self._cache.get_client().pipeline() as at_once:  # one transaction, one answer
            at_once.set(name, 0, nx=True, ex=seconds)
            at_once.incr(name)
            at_once.pttl(name)
            _began, times, left = at_once.execute()
        return times, left / 1000


def count(key: str, seconds: int) -> tuple[int, float]:
    """`Cache.count` of the one there is."""
    return cast(Cache, cache).count(key, seconds)
