"""What the list of settlements is asked for, what reverses one, what a till is answered, with the examples of the OpenAPI document.

All persons are invented; the figures are 重庆's, worked by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from core.http.bodies import Body, Query
from core.http.values import Maybe, OneOf, Ordering, Read, Several, Text, keyed, wrong
from core.text import PROSE, number
from policies.bodies import OmissionAnswer
from policies.language.terms import CARES, INSURANCES, TRAVELS
from reviews.bodies import ENROLLMENT, ID, PERSON, Id, Time
from settlements.bills import NO_TEXT, BillDay
from settlements.bodies import NOT_INCLUDED, SOURCE, LineAnswer, PolicyBrief
from settlements.figures import Money
from settlements.models import AMOUNTS, COUNTED, FUNDS, Channel
from settlements.national import help_text

# What is sent

SHOWN = ("settled", "reversed")


class ReverseInput(Body):
    reason: Annotated[str, Text(200, form=PROSE)] = Field(description="冲正原因，写入结算单。")


def _cell(text: str) -> str:
    """A code or number, whatever it is; no column can hold a null character."""
    if "\0" in text:
        raise wrong("text_invalid", NO_TEXT)
    return number(text)[:64]


Cell = Annotated[str, Read(_cell)]


class SettlementQuery(Query):
    """How the list of settlements is narrowed and ordered."""

    # not `area`: that is whom a reviewer may see
    lookups: ClassVar[dict[str, str]] = {
        "bill_number": "bill_number",
        "on": "settled_on",
        "insured_area": "area_id",
        "person": "person",
        "enrollment": "enrollment",
        "year": "year__starts_on",
        "care": "care__any",
        "insurance": "insurance__any",
        "channel": "channel__any",
        "status": "status__any",
    }

    bill_number: Maybe[Cell] = Field(None, description="The hospital's bill number, exactly")
    on: Maybe[BillDay] = Field(None, description="Day of settlement (settled_on)")
    insured_area: Maybe[Cell] = Field(None, description="Code of the insured area")
    person: Maybe[Id] = Field(None, description="Person id")
    enrollment: Maybe[Id] = Field(None, description="Enrolment id")
    year: Maybe[BillDay] = Field(None, description="First day of the insurance year")
    care: Maybe[Annotated[list[str], Several(CARES)]] = Field(
        None,
        description="inpatient, outpatient, chronic; one or more, separated by commas, as the next three",
    )
    insurance: Maybe[Annotated[list[str], Several(INSURANCES)]] = Field(None, description="employee, resident")
    channel: Maybe[Annotated[list[str], Several(("direct", "manual"))]] = Field(None, description="direct, manual")
    status: Maybe[Annotated[list[str], Several(SHOWN)]] = Field(None, description="settled, reversed")
    q: Maybe[Cell] = Field(None, description="Number, or how it begins")
    ordering: Annotated[str, Ordering("settled_at", "admitted_on", "total")] = Field(
        "-settled_at", description="`-settled_at` (default), `admitted_on`, `total`, or `-` before one of them"
    )

    def filters(self) -> dict[str, Any]:
        """Lookups with their values."""
        values = {lookup: getattr(self, name) for name, lookup in self.lookups.items()}
        values["number__startswith"] = (self.q or "").upper()
        return {lookup: value for lookup, value in values.items() if value}

    def order(self) -> tuple[str, ...]:
        """The newest first: by the day and then the moment, as the indexes stand."""
        sign = "-" if self.ordering.startswith("-") else ""
        if "settled_at" in self.ordering:
            return f"{sign}settled_on", self.ordering, f"{sign}pk"
        return self.ordering, f"{sign}pk"


# What is answered

SettledAmounts = Annotated[
    Mapping[str, Decimal],
    keyed(
        "SettledAmounts",
        {name: Annotated[Money, Field(description=help_text(name))] for name in AMOUNTS},
        "Every amount of the calculation; the first name is this API's, the platform's is in the description.",
    ),
]

Sum = Annotated[Decimal, WithJsonSchema({"type": "string", "pattern": r"^\d{1,12}\.\d{2}$"})]
YearAnswer = Annotated[
    Mapping[str, Decimal],
    keyed(
        "YearAnswer",
        dict.fromkeys((*COUNTED, "burden", *FUNDS), Sum),
        "The insurance year after this settlement: what caps and yearly deductibles are measured by.",
    ),
]


class ReversalAnswer(TypedDict):
    number: Annotated[str, Field(description="冲正记录的编号。")]
    at: Time
    reason: str


class BillRow(TypedDict):
    """Who was treated where, travelling how, and what was paid: what a quote and a settlement share."""

    person: str
    person_name: Annotated[str, Field(description="脱敏，如 王*兰。")]
    enrollment: str
    insured_area: Annotated[str, Field(description=help_text("insured_area"))]
    insured_area_name: str
    insurance: Annotated[str, OneOf(INSURANCES), Field(description=help_text("insurance"))]
    insurance_label: str
    institution: Annotated[str | None, Field(description=help_text("institution"))]
    institution_name: str
    care_area: Annotated[str | None, Field(description=help_text("care_area"))]
    care_area_name: str | None
    care: Annotated[str, OneOf(CARES), Field(description=help_text("care"))]
    care_label: str
    disease: Annotated[str | None, Field(description=help_text("disease"))]
    disease_name: str | None
    admitted_on: date
    discharged_on: date | None
    travel: Annotated[str, OneOf(TRAVELS)]
    travel_label: str
    emergency: bool
    bill_number: str
    year: Annotated[date, Field(description="医保年度的第一天。")]
    total: Annotated[Money, Field(description=help_text("total"))]
    fund: Annotated[Money, Field(description=help_text("fund"))]
    own: Annotated[Money, Field(description=help_text("own"))]
    account: Annotated[Money, Field(description=help_text("account"))]
    cash: Annotated[Money, Field(description=help_text("cash"))]


class SettlementRow(BillRow):
    """A settlement in a list."""

    id: str
    number: Annotated[str, Field(description="结算编号。")]
    status: Annotated[str, OneOf(SHOWN)]
    status_label: str
    channel: Annotated[str, OneOf(Channel)]
    channel_label: str
    settled_at: Time
    settled_on: Annotated[date, Field(description="结算日，对账以此为准。")]
    reversal: ReversalAnswer | None
    actions: Annotated[list[str], Field(description="此账户现在可以做的：reverse。")]


class ComputedAnswer(TypedDict):
    """How the amounts came about."""

    filing: Annotated[str | None, Field(description="所凭备案的 id。")]
    policy: PolicyBrief
    amounts: SettledAmounts
    lines: list[LineAnswer]
    year_to_date: Annotated[YearAnswer, Field(description="本次之后的年度累计。")]
    continues: Annotated[str | None, Field(description=help_text("continues"))]
    not_included: list[OmissionAnswer]


class SettlementDetail(SettlementRow, ComputedAnswer):
    """One settlement with everything behind it."""


class QuoteAnswer(BillRow, ComputedAnswer):
    """What would be settled now. Nothing is stored, and no voucher is consumed."""

    id: Annotated[str | None, Field(description="试算没有 id。")]
    number: Annotated[str | None, Field(description="试算没有结算编号。")]
    status: Literal["quoted"]


# Examples

NUMBER = "J20261120-00000087-5"
SETTLE: dict[str, Any] = {
    "voucher": "7F2K9QXWTR4PMD6HVA3C",
    "care": "inpatient",
    "admitted_on": "2026-11-10",
    "discharged_on": "2026-11-20",
    "emergency": True,
    "cost": {"total": "20000.00", "excluded": "1200.00", "over_limit": "0.00", "first_copay": "800.00"},
    "bill_number": "ZY20261120-0371",
}
BY_IDENTITY: dict[str, Any] = {
    **{name: value for name, value in SETTLE.items() if name != "voucher"},
    "identity": {"name": "王秀兰", "id_number": "110101195503070028", "reason": "患者昏迷，未带手机"},
    "cost": {
        "items": [
            {"name": "西药费", "class": "A", "amount": "18000.00"},
            {"name": "进口敷料", "class": "B", "amount": "800.00", "first_copay_ratio": "1"},
            {"code": "XEXAMPLE0000000000000099", "name": "陪护费", "amount": "1200.00"},
        ]
    },
}


def _line(step: str, label: str, formula: str, amount: str, source: str | None = None) -> dict[str, Any]:
    return {"step": step, "label": label, "formula": formula, "amount": amount, "source": source}


_ZERO = (
    *("over_limit", "travel_first_pay", "beyond", "large_amount", "serious_illness", "assistance", "civil_servant"),
    *("enterprise", "account"),
)
BILL: dict[str, Any] = {
    "person": PERSON,
    "person_name": "王*兰",
    "enrollment": ENROLLMENT,
    "insured_area": "500000",
    "insured_area_name": "重庆市",
    "insurance": "employee",
    "insurance_label": "职工基本医疗保险",
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "care_area": "110000",
    "care_area_name": "北京市",
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "admitted_on": "2026-11-10",
    "discharged_on": "2026-11-20",
    "travel": "emergency",
    "travel_label": "异地急诊抢救",
    "emergency": True,
    "bill_number": "ZY20261120-0371",
    "year": "2026-01-01",
    "total": "20000.00",
    "fund": "16264.00",
    "own": "3736.00",
    "account": "0.00",
    "cash": "3736.00",
}
COMPUTED: dict[str, Any] = {
    "filing": ID,
    "policy": {
        "id": "500000-chongqing-2025",
        "area": "500000",
        "name": "重庆市基本医疗保险",
        "sha256": "5f3c…",
        "effective_from": "2025-01-01",
        "effective_until": None,
        "sources": [SOURCE],
    },
    "amounts": {
        **dict.fromkeys(_ZERO, "0.00"),
        "total": "20000.00",
        "excluded": "1200.00",
        "first_copay": "800.00",
        "scope": "18000.00",
        "eligible": "18000.00",
        "deductible": "880.00",
        "payable": "17120.00",
        "pooled": "16264.00",
        "burden": "1736.00",
        "fund": "16264.00",
        "own": "3736.00",
        "cash": "3736.00",
    },
    "lines": [
        _line("total", "费用总额", "20000.00", "20000.00"),
        _line("excluded", "全自费", "按就医地目录", "1200.00"),
        _line("first_copay", "先行自付", "按就医地目录", "800.00"),
        _line("scope", "符合政策范围", "20000.00 − 1200.00 − 800.00", "18000.00"),
        _line("deductible", "起付线", "880.00", "880.00", "CQ1"),
        _line("band", "统筹支付", "17120.00 × 95% = 16264.00", "16264.00", "CQ1"),
        _line("pooled", "统筹基金支付", "16264.00", "16264.00", "CQ1"),
        _line("fund", "基金支付合计", "16264.00", "16264.00"),
        _line("own", "个人负担", "20000.00 − 16264.00", "3736.00"),
        _line("cash", "个人现金支付", "3736.00", "3736.00"),
    ],
    "year_to_date": {
        **dict.fromkeys((*COUNTED, "burden", *FUNDS), "0.00"),
        "scope": "18000.00",
        "deductible": "880.00",
        "pooled": "16264.00",
        "burden": "1736.00",
    },
    "continues": None,
    "not_included": NOT_INCLUDED,
}
QUOTE: dict[str, Any] = {"id": None, "number": None, "status": "quoted", **BILL, **COMPUTED}
ROW: dict[str, Any] = {
    **BILL,
    "id": ID,
    "number": NUMBER,
    "status": "settled",
    "status_label": "已结算",
    "channel": "direct",
    "channel_label": "直接结算",
    "settled_at": "2026-11-20T14:05:12+08:00",
    "settled_on": "2026-11-20",
    "reversal": None,
    "actions": ["reverse"],
}
SETTLED: dict[str, Any] = {**ROW, **COMPUTED}
REVERSED: dict[str, Any] = {
    **SETTLED,
    "status": "reversed",
    "status_label": "已冲正",
    "reversal": {"number": "J20261124-00000091-9", "at": "2026-11-24T09:12:40+08:00", "reason": "漏录一笔材料费"},
    "actions": [],
}
