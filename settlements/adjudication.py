"""How a bill is split by the policy of the insured area, whoever asks: a till that quotes or settles, a claim, the replay.

What till and claim do not share stands with them: who pays for what (`settlements.till`, `claims.adjudication`) decides
on the facts; here they meet the year so far, and the engine runs once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from accounts.models import Account, Enrollment
from core import clock
from filings.travel import Travel
from policies import published
from policies.catalogue.items import UNLISTED, CodedItem
from policies.engine import Case, Compiled, Result, settle
from policies.language.examples import Cost, Item
from policies.language.facts import FactValue
from policies.language.omissions import Omission
from policies.language.terms import Care
from policies.published import Published, compiled, in_force
from regions.models import Area, Institution
from settlements import accumulators
from settlements.accumulators import Place
from settlements.bills import SUMS
from settlements.coding import with_remarks
from settlements.models import Channel, InsuranceYear, Settlement, YearCounter

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What was done where and what it cost, as a hospital or a claim states it.

    `institution` None: it is in no list; then `care_area` (None: nobody said) and `level` are what a reviewer found out.
    `ended_on` is the day of discharge, of the visit, or today for a stay that goes on.
    """

    care: Care
    disease: str
    admitted_on: date
    discharged_on: date | None
    ended_on: date
    emergency: bool
    cost: Cost
    institution: Institution | None
    institution_name: str
    care_area: Area | None
    level: int | None
    number: str = ""
    invoice: str | None = None
    use_account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """By which policy a bill is split and on what facts (POLICY.md §1), but for the year's.

    `rules`: the policy, compiled; `stay_on`: the day that picks the file, the year and the month.
    """

    policy: Published
    rules: Compiled
    stay_on: date
    facts: dict[str, FactValue]
    travel: Travel
    continues: Settlement | None = None

    @property
    def linked_deductible(self) -> Decimal:
        """What the stays that this one continues have taken of the deductible."""
        before = self.continues
        return ZERO if before is None else before.linked_deductible + before.deductible


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """A bill, split: what was given, what came out (it may be refused), and which counters of which year it moves.

    `year` is None where nothing was settled in it yet and nobody locked it.
    """

    insured: Enrollment
    bill: Bill
    circumstances: Circumstances
    starts_on: date
    year: InsuranceYear | None
    place: Place
    counters: list[YearCounter]
    case: Case
    result: Result

    def entry(self, *, by: Account, channel: Channel) -> Settlement:
        """The entry that this makes, not stored yet: it still lacks its number and its ordinal in the year."""
        insured, bill, circumstances, now = self.insured, self.bill, self.circumstances, clock.now()
        return Settlement(
            channel=channel,
            institution=bill.institution,
            institution_name=bill.institution_name,
            care_area=_pooling_area(bill.care_area),
            bill_number=bill.number,
            invoice=bill.invoice,
            year=self.year or InsuranceYear(starts_on=self.starts_on),
            person=insured.person,
            enrollment=insured,
            area=insured.area,
            insurance=insured.insurance,
            care=bill.care,
            disease=bill.disease,
            level=bill.level,
            admitted_on=bill.admitted_on,
            discharged_on=bill.discharged_on,
            stay_on=circumstances.stay_on,
            counter=self.place.counter,
            travel=circumstances.travel.code,
            emergency=bill.emergency,
            filing=circumstances.travel.filing,
            continues=circumstances.continues,
            linked_deductible=circumstances.linked_deductible,
            policy=circumstances.policy.id,
            policy_sha256=circumstances.policy.file.sha256,
            settled_by=by,
            settled_at=now,
            settled_on=now.date(),
            **columns(self.case, self.result),
        )


def adjudicate(insured: Enrollment, bill: Bill, circumstances: Circumstances, *, lock: bool = False) -> Adjudication:
    """Split a bill with the year so far; with `lock` under the lock of the year (and of the account it spends from) until the commit.

    Raises WrongInput where the bill contradicts itself. A refusal of the policy stands in `result`.
    """
    rules, linked = circumstances.rules, circumstances.linked_deductible
    starts_on = accumulators.starts_on(circumstances.policy.file.year_starts, circumstances.stay_on)
    year = accumulators.year_of(insured, starts_on, lock=lock)
    if lock and bill.use_account:
        insured.lock_account()
    facts = {**circumstances.facts, **_ordinals(year, bill)}
    counter = rules.counter(facts) or bill.care
    place = Place.of(counter, bill.care, bill.disease, circumstances.stay_on)
    counters = accumulators.counters(year, place)
    case = Case(
        facts=facts,
        cost=bill.cost,
        year_to_date=accumulators.so_far(year, counters, place, linked=linked),
        account_balance=insured.account_left if bill.use_account else ZERO,
    )
    return Adjudication(
        insured=insured,
        bill=bill,
        circumstances=circumstances,
        starts_on=starts_on,
        year=year,
        place=place,
        counters=counters,
        case=case,
        result=_result(rules, case),
    )


def _result(rules: Compiled, case: Case) -> Result:
    """The engine's answer; where lines were sent by code, with what has to be said of them."""
    result = settle(rules, case)
    return with_remarks(result, case.cost) if any(type(item) is CodedItem for item in case.cost.items) else result


def stay_day(area: str, admitted_on: date, ended_on: date) -> tuple[date, Published | None]:
    """The day that picks the file, the year and the month, as the file of the day of admission says (POLICY.md §1); and that file."""
    at_first = in_force(area, admitted_on)
    if admitted_on == ended_on or (at_first is not None and at_first.file.stay_rule == "admission"):
        return admitted_on, at_first
    return ended_on, in_force(area, ended_on)


def adjudicated_again(entry: Settlement) -> Result | None:
    """What an entry comes to from what the engine was given for it; None: its policy is not stored any more."""
    rules = _rules_of(entry)
    return None if rules is None else _result(rules, case_of(entry))


def omissions_of(entry: Settlement) -> tuple[Omission, ...]:
    """What the very text that an entry was settled by did not know, for the entry's facts; nothing if it is not stored any more."""
    rules = _rules_of(entry)
    return () if rules is None else rules.not_included(orjson.loads(entry.case)["facts"])


def _rules_of(entry: Settlement) -> Compiled | None:
    """The very text that an entry was settled by."""
    policy = published.by_id(entry.policy)
    return compiled(policy) if policy is not None and policy.sha256 == entry.policy_sha256 else None


def _ordinals(year: InsuranceYear | None, bill: Bill) -> dict[str, FactValue]:
    """Which admission of the year a stay is."""
    if bill.care != "inpatient":
        return {}
    visit, at_level = accumulators.admissions(year, bill.level)
    return {"visit": visit, "visit_at_level": at_level}


def _pooling_area(area: Area | None) -> Area | None:
    """The pooling area that an area is part of (海口 → 海南省), or the area itself."""
    whole: Any = area and area.parent
    return whole if area is not None and whole and area.parent_id == area.pool_code else area


# What the engine was given and what came out, as an entry keeps it: plain JSON that reads back as the very same case.


def columns(case: Case, result: Result) -> dict[str, Any]:
    """The columns of an entry that say how it was computed: what was given, every step, every amount."""
    return {"case": orjson.dumps(_written(case)).decode(), "lines": lines(result), **result.amounts}


def lines(result: Result) -> list[list[str | None]]:
    """The steps of a computation as an entry keeps them (`Settlement.steps` names them again)."""
    return [[line.step, line.label, line.formula, str(line.amount), line.source] for line in result.lines]


def _written(case: Case) -> dict[str, Any]:
    """A case as JSON; amounts are texts, exact to the last digit."""
    cost = {name: str(amount) for name in SUMS if (amount := getattr(case.cost, name)) is not None}
    items = {"items": [_item(item) for item in case.cost.items]} if case.cost.items else {}
    return {
        "facts": dict(case.facts),
        "cost": {**cost, **items},
        "year_to_date": {name: str(amount) for name, amount in case.year_to_date.items()},
        "account_balance": str(case.account_balance),
    }


def _item(item: Item) -> list[str | None]:
    limit = None if item.limit is None else str(item.limit)
    row = [item.name, item.catalogue, str(item.amount), str(item.first_copay_ratio), limit]
    return [*row, item.code, "" if item.listed else UNLISTED] if isinstance(item, CodedItem) else row


def case_of(entry: Settlement) -> Case:
    """What the engine was given for an entry, exactly."""
    stored: Mapping[str, Any] = orjson.loads(entry.case)
    cost = stored["cost"]
    sums = {name: Decimal(cost[name]) for name in SUMS if name in cost}
    return Case(
        facts=stored["facts"],
        cost=Cost(**sums, items=tuple(_read_item(*item) for item in cost.get("items", ()))),
        year_to_date={name: Decimal(amount) for name, amount in stored["year_to_date"].items()},
        account_balance=Decimal(stored["account_balance"]),
    )


def _read_item(
    name: str, catalogue: Any, amount: str, ratio: str, limit: str | None, code: str = "", remark: str = ""
) -> Item:
    given: dict[str, Any] = {
        "name": name,
        "catalogue": catalogue,
        "amount": Decimal(amount),
        "first_copay_ratio": Decimal(ratio),
        "limit": None if limit is None else Decimal(limit),
    }
    return CodedItem(**given, code=code, listed=not remark) if code else Item(**given)
