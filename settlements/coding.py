"""Bills whose lines name items of the catalogue (医保目录) by code: what counts for them is looked up before the engine runs.

The till goes by the catalogue of the place of care; a claim by the one that the insured area's rules name. A line may say
what the catalogue says as well, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from django.utils.translation import gettext as _

from core.errors import Invalid, Problem
from policies.catalogue.items import CatalogueItem, CodedItem, find_charges
from policies.engine.bill import Line, Result
from policies.language.examples import Cost, Item

CLASSES = {"A": "甲类", "B": "乙类", "C": "丙类"}
MOST_NAMED = 3
MOST_TOLD = 10
ONE = Decimal(1)


class Sent(NamedTuple):
    """A line as it was sent: what it says of itself beside the code; None: it leaves that to the catalogue."""

    name: str
    amount: Decimal
    code: str = ""
    quantity: Decimal = ONE
    charged_on: date | None = None
    item_class: Literal["A", "B", "C"] | None = None
    first_copay_ratio: Decimal | None = None
    limit: Decimal | None = None

    def as_stated(self) -> Item:
        """The line by what it says of itself; without a class as one that nobody pays for."""
        return Item(
            name=self.name,
            catalogue=self.item_class or "C",
            amount=self.amount,
            first_copay_ratio=self.first_copay_ratio or Decimal(0),
            limit=self.limit,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedCost(Cost):
    """A bill with codes that were not looked up yet; until they are, its lines stand for their amounts only."""

    sent: tuple[Sent, ...]

    def resolved(self, area: str, on: date) -> Cost:
        """The bill by the catalogue of an area, on the day of each charge, else on this one. One statement.

        Raises Invalid `item_not_known`, `catalogue_mismatch`, each with the path of its line.
        """
        coded = {(line.code, line.charged_on or on) for line in self.sent if line.code}
        found = find_charges(area, coded)
        said = [(line, found.get((line.code, line.charged_on or on))) for line in self.sent]
        if problems := [*_problems(said)]:
            raise Invalid(problems=problems)
        items = tuple(
            line.as_stated() if item is None else item.as_line(line.amount, line.quantity, line.name)
            for line, item in said
        )
        return Cost(
            total=self.total,
            excluded=self.excluded,
            over_limit=self.over_limit,
            first_copay=self.first_copay,
            items=items,
        )


def coded(cost: Cost, sent: Iterable[Sent]) -> CodedCost:
    """A bill with these lines, some of them by code."""
    lines = tuple(sent)
    return CodedCost(
        total=cost.total,
        excluded=cost.excluded,
        over_limit=cost.over_limit,
        first_copay=cost.first_copay,
        items=tuple(line.as_stated() for line in lines),
        sent=lines,
    )


def _problems(said: Sequence[tuple[Sent, CatalogueItem | None]]) -> Iterator[Problem]:
    """What stands in the way, line by line; of many the first ten."""
    found = (
        Problem(code, detail, f"cost.items.{place}.{name}")
        for place, (line, item) in enumerate(said)
        if item is not None
        for code, detail, name in _contradictions(line, item)
    )
    for count, problem in enumerate(found):
        if count == MOST_TOLD:
            more = 1 + sum(1 for _problem in found)
            yield Problem("more_errors", _("此列表还有 %d 处错误，请先改正以上各处。") % more, "cost.items")
            return
        yield problem


def _contradictions(line: Sent, item: CatalogueItem) -> Iterator[tuple[str, str, str]]:
    """Code, sentence and field of each thing that keeps a line from being settled."""
    if not item.known:
        sentence = _("目录中还没有%(code)s的%(missing)s，不能按编码结算，请联系医保经办机构补全目录。")
        missing = _("先自付比例") if item.item_class == "B" else _("类别")
        yield "item_not_known", sentence % {"code": item.code, "missing": missing}, "code"
        return
    assert item.item_class is not None
    counts = item.as_line(line.amount, line.quantity)
    listed = _("目录中%(code)s为%(said)s，与填写的不一致，请改正或不填此项。")
    if line.item_class not in (None, item.item_class):
        label = CLASSES[item.item_class] if item.listed else _("未收录项目（按丙类）")
        yield "catalogue_mismatch", listed % {"code": item.code, "said": label}, "class"
        return
    if item.item_class == "C":
        return
    ratio, limit = line.first_copay_ratio, line.limit
    if ratio is not None and ratio != counts.first_copay_ratio:
        label = _("先自付比例%s") % f"{counts.first_copay_ratio.normalize():f}"
        yield "catalogue_mismatch", listed % {"code": item.code, "said": label}, "first_copay_ratio"
    if limit is not None and limit != counts.limit:
        label = _("限价%s元") % counts.limit if counts.limit is not None else _("没有限价")
        yield "catalogue_mismatch", listed % {"code": item.code, "said": label}, "limit"


# What is said beside the amounts


def with_remarks(result: Result, cost: Cost) -> Result:
    """The explanation says which codes no catalogue has, and so are paid by the patient alone."""
    unlisted = [item.code for item in cost.items if isinstance(item, CodedItem) and not item.listed]
    if not unlisted:
        return result
    codes = [*dict.fromkeys(unlisted)]
    named = "、".join(codes[:MOST_NAMED]) + ("等" if len(codes) > MOST_NAMED else "")
    text = _("；目录未收录%(codes)s（%(count)d项），按丙类全自费") % {"codes": named, "count": len(codes)}
    lines = tuple(_remarked(line, text) for line in result.lines)
    return result._replace(lines=lines)


def _remarked(line: Line, text: str) -> Line:
    return line._replace(formula=line.formula + text) if line.step == "excluded" else line
