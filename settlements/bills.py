"""Reads bills as they are sent: facts, costs, the year so far. By hand, for bills may have thousands of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast, get_args
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Problem
from policies.language.examples import Cost, Item, YearKey
from policies.language.facts import FACTS, FactValue, fits

MOST_ITEMS = 5_000
LARGEST_TOTAL = Decimal("99999999.99")
"""A hundred million yuan is a slip of the keys, and a few thousand of them would burst the columns of a year."""
LONGEST_NAME = 200
SUMS = ("total", "excluded", "over_limit", "first_copay")
ITEM_KEYS = ("name", "class", "amount", "first_copay_ratio", "limit")
YEAR_KEYS: tuple[YearKey, ...] = get_args(YearKey)
OTHERS = ("area", "enrollment", "institution", "on", "cost", "year_to_date", "account_balance")
YEARS = range(2000, 2101)
ZERO = Decimal(0)

_MONEY = re.compile(r"\d{1,10}(\.\d{1,2})?")
_RATIO = re.compile(r"0(\.\d{1,6})?|1(\.0{1,6})?")

SAID = {
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an estimate is asked for: only what the caller said. `year_to_date` None: left to the records."""

    facts: Mapping[str, FactValue]
    cost: Cost
    year_to_date: Mapping[YearKey, Decimal] | None = None
    account_balance: Decimal = ZERO
    area: str | None = None
    enrollment: UUID | None = None
    institution: str | None = None
    on: date | None = None


def read(body: Any) -> Asked:
    """The body of `POST estimates/`. Raises Invalid with every problem, each with the path of its field."""
    form = Form()
    given = form.mapping(body, None)
    asked = Asked(
        facts={name: value for name, value in given.items() if name in FACTS and form.fact(name, value)},
        cost=form.cost(given.get("cost")),
        year_to_date=form.sums(given["year_to_date"], YEAR_KEYS, "year_to_date") if "year_to_date" in given else None,
        account_balance=form.money(given.get("account_balance", 0), "account_balance"),
        area=form.matching(given.get("area"), r"\d{6}", "area", "area_invalid"),
        enrollment=form.id(given.get("enrollment"), "enrollment"),
        institution=form.matching(given.get("institution"), r"[A-Za-z0-9]{1,12}", "institution", "code_invalid"),
        on=form.day(given.get("on"), "on"),
    )
    form.only(given, (*FACTS, *OTHERS), "")
    form.raise_problems()
    return asked


class Form:
    """Collects the problems of a form while it is read, so that all are told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def raise_problems(self) -> None:
        if self.problems:
            raise Invalid(problems=self.problems[:100])

    def wrong(self, code: str, attr: str | None, said: str | Promise = "") -> None:
        self.problems.append(Problem(code, str(said or SAID[code]), attr))

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

    def fact(self, name: str, value: Any) -> bool:
        """Whether a fact has a value that it may have."""
        if fits(FACTS[name], value):
            return True
        self.wrong("fact_invalid", name, _("%(name)s 应为%(expected)s。") % _told(name))
        return False

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

    def id(self, value: Any, attr: str) -> UUID | None:
        try:
            return None if value is None else UUID(value)
        except (ValueError, AttributeError, TypeError):
            self.wrong("code_invalid", attr)
            return None

    def day(self, value: Any, attr: str) -> date | None:
        try:
            found = None if value is None else date.fromisoformat(value)
        except (ValueError, TypeError):
            found = date.min
        if found is not None and found.year not in YEARS:
            self.wrong("date_invalid", attr)
        return found


def _told(name: str) -> dict[str, str]:
    return {"name": name, "expected": FACTS[name].expected}
