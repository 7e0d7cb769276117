"""What the endpoints of policies and notices take and answer, with the examples of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, NotRequired, overload

from pydantic import Field
from typing_extensions import TypedDict

from core.http.bodies import Query
from core.http.values import Day, Maybe, Text
from policies.language.filing_types import Grade, Source
from policies.language.omissions import Omission, OmissionKind
from policies.language.terms import Care, FilingType, Fund, Insurance, Travel


class SourceAnswer(TypedDict):
    id: str
    title: str
    publisher: str
    url: str | None
    year: int | None
    grade: Annotated[str, Field(description="A official … D unreliable.")]


@overload
def cited(source: Source) -> SourceAnswer: ...
@overload
def cited(source: Source | None) -> SourceAnswer | None: ...
def cited(source: Source | None) -> SourceAnswer | None:
    """A source as answers name it."""
    if source is None:
        return None
    return {
        "id": source.id,
        "title": source.title,
        "publisher": source.publisher,
        "url": source.url,
        "year": source.year,
        "grade": source.grade,
    }


class OmissionAnswer(TypedDict):
    """What the area has and its policy file does not know: nothing of it is in the amounts."""

    kind: Annotated[OmissionKind, Field(description="A fund, a cap (封顶线) or a rule.")]
    fund: Annotated[Fund | None, Field(description="Which fund, or whose cap; null where there is none.")]
    reason: Annotated[str, Field(description="What was not found.")]


def omissions_rows(omissions: Iterable[Omission]) -> list[OmissionAnswer]:
    """What was not applied, as answers list it."""
    return [{"kind": one.kind, "fund": one.fund, "reason": one.reason} for one in omissions]


# Policies


class PolicyQuery(Query):
    area: Maybe[Annotated[str, Text(6)]] = None
    on: Maybe[Day] = Field(None, description="Only what is in force on this day.")
    q: Annotated[str, Text(40)] = Field("", description="Part of the name or of the id.")


class PolicyAnswer(TypedDict):
    id: str
    area: str
    name: str
    effective_from: date
    effective_until: Annotated[date | None, Field(description="The day from which it no longer counts.")]
    sha256: str
    sources: list[SourceAnswer]


class CitedAnswer(TypedDict):
    id: str
    publisher: str
    grade: str


class RowAnswer(TypedDict):
    cells: Annotated[list[str], Field(description="One per column; the last is what the rule gives.")]
    mark: Annotated[str, Field(description="Whose rule it is, where that differs; else empty.")]
    sources: list[CitedAnswer]


class BlockAnswer(TypedDict):
    kind: Annotated[str, Field(description="`sentence` or `table`.")]
    text: NotRequired[Annotated[str, Field(description="Of a sentence.")]]
    sources: NotRequired[Annotated[list[CitedAnswer], Field(description="Of a sentence.")]]
    title: NotRequired[Annotated[str, Field(description="Of a table, as what follows.")]]
    columns: NotRequired[list[str]]
    rows: NotRequired[list[RowAnswer]]
    note: NotRequired[Annotated[str, Field(description="How the rows are read together.")]]


class ReadableSectionAnswer(TypedDict):
    key: Annotated[
        str,
        Field(
            description="`general`, `benefit:ID`, `supplement:ID`, `not_included`, `filing:types`, `filing:rules`, `questions`."
        ),
    ]
    title: str
    blocks: list[BlockAnswer]


class ReadableAnswer(TypedDict):
    title: str
    sections: list[ReadableSectionAnswer]
    originals: Annotated[
        list[str],
        Field(
            description="Pieces of the texts that stayed simplified Chinese in another language, the longest first: an area’s own words, and names."
        ),
    ]


class PolicyFileAnswer(PolicyAnswer):
    text: Annotated[str, Field(description="The file as it is written (YAML).")]
    content: Annotated[dict[str, Any], Field(description="The same, read: numbers with decimals as strings.")]
    readable: Annotated[
        ReadableAnswer,
        Field(description="The same in sentences and tables, each figure with its source; by `Accept-Language`."),
    ]


SOURCE = {"id": "CQ1", "title": "…", "publisher": "重庆市医疗保障局", "url": None, "year": 2025, "grade": "A"}
POLICY: dict[str, Any] = {
    "id": "500000-chongqing-2025",
    "area": "500000",
    "name": "重庆市基本医疗保险",
    "effective_from": "2025-01-01",
    "effective_until": None,
    "sha256": "5f3c…",
    "sources": [SOURCE],
}
AMOUNTS = {
    "kind": "table",
    "title": "起付线",
    "columns": ["情形", "起付标准"],
    "rows": [
        {
            "cells": ["三级医院", "880元"],
            "mark": "",
            "sources": [{"id": "CQ1", "publisher": "重庆市医疗保障局", "grade": "A"}],
        }
    ],
    "note": "自上而下，以最先符合的一行为准。",
}
POLICY_FILE: dict[str, Any] = {
    **POLICY,
    "text": 'area: "500000"\nname: 重庆市基本医疗保险\n…',
    "content": {"area": "500000", "name": "重庆市基本医疗保险", "effective_from": "2025-01-01"},
    "readable": {
        "title": "重庆市基本医疗保险",
        "sections": [{"key": "benefit:employee-inpatient", "title": "职工医保 · 住院", "blocks": [AMOUNTS]}],
        "originals": [],
    },
}

# What is known


class CoverageQuery(Query):
    area: Maybe[Annotated[str, Text(6)]] = Field(None, description="Code of the insured area.")
    q: Annotated[str, Text(40)] = Field("", description="Name, pinyin or initials of the insured area.")
    insurance: Maybe[Insurance] = None
    care: Maybe[Care] = None
    travel: Maybe[Travel] = None
    known: Maybe[bool] = None


class CoverageAnswer(TypedDict):
    area: str
    area_name: str
    insurance: Insurance
    care: Care
    travel: Travel
    known: Annotated[
        bool, Field(description="Every case that was asked has an answer: it is paid, or it is not covered.")
    ]
    cases: Annotated[int, Field(description="How many were asked: every kind of person, level, distance, disease.")]
    known_cases: int
    known_for: Annotated[list[str], Field(description="Where only some cases are known, of what all are: `三级医院`.")]
    reason: Annotated[str, Field(description="Why not all is known, or why nothing is paid; else empty.")]
    grade: Annotated[
        Grade | None,
        Field(description="The weakest among the sources that decide what is known; null where nothing is."),
    ]
    not_included: Annotated[
        list[OmissionAnswer], Field(description="Funds, caps and rules of the area that the figures leave out.")
    ]
    checked_on: Annotated[date | None, Field(description="When the file was last compared with its sources.")]
    policy: Annotated[str, Field(description="Id of the policy file.")]


COVERAGE: dict[str, Any] = {
    "area": "370900",
    "area_name": "泰安市",
    "insurance": "employee",
    "care": "inpatient",
    "travel": "long_term",
    "known": False,
    "cases": 12,
    "known_cases": 4,
    "known_for": ["三级医院"],
    "reason": "没有找到泰安市职工在三级以下医院的标准",
    "grade": "A",
    "not_included": [{"kind": "fund", "fund": "serious_illness", "reason": "没有找到泰安市职工大病保险的标准"}],
    "checked_on": "2026-11-28",
    "policy": "370900-taian-2023",
}

# Notices


class NoticeQuery(Query):
    area: Annotated[str, Text(6)] = Field(description="Code of the insured area.")
    type: Maybe[FilingType] = None


class TranslationShape(TypedDict):
    """For reading only: the Chinese text beside it is the one that counts and is acknowledged."""

    language: Annotated[str, Field(description="`en` or `zh-Hant`.")]
    remark: Annotated[str, Field(description="That the Chinese text counts; to be shown with the translation.")]
    title: str
    text: str
    originals: Annotated[
        list[str],
        Field(
            description="Pieces of `title` and `text` that stayed simplified Chinese, the longest first: to be marked `lang`."
        ),
    ]


class NoticeAnswer(TypedDict):
    id: Annotated[str, Field(description="What `POST filings/` calls `notice`.")]
    area: str
    type: Annotated[str, Field(description="The type of filing.")]
    version: int
    title: str
    text: Annotated[str, Field(description="Chinese in every language: what is acknowledged.")]
    translation: Annotated[
        TranslationShape | None, Field(description="By `Accept-Language`; null in simplified Chinese.")
    ]


NOTICE: NoticeAnswer = {
    "id": "019ab5c0-6f00-7c3e-9d58-2f6d1c1b7a10",
    "area": "500000",
    "type": "other",
    "version": 1,
    "title": "重庆市异地就医备案告知书（其他跨省临时外出就医人员）",
    "text": "一、适用人群\n因出差、旅游、探亲等临时外出…",
    "translation": None,
}
