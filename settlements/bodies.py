"""What bills are split by and what comes out, as answers of several endpoints show it; whether the card will work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NotRequired, get_args
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field
from typing_extensions import TypedDict

from core.errors import Problem
from core.http.bodies import Query
from core.http.values import Day, Maybe, Otherwise, Text, keyed
from policies.bodies import OmissionAnswer, SourceAnswer
from policies.language.examples import Amount, Refusal
from policies.language.terms import Care, Travel
from reviews.bodies import ENROLLMENT
from settlements.facts import VisitFacts, childbirth_is_a_stay
from settlements.figures import Money


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

NOT_INCLUDED = [
    {"kind": "fund", "fund": "large_amount", "reason": "没有找到重庆职工大额医疗互助的比例（最高50万元）"},
    {"kind": "cap", "fund": None, "reason": "没有找到重庆职工封顶线"},
]

AmountsAnswer = Annotated[dict[str, Decimal], keyed("AmountsAnswer", dict.fromkeys(get_args(Amount), Money))]


class ResultAnswer(TypedDict):
    """`amounts` and `lines`, or `refused` and `reason`."""

    label: str
    not_included: list[OmissionAnswer]
    amounts: NotRequired[AmountsAnswer]
    lines: NotRequired[list[LineAnswer]]
    refused: NotRequired[Refusal]
    reason: NotRequired[str]


# Before the visit: will the card work?


class EligibilityQuery(VisitFacts, Query):
    sentences = {
        **Query.sentences,
        "missing.enrollment": ("required", _("请选择参保人的参保关系。")),
        "missing.institution": ("required", _("请选择医疗机构。")),
        "missing.care": ("required", _("请选择就医类别：inpatient、outpatient 或 chronic。")),
    }

    enrollment: Annotated[UUID, Otherwise("invalid", _("请选择参保人的参保关系。"))] = Field(
        description="Enrolment id."
    )
    institution: Annotated[str, Text(12)] = Field(description="Code of the institution.")
    care: Annotated[Care, Otherwise("invalid_choice", _("请选择就医类别：inpatient、outpatient 或 chronic。"))]
    disease: Maybe[
        Annotated[str, Field(pattern=r"^M[0-9]{5}$"), Otherwise("invalid", _("请选择门诊慢特病病种，编码如 M03900。"))]
    ] = Field(None, description="Required for chronic care: M03900.")
    born_on: Maybe[Day] = Field(None, description="Of a newborn: its birth date, against the area's term.")
    no_third_party: bool = Field(
        False, description="Of an injury: the statement that no third party is liable will be signed."
    )
    on: Maybe[Day] = Field(None, description="The day of admission or visit; today if left out.")

    def problems(self) -> Iterator[Problem]:
        if self.care == "chronic" and self.disease is None:
            yield Problem("required", str(_("请选择门诊慢特病病种。")), "disease")
        if self.maternity:
            yield from childbirth_is_a_stay(self)


class ActionAnswer(TypedDict):
    """What a button may do. `kind`: file (destination, type), filing (filing), institutions (area, care, disease), recognise (disease), call (phone)."""

    kind: str
    label: str
    destination: NotRequired[str]
    type: NotRequired[str]
    filing: NotRequired[str]
    area: NotRequired[str]
    care: NotRequired[str]
    disease: NotRequired[str]
    phone: NotRequired[str]


class ConditionAnswer(TypedDict):
    code: Annotated[str, Field(description="Stable: enrollment, filing, destination, filing_type, institution …")]
    label: str
    met: bool
    message: Annotated[str, Field(description="What was found.")]
    remedy: Annotated[str, Field(description="What to do; empty if met.")]
    source: SourceAnswer | None
    action: ActionAnswer | None


class AgencyBrief(TypedDict):
    name: str
    phone: str


class Subject(TypedDict):
    """Who, where, for what and when."""

    on: date
    enrollment: str
    area: str
    area_name: str
    insurance: str
    institution: str
    institution_name: str
    institution_area: str
    institution_area_name: str
    care: Care
    care_label: str
    disease: str | None
    disease_name: str | None


class EligibilityAnswer(Subject):
    direct: Annotated[bool, Field(description="All conditions are met.")]
    summary: str
    travel: Travel
    travel_label: str
    filing: Annotated[str | None, Field(description="The filing that opens the way, if one does.")]
    agency: Annotated[AgencyBrief | None, Field(description="The agency of the insured area.")]
    conditions: list[ConditionAnswer]


ELIGIBILITY: dict[str, Any] = {
    "direct": False,
    "summary": "还不能直接结算，有1项需要处理。",
    "travel": "unfiled",
    "travel_label": "未备案",
    "filing": None,
    "on": "2026-11-23",
    "enrollment": ENROLLMENT,
    "area": "500000",
    "area_name": "重庆市",
    "insurance": "employee",
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "institution_area": "110000",
    "institution_area_name": "北京市",
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "agency": {"name": "重庆市医疗保障事务中心", "phone": "023-00000000"},
    "conditions": [
        {
            "code": "enrollment",
            "label": "参保状态",
            "met": True,
            "message": "2026年11月23日在重庆市参加职工基本医疗保险。",
            "remedy": "",
            "source": REGULATION,
            "action": None,
        },
        {
            "code": "filing",
            "label": "备案有效",
            "met": False,
            "message": "没有到北京市的备案。",
            "remedy": "请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。",
            "source": REGULATION,
            "action": {"kind": "file", "label": "去备案", "destination": "110000", "type": "other"},
        },
    ],
}
