"""Idempotency-Key for the one POST of this app that can keep no transaction open (moving the clock commits as it goes).

The endpoints of people and their submissions keep their keys in the database, with what they write; here the cache does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import Invalid, WrongState

KEPT = 24 * 3600
LONGEST_KEY = 128


def once(request: Request, answer: Callable[[], Response]) -> Response:
    """Answer a keyed POST once, or replay what was answered to the same key and body; without a key, just answer."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return answer()
    if not 0 < len(key) <= LONGEST_KEY:
        raise Invalid(_("Idempotency-Key 须为 1 至 128 个字符。"), code="idempotency_key_invalid")
    name = _digest("once", str(request.user.pk), key)
    body = _digest(request.path, json.dumps(request.data, sort_keys=True))
    if not cache.add(name, (body, None), KEPT):
        return _replay(cache.get(name), body)
    return _answer_and_keep(name, body, answer)


def _answer_and_keep(name: str, body: str, answer: Callable[[], Response]) -> Response:
    try:
        response = answer()
    except BaseException:
        cache.delete(name)
        raise
    cache.set(name, (body, response.data), KEPT)
    return response


def _replay(first: tuple[str, object] | None, body: str) -> Response:
    if first and first[0] != body:
        raise WrongState(_("这个 Idempotency-Key 已用于另一请求，请为新的请求换一个。"), code="idempotency_conflict")
    if not first or first[1] is None:
        raise WrongState(_("同一请求正在处理，请稍后再试。"), code="in_progress")
    return Response(first[1], headers={"Idempotent-Replayed": "true"})


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
