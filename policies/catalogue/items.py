"""What the catalogue (医保目录) says of the codes of a bill, and what of each line it leaves to the patient.

The row of the place itself counts before its city's, that before its province's, that before the one of all areas; of one
area's the one that began last on the day of the charge. Whoever has codes looks them up all at once, with one statement,
and hands the engine items that it can reckon with: the engine knows no catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from policies.engine.bill import exact, fen, item_parts
from policies.language.examples import Item
from policies.language.filing_rules import chain
from policies.models import entries_of

UNLISTED = "目录未收录，按丙类全自费"


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """What counts for a code at a place on a day.

    `first_copay_ratio` is that of class B, `price_limit` yuan for one unit (None: no limit). A code that no list has is
    class C and not `listed`. A listed one of which the class, or the ratio of class B, is not known is not `known`: no bill
    is split by it.
    """

    code: str
    name: str = ""
    item_class: Literal["A", "B", "C"] | None = "C"
    first_copay_ratio: Decimal | None = None
    price_limit: Decimal | None = None
    listed: bool = True

    @property
    def known(self) -> bool:
        return self.item_class is not None and (self.item_class != "B" or self.first_copay_ratio is not None)

    @property
    def remark(self) -> str:
        """What has to be said beside it; empty for what is listed and known."""
        if not self.listed:
            return UNLISTED
        return "" if self.known else self.problem

    @property
    def problem(self) -> str:
        """Why no bill can be split by it (`item_not_known`); empty where one can."""
        if self.known:
            return ""
        missing = "先自付比例" if self.item_class == "B" else "类别"
        return f"{self.code}{self.name and f'（{self.name}）'}在目录中没有{missing}，请联系经办机构补全目录后再结算"

    def limit_for(self, quantity: Decimal) -> Decimal | None:
        """What so many units may cost at most, to the fen; of a refund as much as of what it gives back."""
        if self.price_limit is None:
            return None
        with exact():
            return fen(self.price_limit * abs(quantity))

    def as_line(self, amount: Decimal, quantity: Decimal = Decimal(1), name: str = "") -> Item:
        """A line of a bill as the engine takes it. The item must be `known`."""
        assert self.item_class is not None
        return Item(
            name=name or self.name,
            catalogue=self.item_class,
            amount=amount,
            first_copay_ratio=self.first_copay_ratio or Decimal(0),
            limit=self.limit_for(quantity),
        )


class LineParts(NamedTuple):
    """One line of a bill, parted; the four come to its amount."""

    excluded: Decimal
    """全自费 (fulamt_ownpay_amt)"""
    over_limit: Decimal
    """超限价 (overlmt_amt)"""
    first_copay: Decimal
    """先行自付 (preselfpay_amt)"""
    scope: Decimal
    """符合政策范围 (inscp_scp_amt)"""


def split_line(item: CatalogueItem, amount: Decimal, quantity: Decimal = Decimal(1)) -> LineParts:
    """What of a line the catalogue leaves to the patient, and the rest, by the engine's own rule.

    `amount` is what the line costs, with two places; of a refund it is negative, and so is every part: refunding a line whole
    undoes it to the fen. The item must be `known`.
    """
    with exact():
        parts = item_parts(item.as_line(amount, quantity))
        excluded, over_limit, first_copay = map(fen, parts)
        return LineParts(excluded, over_limit, first_copay, fen(amount) - excluded - over_limit - first_copay)


def find_items(area: str, codes: Iterable[str], on: date) -> Mapping[str, CatalogueItem]:
    """What counts for these codes at a place on the day of the charge, each code with its item. One statement."""
    return {code: item for (code, _day), item in find_charges(area, ((code, on) for code in codes)).items()}


def find_charges(area: str, charges: Iterable[tuple[str, date]]) -> Mapping[tuple[str, date], CatalogueItem]:
    """The same for codes that were charged on days of their own. One statement, whatever their number."""
    asked = dict.fromkeys(charges)
    if not asked:
        return {}
    areas = chain(area)[::-1]
    said: dict[tuple[str, str], list[Any]] = {}
    rows = entries_of(
        codes=list({_code(code) for code, _day in asked}), areas=list(areas), until=max(day for _code, day in asked)
    )
    for code, of, since, *rest in rows:
        said.setdefault((code, of), []).append((since, rest))
    return {(code, day): _counting(said, areas, code, day) for code, day in asked}


def _code(text: str) -> str:
    return text.strip().upper()


def _counting(said: Mapping[tuple[str, str], list[Any]], areas: Iterable[str], code: str, day: date) -> CatalogueItem:
    for area in areas:
        for since, (name, item_class, ratio, limit) in said.get((_code(code), area), ()):
            if since <= day:
                return CatalogueItem(_code(code), name, item_class or None, ratio, limit)
    return CatalogueItem(_code(code), listed=False)
