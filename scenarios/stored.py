"""The bills of an area that were settled, as columns: what a draft would have changed for real people."""

from __future__ import annotations

from collections.abc import Iterator

from policies.engine import Case
from policies.language.examples import Cost
from scenarios.bills import COSTS, Bills, bills_of
from settlements.adjudication import case_of
from settlements.models import Settlement


def stored(area: str, *, most: int) -> Bills:
    """The latest settled bills of an area's insured, at most so many, each with its year so far; reversed ones are left out."""
    return bills_of(list(_cases(area, most)))


def _cases(area: str, most: int) -> Iterator[Case]:
    rows = Settlement.objects.standing().filter(area=area).order_by("-settled_at").only("case", *COSTS)
    for row in rows[:most].iterator(2_000):
        given = case_of(row)
        yield Case(
            facts=given.facts,
            cost=Cost(**{name: getattr(row, name) for name in COSTS}),
            year_to_date=given.year_to_date,
            account_balance=given.account_balance,
        )
