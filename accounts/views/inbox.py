"""The account's inbox."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import bodies, presenting, services
from accounts.bodies import MessageQuery, MessageShape
from accounts.http import Endpoint
from accounts.models import Message
from core.http.schema import operation


class Messages(Endpoint):
    @operation("我的消息", parameters=[MessageQuery], answer=list[MessageShape], example=bodies.MESSAGE)
    def get(self, request: Request) -> Response:
        """The inbox, the newest first. `?unread=true` with `page_size=1` counts what is unread."""
        rows = Message.objects.filter(account=self.account)
        if MessageQuery.read(request).unread:
            rows = rows.filter(read_at=None)
        return self.listed(rows, presenting.message_rows)


class ReadMessage(Endpoint):
    @operation("标记消息已读", request=None, answer=MessageShape, example=bodies.READ)
    def post(self, request: Request, message_id: uuid.UUID) -> Response:
        """Note that the message was read; the first time stays."""
        return Response(presenting.message_row(services.mark_read(self.account, message_id)))
