"""Bills as they are sent, read by hand, for they may have thousands of lines: the form, and what a till sends (API.md, Settlement).

Every problem is told at once, each under the path of its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Invalid, Problem
from policies.language.examples import Cost, Item
from policies.language.terms import CARES, INSURANCES, Care
from settlements.models import invoice_key

MOST_ITEMS = 5_000
LARGEST_TOTAL = Decimal("99999999.99")
"""A hundred million yuan is a slip of the keys, and a few thousand of them would burst the columns of a year."""
LONGEST_NAME = 200
LONGEST_REASON = 100
SUMS = ("total", "excluded", "over_limit", "first_copay")
ITEM_KEYS = ("name", "class", "amount", "first_copay_ratio", "limit")
YEARS = range(2000, 2101)
ZERO = Decimal(0)

_MONEY = re.compile(r"\d{1,10}(\.\d{1,2})?")
_RATIO = re.compile(r"0(\.\d{1,6})?|1(\.0{1,6})?")

SENTENCES = {
    "required": _("请填写此项。"),
    "object_expected": _("此处应为一组字段（JSON 对象）。"),
    "list_expected": _("此处应为一个列表。"),
    "unknown_field": _("没有这个字段，请核对字段名。"),
    "money_invalid": _("请填写不小于0、不到一百亿元的金额，最多两位小数，如 15260.80。"),
    "total_too_large": _("费用总额应不到一亿元，请核对。"),
    "ratio_invalid": _("请填写0到1之间的比例，如 0.10。"),
    "class_invalid": _("目录类别应为 A、B 或 C（甲类、乙类、自费）。"),
    "name_invalid": _("名称应为不超过200字的文字。"),
    "items_too_many": _("明细最多5000条，请合并后再试。"),
    "date_invalid": _("请填写2000年至2100年之间的日期，如 2026-11-21。"),
    "area_invalid": _("请填写六位地区代码，如 500000。"),
    "code_invalid": _("请填写有效的编码。"),
    "text_invalid": _("应为不超过规定长度的文字。"),
    "flag_invalid": _("应为 true 或 false。"),
    "choice_invalid": _("不在可选的范围内，请核对。"),
}


class Form:
    """Collects the problems of a form while it is read, so that all are told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def raise_problems(self) -> None:
        if self.problems:
            raise Invalid(problems=self.problems[:100])

    def wrong(self, code: str, attr: str | None, sentence: str | Promise = "") -> None:
        self.problems.append(Problem(code, str(sentence or SENTENCES[code]), attr))

    def mapping(self, value: Any, attr: str | None) -> dict[str, Any]:
        """An object; what is none is noted, and read as empty."""
        if isinstance(value, dict):
            return value
        self.wrong("object_expected", attr)
        return {}

    def only(self, given: Iterable[str], known: Iterable[str], path: str) -> None:
        for name in given:
            if name not in known:
                self.wrong("unknown_field", f"{path}{name}"[:200])

    def text(self, given: Mapping[str, Any], name: str, longest: int, *, required: bool = True, path: str = "") -> str:
        """A line of text without blanks around it; empty where it is wrong, or was left out and may be."""
        value = given.get(name)
        if value in (None, "") or (isinstance(value, str) and not value.strip()):
            if required:
                self.wrong("required", path + name)
            return ""
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            self.wrong("text_invalid", path + name)
            return ""
        return value.strip()

    def choice(self, given: Mapping[str, Any], name: str, values: Sequence[str], *, required: bool = False) -> str:
        """One of these words; empty where none was named."""
        value = given.get(name)
        if value is None:
            if required:
                self.wrong("required", name)
            return ""
        if value not in values:
            self.wrong("choice_invalid", name)
            return ""
        return str(value)

    def flag(self, given: Mapping[str, Any], name: str, *, default: bool | None = False) -> bool | None:
        """True or false; `default` where it is left out."""
        value = given.get(name, default)
        if value is not default and not isinstance(value, bool):
            self.wrong("flag_invalid", name)
        return value if isinstance(value, bool) else default

    def money(self, value: Any, attr: str) -> Decimal:
        """Yuan, written as a string ("15260.80") or as a number."""
        return self._decimal(value, _MONEY, "money_invalid", attr)

    def _decimal(self, value: Any, pattern: re.Pattern[str], code: str, attr: str) -> Decimal:
        text = str(value) if type(value) in (str, int, float) else ""
        if pattern.fullmatch(text) and text.isascii():
            return Decimal(text)
        self.wrong(code, attr)
        return ZERO

    def sums(self, value: Any, names: tuple[Any, ...], attr: str) -> dict[Any, Decimal]:
        """Sums of money by name."""
        given = self.mapping(value, attr)
        self.only(given, names, f"{attr}.")
        return {name: self.money(given[name], f"{attr}.{name}") for name in names if name in given}

    def cost(self, value: Any) -> Cost:
        """`{total, …}`, or `{items}`, or both."""
        if value is None:
            self.wrong("required", "cost")
            return Cost()
        given = self.mapping(value, "cost")
        if isinstance(value, dict) and not given.keys() & {"total", "items"}:
            self.wrong("required", "cost.total", _("请填写费用总额，或逐项填写明细。"))
        sums = {name: child for name, child in given.items() if name != "items"}
        items = self._items(given["items"]) if "items" in given else ()
        return Cost(**self.sums(sums, SUMS, "cost"), items=items)

    def _items(self, value: Any) -> tuple[Item, ...]:
        if not isinstance(value, list):
            self.wrong("list_expected", "cost.items")
            return ()
        if not value:
            self.wrong("required", "cost.items")
        if len(value) > MOST_ITEMS:
            self.wrong("items_too_many", "cost.items")
            return ()
        return tuple(self._item(item, f"cost.items.{i}") for i, item in enumerate(value))

    def _item(self, value: Any, path: str) -> Item:
        given = self.mapping(value, path) or {"class": "A", "amount": 0}  # what is wrong as a whole is told once
        self.only(given, ITEM_KEYS, f"{path}.")
        name, kind, limit = given.get("name", ""), given.get("class"), given.get("limit")
        if not isinstance(name, str) or len(name) > LONGEST_NAME:
            self.wrong("name_invalid", f"{path}.name")
        if kind not in ("A", "B", "C"):
            self.wrong("class_invalid", f"{path}.class")
        return Item(
            name=name if isinstance(name, str) else "",
            catalogue=cast(Any, kind),
            amount=self.money(given.get("amount"), f"{path}.amount"),
            first_copay_ratio=self._ratio(given.get("first_copay_ratio", 0), f"{path}.first_copay_ratio"),
            limit=None if limit is None else self.money(limit, f"{path}.limit"),
        )

    def _ratio(self, value: Any, attr: str) -> Decimal:
        return self._decimal(value, _RATIO, "ratio_invalid", attr)

    def matching(self, value: Any, pattern: str, attr: str, code: str) -> str | None:
        """A code, if there is one."""
        if value is None:
            return None
        if isinstance(value, str) and value.isascii() and re.fullmatch(pattern, value):
            return value
        self.wrong(code, attr)
        return None

    def day(self, value: Any, attr: str) -> date | None:
        try:
            day = None if value is None else date.fromisoformat(value)
        except (ValueError, TypeError):
            day = date.min
        if day is not None and day.year not in YEARS:
            self.wrong("date_invalid", attr)
        return day


# What a till sends to quote or settle

KEYS = (
    "voucher", "identity", "insured_area", "insurance", "care", "disease", "admitted_on", "discharged_on", "emergency",
    "referred", "continues", "cost", "use_account", "bill_number", "invoice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the till looks up without the insurance code, and why."""

    name: str
    id_number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRequest:
    """A bill as the hospital sends it. `ended_on`: the day of discharge, of the visit, or today for a stay that goes on."""

    voucher: str
    identity: Identity | None
    insured_area: str
    insurance: str
    care: Care
    disease: str
    admitted_on: date
    discharged_on: date | None
    ended_on: date
    emergency: bool
    referred: bool | None
    continues: str
    cost: Cost
    use_account: bool
    bill_number: str
    invoice: str | None


def read_bill(body: Any, *, quote: bool) -> BillRequest:
    """The body of a quote, or of a settlement (which needs a bill number and, of a stay, the discharge). Raises Invalid."""
    form = Form()
    given = form.mapping(body, None)
    voucher = form.text(given, "voucher", 64, required=False)
    identity = _identity(form, given)
    if not voucher and identity is None:
        form.wrong("required", "voucher", _("请扫描患者的医保码，或填写 identity（姓名、证件号码和原因）。"))
    care = cast(Care, form.choice(given, "care", CARES, required=True))
    admitted, discharged = _dates(form, given, care, quote=quote)
    request = BillRequest(
        voucher=voucher,
        identity=None if voucher else identity,
        insured_area=form.matching(given.get("insured_area"), r"\d{6}", "insured_area", "area_invalid") or "",
        insurance=form.choice(given, "insurance", INSURANCES),
        care=care,
        disease=_disease(form, given, care),
        admitted_on=admitted,
        discharged_on=discharged,
        ended_on=admitted if care != "inpatient" else discharged or clock.today(),
        emergency=bool(form.flag(given, "emergency")),
        referred=form.flag(given, "referred", default=None),
        continues=form.text(given, "continues", 24, required=False),
        cost=_cost(form, given),
        use_account=bool(form.flag(given, "use_account")),
        bill_number=form.text(given, "bill_number", 64, required=not quote),
        invoice=_invoice(form, given),
    )
    form.only(given, KEYS, "")
    form.raise_problems()
    return request


def _identity(form: Form, body: dict[str, Any]) -> Identity | None:
    if body.get("identity") is None:
        return None
    given = form.mapping(body["identity"], "identity")
    form.only(given, ("name", "id_number", "reason"), "identity.")
    name = form.text(given, "name", 60, path="identity.")
    number = form.text(given, "id_number", 18, path="identity.")
    return Identity(name, number, form.text(given, "reason", LONGEST_REASON, path="identity."))


def _disease(form: Form, given: dict[str, Any], care: str) -> str:
    disease = form.matching(given.get("disease"), r"M\d{5}", "disease", "code_invalid") or ""
    if care == "chronic" and given.get("disease") is None:
        form.wrong("required", "disease", _("请填写门诊慢特病的病种编码，如 M03900。"))
    if care == "outpatient" and disease:
        form.wrong("not_chronic", "disease", _("普通门诊不填病种；按门诊慢特病结算请选择 care=chronic。"))
    return disease


def _dates(form: Form, given: dict[str, Any], care: str, *, quote: bool) -> tuple[date, date | None]:
    """The first and the last day; neither in the future, nor the wrong way round."""
    admitted, discharged = form.day(given.get("admitted_on"), "admitted_on"), None
    if given.get("admitted_on") is None:
        form.wrong("required", "admitted_on", _("请填写入院日期或就诊日期。"))
    if given.get("discharged_on") is not None:
        discharged = form.day(given["discharged_on"], "discharged_on")
    elif care == "inpatient" and not quote:
        form.wrong("required", "discharged_on", _("住院结算请填写出院日期。"))
    _contradictions(form, care, admitted or clock.today(), discharged)
    return admitted or clock.today(), discharged if care == "inpatient" else None


def _contradictions(form: Form, care: str, admitted: date, discharged: date | None) -> None:
    today = clock.today()
    if admitted > today:
        form.wrong("admitted_in_future", "admitted_on", _("入院或就诊日期不能晚于今天，请核对。"))
    if discharged is None:
        return
    if discharged > today:
        form.wrong("discharged_in_future", "discharged_on", _("出院日期不能晚于今天，请核对。"))
    if discharged < admitted:
        form.wrong("discharge_before_admission", "discharged_on", _("出院日期早于入院日期，请核对。"))
    elif care in ("outpatient", "chronic") and discharged != admitted:
        form.wrong("not_a_stay", "discharged_on", _("门诊没有出院日期；住院请选择 care=inpatient。"))


def _cost(form: Form, given: dict[str, Any]) -> Cost:
    cost = form.cost(given.get("cost"))
    total = cost.total if cost.total is not None else sum(item.amount for item in cost.items)
    if isinstance(given.get("cost"), dict) and not form.problems and total <= 0:
        form.wrong("total_zero", "cost.total", _("费用总额应大于0，请核对。"))
    if total > LARGEST_TOTAL:
        form.wrong("total_too_large", "cost.total")
    return cost


def _invoice(form: Form, body: dict[str, Any]) -> str | None:
    if body.get("invoice") is None:
        return None
    given = form.mapping(body["invoice"], "invoice")
    form.only(given, ("code", "number"), "invoice.")
    texts = {name: form.text(given, name, 30, path="invoice.") for name in ("code", "number")}
    parts = [
        form.matching(text, r"[0-9A-Za-z-]+", f"invoice.{name}", "code_invalid") for name, text in texts.items() if text
    ]
    return invoice_key(*map(str, parts)) if len(parts) == len(texts) else None
