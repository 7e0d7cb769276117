"""Pages of a list: `{count, next, previous, results}`, counted no further than 10 000 (API.md, Conventions)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from core.errors import Invalid, NotFound

COUNT_CAP = 10_000
PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


class Paging(BasePagination):
    """Numbered pages. Two queries at most: the rows (one more than shown, to know of a next page), the count if there is one."""

    request: Request
    number: int
    size: int
    count: int
    has_next: bool

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Return the rows of the page asked for. Invalid: not a number; NotFound `page_not_found`: past the last page."""
        self.request = request
        self.number = _positive(request, "page", 1)
        self.size = min(_positive(request, "page_size", PAGE_SIZE), MAX_PAGE_SIZE)
        start = (self.number - 1) * self.size
        rows = list(_steady(queryset)[start : start + self.size + 1])
        self.has_next = len(rows) > self.size
        self.count = _capped_count(queryset) if self.has_next else start + len(rows)
        if not rows and self.number > 1:
            raise NotFound(_("没有这一页，请返回上一页。"), code="page_not_found", attr="page")
        return rows[: self.size]

    def envelope(self, results: list[Any]) -> dict[str, Any]:
        """Return the body of the list around the rendered rows."""
        capped = {"count_capped": True} if self.count > COUNT_CAP else {}
        return {
            "count": min(self.count, COUNT_CAP),
            **capped,
            "next": self._link(self.number + 1) if self.has_next else None,
            "previous": self._link(self.number - 1) if self.number > 1 else None,
            "results": results,
        }

    def get_paginated_response(self, data: Any) -> Response:
        return Response(self.envelope(data))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "maximum": COUNT_CAP, "example": 1},
                "count_capped": {"type": "boolean", "description": "There are more than `count`.", "example": False},
                "next": {**link, "example": None},
                "previous": {**link, "example": None},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        sizes = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            {"name": "page", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1}},
            {"name": "page_size", "in": "query", "required": False, "schema": sizes},
        ]

    def _link(self, number: int) -> str:
        url = self.request.build_absolute_uri()
        return remove_query_param(url, "page") if number == 1 else replace_query_param(url, "page", number)


def _positive(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and int(text[:10]) > 0 and len(text) < 10):
        raise Invalid(_("请填写大于 0 的整数。"), code="invalid_page", attr=name)
    return int(text)


def _steady(rows: Any) -> Any:
    """Order by what the list asks for and then by key, so that no row is shown twice or left out between pages."""
    if not isinstance(rows, QuerySet):
        return rows
    order = [*(rows.query.order_by or rows.model._meta.ordering)]
    key = rows.model._meta.pk.name
    settled = {str(term).lstrip("-") for term in order} & {"pk", key}
    return rows if settled else rows.order_by(*order, key)


def _capped_count(rows: Any) -> int:
    """Count no further than one past the cap, over the index only: ten million rows cost what ten thousand do."""
    if not isinstance(rows, QuerySet):
        return len(rows)
    keys = rows.order_by() if rows.query.combinator else rows.order_by().values("pk")
    return keys[: COUNT_CAP + 1].count()
