"""What is sent and answered about accounts, persons, mandates and messages, with the examples of the OpenAPI document.

All persons of the examples are invented.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator
from typing_extensions import TypedDict

from accounts.certificate import Certificate, CertificateKind, read_certificate, read_number
from accounts.models import Category, EnrollmentStatus, Insurance, MandateStatus, Proof, Relation, Role
from core.errors import Refusal
from core.http.bodies import Body, Query
from core.http.values import Maybe, OneOf, Text, wrong
from core.text import DIGITS, IDENTITY, NAME, NUMBER

# What is sent


class WeChatInput(Body):
    code: Annotated[str, Text(128)] = Field(description="wx.login 得到的 code；沙箱模式下为 sandbox:NAME")


class PasswordInput(Body):
    username: Annotated[str, Text(60)]
    password: Annotated[str, Text(128, form=None)]
    code: Annotated[str, Text(32, blank=True)] = ""


class CertificateInput(Body):
    """A certificate other than the 18-digit ID number. `country`: three letters (ISO 3166-1), of passports alone."""

    kind: CertificateKind
    country: Annotated[str, Text(3, blank=True)] = ""
    number: Annotated[str, Text(40, form=NUMBER)]


class Named(Body):
    """Somebody by their certificate: the 18-digit ID number, or another."""

    id_number: Maybe[Annotated[str, Text(40, form=IDENTITY, blank=True)]] = Field(None, description="18位身份证号码")
    certificate: Maybe[CertificateInput] = Field(None, description="没有18位身份证号码的，填写其他证件")

    @property
    def identity(self) -> Certificate:
        """Whom it names. Raises Refusal."""
        other = self.certificate
        if other is None:
            return read_number(self.id_number or "")
        return read_certificate(other.kind, other.number, other.country)

    @model_validator(mode="after")
    def names_one(self) -> Self:
        """By one certificate, and one that can be."""
        try:
            read = [self.identity, *([read_number(self.id_number)] if self.id_number and self.certificate else [])]
        except Refusal as refusal:
            if not (self.id_number or self.certificate):
                raise wrong("required", REQUIRED, attr="id_number") from None
            raise wrong(refusal.code, refusal.detail, attr=refusal.problems[0].attr or "") from refusal
        if len({certificate.key for certificate in read}) > 1:
            raise wrong("certificate_twice", _("证件只填一种：id_number 或 certificate。"), attr="certificate")
        return self


REQUIRED = _("请填写身份证号码；没有的，请填写其他证件（certificate）。")


class BindInput(Named):
    name: Annotated[str, Text(60, form=NAME)]
    relation: Relation
    consent: bool = Field(description="已阅读并同意授权说明")


class CodeInput(Body):
    code: Annotated[str, Text(12, form=DIGITS)]


class AccountInput(Body):
    language: Maybe[Annotated[str, OneOf(settings.LANGUAGES)]] = Field(None, description="手机页面和消息的语言")
    elder_mode: Maybe[bool] = Field(None, description="手机页面是否用长辈版")


class MessageQuery(Query):
    unread: Maybe[bool] = Field(None, description="true：只要未读消息")


# What is answered


class SignedInAccount(TypedDict):
    id: str
    nickname: str
    role: Annotated[str, OneOf(Role)]
    language: Annotated[str, Field(description="所选语言；空为没有选择")]
    elder_mode: Annotated[bool | None, Field(description="是否用长辈版；空为没有选择")]


class SignedIn(TypedDict):
    token: str
    expires_at: datetime
    account: SignedInAccount


class AccountShape(SignedInAccount):
    area: Annotated[str | None, Field(description="审核人员所在统筹区")]
    area_name: str | None
    institution: Annotated[str | None, Field(description="医院经办所在机构")]
    institution_name: str | None
    person: Annotated[str | None, Field(description="本人绑定的参保人")]
    unread: Annotated[int, Field(description="未读消息数")]


class EnrollmentShape(TypedDict):
    id: str
    area: str
    area_name: str
    insurance: Annotated[str, OneOf(Insurance)]
    category: Annotated[str, OneOf(Category)]
    tier: int
    retired_year: Annotated[int | None, Field(description="退休年份；参保登记没有的为 null")]
    status: Annotated[str, OneOf(EnrollmentStatus)]
    valid_from: date
    valid_until: date | None


class CertificateShape(TypedDict):
    """The certificate by which the register knows somebody."""

    kind: Annotated[str, OneOf(CertificateKind)]
    country: Annotated[str | None, Field(description="签发护照的国家（三位字母）；其他证件为 null")]
    number: Annotated[str, Field(description="脱敏号码")]


class CounterShape(TypedDict):
    """The agency (经办机构) at whose counter a mandate is proved."""

    name: str
    address: str
    phone: str


class PersonMandate(TypedDict):
    id: str
    status: Annotated[str, OneOf(MandateStatus)]
    proof: Annotated[str, OneOf(Proof)]
    until: date | None
    whom: Annotated[str, Field(description="申请绑定时填写的姓名，脱敏")]
    agency: Annotated[CounterShape | None, Field(description="待窗口办理时：参保地的经办机构")]


class PersonShape(TypedDict):
    """A person I act for, or asked to. Before the mandate is active nothing of the person is shown (null)."""

    id: str
    name: Annotated[str | None, Field(description="脱敏姓名")]
    id_number: Annotated[str | None, Field(description="脱敏证件号码")]
    certificate: CertificateShape | None
    relation: Annotated[str, OneOf(Relation)]
    birth_date: date | None
    mandate: PersonMandate
    enrollments: list[EnrollmentShape]


class VoucherShape(TypedDict):
    token: Annotated[str, Field(description="医保码的内容：M 加 26 位数字和大写字母，只在这里出现一次")]
    expires_at: Annotated[datetime, Field(description="在此之前由医院读取")]
    expires_in: Annotated[int, Field(description="剩余秒数，不受手机时间影响")]
    qr_svg: Annotated[str, Field(description="二维码（SVG）")]


class MandatePerson(TypedDict):
    id: str
    name: Annotated[str | None, Field(description="脱敏姓名；生效前为空")]


class MandateShape(TypedDict):
    """A mandate of mine (`mine`), or one that another account holds or asks for over me."""

    id: str
    mine: bool
    holder: Annotated[str, Field(description="代办人的脱敏姓名或昵称")]
    person: MandatePerson
    relation: Annotated[str, OneOf(Relation)]
    proof: Annotated[str, OneOf(Proof)]
    status: Annotated[str, OneOf(MandateStatus)]
    asked_at: datetime
    active_from: datetime | None
    ended_at: datetime | None
    until: date | None
    actions: list[Literal["approve", "revoke"]]


class MessageShape(TypedDict):
    id: str
    kind: str
    title: str
    text: str
    submission: Annotated[str | None, Field(description="所关事项的 id")]
    submission_kind: Annotated[
        str | None,
        Field(description="所关事项：filing、proof、referral、recognition、claim，或 settlement（已结算的账单）"),
    ]
    reason: Annotated[str, Field(description="审核意见原文；没有时为空")]
    created_at: datetime
    read_at: datetime | None


# Examples
TOKEN: dict[str, Any] = {
    "token": "4f0c…c21e",
    "expires_at": "2026-12-21T10:00:00+08:00",
    "account": {
        "id": "019ab7a2-6a1c-7c3e-9d52-0f3a5b8c1d2e",
        "nickname": "wang",
        "role": "citizen",
        "language": "en",
        "elder_mode": False,
    },
}
STAFF_TOKEN: dict[str, Any] = {
    "token": "9be1…07aa",
    "expires_at": "2026-11-21T22:00:00+08:00",
    "account": {
        "id": "019ab7a2-6a1c-7c3e-9d52-0f3a5b8c1d2f",
        "nickname": "cq-reviewer",
        "role": "reviewer",
        "language": "",
        "elder_mode": None,
    },
}
ACCOUNT: dict[str, Any] = {
    **TOKEN["account"],
    "area": None,
    "area_name": None,
    "institution": None,
    "institution_name": None,
    "person": "019ab7a2-6b00-7d41-8f66-5a2c9e7b3f10",
    "unread": 2,
}
ACTIVE: dict[str, Any] = {
    "id": "019ab7a2-6b00-7d41-8f66-5a2c9e7b3f10",
    "name": "王*兰",
    "id_number": "1101**********0028",
    "certificate": {"kind": "id_card", "country": None, "number": "1101**********0028"},
    "relation": "self",
    "birth_date": "1955-03-07",
    "mandate": {
        "id": "019ab7a2-6c00-7a11-8a22-1b2c3d4e5f60",
        "status": "active",
        "proof": "code",
        "until": None,
        "whom": "王*兰",
        "agency": None,
    },
    "enrollments": [
        {
            "id": "019ab7a2-6d00-7b22-9b33-2c3d4e5f6071",
            "area": "500000",
            "area_name": "重庆市",
            "insurance": "employee",
            "category": "retired",
            "tier": 1,
            "retired_year": 2010,
            "status": "active",
            "valid_from": "2015-01-01",
            "valid_until": None,
        }
    ],
}
PENDING: dict[str, Any] = {
    **ACTIVE,
    "name": None,
    "id_number": None,
    "certificate": None,
    "birth_date": None,
    "mandate": {**ACTIVE["mandate"], "status": "pending"},
    "enrollments": [],
}
BIND: dict[str, Any] = {"name": "王秀兰", "id_number": "110101195503070028", "relation": "self", "consent": True}
VOUCHER: dict[str, Any] = {
    "token": "M4T8Q0ZK3W9XHCV7N2B5RDJ1PGE",
    "expires_at": "2026-11-21T10:03:00.000000+08:00",
    "expires_in": 180,
    "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg" …></svg>',
}
MANDATE: dict[str, Any] = {
    "id": "019ab7a2-6e00-7c44-8d55-3e4f50617283",
    "mine": False,
    "holder": "李*",
    "person": {"id": "019ab7a2-6b00-7d41-8f66-5a2c9e7b3f10", "name": "王*兰"},
    "relation": "parent",
    "proof": "approval",
    "status": "pending",
    "asked_at": "2026-11-21T10:00:00+08:00",
    "active_from": None,
    "ended_at": None,
    "until": None,
    "actions": ["approve", "revoke"],
}
AGREED: dict[str, Any] = {
    **MANDATE,
    "status": "active",
    "active_from": "2026-11-21T11:30:00+08:00",
    "actions": ["revoke"],
}
REVOKED: dict[str, Any] = {**AGREED, "status": "ended", "ended_at": "2026-11-22T09:00:00+08:00", "actions": []}
MESSAGE: dict[str, Any] = {
    "id": "019ab7a2-7000-7e66-8f77-506172839405",
    "kind": "approved",
    "title": "异地就医备案已通过",
    "text": "您到北京市的异地就医备案已通过，自2026年11月21日起生效。",
    "submission": "019ab7a2-7100-7f77-9088-617283940516",
    "submission_kind": "filing",
    "reason": "",
    "created_at": "2026-11-21T15:00:00+08:00",
    "read_at": None,
}
READ: dict[str, Any] = {**MESSAGE, "read_at": "2026-11-21T15:05:00+08:00"}

CLOSING: dict[str, Any] = {
    "matters": [
        {
            "kind": "filing",
            "label": "异地就医备案",
            "id": "019ab5c0-6f00-7c3e-9d58-2f6d1c1b7a10",
            "number": "20261121-000123-4",
            "person_name": "王*兰",
            "about": "北京市 · 异地长期居住人员",
            "open": ["生效中，长期有效", "承诺的材料还没有补交，请在2027-01-21前补交"],
        }
    ]
}
