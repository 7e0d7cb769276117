"""What the endpoints before the visit take and answer of bills, policies and conditions, with the example of eligibility."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, Self, cast, get_args
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field, GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema
from typing_extensions import TypedDict

from core.http.bodies import Query, Strict
from core.http.values import Day, Maybe, Otherwise, Text, keyed, wrong
from policies.bodies import SourceAnswer, cited
from policies.engine import Result
from policies.language.examples import Amount, Cost, Item, Refusal, YearKey
from policies.language.terms import Care, Travel
from policies.published import Published
from reviews.bodies import ENROLLMENT

MOST_ITEMS = 5_000
LARGEST_TOTAL = Decimal("99999999.99")
"""A hundred million yuan is a slip of the keys, and a few thousand of them would burst the columns of a year."""
ZERO = Decimal(0)
SUMS = ("total", "excluded", "over_limit", "first_copay")
ITEM_KEYS = ("name", "class", "amount", "first_copay_ratio", "limit")

# Figures

MONEY = r"^\d{1,10}(\.\d{1,2})?$"
RATIO = r"^(0(\.\d{1,6})?|1(\.0{1,6})?)$"


class _Figure:
    """A number written as a string ("15260.80") or as a number; the pattern says which."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        written = core_schema.str_schema(pattern=self.pattern.replace(r"\d", "[0-9]"), coerce_numbers_to_str=True)
        return core_schema.chain_schema([written, core_schema.no_info_plain_validator_function(Decimal)])

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": self.pattern}


NO_MONEY = _("请填写不小于0、不到一百亿元的金额，最多两位小数，如 15260.80。")
Money = Annotated[Decimal, _Figure(MONEY), Otherwise("money_invalid", NO_MONEY)]
"""Yuan, at most two decimals."""
Ratio = Annotated[Decimal, _Figure(RATIO), Otherwise("ratio_invalid", _("请填写0到1之间的比例，如 0.10。"))]

# Bills

BILL_SENTENCES = {
    **Strict.sentences,
    "missing.amount": ("money_invalid", NO_MONEY),
    "missing.class": ("class_invalid", _("目录类别应为 A、B 或 C（甲类、乙类、自费）。")),
    "null.cost": ("required", _("请填写此项。")),
    "too_short.items": ("required", _("请填写此项。")),
    "too_long.items": ("items_too_many", _("明细最多5000条，请合并后再试。")),
}


class BillItem(Strict):
    """One line of a bill; `class` A, B or C of the catalogue."""

    name: Annotated[str, Field(max_length=200), Otherwise("name_invalid", _("名称应为不超过200字的文字。"))] = ""
    amount: Money
    first_copay_ratio: Ratio = ZERO
    limit: Money | None = None
    catalogue: Annotated[
        Literal["A", "B", "C"], Otherwise("class_invalid", _("目录类别应为 A、B 或 C（甲类、乙类、自费）。"))
    ] = Field(alias="class")


class CostInput(Strict):
    """Sums, or items, or both where they agree."""

    total: Maybe[Money] = None
    excluded: Maybe[Money] = Field(None, description="全自费")
    over_limit: Maybe[Money] = Field(None, description="超限价")
    first_copay: Maybe[Money] = Field(None, description="先行自付")
    items: Annotated[list[BillItem], Field(min_length=1, max_length=MOST_ITEMS)] = Field(
        [], description="At most 5 000."
    )

    @model_validator(mode="before")
    @classmethod
    def says_something(cls, sent: Any) -> Any:
        if isinstance(sent, dict) and not sent.keys() & {"total", "items"}:
            raise wrong("required", _("请填写费用总额，或逐项填写明细。"), attr="total")
        return sent


def cost_of(sent: CostInput) -> Cost:
    """What was sent, as the engine takes it."""
    return Cost(
        total=sent.total,
        excluded=sent.excluded,
        over_limit=sent.over_limit,
        first_copay=sent.first_copay,
        items=tuple(
            Item(
                name=item.name,
                catalogue=item.catalogue,
                amount=item.amount,
                first_copay_ratio=item.first_copay_ratio,
                limit=item.limit,
            )
            for item in sent.items
        ),
    )


YearToDate = keyed(
    "YearToDate",
    dict.fromkeys(get_args(YearKey), NotRequired[Money]),
    "The year so far (POLICY.md §2); what is left out is 0. Without it, that of the bills settled for the enrolment.",
)

# Results


class PolicyBrief(TypedDict):
    id: str
    area: str
    name: str
    sha256: str
    effective_from: date
    effective_until: date | None
    sources: list[SourceAnswer]


def policy_row(policy: Published) -> PolicyBrief:
    """A policy with the sources that the lines name."""
    return {
        "id": policy.id,
        "area": policy.file.area,
        "name": policy.file.name,
        "sha256": policy.file.sha256,
        "effective_from": policy.start,
        "effective_until": policy.end,
        "sources": [cited(source) for source in policy.file.sources],
    }


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


def result_row(result: Result, label: str) -> ResultAnswer:
    """Amounts and the lines behind them, or the refusal with its reason."""
    if result.refused is not None:
        return {"label": label, "refused": result.refused, "reason": result.reason}
    lines = [line._asdict() for line in result.lines]
    return {"label": label, "amounts": dict(result.amounts), "lines": cast(list[LineAnswer], lines)}


# Eligibility


class EligibilityQuery(Query):
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
    on: Maybe[Day] = Field(None, description="The day of admission or visit; today if left out.")

    @model_validator(mode="after")
    def names_a_disease(self) -> Self:
        if self.care == "chronic" and self.disease is None:
            raise wrong("required", _("请选择门诊慢特病病种。"), attr="disease")
        return self


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
