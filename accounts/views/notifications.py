"""How an account is reached outside its inbox: its channels, and what it agreed to in WeChat."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services, wechat
from accounts.http import Endpoint
from accounts.models import Account, Role
from accounts.notification_bodies import (
    CONSENT,
    NOTIFICATIONS,
    ConsentInput,
    NotificationInput,
    NotificationShape,
)
from core.http.schema import operation
from core.sealing import mask_phone


class OfCitizens(Endpoint):
    roles = frozenset({Role.CITIZEN})


class Notifications(OfCitizens):
    @operation("消息通知方式", answer=NotificationShape, example=NOTIFICATIONS)
    def get(self, request: Request) -> Response:
        """By WeChat, and by text message where WeChat does not reach; the templates a client may ask consent for."""
        return Response(_shown(self.account))

    @operation(
        "修改消息通知方式",
        request=NotificationInput,
        sent={"sms": False},
        answer=NotificationShape,
        example={**NOTIFICATIONS, "sms": {**NOTIFICATIONS["sms"], "on": False}},
    )
    def patch(self, request: Request) -> Response:
        """Switch a channel on or off. Messages that wait follow at once; the inbox has every message all the same."""
        body = NotificationInput.read(request)
        services.choose_channels(self.account, by_wechat=body.wechat, by_sms=body.sms)
        return Response(_shown(self.account))


class Consents(OfCitizens):
    @operation(
        "记录订阅消息授权",
        request=ConsentInput,
        sent=CONSENT,
        answer=NotificationShape,
        example=NOTIFICATIONS,
        refusals={400: {"template_unknown": "没有这个订阅消息模板，请刷新后再试。"}},
    )
    def post(self, request: Request) -> Response:
        """What somebody answered to wx.requestSubscribeMessage. Each `accept` is one message more of that template."""
        body = ConsentInput.read(request)
        services.record_consents(self.account, [(result.template, result.answer) for result in body.results])
        return Response(_shown(self.account))


def _shown(account: Account) -> NotificationShape:
    phone = services.telephone_of(account)
    return {
        "wechat": {
            "on": account.by_wechat,
            "templates": [
                {
                    "template": row.template,
                    "kinds": row.kinds,
                    "left": row.left,
                    "long_term": wechat.is_long_term(row.template),
                }
                for row in services.templates_of(account)
            ],
        },
        "sms": {"on": account.by_sms, "phone": mask_phone(phone) or None},
    }
