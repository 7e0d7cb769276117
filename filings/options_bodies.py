"""What `GET filing-options/` takes and answers, with its example."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field
from typing_extensions import TypedDict

from core.errors import Problem
from core.http.bodies import Query
from core.http.values import Maybe, OneOf, Text
from filings.bodies import InArea, LockShape
from filings.models import FilingType
from policies.bodies import TranslationShape
from reviews.bodies import ENROLLMENT, NO_ID, NOTICE, DocumentShape, Id

CHOOSE = ("required", _("请选择参保关系和就医地。"))


class OptionsQuery(Query):
    sentences = {**Query.sentences, "missing": CHOOSE}

    enrollment: Annotated[str, Text()] = Field(description="Enrolment id")
    destination: InArea = Field(description="Area code")
    filing: Maybe[Id] = Field(None, description="修改或变更的是哪一份备案：它自己不妨碍自己")

    def problems(self) -> Iterator[Problem]:
        """What is missing is told before what is wrong with an id."""
        try:
            UUID(self.enrollment)
        except ValueError:
            yield Problem("invalid", str(NO_ID), "enrollment")


class TermShape(TypedDict):
    text: str
    until: Annotated[date | None, Field(description="如今天开始，最后一天")]


class StartsShape(TypedDict):
    earliest: date
    latest: date


class OptionLockShape(LockShape):
    text: str


class CitationShape(TypedDict):
    title: str
    publisher: str
    year: int
    url: str | None
    grade: Annotated[str, Field(description="A 官方 … D 不可靠")]


class BenefitShape(TypedDict):
    summary: str
    travel: str
    citations: list[CitationShape]


class NoticeShape(TypedDict):
    id: str
    version: int
    title: str
    text: Annotated[str, Field(description="中文原文，各语言都以此为准")]
    translation: Annotated[TranslationShape | None, Field(description="按 Accept-Language；简体中文为 null")]


class OptionShape(TypedDict):
    type: Annotated[str, OneOf(FilingType)]
    label: str
    open: bool
    reason: Annotated[str, Field(description="不能办理的原因")]
    code: str
    lane: str
    documents: list[DocumentShape]
    validity: TermShape
    starts: StartsShape
    lock: OptionLockShape
    institutions: Annotated[int | None, Field(description="最多选定几家医疗机构；null 为不用选")]
    benefit: BenefitShape
    note: str
    notice: NoticeShape | None


class DeemedShape(TypedDict):
    type: Annotated[str, OneOf(FilingType)]
    travel: str
    text: str


class ExemptShape(TypedDict):
    care: str
    label: str
    travel: str
    since: date | None
    until: date | None


class InjuryShape(TypedDict):
    """How the insured area takes an injury (外伤) elsewhere, and the statement that no third party is liable."""

    direct: Annotated[bool, Field(description="可以直接结算")]
    statement: Annotated[DocumentShape | None, Field(description="无第三方责任承诺书；null 为不需要")]
    note: str


class OptionsShape(TypedDict):
    """What can be filed for a place; those that cannot come last, with the reason."""

    enrollment: str
    destination: str
    destination_name: str
    destination_rule: Literal["city", "province"]
    needed: bool
    reason: str
    deemed: list[DeemedShape]
    exempt: list[ExemptShape]
    dual_benefit: str
    injury: InjuryShape
    options: list[OptionShape]


OPTIONS: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "destination": "110000",
    "destination_name": "北京市",
    "destination_rule": "province",
    "needed": True,
    "reason": "",
    "deemed": [
        {
            "type": "emergency",
            "travel": "emergency",
            "text": "急诊抢救视同已备案：持医保码或社保卡就医，由医院标注急诊后直接结算。",
        }
    ],
    "exempt": [],
    "dual_benefit": "长期备案期间回参保地就医，按“本地就医”结算，不需要取消备案（须补齐承诺的材料）。",
    "injury": {
        "direct": True,
        "statement": {
            "kind": "injury_statement",
            "label": "外伤无第三方责任承诺书",
            "required": True,
            "alternatives": [],
            "alternative_labels": {},
            "note": "",
        },
        "note": "",
    },
    "options": [
        {
            "type": "other",
            "label": "其他跨省临时外出就医人员",
            "open": True,
            "reason": "",
            "code": "",
            "lane": "review",
            "documents": [
                {
                    "kind": "certificate",
                    "label": "医保电子凭证、有效身份证件或社会保障卡",
                    "required": False,
                    "alternatives": [],
                    "alternative_labels": {},
                    "note": "",
                }
            ],
            "validity": {"text": "6个月，有效期内可多次就医", "until": "2027-05-20"},
            "starts": {"earliest": "2026-11-16", "latest": "2027-05-21"},
            "lock": {"text": "可以随时变更或取消", "change_until": None, "cancel_until": None},
            "institutions": None,
            "benefit": {
                "summary": "按“其他临时外出”结算：支付比例原则上比参保地降低不超过20个百分点。",
                "travel": "other",
                "citations": [
                    {
                        "title": "《基本医疗保险跨省异地就医直接结算经办规程》",
                        "publisher": "国家医疗保障局、财政部",
                        "year": 2022,
                        "url": None,
                        "grade": "A",
                    }
                ],
            },
            "note": "",
            "notice": {
                "id": NOTICE,
                "version": 1,
                "title": "重庆市异地就医备案告知书",
                "text": "一、适用人群……",
                "translation": None,
            },
        }
    ],
}
