"""How an account is reached outside its inbox: its channels, and what it agreed to in WeChat; with the examples of the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from accounts import services, wechat
from accounts.http import Endpoint
from accounts.models import Account, Role
from core.http.bodies import Body
from core.http.schema import operation
from core.http.values import Maybe, Text
from core.sealing import mask_phone

Answer = Literal["accept", "reject", "ban", "filter"]
"""What wx.requestSubscribeMessage answers for a template."""


class NotificationInput(Body):
    wechat: Maybe[bool] = Field(None, description="是否用微信订阅消息通知")
    sms: Maybe[bool] = Field(None, description="微信通知不到时，是否用短信通知")


class ConsentAnswer(Body):
    template: Annotated[str, Text(64)] = Field(description="订阅消息模板 id")
    answer: Answer = Field(description="wx.requestSubscribeMessage 对该模板的回答")


class ConsentInput(Body):
    results: list[ConsentAnswer] = Field(min_length=1, max_length=20)


class TemplateShape(TypedDict):
    template: Annotated[str, Field(description="订阅消息模板 id")]
    kinds: Annotated[list[str], Field(description="用于哪些消息；default：其余各种")]
    left: Annotated[int, Field(description="还可以发送几条；为 0 时请再次询问用户")]
    long_term: Annotated[bool, Field(description="长期订阅：同意一次，一直有效")]


class WeChatShape(TypedDict):
    on: bool
    templates: list[TemplateShape]


class SmsShape(TypedDict):
    on: bool
    phone: Annotated[str | None, Field(description="参保登记的电话（脱敏）；null：没有绑定本人或没有登记电话")]


class NotificationShape(TypedDict):
    """How the account is reached. The inbox has every message in any case."""

    wechat: WeChatShape
    sms: SmsShape


NOTIFICATIONS: dict[str, Any] = {
    "wechat": {
        "on": True,
        "templates": [
            {
                "template": "GbA0VdVkT4w6jF1n2Qq0lXk8m5S9e7R3yU1oP2iL4cE",
                "kinds": ["approved", "rejected", "returned"],
                "left": 1,
                "long_term": False,
            }
        ],
    },
    "sms": {"on": True, "phone": "139****0001"},
}
CONSENT: dict[str, Any] = {"results": [{"template": "GbA0VdVkT4w6jF1n2Qq0lXk8m5S9e7R3yU1oP2iL4cE", "answer": "accept"}]}


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
