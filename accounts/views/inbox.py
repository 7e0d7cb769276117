"""The account's inbox."""

from __future__ import annotations

import uuid

from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import examples, presenting, services
from accounts.http import Endpoint
from accounts.models import Message
from accounts.serializers import MessageShape
from core.http.schema import operation, query


class Messages(Endpoint):
    @operation(
        "我的消息",
        answer=MessageShape(many=True),
        example=examples.MESSAGE,
        parameters=[query("unread", "true：只要未读消息", OpenApiTypes.BOOL)],
    )
    def get(self, request: Request) -> Response:
        """The inbox, the newest first. `?unread=true` with `page_size=1` counts what is unread."""
        rows = Message.objects.filter(account=self.account)
        if request.query_params.get("unread", "").lower() in ("true", "1"):
            rows = rows.filter(read_at=None)
        return self.listed(rows, presenting.message_rows)


class ReadMessage(Endpoint):
    @operation("标记消息已读", request=None, answer=MessageShape, example=examples.READ)
    def post(self, request: Request, message_id: uuid.UUID) -> Response:
        """Note that the message was read; the first time stays."""
        return Response(presenting.message_row(services.mark_read(self.account, message_id)))
