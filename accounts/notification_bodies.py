"""What is sent and answered about how an account is reached outside its inbox, with the examples of the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from core.http.bodies import Body
from core.http.values import Maybe, Text

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
