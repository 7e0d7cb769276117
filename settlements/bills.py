"""Bills as they are sent: what they cost, in sums or item by item, and what a till sends to quote or settle one.

Every problem is told at once, each under the path of its field (API.md, Settlement).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field, StrictBool, ValidationInfo, field_validator

from accounts.bodies import Named
from core import clock
from core.errors import Problem
from core.http.bodies import Strict
from core.http.values import YEARS, Made, Maybe, OrNull, Otherwise, Read, Text, wrong
from core.text import LINE, NAME, NUMBER, Form
from policies.language.examples import Cost, Item
from policies.language.terms import Care, Insurance
from reviews.bodies import NO_DATE
from settlements.coding import Sent, coded
from settlements.facts import INJURY, MATERNITY, NEWBORN, VACATION, childbirth_is_a_stay
from settlements.figures import NO_MONEY, NO_QUANTITY, Money, Quantity, Ratio
from settlements.models import invoice_key
from settlements.national import help_text

MOST_ITEMS = 5_000
LARGEST_TOTAL = Decimal("99999999.99")
"""A hundred million yuan is a slip of the keys, and a few thousand of them would burst the columns of a year."""
ZERO = Decimal(0)
SUMS = ("total", "excluded", "over_limit", "first_copay")
ITEM_KEYS = ("name", "class", "amount", "first_copay_ratio", "limit", "code", "quantity")

NO_CODE = _("请填写有效的编码。")
A_DAY = {"type": "string", "format": "date"}


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = date.min
    if day.year not in YEARS:
        raise wrong("date_invalid", NO_DATE)
    return day


BillDay = Annotated[date, Read(_day, A_DAY)]

# Bills

NO_CLASS = _("目录类别应为 A、B 或 C（甲类、乙类、自费）。")
BILL_SENTENCES = {
    **Strict.sentences,
    "missing.amount": ("money_invalid", NO_MONEY),
    "missing.class": ("class_invalid", NO_CLASS),
    "null.cost": ("required", _("请填写此项。")),
    "too_short.items": ("required", _("请填写此项。")),
    "too_long.items": ("items_too_many", _("明细最多5000条，请合并后再试。")),
}


def _classed(lines: Any) -> Any:
    """A line with a code needs no class; one with neither is told that it has none."""
    if not isinstance(lines, list) or all("class" in line for line in lines if isinstance(line, dict)):
        return lines
    return [_with_class(line) if isinstance(line, dict) else line for line in lines]


def _with_class(line: dict[str, Any]) -> dict[str, Any]:
    return line if "class" in line else {**line, "class": "" if line.get("code") else "missing"}


class BillItem(Strict):
    """One line of a bill: by its `class` (A, B or C of the catalogue), or by its national `code`, and the catalogue says the rest."""

    name: Annotated[str, Text(200, blank=True), Otherwise("name_invalid", _("名称应为不超过200字的文字。"))] = ""
    amount: Money
    first_copay_ratio: Ratio = ZERO
    limit: Money | None = None
    code: Annotated[
        str, Field(pattern=r"^([0-9A-Za-z][0-9A-Za-z._/-]{0,49})?$"), Otherwise("code_invalid", NO_CODE)
    ] = Field(
        "",
        description="National code (医保编码). Class, ratio and limit then come from the catalogue; what the line states of them must agree (`catalogue_mismatch`). A code that no catalogue has is class C, with a remark.",
    )
    quantity: Quantity = Field(
        Decimal(1), description="How many units, by which the price limit of a code is multiplied."
    )
    charged_on: OrNull[BillDay] = Field(
        None, description="Day of the charge, by which a code is looked up; without it the visit’s, or of discharge."
    )
    catalogue: Annotated[Literal["A", "B", "C", ""], Otherwise("class_invalid", NO_CLASS)] = Field(
        "", alias="class", description="May be left out with a `code`."
    )


class CostInput(Strict):
    """Sums, or items, or both where they agree."""

    total: Maybe[Money] = None
    excluded: Maybe[Money] = Field(None, description="全自费")
    over_limit: Maybe[Money] = Field(None, description="超限价")
    first_copay: Maybe[Money] = Field(None, description="先行自付")
    items: Annotated[list[BillItem], BeforeValidator(_classed), Field(min_length=1, max_length=MOST_ITEMS)] = Field(
        [], description="At most 5 000."
    )


def cost_of(sent: CostInput) -> Cost:
    """What was sent, as the engine takes it; with codes, as the catalogue has to complete it (`CodedCost.resolved`)."""
    if sent.total is None and not sent.items:
        raise wrong("required", _("请填写费用总额，或逐项填写明细。"), attr="total")
    by_code = any(item.code or not item.catalogue for item in sent.items)
    cost = Cost(
        total=sent.total,
        excluded=sent.excluded,
        over_limit=sent.over_limit,
        first_copay=sent.first_copay,
        items=()
        if by_code
        else tuple(
            Item(
                name=item.name,
                catalogue=item.catalogue or "C",
                amount=item.amount,
                first_copay_ratio=item.first_copay_ratio,
                limit=item.limit,
            )
            for item in sent.items
        ),
    )
    return coded(cost, map(_line, range(len(sent.items)), sent.items)) if by_code else cost


def _line(place: int, item: BillItem) -> Sent:
    if not (item.code or item.catalogue):
        raise wrong("class_invalid", NO_CLASS, attr=f"items.{place}.class")
    if not item.quantity:
        raise wrong("quantity_invalid", NO_QUANTITY, attr=f"items.{place}.quantity")
    stated = item.model_fields_set
    return Sent(
        name=item.name,
        amount=item.amount,
        code=item.code.upper(),
        quantity=item.quantity,
        charged_on=item.charged_on,
        item_class=item.catalogue or None,
        first_copay_ratio=item.first_copay_ratio if "first_copay_ratio" in stated else None,
        limit=item.limit,
    )


# What a till sends

REQUIRED = _("请填写此项。")
NO_ADMISSION = _("请填写入院日期或就诊日期。")
NO_TEXT = _("应为不超过规定长度的文字。")


def Line(longest: int, form: Form = LINE, *, required: bool = True) -> Read:  # noqa: N802
    """A line of text, mended as it was typed; empty where it was left out and may be."""
    tidy = re.compile(form.tidy)

    def read(value: Any) -> str:
        if not isinstance(value, str | None) or "\0" in (value or ""):
            raise wrong("text_invalid", NO_TEXT)
        text = value if value is None or tidy.fullmatch(value) else form.mend(value)
        if not text:
            if required:
                raise wrong("required", REQUIRED)
            return ""
        if len(text) > longest:
            raise wrong("text_invalid", NO_TEXT)
        return text

    return Read(read, {"type": "string", "minLength": 1, "maxLength": longest})


class BillCost(CostInput):
    """Sums, or items, or both where they agree."""

    total: Maybe[Money] = Field(None, description=help_text("total"))
    excluded: Maybe[Money] = Field(None, description=help_text("excluded"))
    over_limit: Maybe[Money] = Field(None, description=help_text("over_limit"))
    first_copay: Maybe[Money] = Field(None, description=help_text("first_copay"))
    items: Annotated[list[BillItem], BeforeValidator(_classed), Field(min_length=1, max_length=MOST_ITEMS)] = Field(
        [], description="最多5000条。"
    )


class IdentityInput(Named, Strict):
    """Whom the till looks up without the insurance code; the person is told of it."""

    name: Annotated[str, Line(60, NAME)]
    reason: Annotated[str, Line(100)] = Field(description="为什么没有医保码，如“患者昏迷”。")


class InvoiceInput(Strict):
    code: Annotated[str, Line(30, NUMBER)]
    number: Annotated[str, Line(30, NUMBER)]


def _invoice(sent: InvoiceInput) -> str:
    for name, text in (("code", sent.code), ("number", sent.number)):
        if not re.fullmatch(r"[0-9A-Za-z-]+", text):
            raise wrong("code_invalid", NO_CODE, attr=name)
    return invoice_key(sent.code, sent.number)


def _billed(sent: CostInput) -> Cost:
    cost = cost_of(sent)
    if _total(cost) > LARGEST_TOTAL:
        raise wrong("total_too_large", _("费用总额应不到一亿元，请核对。"), attr="total")
    return cost


def _total(cost: Cost) -> Decimal:
    return cost.total if cost.total is not None else sum((item.amount for item in cost.items), Decimal(0))


def _admission(value: Any) -> date:
    if value is None:
        raise wrong("required", NO_ADMISSION)
    return _day(value)


Admission = Annotated[date, Read(_admission, A_DAY)]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{6}$"), Otherwise("area_invalid", _("请填写六位地区代码，如 500000。"))]
DiseaseCode = Annotated[str, Field(pattern=r"^M[0-9]{5}$"), Otherwise("code_invalid", NO_CODE)]


class BillRequest(Strict):
    """A bill as the hospital sends it, to be quoted or settled."""

    sentences = {
        **BILL_SENTENCES,
        "null.care": ("required", REQUIRED),
        "missing.admitted_on": ("required", NO_ADMISSION),
    }
    final: ClassVar[bool] = False
    """Whether it is to be settled, so that a stay must have ended."""

    voucher: Annotated[str, Line(64, NUMBER, required=False)] = Field("", description=help_text("voucher"))
    identity: OrNull[IdentityInput] = Field(None, validate_default=True, description=help_text("identity"))
    insured_area: OrNull[AreaCode] = Field(None, description=help_text("insured_area"))
    insurance: OrNull[Insurance] = Field(None, description=help_text("insurance"))
    care: Care = Field(description=help_text("care"))
    disease: OrNull[DiseaseCode] = Field(None, validate_default=True, description=help_text("disease"))
    admitted_on: Admission = Field(description="入院或就诊日期。")
    discharged_on: OrNull[BillDay] = Field(
        None, validate_default=True, description="出院日期；住院结算必填，预结算可不填。"
    )
    emergency: StrictBool = Field(False, description="急诊抢救：未备案时自动备案。")
    referred: OrNull[StrictBool] = Field(None, description="是否经基层首诊转诊。")
    vacation: StrictBool = Field(False, description=VACATION)
    injury: StrictBool = Field(False, description=INJURY)
    no_third_party: StrictBool = Field(False, description="患者已签署外伤无第三方责任承诺书。")
    newborn: StrictBool = Field(False, description=NEWBORN)
    born_on: OrNull[BillDay] = Field(None, description="新生儿的出生日期，按参保地规定的期限核对。")
    maternity: StrictBool = Field(False, description=MATERNITY)
    continues: Annotated[str, Line(24, NUMBER, required=False)] = Field("", description=help_text("continues"))
    cost: Annotated[Cost, Made(BillCost, _billed)]
    use_account: StrictBool = Field(False, description="个人负担部分先用个人账户支付。")
    bill_number: Annotated[str, Line(64, NUMBER, required=False)] = Field(
        "", description="本院账单号，一个账单只结算一次。"
    )
    invoice: OrNull[Annotated[str, Made(InvoiceInput, _invoice)]] = Field(
        None, description="发票代码和号码，一张发票只结算或报销一次。"
    )

    @field_validator("identity")
    @classmethod
    def says_who(cls, identity: IdentityInput | None, info: ValidationInfo) -> IdentityInput | None:
        """Whom to look up; nobody where the insurance code says who it is."""
        if info.data.get("voucher"):
            return None
        if identity is None:
            sentence = _("请扫描患者的医保码，或填写 identity（姓名、证件号码和原因）。")
            raise wrong("required", sentence, instead="voucher")
        return identity

    @field_validator("disease")
    @classmethod
    def fits_the_care(cls, disease: str | None, info: ValidationInfo) -> str | None:
        if disease is None and info.data.get("care") == "chronic":
            raise wrong("required", _("请填写门诊慢特病的病种编码，如 M03900。"))
        if disease and info.data.get("care") == "outpatient":
            raise wrong("not_chronic", _("普通门诊不填病种；按门诊慢特病结算请选择 care=chronic。"))
        return disease

    @field_validator("admitted_on")
    @classmethod
    def is_past(cls, admitted_on: date) -> date:
        if admitted_on > clock.today():
            raise wrong("admitted_in_future", _("入院或就诊日期不能晚于今天，请核对。"))
        return admitted_on

    @field_validator("discharged_on")
    @classmethod
    def ends_the_stay(cls, discharged_on: date | None, info: ValidationInfo) -> date | None:
        care, admitted_on = info.data.get("care"), info.data.get("admitted_on")
        if discharged_on is None:
            if cls.final and care == "inpatient":
                raise wrong("required", _("住院结算请填写出院日期。"))
            return None
        if discharged_on > clock.today():
            raise wrong("discharged_in_future", _("出院日期不能晚于今天，请核对。"))
        if admitted_on and discharged_on < admitted_on:
            raise wrong("discharge_before_admission", _("出院日期早于入院日期，请核对。"))
        if admitted_on and care in ("outpatient", "chronic") and discharged_on != admitted_on:
            raise wrong("not_a_stay", _("门诊没有出院日期；住院请选择 care=inpatient。"))
        return discharged_on if care == "inpatient" else None

    def problems(self) -> Iterator[Problem]:
        if _total(self.cost) <= 0:
            yield Problem("total_zero", str(_("费用总额应大于0，请核对。")), "cost.total")
        if self.born_on and self.born_on > self.admitted_on:
            yield Problem("born_after_admission", str(_("出生日期晚于入院或就诊日期，请核对。")), "born_on")
        if self.maternity:
            yield from childbirth_is_a_stay(self)


class QuoteInput(BillRequest):
    """A bill. One of `voucher` and `identity`; area and insurance where the person has several enrolments."""


class SettleInput(BillRequest):
    """A bill to settle: a quote's body with the bill number, and of a stay the discharge."""

    final = True

    bill_number: Annotated[str, Line(64, NUMBER)] = Field(description="本院账单号，一个账单只结算一次。")
