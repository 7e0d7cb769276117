"""A policy in Chinese as it holds among the published ones, with the names of areas and diseases."""

from __future__ import annotations

from datetime import date, timedelta

from core import clock
from policies import published
from policies.language.filing_rules import RuleBook
from policies.language.loader import NATIONAL
from policies.language.schema import PolicyFile
from policies.language.timeline import Period, Timeline
from policies.readable import Names, Readable, readable
from regions.models import Area, Disease


def names() -> Names:
    """The name of an area or a disease by its code; a code that is none stays what it is."""
    known = {NATIONAL: "全国", **dict(Area.objects.values_list("code", "name").order_by())}
    known |= dict(Disease.objects.values_list("code", "name").order_by())
    return lambda code: known.get(code, code)


def tell(policy: PolicyFile, name_of: Names | None = None) -> Readable:
    """The policy for people: two queries for the names, none if they are given.

    What its filing section leaves out is told as it holds above it, on a day on which the policy counts: today, if it can.
    """
    alone = Timeline((Period(policy.effective_from, policy.effective_until, policy),))
    book = RuleBook({**published.rules().timelines, policy.area: alone})
    return readable(policy, book.rules_for(policy.area, _day(policy)), name_of or names())


def _day(policy: PolicyFile) -> date:
    last = policy.effective_until - timedelta(days=1) if policy.effective_until else date.max
    return min(max(clock.today(), policy.effective_from), last)
