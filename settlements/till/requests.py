"""What a till sends: a bill to quote or settle, a reversal, the filters of its list (API.md, Settlement)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field, StrictBool, ValidationInfo, field_validator

from core import clock
from core.errors import Problem
from core.http.bodies import Body, Query, Strict
from core.http.values import (
    Day,
    Made,
    Maybe,
    Ordering,
    OrNull,
    Otherwise,
    Read,
    Several,
    Text,
    wrong,
)
from policies.language.examples import Cost
from policies.language.terms import CARES, INSURANCES, Care, Insurance
from reviews.bodies import NO_DATE, Id
from settlements.bodies import (
    BILL_SENTENCES,
    LARGEST_TOTAL,
    MOST_ITEMS,
    NO_CODE,
    BillItem,
    CostInput,
    Money,
    cost_of,
)
from settlements.models import invoice_key
from settlements.till.national import help_text

REQUIRED = _("请填写此项。")
SHOWN = ("settled", "reversed")
NO_ADMISSION = _("请填写入院日期或就诊日期。")
NO_TEXT = _("应为不超过规定长度的文字。")


def Line(longest: int, *, required: bool = True) -> Read:  # noqa: N802
    """A line of text without blanks around it; empty where it was left out and may be."""

    def read(value: Any) -> str:
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                raise wrong("required", REQUIRED)
            return ""
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise wrong("text_invalid", NO_TEXT)
        return value.strip()

    return Read(read, {"type": "string", "minLength": 1, "maxLength": longest}, null=True)


class BillCost(CostInput):
    """Sums, or items, or both where they agree."""

    total: Maybe[Money] = Field(None, description=help_text("total"))
    excluded: Maybe[Money] = Field(None, description=help_text("excluded"))
    over_limit: Maybe[Money] = Field(None, description=help_text("over_limit"))
    first_copay: Maybe[Money] = Field(None, description=help_text("first_copay"))
    items: Annotated[list[BillItem], Field(min_length=1, max_length=MOST_ITEMS)] = Field([], description="最多5000条。")


class IdentityInput(Strict):
    """Whom the till looks up without the insurance code; the person is told of it."""

    name: Annotated[str, Line(60)]
    id_number: Annotated[str, Line(18)]
    reason: Annotated[str, Line(100)] = Field(description="为什么没有医保码，如“患者昏迷”。")


class InvoiceInput(Strict):
    code: Annotated[str, Line(30)]
    number: Annotated[str, Line(30)]


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


BillDay = Annotated[Day, Otherwise("date_invalid", NO_DATE)]
AreaCode = Annotated[str, Field(pattern=r"^[0-9]{6}$"), Otherwise("area_invalid", _("请填写六位地区代码，如 500000。"))]
DiseaseCode = Annotated[str, Field(pattern=r"^M[0-9]{5}$"), Otherwise("code_invalid", NO_CODE)]


def _admission(value: Any) -> Any:
    if value is None:
        raise wrong("required", NO_ADMISSION)
    return value


class BillRequest(Strict):
    """A bill as the hospital sends it, to be quoted or settled."""

    sentences = {
        **BILL_SENTENCES,
        "null.care": ("required", REQUIRED),
        "missing.admitted_on": ("required", NO_ADMISSION),
    }
    final: ClassVar[bool] = False
    """Whether it is to be settled, so that a stay must have ended."""

    stated: OrNull[IdentityInput] = Field(None, alias="identity", description=help_text("identity"))
    voucher: Annotated[str, Line(64, required=False)] = Field(
        "", validate_default=True, description=help_text("voucher")
    )
    insured_area: OrNull[AreaCode] = Field(None, description=help_text("insured_area"))
    insurance: OrNull[Insurance] = Field(None, description=help_text("insurance"))
    care: Care = Field(description=help_text("care"))
    disease: OrNull[DiseaseCode] = Field(None, validate_default=True, description=help_text("disease"))
    admitted_on: Annotated[BillDay, BeforeValidator(_admission)] = Field(description="入院或就诊日期。")
    discharged_on: OrNull[BillDay] = Field(
        None, validate_default=True, description="出院日期；住院结算必填，预结算可不填。"
    )
    emergency: StrictBool = Field(False, description="急诊抢救：未备案时自动备案。")
    referred: OrNull[StrictBool] = Field(None, description="是否经基层首诊转诊。")
    continues: Annotated[str, Line(24, required=False)] = Field("", description=help_text("continues"))
    cost: Annotated[Cost, Made(BillCost, _billed)]
    use_account: StrictBool = Field(False, description="个人负担部分先用个人账户支付。")
    bill_number: Annotated[str, Line(64, required=False)] = Field("", description="本院账单号，一个账单只结算一次。")
    invoice: OrNull[Annotated[str, Made(InvoiceInput, _invoice)]] = Field(
        None, description="发票代码和号码，一张发票只结算或报销一次。"
    )

    @field_validator("voucher")
    @classmethod
    def says_who(cls, voucher: str, info: ValidationInfo) -> str:
        if not voucher and "stated" in info.data and info.data["stated"] is None:
            raise wrong("required", _("请扫描患者的医保码，或填写 identity（姓名、证件号码和原因）。"))
        return voucher

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
        return discharged_on

    def problems(self) -> Iterator[Problem]:
        if _total(self.cost) <= 0:
            yield Problem("total_zero", str(_("费用总额应大于0，请核对。")), "cost.total")

    @property
    def identity(self) -> IdentityInput | None:
        """Whom to look up; nobody where the insurance code says who it is."""
        return None if self.voucher else self.stated

    @property
    def left_on(self) -> date | None:
        """The day of discharge; None for a visit, or a stay that goes on."""
        return self.discharged_on if self.care == "inpatient" else None

    @property
    def ended_on(self) -> date:
        """The day of discharge, of the visit, or today for a stay that goes on."""
        return self.admitted_on if self.care != "inpatient" else self.discharged_on or clock.today()


class QuoteInput(BillRequest):
    """A bill. One of `voucher` and `identity`; area and insurance where the person has several enrolments."""


class SettleInput(BillRequest):
    """A bill to settle: a quote's body with the bill number, and of a stay the discharge."""

    final = True

    bill_number: Annotated[str, Line(64)] = Field(description="本院账单号，一个账单只结算一次。")


class ReverseInput(Body):
    reason: Annotated[str, Text(200)] = Field(description="冲正原因，写入结算单。")


def _cell(text: str) -> str:
    """A code or number, whatever it is; no column can hold a null character."""
    if "\0" in text:
        raise wrong("text_invalid", NO_TEXT)
    return text.strip()[:64]


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
        found = {lookup: getattr(self, name) for name, lookup in self.lookups.items()}
        found["number__startswith"] = (self.q or "").upper()
        return {lookup: value for lookup, value in found.items() if value}

    def order(self) -> tuple[str, ...]:
        """The newest first: by the day and then the moment, as the indexes stand."""
        sign = "-" if self.ordering.startswith("-") else ""
        if "settled_at" in self.ordering:
            return f"{sign}settled_on", self.ordering, f"{sign}pk"
        return self.ordering, f"{sign}pk"
