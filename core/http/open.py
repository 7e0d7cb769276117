"""What the open reference endpoints share: nobody signs in, and whoever has an answer already need not get it again.

Their answers carry an `ETag` of the content: 304 to whoever has it (API.md, Reference).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import replica
from core.http.paging import Paging
from core.languages import SOURCE, reader


class Open(APIView):
    """An open endpoint: a token is not looked at, so that an expired one does not lock anyone out of public data.

    Its GET answers may be kept by anyone. `max_age`: seconds before it must be asked for again.
    """

    authentication_classes = []
    permission_classes = [AllowAny]
    max_age = 0

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return super().dispatch(request, *args, **kwargs)
        with replica.reading():
            return super().dispatch(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if request.method in ("GET", "HEAD") and answer.status_code == 200:
            answer.add_post_render_callback(lambda rendered: _conditional(request, rendered, self.max_age))
        return answer


def unchanged(request: Request, answer: Response, version: int) -> HttpResponseBase:
    """304 to whoever has this answer already: its tag is the version, and what else may change beside that (a file, an action).

    The answer is somebody's own: no cache keeps it; who asks again says themselves what they have.
    """
    digest = hashlib.blake2b(_said(request._request, answer), digest_size=8).hexdigest()
    answer["ETag"] = tag = f'W/"{version}-{digest}"'
    patch_cache_control(answer, no_store=True)
    if "If-None-Match" not in request.headers:
        return answer
    return cast(HttpResponseBase, get_conditional_response(request._request, etag=tag, response=answer))


def _said(request: Any, answer: Response) -> bytes:
    """What is answered, with the language it will be put into (`config.middleware.ReadersLanguage`)."""
    language = reader(request)
    content: bytes = answer.content
    return content if language == SOURCE else language.encode() + content


def _conditional(request: Request, answer: Response, max_age: int) -> HttpResponseBase:
    tag = quote_etag(hashlib.blake2b(_said(request, answer), digest_size=16).hexdigest())
    answer["ETag"] = tag
    patch_cache_control(answer, public=True, **({"max_age": max_age} if max_age else {"no_cache": True}))
    return cast(HttpResponseBase, get_conditional_response(request._request, etag=tag, response=answer))


class OpenList(Open):
    """An open list. `max_age`: a minute, for what no deadline or decision hangs on."""

    pagination_class = Paging
    max_age = 60

    def page(self, request: Request, rows: Any, shown: Callable[[Any], Mapping[str, Any]]) -> Response:
        """Answer one page of `rows`, each as `shown` writes it."""
        paging = self.pagination_class()
        return paging.get_paginated_response([shown(row) for row in paging.paginate_queryset(rows, request, self)])


class Document(SpectacularAPIView):
    """The OpenAPI document, written once for a process and language: it takes a second of work, which anybody may ask for."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        kind: Callable[[], Any] = type(renderer)
        return HttpResponse(_written(kind, get_language()), content_type=renderer.media_type)


@lru_cache(maxsize=16)
def _written(renderer: Callable[[], Any], language: str | None) -> bytes:
    generator: Any = Document.generator_class()
    text: bytes = renderer().render(generator.get_schema(public=True), renderer_context={})
    return text
