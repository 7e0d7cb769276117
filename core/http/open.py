"""What the open reference endpoints share: nobody signs in, and whoever has an answer already need not get it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.http.caching import Cacheable
from core.http.paging import Paging


class Open(Cacheable):
    """An open endpoint: a token is not looked at, so that an expired one does not lock anyone out of public data."""

    authentication_classes = []
    permission_classes = [AllowAny]


class OpenList(Open):
    """An open list. `max_age`: a minute, for what no deadline or decision hangs on."""

    pagination_class = Paging
    max_age = 60

    def page(self, request: Request, rows: Any, shown: Callable[[Any], Mapping[str, Any]]) -> Response:
        """Answer one page of `rows`, each as `shown` writes it."""
        paging = self.pagination_class()
        return paging.get_paginated_response([shown(row) for row in paging.paginate_queryset(rows, request, self)])
