"""What the endpoints before the visit take and answer of bills, and of what they are split by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NotRequired, get_args

from django.utils.translation import gettext_lazy as _
from pydantic import Field, GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema
from typing_extensions import TypedDict

from core.http.bodies import Strict
from core.http.values import Maybe, Otherwise, keyed, wrong
from policies.bodies import SourceAnswer
from policies.language.examples import Amount, Cost, Item, Refusal, YearKey

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

NO_CODE = _("请填写有效的编码。")

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
