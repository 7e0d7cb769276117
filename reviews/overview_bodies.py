"""What `GET overview/` answers, with its example."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from core.http.values import OneOf
from reviews.bodies import ID, PERSON, Time
from reviews.models import Kind
from reviews.needs import NeedKind

NEEDS = [(str(kind), str(kind)) for kind in NeedKind]


class NeedShape(TypedDict):
    """One thing to be done; they come the most pressing first."""

    kind: Annotated[
        str,
        OneOf(NEEDS),
        Field(
            description="bind 绑定参保人 · verify 输入验证码 · correct 补正 · consent 答复代办申请 · documents 补交承诺的材料 · "
            "account 更正收款账户 · report 报告急诊 · renew 续期 · expiring 即将到期 · finish 草稿待提交"
        ),
    ]
    title: str
    text: str
    on: Annotated[date | None, Field(description="最后一天")]
    days_left: Annotated[int | None, Field(description="到最后一天还有几天；0 为当天")]
    submission: str | None
    submission_kind: Annotated[str | None, OneOf(Kind)]
    number: str | None
    mandate: str | None
    person: str | None
    person_name: Annotated[str, Field(description="脱敏姓名；生效前为空")]


class Line(TypedDict):
    id: str
    kind: Annotated[str, OneOf(Kind)]
    number: str
    title: str
    person: str
    person_name: Annotated[str, Field(description="脱敏姓名")]
    insured_area_name: str


class StandingShape(Line):
    """Something approved that counts, or will; the one that ends first comes first."""

    valid_from: date | None
    valid_until: Annotated[date | None, Field(description="最后一天；null 为长期有效")]
    begun: Annotated[bool, Field(description="false：尚未开始生效")]
    days_left: Annotated[int | None, Field(description="到最后一天还有几天；null 为长期有效")]


class UnderWayShape(Line):
    due_at: Time
    due_provisional: bool


class AgencyToCall(TypedDict):
    name: str
    phone: str


class OverviewShape(TypedDict):
    bound: Annotated[bool, Field(description="是否已有可代办的参保人")]
    needs: list[NeedShape]
    in_force: list[StandingShape]
    under_way: list[UnderWayShape]
    agency: Annotated[AgencyToCall | None, Field(description="参保地经办机构；自己的参保地在先，没有电话的不列")]


LINE: dict[str, Any] = {
    "id": ID,
    "kind": "filing",
    "number": "20261121-000123-4",
    "title": "北京市 · 异地长期居住人员",
    "person": PERSON,
    "person_name": "王*兰",
    "insured_area_name": "重庆市",
}
OVERVIEW: dict[str, Any] = {
    "bound": True,
    "agency": {"name": "重庆市医疗保障事务中心", "phone": "023-00000000"},
    "needs": [
        {
            "kind": "correct",
            "title": LINE["title"],
            "text": "请在2026年12月21日前补正。居住证照片不清，请重新拍摄后上传。",
            "on": "2026-12-21",
            "days_left": 30,
            "submission": ID,
            "submission_kind": "filing",
            "number": LINE["number"],
            "mandate": None,
            "person": PERSON,
            "person_name": "王*兰",
        }
    ],
    "in_force": [
        {**LINE, "valid_from": "2026-11-21", "valid_until": "2027-05-20", "begun": True, "days_left": 180},
    ],
    "under_way": [{**LINE, "due_at": "2026-11-24T17:00:00+08:00", "due_provisional": False}],
}
