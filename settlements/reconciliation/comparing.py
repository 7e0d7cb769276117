"""A hospital's list of a day beside our entries of that day: pure, without the database.

A bill reversed on its own day may stand in the hospital's list once, as `reversed`, or twice, as `settled` and `reversal`; one
reversed on a later day was still `settled` on this, and its `reversal` belongs to the list of that later day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

CODES: dict[str, Any] = {
    "missing_here": _("本系统没有"),
    "missing_there": _("医院没有"),
    "amount_differs": _("金额不一致"),
    "bill_differs": _("账单号不一致"),
    "reversed_here": _("本系统已冲正，医院没有"),
    "reversed_there": _("医院已冲正，本系统没有"),
    "other_day": _("本系统结算在另一天"),
}
COMPARED = ("total", "fund", "cash")


@dataclass(frozen=True, slots=True)
class Here:
    """One of our entries. `reverses` is the number of what it reverses; `undone`: reversed by now, `undone_today` on its own day."""

    number: str
    bill_number: str
    status: str
    area: str
    total: Decimal
    fund: Decimal
    cash: Decimal
    reverses: str = ""
    undone: bool = False
    undone_today: bool = False
    on: str = ""


@dataclass(frozen=True, slots=True)
class There:
    """One row of the hospital's."""

    line: int
    bill_number: str
    number: str
    status: str
    total: Decimal
    fund: Decimal
    cash: Decimal

    @property
    def reversal(self) -> bool:
        return self.status == "reversal"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two sides part: a code of CODES and the figures of both (None: it is not there)."""

    code: str
    here: Here | None
    there: There | None

    def as_json(self) -> dict[str, Any]:
        """{code, number, bill_number, area, line, here, there}; figures as {status, total, fund, cash}, money as strings."""
        here, there = self.here, self.there
        first = here or there
        assert first is not None
        return {
            "code": self.code,
            "number": first.number,
            "bill_number": first.bill_number,
            "area": here.area if here else "",
            "line": there.line if there else None,
            "here": _figures(here) | ({"settled_on": here.on} if here.on else {}) if here else None,
            "there": _figures(there) if there else None,
        }


def _figures(side: Here | There) -> dict[str, str]:
    return {"status": side.status, **{name: f"{getattr(side, name):.2f}" for name in COMPARED}}


def compare(here: Sequence[Here], there: Sequence[There]) -> list[Difference]:
    """Every difference, in the order of the hospital's list, then what that list does not have."""
    pairs = matched(here, there)
    of_row = {row.line: entry for entry, row in pairs}
    of_entry = {entry.number: row for entry, row in pairs}
    listed = {entry.reverses for entry in here if entry.reverses and entry.number in of_entry}
    differences = [difference for row in there for difference in _of_row(row, of_row.get(row.line), listed)]
    return differences + [Difference(code, entry, None) for code, entry in _left_over(here, of_entry)]


def matched(here: Sequence[Here], there: Sequence[There]) -> list[tuple[Here, There]]:
    """Who is who: by our number where the hospital knows it, else by its bill number, the likest entry first."""
    named = {(entry.number, bool(entry.reverses)): entry for entry in here}
    named |= {(entry.reverses, True): entry for entry in here if entry.reverses}
    pairs: list[tuple[Here, There]] = []
    taken: set[str] = set()
    for row in there:
        entry = named.get((row.number, row.reversal))
        if entry is not None and entry.number not in taken:
            taken.add(entry.number)
            pairs.append((entry, row))
    return pairs + list(_by_bill([entry for entry in here if entry.number not in taken], there))


def _by_bill(here: Sequence[Here], there: Sequence[There]) -> Iterator[tuple[Here, There]]:
    """The rows that do not know our number: whoever is exactly alike first, then the likest of what is left."""
    unmatched: defaultdict[tuple[str, bool], list[Here]] = defaultdict(list)
    for entry in here:
        unmatched[entry.bill_number, bool(entry.reverses)].append(entry)
    unlike: list[There] = []
    for row in there:
        alike = (
            [one for one in unmatched[row.bill_number, row.reversal] if not _unlike(one, row)] if not row.number else []
        )
        if alike:
            unmatched[row.bill_number, row.reversal].remove(alike[0])
            yield alike[0], row
        elif not row.number:
            unlike.append(row)
    for row in unlike:
        candidates = unmatched[row.bill_number, row.reversal]
        if candidates:
            likest = min(candidates, key=lambda entry: _unlike(entry, row))
            candidates.remove(likest)
            yield likest, row


def _unlike(entry: Here, row: There) -> int:
    """In how many figures, and in the status, the two differ."""
    return sum(getattr(entry, name) != getattr(row, name) for name in (*COMPARED, "status"))


def _of_row(row: There, entry: Here | None, reversal_listed: set[str]) -> Iterator[Difference]:
    """`reversal_listed`: the numbers of the settlements whose reversal the hospital lists too."""
    if entry is None:
        yield Difference("reversed_there" if row.reversal else "missing_here", None, row)
        return
    if any(getattr(entry, name) != getattr(row, name) for name in COMPARED):
        yield Difference("amount_differs", entry, row)
    if row.bill_number and row.bill_number != entry.bill_number:
        yield Difference("bill_differs", entry, row)
    if row.status == "reversed" and not entry.undone:
        yield Difference("reversed_there", entry, row)
    if row.status == "settled" and entry.undone_today and entry.number not in reversal_listed:
        yield Difference("reversed_here", entry, row)


def _left_over(here: Sequence[Here], of_entry: dict[str, There]) -> Iterator[tuple[str, Here]]:
    """Our entries that the list does not have. A reversal of the same day is told with what it reverses."""
    today = {entry.number for entry in here}
    for entry in here:
        if entry.number in of_entry or entry.reverses in today:
            continue
        yield ("reversed_here" if entry.reverses else "missing_there"), entry
