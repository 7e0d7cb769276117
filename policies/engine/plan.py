"""The rules of a policy that count for one set of facts, resolved to figures; amounts play no part here (POLICY.md §1–3).

No rule asks for an amount, so the same facts always give the same plan: it is made once and kept.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal

from policies.language.examples import Refusal, YearKey
from policies.language.omissions import Omission
from policies.language.terms import Fund


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing can be paid, or nobody knows what: the kind of refusal, its reason in Chinese and whose rule it is."""

    kind: Refusal
    reason: str
    benefit: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one rule, how the explanation names it, and whose rule it is."""

    value: Decimal
    text: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A cap or limit: the amount, and which counter of the year so far has used it."""

    amount: Decimal
    used: YearKey
    label: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One adjustment of the deductible: `times` a factor or `add` yuan."""

    times: bool
    value: Decimal
    text: str


def changed(amount: Decimal, text: str, changes: Iterable[Change]) -> tuple[Decimal, str]:
    """An amount after every adjustment in order, in the end not below 0; and in words."""
    summed = False
    for change in changes:
        amount = amount * change.value if change.times else amount + change.value
        text = (f"({text})" if change.times and summed else text) + change.text
        summed = summed or not change.times
    return max(Decimal(0), amount), text


@dataclass(frozen=True, slots=True)
class DeductiblePlan:
    """The deductible before the bill and the year are looked at: a sum after all adjustments, or a share of the bill's total
    (`percent`), for which bounds and `changes` are still to come.

    `text`: its part of the formula. `adjusted_by`: the sources of the adjustments.
    """

    amount: Decimal
    percent: bool
    least: Decimal | None
    most: Decimal | None
    changes: tuple[Change, ...]
    linked: bool
    used: YearKey | None
    annual_max: Decimal | None
    text: str
    source: str | None
    adjusted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BandPlan:
    """A stretch of the scale up to `upto` (None: without end), and the ratio paid there after all adjustments.

    `adjusted_by`: the sources of the adjustments.
    """

    upto: Decimal | None
    ratio: Decimal
    text: str
    source: str | None
    adjusted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SupplementPlan:
    """One further fund that applies. `threshold` is None for what pays beyond the cap; `cap_not_known`: why `cap` is None."""

    id: str
    fund: Fund
    threshold: Decimal | None
    bands: tuple[BandPlan, ...]
    of_year: bool
    above: bool
    includes: tuple[str, ...]
    excludes_first_pay: bool
    cap: Decimal | None
    cap_not_known: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All figures that count for one set of facts; `counter` names the year's sums that this care counts in."""

    benefit: str
    counter: str
    level_text: str
    level_source: str | None
    first_pay: Figure | None
    scope_cap: Ceiling | None
    scope_limit: Ceiling | None
    deductible: DeductiblePlan | None
    bands: tuple[BandPlan, ...]
    of_year: bool
    payable_measure: bool
    floor: Figure | None
    pooled_limit: Ceiling | None
    pooled_cap: Ceiling | None
    supplements: tuple[SupplementPlan, ...]
    account_pays: bool
    share_source: str | None
    not_included: tuple[Omission, ...]


def cited(part: object) -> Iterator[str]:
    """The sources of all that decides a plan, of a refusal too; the same one more than once."""
    if isinstance(part, tuple):
        for entry in part:
            yield from cited(entry)
    elif is_dataclass(part):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.name in _CITING:
                yield from value if isinstance(value, tuple) else filter(None, (value,))
            else:
                yield from cited(value)


_CITING = {"source", "level_source", "adjusted_by"}
