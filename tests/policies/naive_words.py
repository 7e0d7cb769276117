"""The words of POLICY.md that the naive settlement is put together from: matching, rounding, the bill, ratios, stretches of a scale.

Sums and products are exact (a rounded one raises Inexact); the one division, where a cap is used up, is a fraction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any, NamedTuple, TypeVar

from policies.engine import WrongInput
from policies.language.examples import Cost, Item
from policies.language.facts import Condition, FactValue
from policies.language.schema import Band, Benefit, Deductible, DeductibleRule, RatioAdjustment, Rule, Share

ZERO, ONE, FEN = Decimal(0), Decimal(1), Decimal("0.01")
EXACT = Context(prec=120, traps=[Inexact, InvalidOperation])
TO_THE_FEN = Context(prec=120, rounding=ROUND_HALF_UP)

Facts = Mapping[str, FactValue]
R = TypeVar("R", bound=Rule)


class Piece(NamedTuple):
    """A stretch of a scale, and the ratio that is paid of it."""

    length: Decimal
    ratio: Decimal


def fen(amount: Decimal) -> Decimal:
    """Half up to the fen."""
    return amount.quantize(FEN, context=TO_THE_FEN)


def fen_of_fraction(amount: Fraction) -> Decimal:
    """Half up to the fen (of an amount that is not negative)."""
    return Decimal(floor(amount * 100 + Fraction(1, 2))) * FEN


def fits(benefit: Benefit, facts: Facts) -> bool:
    """Whether a benefit is for these facts."""
    return (
        benefit.insurance == facts["insurance"]
        and benefit.care == facts["care"]
        and (not benefit.diseases or facts.get("disease") in benefit.diseases)
        and matches(benefit.when, facts)
    )


def matches(when: Sequence[Condition], facts: Facts) -> bool:
    return all(holds(condition, facts.get(condition.fact)) for condition in when)


def holds(condition: Condition, value: Any) -> bool:
    """A fact that is not stated matches no rule that asks for it; `true` is no 1."""
    if value is None:
        return False
    if condition.values:
        return any(type(value) is type(option) and value == option for option in condition.values)
    reaches = condition.at_least is None or value >= condition.at_least
    return reaches and (condition.below is None or value < condition.below)


def first(rules: Iterable[R], facts: Facts) -> R | None:
    """The first rule that matches."""
    return next((rule for rule in rules if matches(rule.when, facts)), None)


def bill(cost: Cost) -> dict[str, Decimal]:
    """Step 1: what the bill says, and what of it is within the scope."""
    if cost.items:
        # Open: sums beside items, other than the total, say nothing.
        amounts = from_items(cost.items)
        if cost.total is not None and cost.total != amounts["total"]:
            raise WrongInput("items_total", "")
    else:
        names = ("total", "excluded", "over_limit", "first_copay")
        amounts = {name: getattr(cost, name) or ZERO for name in names}
    amounts = {name: fen(amount) for name, amount in amounts.items()}
    amounts["scope"] = amounts["total"] - amounts["excluded"] - amounts["over_limit"] - amounts["first_copay"]
    if amounts["scope"] < 0:
        raise WrongInput("scope_negative", "")
    return amounts


def from_items(items: Iterable[Item]) -> dict[str, Decimal]:
    amounts = dict.fromkeys(("total", "excluded", "over_limit", "first_copay"), ZERO)
    for item in items:
        amounts["total"] += item.amount
        if item.catalogue == "C":
            amounts["excluded"] += item.amount
            continue
        over = ZERO if item.limit is None else max(ZERO, item.amount - item.limit)
        amounts["over_limit"] += over
        if item.catalogue == "B":
            amounts["first_copay"] += fen((item.amount - over) * item.first_copay_ratio)
    return amounts


def full_deductible(deductible: Deductible, facts: Facts, total: Decimal) -> Decimal:
    """The deductible's amount with its adjustments, before anything that was taken already."""
    rule = first(deductible.amounts, facts)
    if rule is None:
        # Open: "no amounts rule: deductible 0", so that an adjustment does not add to it either.
        return ZERO
    amount = deductible_amount(rule, total)
    for adjustment in deductible.adjust:
        if matches(adjustment.when, facts):
            amount = amount + adjustment.add if adjustment.times is None else amount * adjustment.times
    return max(ZERO, amount)


def deductible_amount(rule: DeductibleRule, total: Decimal) -> Decimal:
    if rule.amount is not None:
        return rule.amount
    amount = total * rule.percent_of_total
    if rule.min is not None:
        amount = max(amount, rule.min)
    return amount if rule.max is None else min(amount, rule.max)


def adjusted(ratio: Decimal, adjustments: Iterable[RatioAdjustment], facts: Facts) -> Decimal:
    """A band's ratio after every adjustment that matches, in order; 0–1 after the last."""
    for adjustment in adjustments:
        if matches(adjustment.when, facts):
            ratio = one_adjustment(ratio, adjustment)
    return min(ONE, max(ZERO, ratio))


def one_adjustment(ratio: Decimal, adjustment: RatioAdjustment) -> Decimal:
    if adjustment.points is not None:
        ratio = ratio + adjustment.points * FEN
    elif adjustment.times is not None:
        ratio = ratio * adjustment.times
    else:
        ratio = 1 - (1 - ratio) * adjustment.self_times
    if adjustment.min is not None:
        ratio = max(ratio, adjustment.min)
    return ratio if adjustment.max is None else min(ratio, adjustment.max)


def share_ratios(share: Share, facts: Facts) -> list[Decimal] | None:
    """The ratio of every band of the share; None: for one of them no rule matches."""
    ratios = []
    for band in share.bands:
        rule = first(band.ratios, facts)
        if rule is None:
            # Open: a band without a ratio refuses, whether or not this bill reaches it.
            return None
        ratios.append(adjusted(rule.ratio, share.adjust, facts))
    return ratios


def supplement_ratios(bands: Iterable[Band], facts: Facts) -> list[Decimal]:
    """The ratio of every band of a supplement; where there is none it pays nothing."""
    return [rule.ratio if (rule := first(band.ratios, facts)) else ZERO for band in bands]


def pieces(bands: Sequence[Band], ratios: Sequence[Decimal], start: Decimal, length: Decimal) -> Iterator[Piece]:
    """The stretch from `start` along the bands, cut at their edges."""
    end = start + length
    edges = [ZERO, *(end if band.upto is None else band.upto for band in bands)]
    for (lower, upper), ratio in zip(pairwise(edges), ratios, strict=True):
        within = min(end, upper) - max(start, lower)
        if within > 0:
            yield Piece(within, ratio)


def paid(stretch: Iterable[Piece]) -> Decimal:
    return sum((piece.length * piece.ratio for piece in stretch), ZERO)


def used_up_at(stretch: Iterable[Piece], left: Decimal) -> Fraction | None:
    """How far along the stretch the payment comes to `left`; None: it never does."""
    along = so_far = ZERO
    if left == 0:
        return Fraction(0)
    for piece in stretch:
        payment = piece.length * piece.ratio
        if so_far + payment >= left:
            return Fraction(along) + Fraction(left - so_far) / Fraction(piece.ratio)
        along += piece.length
        so_far += payment
    return None
