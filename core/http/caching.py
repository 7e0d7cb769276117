"""Open reference lists: an `ETag` of the content, and 304 to whoever has it already (API.md, Reference)."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Cacheable(APIView):
    """A view whose GET answers may be kept by anyone. `max_age`: seconds before it must be asked for again."""

    max_age = 0

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if request.method in ("GET", "HEAD") and answer.status_code == 200:
            answer.add_post_render_callback(lambda rendered: _conditional(request, rendered, self.max_age))
        return answer


def _conditional(request: Request, answer: Response, max_age: int) -> HttpResponseBase:
    tag = quote_etag(hashlib.blake2b(answer.content, digest_size=16).hexdigest())
    answer["ETag"] = tag
    patch_cache_control(answer, public=True, **({"max_age": max_age} if max_age else {"no_cache": True}))
    return cast(HttpResponseBase, get_conditional_response(request._request, etag=tag, response=answer))
