"""POLICY.md §2 for whole columns of bills that share one plan: the same steps as `policies.engine.steps`, in integers.

Amounts are fen. A product with a ratio stays a whole number over a power of ten until the named amount is complete, and is
rounded half-up once, as in the engine. What does not fit 64 bits, or fen, is left to the engine (`Unfit`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from policies.engine.plan import BandPlan, Ceiling, DeductiblePlan, Plan, SupplementPlan
from scenarios.bills import Bills, Fen

ROOM = 2**58


class Unfit(Exception):
    """These figures do not fit whole fen in 64 bits."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A column of `units / scale` fen."""

    units: Fen
    scale: int

    def at(self, scale: int) -> Fen:
        """The units at a finer scale."""
        return times(self.units, scale // self.scale)

    def rounded(self) -> Fen:
        """Whole fen, half-up; never negative here."""
        return half_up(self.units, self.scale)


def times(column: Fen, factor: int) -> Fen:
    """A product that is known to fit. Raises Unfit."""
    if len(column) and int(np.abs(column).max()) * abs(factor) >= ROOM:
        raise Unfit
    return column * factor


def half_up(units: Fen, scale: int) -> Fen:
    """units / scale to the nearest whole, halves up, for units of at least 0."""
    return (times(units, 2) + scale) // (2 * scale)


def fraction(value: Decimal) -> tuple[int, int]:
    """An exact decimal as whole number over a power of ten: 0.85 → (85, 100)."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise Unfit
    number = int("".join(map(str, digits))) * (-1 if sign else 1)
    return (number * 10**exponent, 1) if exponent >= 0 else (number, 10**-exponent)


def whole_fen(amount: Decimal) -> int:
    """An amount of the policy in fen. Raises Unfit where it has fractions of a fen."""
    number, scale = fraction(amount * 100)
    if number % scale:
        raise Unfit
    return number // scale


@dataclass(slots=True)
class Group:
    """Bills with one plan, on their way through the steps."""

    plan: Plan
    bills: Bills
    amounts: dict[str, Fen] = field(default_factory=dict)

    def remaining(self, ceiling: Ceiling) -> Fen:
        return np.maximum(0, whole_fen(ceiling.amount) - self.bills.used(ceiling.used))


def settle_group(plan: Plan, bills: Bills) -> dict[str, Fen]:
    """Every named amount of these bills, in fen. Raises Unfit; ValueError where a scope would be negative."""
    group = Group(plan, bills)
    take_costs(group)
    take_first_pay(group)
    take_deductible(group)
    pay_pooled(group)
    pay_supplements(group)
    pay_the_rest(group)
    return group.amounts


def take_costs(group: Group) -> None:
    """Step 1."""
    amounts = {name: group.bills.column(name) for name in ("total", "excluded", "over_limit", "first_copay")}
    scope = amounts["total"] - amounts["excluded"] - amounts["over_limit"] - amounts["first_copay"]
    if (scope < 0).any():
        raise ValueError("a bill's scope is negative")
    group.amounts |= amounts | {"scope": scope}


def take_first_pay(group: Group) -> None:
    """Step 2."""
    plan, scope = group.plan, group.amounts["scope"]
    first = np.zeros_like(scope)
    if plan.first_pay is not None:
        number, scale = fraction(plan.first_pay.value)
        first = half_up(times(scope, number), scale)
    eligible, beyond = scope - first, np.zeros_like(scope)
    if plan.scope_cap is not None:
        cut = np.minimum(eligible, group.remaining(plan.scope_cap))
        eligible, beyond = cut, eligible - cut
    if plan.scope_limit is not None:
        eligible = np.minimum(eligible, group.remaining(plan.scope_limit))
    group.amounts |= {"travel_first_pay": first, "eligible": eligible, "beyond": beyond}


def take_deductible(group: Group) -> None:
    """Step 3."""
    eligible, plan = group.amounts["eligible"], group.plan.deductible
    taken = np.zeros_like(eligible)
    if plan is not None:
        amount = _deductible_amount(group.amounts["total"], plan)
        units, scale = amount.units, amount.scale
        used = ("linked_deductible",) if plan.linked else ()
        for name in (*used, *((plan.used,) if plan.used else ())):
            units = np.maximum(0, units - times(group.bills.used(name), scale))
        if plan.annual_max is not None:
            remaining = np.maximum(0, whole_fen(plan.annual_max) - group.bills.used("deductible"))
            units = np.minimum(units, times(remaining, scale))
        taken = half_up(np.minimum(units, times(eligible, scale)), scale)
    group.amounts |= {"deductible": taken, "payable": eligible - taken}


def _deductible_amount(total: Fen, plan: DeductiblePlan) -> Scaled:
    if plan.percent:
        number, scale = fraction(plan.amount)
        units = times(total, number)
        if plan.least is not None:
            units = np.maximum(units, whole_fen(plan.least) * scale)
        if plan.most is not None:
            units = np.minimum(units, whole_fen(plan.most) * scale)
    else:
        number, scale = fraction(plan.amount * 100)
        units = np.full_like(total, number)
    for change in plan.changes:
        number, finer = fraction(change.value) if change.times else fraction(change.value * 100)
        units = times(units, number) if change.times else times(units, finer) + number * scale
        scale *= finer
    return Scaled(np.maximum(0, units), scale)


@dataclass(frozen=True, slots=True)
class Piece:
    """Where bills lie in one band: how much of each (fen), and the ratio there as `number` over the common scale."""

    length: Fen
    number: int


def lay(bands: Sequence[BandPlan], start: Fen, amount: Fen) -> tuple[list[Piece], int]:
    """An amount laid along bands from `start`: the pieces, and the scale common to all their ratios."""
    scale = max(fraction(band.ratio)[1] for band in bands)
    return [Piece(length, number) for length, number in _lengths(bands, start, start + amount, scale)], scale


def _lengths(bands: Sequence[BandPlan], start: Fen, end: Fen, scale: int) -> Iterator[tuple[Fen, int]]:
    low = 0
    for band in bands:
        number, own = fraction(band.ratio)
        stop = end if band.upto is None else np.minimum(end, whole_fen(band.upto))
        yield np.maximum(0, stop - np.maximum(start, low)), number * (scale // own)
        low = whole_fen(band.upto) if band.upto is not None else low


def _paid(pieces: Sequence[Piece]) -> Fen:
    paid = times(pieces[0].length, pieces[0].number)
    for piece in pieces[1:]:
        paid = paid + times(piece.length, piece.number)
    return paid


def pay_pooled(group: Group) -> None:
    """Step 4."""
    plan, amounts = group.plan, group.amounts
    pieces, scale = lay(plan.bands, _start(group), amounts["payable"])
    paid = Scaled(_paid(pieces), scale)
    pooled = paid
    if plan.floor is not None:
        number, own = fraction(plan.floor.value)
        finer = max(scale, own)
        least = times(amounts["eligible"], number * (finer // own))
        paid = Scaled(paid.at(finer), finer)
        pooled = Scaled(np.maximum(paid.units, least), finer)
    added = pooled.units - paid.units
    if plan.pooled_limit is not None:
        pooled = Scaled(np.minimum(pooled.units, times(group.remaining(plan.pooled_limit), pooled.scale)), pooled.scale)
    if plan.pooled_cap is not None:
        remaining = group.remaining(plan.pooled_cap)
        amounts["beyond"] = amounts["beyond"] + _shut_out(group, pieces, scale, remaining, Scaled(added, pooled.scale))
        pooled = Scaled(np.minimum(pooled.units, times(remaining, pooled.scale)), pooled.scale)
    amounts["pooled"] = pooled.rounded()


def _start(group: Group) -> Fen:
    plan, bills = group.plan, group.bills
    start = np.zeros_like(group.amounts["scope"])
    if plan.of_year:
        start = bills.used("scope")
        if plan.payable_measure:
            start = np.maximum(0, start - bills.used("deductible"))
    return start if plan.payable_measure else start + group.amounts["deductible"]


def _shut_out(group: Group, pieces: Sequence[Piece], scale: int, remaining: Fen, added: Scaled) -> Fen:
    """What lies beyond the point where the bands alone use up the cap, lowered by what the floor added; in whole fen."""
    beyond = np.zeros_like(remaining)
    need, before = times(remaining, scale), np.zeros_like(remaining)
    unfilled = np.ones(len(remaining), bool)
    for piece in pieces:
        share = times(piece.length, piece.number)
        here = unfilled & (share >= need)
        if here.any():
            rest = _rest(group.amounts["payable"][here] - before[here], need[here], piece.number, scale)
            beyond[here] = _less(rest, piece.number or 1, added.units[here], added.scale)
        unfilled &= ~here
        need = need - share
        before = before + piece.length
    return beyond


def _rest(length: Fen, need: Fen, number: int, scale: int) -> Fen:
    """`length` less `need / number`, in units of 1/number fen. `need` is fen × scale, and so is what `number` pays a fen."""
    return times(length, number) - need if number else times(length, 1)


def _less(rest: Fen, number: int, added: Fen, scale: int) -> Fen:
    """rest/number − added/scale as whole fen, half-up, at least 0."""
    return half_up(np.maximum(0, times(rest, scale) - times(added, number)), number * scale)


def pay_supplements(group: Group) -> None:
    """Step 5."""
    amounts = group.amounts
    remaining = amounts["scope"] - amounts["pooled"]
    amounts["burden"] = remaining
    for supplement in group.plan.supplements:
        included = sum((amounts[name] for name in supplement.includes), np.zeros_like(remaining))
        paid = _supplement(group, supplement, remaining, included)
        amounts[supplement.fund] = amounts.get(supplement.fund, np.zeros_like(remaining)) + paid
        remaining = np.maximum(0, remaining - paid)


def _supplement(group: Group, plan: SupplementPlan, burden: Fen, included: Fen) -> Fen:
    if plan.threshold is None:
        start, length = group.bills.used("beyond"), group.amounts["beyond"]
    else:
        counted = np.maximum(0, burden - group.amounts["travel_first_pay"]) if plan.excludes_first_pay else burden
        start, length = _above_threshold(group, plan, counted + included, whole_fen(plan.threshold))
    pieces, scale = lay(plan.bands, start, length)
    paid = np.minimum(_paid(pieces), times(burden + included, scale))
    if plan.cap is not None:
        spent = group.bills.used(plan.fund) + group.amounts.get(plan.fund, np.zeros_like(burden))
        paid = np.minimum(paid, times(np.maximum(0, whole_fen(plan.cap) - spent), scale))
    return half_up(paid, scale)


def _above_threshold(group: Group, plan: SupplementPlan, this: Fen, threshold: int) -> tuple[Fen, Fen]:
    earlier = group.bills.used("burden") if plan.of_year else np.zeros_like(this)
    low = np.maximum(earlier, threshold)
    length = np.maximum(0, earlier + this - low)
    return (low - threshold if plan.above else low), length


def pay_the_rest(group: Group) -> None:
    """Step 6."""
    amounts = group.amounts
    funds = {supplement.fund for supplement in group.plan.supplements}
    fund = sum((amounts[name] for name in funds), amounts["pooled"])
    own = amounts["total"] - fund
    account = np.minimum(group.bills.balance, own) if group.plan.account_pays else np.zeros_like(own)
    amounts |= {"fund": fund, "own": own, "account": account, "cash": own - account}
