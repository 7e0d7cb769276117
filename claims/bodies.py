"""What is sent and answered about claims (API.md, "Settlement"), with the examples of the OpenAPI document.

All persons of the examples are invented; the figures are 重庆's, not filed (20 000 yuan).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field, WithJsonSchema
from typing_extensions import TypedDict

from chronic.bodies import NO_DISEASE, disease_of, institution_of
from claims.adjudication import totalled
from claims.models import BankRefusal, Payment
from core.http.bodies import SENTENCES, Body
from core.http.values import As, Made, Maybe, Named, OneOf, Ordering, Several, Text, wrong
from core.text import DIGITS, NAME, NUMBER, PROSE
from filings.bodies import FilingDay, InArea
from policies.bodies import OmissionAnswer
from policies.language.examples import Cost
from policies.language.terms import CARES, TRAVELS
from regions.models import Disease, Institution
from reviews.bodies import (
    BESIDE,
    COMMON,
    ENROLLMENT,
    ID,
    MATERIAL,
    ORDERS,
    SENTENCE,
    Materials,
    SubmissionBeside,
    SubmissionQuery,
    SubmissionRow,
)
from settlements.bills import BILL_SENTENCES, LARGEST_TOTAL, BillCost, CostInput, cost_of
from settlements.bodies import NOT_INCLUDED, LineAnswer, PolicyBrief
from settlements.facts import STATED, VisitFacts
from settlements.figures import Money
from settlements.models import AMOUNTS
from settlements.till_bodies import SettledAmounts

# What is sent

INVOICE = "^[0-9A-Za-z-]{1,30}$"
CLAIM_SENTENCES = {
    **SENTENCES,
    **{name: sentence for name, sentence in BILL_SENTENCES.items() if "." in name},
    **{f"{kind}.{name}": BILL_SENTENCES[kind] for kind in ("model_type", "list_type") for name in ("cost", "items")},
    "extra_forbidden": BILL_SENTENCES["extra_forbidden"],
}


def _claimed(sent: CostInput) -> Cost:
    cost = cost_of(sent)
    if totalled(cost)[0] > LARGEST_TOTAL:
        raise wrong("total_too_large", _("费用总额应不到一亿元，请核对。"), attr="total")
    return cost


def _bank_account(text: str) -> str:
    """Digits only."""
    if not re.fullmatch(r"[0-9]{8,30}", text):
        raise wrong("bank_account_invalid", "请填写8到30位数字的银行账号。")
    return text


def _invoice(text: str) -> str:
    """A code or number as it stands on the paper; letters count in capitals."""
    if text and not re.fullmatch(INVOICE, text):
        raise wrong("invalid", "请按票据填写，只含数字、字母和短横线，不超过30位。")
    return text.upper()


ClaimedCost = Annotated[Cost, Made(BillCost, _claimed)]


Treating = Annotated[
    Institution, Named(institution_of, _("没有找到这家医疗机构，请重新选择，或填写医院名称。"), blank=True)
]
OfDisease = Annotated[Disease, Named(disease_of, NO_DISEASE, blank=True)]
Invoice = WithJsonSchema({"type": "string", "minLength": 1, "pattern": INVOICE})
InvoiceOrNone = WithJsonSchema({"oneOf": [{"type": "string", "pattern": INVOICE}, {"type": "string", "maxLength": 0}]})


class ClaimQuery(SubmissionQuery):
    lookups: ClassVar[dict[str, str]] = {
        **SubmissionQuery.lookups,
        "care": "care__any",
        "payment": "payment_status__any",
    }

    care: Maybe[Annotated[list[str], Several(CARES)]] = Field(None, description="One or more, separated by commas")
    payment: Maybe[Annotated[list[str], Several(Payment.values)]] = Field(
        None, description="`none`, `due`, `exported`, `paid`, `refused`; one or more, separated by commas"
    )
    ordering: Annotated[str, Ordering(*ORDERS, "admitted_on")] = Field(
        "-created_at", description=f"{SENTENCE}, `admitted_on`"
    )


class ClaimFields(VisitFacts, Body):
    """What may be said of a claim; every field may be left out of a PATCH."""

    sentences = CLAIM_SENTENCES

    institution: Treating | None = Field(None, description="医疗机构编码；名录中没有的填写 institution_name")
    institution_name: Maybe[Annotated[str, Text(80, blank=True)]] = None
    place: InArea | None = Field(None, description="医疗机构所在地区编码，填写 institution_name 时需要")
    care: Maybe[Annotated[str, OneOf(CARES)]] = None
    disease: OfDisease | None = Field(None, description="门诊慢特病病种编码，如 M03900")
    emergency: bool = False
    born_on: FilingDay | None = Field(None, description="新生儿的出生日期，按参保地规定的期限核对")
    admitted_on: FilingDay | None = None
    discharged_on: FilingDay | None = None
    invoice_code: Maybe[Annotated[str, Text(blank=True, form=NUMBER), AfterValidator(_invoice), InvoiceOrNone]] = None
    invoice_number: Maybe[Annotated[str, Text(form=NUMBER), AfterValidator(_invoice), Invoice]] = None
    cost: Maybe[ClaimedCost] = None
    bank_account: Maybe[Annotated[str, Text(form=DIGITS), AfterValidator(_bank_account)]] = Field(
        None, description="收款银行账号；回答中只显示后四位"
    )
    bank_holder: Maybe[Annotated[str, Text(60, blank=True, form=NAME)]] = Field(None, description="开户名；空为参保人")
    reason: Maybe[Annotated[str, Text(500, form=PROSE)]] = Field(None, description="没有直接结算的原因")
    materials: Materials = []


class ClaimInput(ClaimFields):
    """A new claim."""

    care: Annotated[str, OneOf(CARES)]
    enrollment: UUID
    draft: bool = False


class CorrectInput(Body):
    """What a reviewer makes of the bill (核定)."""

    sentences = CLAIM_SENTENCES

    cost: Maybe[ClaimedCost] = None
    level: Maybe[Literal[0, 1, 2, 3]] = Field(None, description="名录中没有的医疗机构的结算等级")
    place: Maybe[InArea] = Field(None, description="名录中没有的医疗机构的所在地区")


def read_cost(value: Any) -> Cost:
    """A cost as it is sent. Raises Invalid with every problem, each with the path of its field."""
    cost = CorrectInput.of({"cost": value}).cost
    assert cost is not None
    return cost


class AccountInput(Body):
    """Where the money goes after the bank sent it back."""

    sentences = CLAIM_SENTENCES

    bank_account: Annotated[str, Text(form=DIGITS), AfterValidator(_bank_account)]
    bank_holder: Annotated[str, Text(60, blank=True, form=NAME)] = Field("", description="开户名；空为参保人")
    confirmed: bool = Field(False, description="银行卡号校验不符，但已核对无误")


# What is answered


class PaymentShape(TypedDict):
    status: Annotated[str, OneOf(Payment)]
    status_label: str
    paid_on: date | None
    refusal: Annotated[
        Annotated[str, OneOf(BankRefusal)] | None, Field(description="银行退回的原因；更正收款账户后重新支付")
    ]
    refusal_label: str


class ClaimColumns(TypedDict):
    institution: str | None
    institution_name: str
    place: Annotated[str | None, Field(description="名录中没有的医疗机构的所在地区")]
    care: Annotated[str, OneOf(CARES)]
    care_label: str
    disease: str | None
    disease_name: str | None
    emergency: bool
    vacation: bool
    injury: bool
    newborn: bool
    born_on: date | None
    maternity: bool
    admitted_on: date | None
    discharged_on: date | None
    invoice_code: str
    invoice_number: str
    total: Annotated[Money | None, Field(description="费用总额：核定的，或申请的")]
    stages: Annotated[int, Field(description="审核环节数：初审、复审")]
    bank_account: Annotated[str, Field(description="只显示后四位，如 ****0123")]
    settlement: Annotated[str | None, Field(description="支付本申请的结算")]
    settlement_number: str | None
    amounts: Annotated[SettledAmounts | None, Field(description="审核通过后")]
    payment: PaymentShape


class ClaimRow(SubmissionRow, ClaimColumns):
    """A claim in a list."""


class ClaimRest(TypedDict):
    cost: Annotated[Annotated[dict[str, Any], As(BillCost)] | None, Field(description="申请人填写的费用")]
    corrected: Annotated[Annotated[dict[str, Any], As(BillCost)] | None, Field(description="审核员核定的费用")]
    bank_holder: Annotated[str, Field(description="工作人员看到的是脱敏的，如 王*兰")]
    reason: str
    travel: Annotated[str, OneOf(TRAVELS)] | None
    travel_label: str
    policy: PolicyBrief | None
    lines: list[LineAnswer] | None
    not_included: Annotated[list[OmissionAnswer] | None, Field(description="审核通过后：参保地有、政策文件没有找到的")]


class ClaimDetail(ClaimRow, SubmissionBeside, ClaimRest):
    """A claim in full."""


# Examples

COST: dict[str, Any] = {"total": "20000.00"}
CLAIM: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "institution": "H11010100001",
    "care": "inpatient",
    "emergency": False,
    "admitted_on": "2024-11-10",
    "discharged_on": "2024-11-20",
    "invoice_code": "11060124",
    "invoice_number": "0012345678",
    "cost": COST,
    "materials": [MATERIAL],
    "bank_account": "6222020200112233446",
    "reason": "住院时没有备案，医院不能直接结算。",
}
CORRECT: dict[str, Any] = {"cost": {"total": "20000.00", "excluded": "1000.00"}}

ROW: dict[str, Any] = {
    **COMMON,
    "kind": "claim",
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "place": None,
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "emergency": False,
    **dict.fromkeys(STATED, False),
    "born_on": None,
    "admitted_on": "2024-11-10",
    "discharged_on": "2024-11-20",
    "invoice_code": "11060124",
    "invoice_number": "0012345678",
    "total": "20000.00",
    "stages": 2,
    "bank_account": "****3446",
    "settlement": None,
    "settlement_number": None,
    "amounts": None,
    "payment": {"status": "none", "status_label": "", "paid_on": None, "refusal": None, "refusal_label": ""},
}

DETAIL: dict[str, Any] = {
    **ROW,
    **BESIDE,
    "cost": COST,
    "corrected": None,
    "bank_holder": "",
    "reason": "住院时没有备案，医院不能直接结算。",
    "travel": None,
    "travel_label": "",
    "policy": None,
    "lines": None,
    "not_included": None,
}

_PAID = {
    "total": "20000.00", "scope": "20000.00", "eligible": "20000.00", "deductible": "924.00", "payable": "19076.00",
    "pooled": "15260.80", "burden": "4739.20", "fund": "15260.80", "own": "4739.20", "cash": "4739.20",
}  # fmt: skip
APPROVED: dict[str, Any] = {
    **DETAIL,
    "status": "approved",
    "stage": 2,
    "settlement": ID,
    "settlement_number": "J20261124-00000087-3",
    "amounts": {name: _PAID.get(name, "0.00") for name in AMOUNTS},
    "payment": {"status": "due", "status_label": "待支付", "paid_on": None, "refusal": None, "refusal_label": ""},
    "travel": "unfiled",
    "travel_label": "未备案",
    "lines": [
        {
            "step": "deductible",
            "label": "起付线",
            "formula": "三级医院 880.00 × 1.05",
            "amount": "924.00",
            "source": "CQF2",
        }
    ],
    "not_included": NOT_INCLUDED,
}
