"""What holds of every settlement under every policy (POLICY.md §2), whatever the figures.

Why more scope never pays less, at the same total: first pay takes at most what scope adds, so eligible rises; the deductible
stays, so payable rises; the bands, the floor, limits and caps are all rising functions of these, and none rises faster than the
scope. So pooled and beyond rise, and so does what is left of the burden; a supplement takes at most one yuan more for each that
its burden rises and at most one less for each that it falls, so that fund and all supplements before it together never fall.
Rounding keeps order. The one rule that breaks this for a growing *bill* is a deductible that is a share of the total: the fund
then falls by no more than the deductible rises (the cap's own supplement apart: the scope beyond the cap may shrink by more).
"""

import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any, NamedTuple, get_args

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from policies.engine import Case, Result, WrongInput, compile_policy, settle
from policies.language.examples import Amount, Cost, Item
from policies.language.schema import Benefit, PolicyFile, Supplement
from tests.policies.comparing import generated
from tests.policies.naive import chosen
from tests.policies.naive_words import fen, first, full_deductible, matches
from tests.policies.strategies import FUNDS, settlements

ZERO, FEN = Decimal(0), Decimal("0.01")
Amounts = Mapping[Amount, Decimal]


class Settled(NamedTuple):
    """One settlement that was paid, and how to settle another under the same policy."""

    policy: PolicyFile
    compiled: Any
    case: Case
    result: Result
    benefit: Benefit
    facts: Mapping[str, Any]

    @property
    def amounts(self) -> Amounts:
        return self.result.amounts

    def again(self, case: Case) -> Result:
        return settle(self.compiled, case)

    def so_far(self, key: Any) -> Decimal:
        return self.case.year_to_date.get(key, ZERO)

    def in_sums(self, **changed: Decimal) -> Case:
        """The same bill as sums, some of them changed."""
        sums: Any = {name: self.amounts[name] for name in ("total", "excluded", "over_limit", "first_copay")}
        return replace(self.case, cost=Cost(**sums | changed))


def adds_up(settled: Settled) -> None:
    amounts = settled.amounts
    assert amounts["total"] == amounts["fund"] + amounts["account"] + amounts["cash"]
    assert amounts["own"] == amounts["account"] + amounts["cash"]
    assert amounts["fund"] == amounts["pooled"] + sum(amounts[fund] for fund in FUNDS)
    assert amounts["total"] == amounts["scope"] + amounts["excluded"] + amounts["over_limit"] + amounts["first_copay"]
    assert amounts["eligible"] == amounts["deductible"] + amounts["payable"]
    assert amounts["scope"] == amounts["pooled"] + amounts["burden"]


def every_amount_is_there_in_whole_fen_and_not_negative(settled: Settled) -> None:
    assert set(settled.amounts) == set(get_args(Amount))
    for name, amount in settled.amounts.items():
        assert not amount.is_signed(), name
        assert amount.as_tuple().exponent == -2, name


def nothing_pays_more_than_there_is(settled: Settled) -> None:
    amounts = settled.amounts
    assert amounts["eligible"] + amounts["travel_first_pay"] <= amounts["scope"]
    assert amounts["pooled"] <= (amounts["eligible"] if settled.benefit.floor else amounts["payable"])
    assert amounts["beyond"] + amounts["travel_first_pay"] <= amounts["scope"]
    included = {name for supplement in settled.policy.supplements for name in supplement.includes}
    assert sum(amounts[fund] for fund in FUNDS) <= amounts["burden"] + sum(amounts[name] for name in included)


def caps_and_limits_hold(settled: Settled) -> None:
    benefit, facts, amounts = settled.benefit, settled.facts, settled.amounts
    for of, amount in (("scope", amounts["eligible"]), ("pooled", amounts["pooled"])):
        cap = first((cap for cap in benefit.annual_cap if cap.of in (of, None)), facts)
        assert cap is None or cap.amount is None or amount <= max(ZERO, cap.amount - settled.so_far(of))
        limit = first((limit for limit in benefit.limits if limit.of == of), facts)
        if limit is not None:
            own = "chronic_" if benefit.care == "chronic" else ""
            used = settled.so_far(f"month_{of}" if limit.period == "month" else f"{own}{of}")
            assert amount <= max(ZERO, limit.amount - used)
    if benefit.deductible and benefit.deductible.annual_max is not None:
        assert amounts["deductible"] <= max(ZERO, benefit.deductible.annual_max - settled.so_far("deductible"))


def funds_keep_to_their_caps(settled: Settled) -> None:
    """A fund pays in a year at most the largest cap of its supplements, where each that may pay has one."""
    for fund in FUNDS:
        may_pay = [one for one in settled.policy.supplements if one.fund == fund and for_whom(one, settled.facts)]
        found = [cap.amount for one in may_pay if (cap := first(one.annual_cap, settled.facts))]
        caps = [amount for amount in found if amount is not None]
        if may_pay and len(caps) == len(may_pay):
            assert settled.amounts[fund] <= max(ZERO, max(caps) - settled.so_far(fund))
        assert may_pay or settled.amounts[fund] == 0


def for_whom(supplement: Supplement, facts: Mapping[str, Any]) -> bool:
    here = supplement.insurance == facts["insurance"] and (not supplement.care or facts["care"] in supplement.care)
    return here and matches(supplement.when, facts)


def more_scope_never_pays_less(settled: Settled) -> None:
    """At the same total, when less of it is excluded."""
    excluded = settled.amounts["excluded"]
    paid = settled.amounts["fund"]
    for less in (excluded - FEN, fen(excluded / 2), ZERO):
        if 0 <= less < excluded:
            now = settled.again(settled.in_sums(excluded=less)).amounts["fund"]
            assert now >= paid, f"{less} excluded, not {excluded}: pays {now}, not {paid}"
            paid, excluded = now, less


def a_larger_bill_never_pays_less(settled: Settled) -> None:
    """Unless the deductible is a share of the total, and then less by no more than the deductible rises."""
    total = settled.amounts["total"]
    for larger in (total + FEN, total + 1000, total * 2):
        rise = deductible_rise(settled, total, larger)
        if rise > 0 and any(supplement.kind == "above_cap" for supplement in settled.policy.supplements):
            continue
        now = settled.again(settled.in_sums(total=larger)).amounts["fund"]
        assert now >= settled.amounts["fund"] - rise, f"{larger}, not {total}"


def deductible_rise(settled: Settled, total: Decimal, larger: Decimal) -> Decimal:
    """What the deductible rises by at most; to the fen above, as each is rounded."""
    deductible = settled.benefit.deductible
    rule = first(deductible.amounts, settled.facts) if deductible else None
    if deductible is None or rule is None or rule.percent_of_total is None:
        return ZERO
    before, after = (full_deductible(deductible, settled.facts, bill) for bill in (total, larger))
    return after - before + FEN


def order_of_items_is_irrelevant(settled: Settled) -> None:
    cost = settled.case.cost
    turned = replace(settled.case, cost=replace(cost, items=cost.items[::-1]))
    assert settled.again(turned).amounts == settled.amounts


def a_year_in_two_stays_pays_the_same(settled: Settled) -> None:
    """Where bands and deductible go on through the year: to the fen, and to another where each stay rounds a first pay."""
    if not goes_on_through_the_year(settled):
        return
    amounts = settled.amounts
    outside = amounts["total"] - amounts["scope"]
    first_scope = fen(amounts["scope"] / 3)
    first_stay = settled.again(settled.in_sums(total=first_scope + outside)).amounts
    rest = Cost(total=amounts["scope"] - first_scope)
    later = replace(settled.case, cost=rest, year_to_date=year_after(settled, first_stay))
    second_stay = settled.again(later).amounts
    apart = abs(first_stay["pooled"] + second_stay["pooled"] - amounts["pooled"])
    assert apart <= (2 * FEN if settled.benefit.first_pay else FEN)


def goes_on_through_the_year(settled: Settled) -> bool:
    """No floor (it is of each stay's eligible), and no deductible that is new for each stay, each month or each total."""
    benefit, deductible = settled.benefit, settled.benefit.deductible
    if benefit.share.base != "year" or first(benefit.floor, settled.facts):
        return False
    if settled.so_far("deductible") > settled.so_far("scope"):  # no year comes to this
        return False
    rule = first(deductible.amounts, settled.facts) if deductible else None
    if deductible is None or rule is None:
        return True
    return deductible.period == "year" and not deductible.linked and rule.amount is not None


def year_after(settled: Settled, stay: Amounts) -> Any:
    grown: dict[str, Amount] = {"scope": "eligible", "deductible": "deductible", "pooled": "pooled", "beyond": "beyond"}
    grown |= {"burden": "burden", **{fund: fund for fund in FUNDS}}
    grown |= {"month_scope": "eligible", "month_deductible": "deductible", "month_pooled": "pooled"}
    grown |= {"chronic_scope": "eligible", "chronic_pooled": "pooled"}
    return {key: settled.so_far(key) + stay[name] for key, name in grown.items()}


def the_same_again_gives_the_same(settled: Settled) -> None:
    """Replayed from memory, from a pickle and from JSON, under the policy compiled afresh."""
    case = settled.case
    fresh = compile_policy(settled.policy)
    for replayed in (case, pickle.loads(pickle.dumps(case)), read(json.loads(json.dumps(stored(case))))):
        assert settle(fresh, replayed) == settled.result


def stored(case: Case) -> dict[str, Any]:
    """A case as JSON can keep it: sums as text."""
    cost = asdict(case.cost)
    return {
        "facts": dict(case.facts),
        "cost": {key: None if sum_ is None else str(sum_) for key, sum_ in cost.items() if key != "items"},
        "items": [{key: None if v is None else str(v) for key, v in item.items()} for item in cost["items"]],
        "year": {key: str(sum_) for key, sum_ in case.year_to_date.items()},
        "balance": str(case.account_balance),
    }


def read(stored: Any) -> Case:
    def sums(texts: Any, *words: str) -> Any:
        return {key: text if key in words or text is None else Decimal(text) for key, text in texts.items()}

    items = tuple(Item(**sums(item, "name", "catalogue")) for item in stored["items"])
    cost = Cost(**sums(stored["cost"]), items=items)
    year = sums(stored["year"])
    return Case(facts=stored["facts"], cost=cost, year_to_date=year, account_balance=Decimal(stored["balance"]))


def what_is_not_included_changes_no_amount(settled: Settled) -> None:
    """Nor do the sums of the bill change what is not included."""
    silent = compile_policy(replace(settled.policy, not_included=()))
    assert settle(silent, settled.case).amounts == settled.amounts
    assert (
        settled.again(settled.in_sums(total=settled.amounts["total"] + 1)).not_included == settled.result.not_included
    )


def what_is_not_included_is_said_once(settled: Settled) -> None:
    listed = settled.result.not_included
    assert len(set(listed)) == len(listed)
    for kind, fund, reason in listed:
        assert fund is not None or kind != "fund"
        assert fund is None or kind != "rule"
        assert reason


LAWS: tuple[Callable[[Settled], None], ...] = (
    adds_up,
    every_amount_is_there_in_whole_fen_and_not_negative,
    nothing_pays_more_than_there_is,
    caps_and_limits_hold,
    funds_keep_to_their_caps,
    more_scope_never_pays_less,
    a_larger_bill_never_pays_less,
    order_of_items_is_irrelevant,
    a_year_in_two_stays_pays_the_same,
    the_same_again_gives_the_same,
    what_is_not_included_changes_no_amount,
    what_is_not_included_is_said_once,
)


def obeys(policy: PolicyFile, compiled: Any, case: Case) -> bool:
    """Checks every law on a settlement; False: there was nothing to pay (refused, or a bill that contradicts itself)."""
    try:
        result = settle(compiled, case)
    except WrongInput:
        return False
    benefit, facts = chosen(policy, case)
    if result.refused or benefit is None:
        assert not result.amounts
        assert not result.not_included
        return False
    for law in LAWS:
        law(Settled(policy, compiled, case, result, benefit, facts))
    return True


@pytest.mark.parametrize("seed", range(1000, 1008))
def test_laws_hold_for_random_settlements(seed):
    """Given 2500 settlements under 125 policies, then each that is paid (more than half) obeys every law."""
    paid = sum(obeys(policy, compiled, case) for policy, compiled, case in generated(seed))

    assert paid > 1250


@given(settlements())
@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_laws_hold_for_any_settlement(settlement):
    """The same, drawn by hypothesis, which shrinks what it finds."""
    policy, case = settlement
    obeys(policy, compile_policy(policy), case)
