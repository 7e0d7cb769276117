"""What bills are split by and what comes out, as answers of several endpoints show it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, NotRequired, get_args

from pydantic import Field
from typing_extensions import TypedDict

from core.http.values import keyed
from policies.bodies import SourceAnswer
from policies.language.examples import Amount, Refusal
from settlements.bills import Money


class PolicyBrief(TypedDict):
    id: str
    area: str
    name: str
    sha256: str
    effective_from: date
    effective_until: date | None
    sources: list[SourceAnswer]


class LineAnswer(TypedDict):
    step: str
    label: str
    formula: Annotated[str, Field(description="With the figures that were used.")]
    amount: Money
    source: Annotated[str | None, Field(description="Id of one of the policy's sources.")]


SOURCE: SourceAnswer = {
    "id": "CQ1",
    "title": "重庆市职工医保起付线与报销比例",
    "publisher": "gtuanb 1416071",
    "year": 2022,
    "url": None,
    "grade": "C",
}
REGULATION: SourceAnswer = {
    "id": "规程",
    "title": "《基本医疗保险跨省异地就医直接结算经办规程》（医保发〔2022〕22号）",
    "publisher": "国家医疗保障局、财政部",
    "url": "https://www.nhsa.gov.cn/art/2022/7/26/art_104_8629.html",
    "year": 2022,
    "grade": "A",
}

AmountsAnswer = Annotated[dict[str, Decimal], keyed("AmountsAnswer", dict.fromkeys(get_args(Amount), Money))]


class ResultAnswer(TypedDict):
    """`amounts` and `lines`, or `refused` and `reason`."""

    label: str
    amounts: NotRequired[AmountsAnswer]
    lines: NotRequired[list[LineAnswer]]
    refused: NotRequired[Refusal]
    reason: NotRequired[str]
