"""What `GET settlement-years/` takes and answers. Its example is a resident of 重庆 after one stay at home, and invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from core.http.bodies import Query
from core.http.values import Day, Maybe, OneOf, keyed
from policies.bodies import OmissionAnswer, SourceAnswer
from policies.language.terms import INSURANCES, Care, Travel
from reviews.bodies import ENROLLMENT, PERSON
from settlements.figures import Money
from settlements.models import FUNDS

Period = Annotated[str, OneOf(["admission", "year", "month"])]
Because = Literal["last", "filing", "home"]


class YearsQuery(Query):
    person: Maybe[UUID] = Field(None, description="Of one person only.")
    enrollment: Maybe[UUID] = Field(None, description="Of the insurance of this enrolment only.")
    year: Maybe[Day] = Field(None, description="Only the year that begins on this day.")


class CounterAnswer(TypedDict):
    """What a counter has come to: of a kind of care (`counter`), or of a chronic disease (`disease`)."""

    counter: str | None
    disease: str | None
    label: str
    scope: Money
    deductible: Money
    pooled: Money
    beyond: Money


class FigureAnswer(TypedDict):
    """A deductible or cap: the rule's amount, what of it is used and left; null where `reason` says why."""

    kind: Annotated[str, Field(description="deductible, scope_cap, scope_limit, pooled_limit, pooled_cap")]
    label: str
    period: Period | None
    of: Annotated[str, OneOf(["scope", "pooled"]), Field(description="What counts towards a cap.")]
    for_levels: Annotated[list[int], Field(description="Hospital levels it is for; empty: whatever the level.")]
    levels_label: str
    amount: Money | None
    used: Money
    left: Money | None
    least: Annotated[
        Money | None, Field(description="Where the amount depends on one thing nobody can state yet: its range.")
    ]
    most: Money | None
    reason: str
    source: SourceAnswer | None


class CareAnswer(TypedDict):
    """A kind of care as it would come next; chronic care by recognised disease."""

    care: Care
    care_label: str
    disease: str | None
    disease_name: str | None
    travel: Annotated[Travel, Field(description="As what the figures take the next visit to be settled.")]
    travel_label: str
    travel_because: Annotated[
        Because, Field(description="As the last bill was; by a long-term filing; at home for lack of both.")
    ]
    visit: Annotated[int | None, Field(description="Which admission of the year the next one is.")]
    refused: Annotated[str, Field(description="Why nothing is paid; no figures then.")]
    deductibles: list[FigureAnswer]
    caps: Annotated[list[FigureAnswer], Field(description="Empty: the policy names none.")]
    not_included: list[OmissionAnswer]


class ThresholdAnswer(TypedDict):
    """A further fund that pays once the burden is above its threshold."""

    id: str
    fund: Annotated[str, OneOf(FUNDS)]
    label: str
    period: Period
    cares: Annotated[list[str], Field(description="The kinds of care it counts for.")]
    amount: Money | None
    burden: Annotated[Money, Field(description="The year's so far.")]
    left: Annotated[Money | None, Field(description="Until the fund pays.")]
    cap: Annotated[Money | None, Field(description="The most the fund pays in a year.")]
    paid: Annotated[Money, Field(description="What the fund has paid this year.")]
    reason: str
    source: SourceAnswer | None


class PolicyName(TypedDict):
    id: str
    name: str


class InsuranceYearAnswer(TypedDict):
    """Sums are net of reversals; `bills` counts those that stand. `on`: the day whose policy the figures are of."""

    person: str
    person_name: str
    enrollment: str
    area: str
    area_name: str
    insurance: Annotated[str, OneOf(INSURANCES)]
    insurance_label: str
    year: Annotated[date, Field(description="The first day of the insurance year.")]
    until: date
    current: bool
    on: date
    policy: PolicyName | None
    reason: Annotated[str, Field(description="Why there are no figures of what is left.")]
    bills: int
    total: Money
    fund: Money
    own: Money
    account: Money
    cash: Money
    burden: Annotated[Money, Field(description="政策范围内个人负担")]
    funds: Annotated[dict[str, Decimal], keyed("FundsAnswer", dict.fromkeys(FUNDS, Money))]
    counters: list[CounterAnswer]
    cares: list[CareAnswer]
    thresholds: list[ThresholdAnswer]
    not_included: Annotated[list[OmissionAnswer], Field(description="All that its kinds of care name, each once.")]


CQ5: dict[str, Any] = {
    "id": "CQ5",
    "title": "重庆居民大病保险起付17833元、60%、20万",
    "publisher": "jiusong:6024041",
    "url": "https://m.jiusongjiankang.com/health/news/6024041.html",
    "year": 2025,
    "grade": "D",
}
CQ8: dict[str, Any] = {
    "id": "CQ8",
    "title": "重庆城乡居民医保住院待遇（一档、二档，未成年人，封顶线）",
    "publisher": "gtuanb 1416071、inqan（2025年2月）",
    "url": None,
    "year": 2025,
    "grade": "C",
}
DEDUCTIBLE: dict[str, Any] = {
    "kind": "deductible",
    "label": "",
    "period": "admission",
    "of": "scope",
    "for_levels": [3],
    "levels_label": "三级医院",
    "amount": "800.00",
    "used": "0.00",
    "left": "800.00",
    "least": None,
    "most": None,
    "reason": "",
    "source": CQ8,
}
CAP: dict[str, Any] = {
    **DEDUCTIBLE,
    "kind": "pooled_cap",
    "label": "年度封顶线",
    "period": "year",
    "of": "pooled",
    "for_levels": [],
    "levels_label": "",
    "amount": "80000.00",
    "used": "30000.00",
    "left": "50000.00",
}
INPATIENT: dict[str, Any] = {
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "travel": "local",
    "travel_label": "本地就医",
    "travel_because": "last",
    "visit": 2,
    "refused": "",
    "deductibles": [DEDUCTIBLE],
    "caps": [CAP],
    "not_included": [],
}
YEAR: dict[str, Any] = {
    "person": PERSON,
    "person_name": "王*兰",
    "enrollment": ENROLLMENT,
    "area": "500000",
    "area_name": "重庆市",
    "insurance": "resident",
    "insurance_label": "城乡居民基本医疗保险",
    "year": "2026-01-01",
    "until": "2026-12-31",
    "current": True,
    "on": "2026-11-23",
    "policy": {"id": "500000-chongqing-2025", "name": "重庆市基本医疗保险"},
    "reason": "",
    "bills": 1,
    "total": "60800.00",
    "fund": "37780.20",
    "own": "23019.80",
    "account": "0.00",
    "cash": "23019.80",
    "burden": "30800.00",
    "funds": {
        "large_amount": "0.00",
        "serious_illness": "7780.20",
        "assistance": "0.00",
        "civil_servant": "0.00",
        "enterprise": "0.00",
    },
    "counters": [
        {
            "counter": "inpatient",
            "disease": None,
            "label": "住院",
            "scope": "60800.00",
            "deductible": "800.00",
            "pooled": "30000.00",
            "beyond": "0.00",
        }
    ],
    "cares": [INPATIENT],
    "thresholds": [
        {
            "id": "resident-serious-illness",
            "fund": "serious_illness",
            "label": "大病保险",
            "period": "year",
            "cares": ["inpatient"],
            "amount": "17833.00",
            "burden": "30800.00",
            "left": "0.00",
            "cap": "200000.00",
            "paid": "7780.20",
            "reason": "",
            "source": CQ5,
        }
    ],
    "not_included": [],
}
