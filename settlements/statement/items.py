"""The appendix: the bill's items, where it came by items and they are few enough to print."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from policies.engine.bill import exact, item_parts
from policies.language.examples import Item

MOST = 200
CLASSES = {"A": "甲类", "B": "乙类", "C": "自费"}


def table(items: Sequence[Item]) -> list[list[str]]:
    """Number, name, class, amount, first copay, over the limit, excluded; none where there are too many."""
    if len(items) > MOST:
        return []
    with exact():
        return [_cells(place, item) for place, item in enumerate(items, 1)]


def _cells(place: int, item: Item) -> list[str]:
    parts = item_parts(item)
    amounts = (item.amount, parts.first_copay, parts.over_limit, parts.excluded)
    return [str(place), item.name or "—", CLASSES[item.catalogue], *(f"{amount:.2f}" for amount in amounts)]


def note(items: Sequence[Item]) -> str:
    """What is said of the items beside the table, or instead of it."""
    if not items:
        return ""
    if len(items) > MOST:
        return _("本次费用按%d条明细结算，明细较多，未列出；请向医疗机构索取费用清单。") % len(items)
    return _("本次费用按%d条明细结算。") % len(items)
