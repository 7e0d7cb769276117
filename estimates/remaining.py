"""What remains of a year for one kind of care: to the deductible, to each cap, to the next fund's threshold. Pure.

Figures come from the plan that the policy resolves for the facts of a next visit, for each level of hospital. Of the rest
one assumption at a time is changed (POLICY.md §1, "Conditions"): a figure that comes out otherwise depends on it, and is None
with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from policies.engine import Compiled
from policies.engine.bill import ZERO, exact, fen, yuan
from policies.engine.plan import Ceiling, DeductiblePlan, Plan, Refused, SupplementPlan
from policies.language.examples import YearKey
from policies.language.facts import FactValue
from policies.language.omissions import Omission, each_once
from policies.language.terms import FILED_BY, INSTITUTION_KINDS, SPECIALTIES
from policies.language.wording import percent

Facts = Mapping[str, FactValue]
FILED = ("long_term", "referral", "other")
USUAL: Facts = {"specialty": "general", "referred": False}
LEVELS = (3, 2, 1, 0)
CEILINGS = ("scope_cap", "scope_limit", "pooled_limit", "pooled_cap")
PERIODS: Mapping[YearKey | None, str] = {None: "admission", "deductible": "year", "month_deductible": "month"}
Sums = Mapping[YearKey, Decimal]


def expected(facts: Facts, home: str) -> dict[str, FactValue]:
    """The facts of a next visit as far as its travel status and the usual case give them; `home` is the insured area."""
    travel = facts["travel"]
    where: Facts = {"distance": "other_province"}
    if travel == "local":
        where = {"distance": "same_area", "destination": f"{home[:2]}0000"}
    filed: Facts = {"filed_by": "document"} if travel in FILED else {}
    manual = "manual" if travel == "unfiled" else "direct"
    return {**USUAL, **where, **filed, "settlement": manual, **facts}


def otherwise(policy: Compiled, facts: Facts) -> Iterator[tuple[str, Facts]]:
    """The same visit with one thing otherwise that the policy's rules tell apart, and what that thing is called."""
    for name, (label, values) in _uncertain(policy, facts).items():
        if policy.asks(name):
            for value in values:
                if value != facts.get(name):
                    yield label, {**facts, name: value}


def _uncertain(policy: Compiled, facts: Facts) -> dict[str, tuple[str, tuple[FactValue, ...]]]:
    """What may be otherwise, with its values."""
    uncertain: dict[str, tuple[str, tuple[FactValue, ...]]] = {
        "class": (_("医院类别"), policy.named("class")),
        "specialty": (_("医院的专科类别"), SPECIALTIES),
        "referred": (_("是否经基层首诊转诊"), (True, False)),
        "injury": (_("是否外伤"), (True, False)),
    }
    if facts.get("person") == "retired" and "retired_year" not in facts:
        uncertain["retired_year"] = (_("退休年份"), policy.named("retired_year"))
    if facts["care"] != "inpatient":
        uncertain["institution_kind"] = (_("在医院还是药店"), INSTITUTION_KINDS)
    if facts["care"] == "inpatient":
        uncertain["disease"] = (_("病种"), policy.named("disease"))
        uncertain["maternity"] = (_("是否生育"), (True, False))
    if facts["travel"] != "local":
        uncertain["distance"] = (_("就医地"), ("same_province",))
        uncertain["destination"] = (_("就医地"), policy.named("destination"))
    if facts["travel"] in FILED:
        uncertain["filed_by"] = (_("备案方式"), FILED_BY)
    return uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An amount of a rule, how much of it is used up and remains; `amount` and `remaining` are None where `reason` says why;
    `least` and `most` are then known if only one thing makes the difference.

    `kind`: deductible, one of CEILINGS, or the id of a supplement. `period`: admission, year or month. `measure`: what
    counts towards it, of a ceiling `scope` or `pooled`. `levels`: the hospital levels it is for; empty: whatever the level.
    `cap`: of a supplement, the most its fund pays in a year. Yuan.
    """

    kind: str
    period: str
    measure: str
    amount: Decimal | None
    used: Decimal = ZERO
    remaining: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    label: str = ""
    fund: str = ""
    cap: Decimal | None = None
    paid: Decimal = ZERO
    reason: str = ""
    source: str | None = None
    levels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVisit:
    """A kind of care as it would come next: its facts, how often the person was admitted, and the year so far by counter."""

    facts: Facts
    admissions: Mapping[int | None, int]
    so_far: Callable[[str], Sums]

    def at(self, level: int) -> Facts:
        """The facts of a visit at a hospital of this level."""
        if self.facts["care"] != "inpatient":
            return {**self.facts, "level": level}
        ordinals = {"visit": self.visit, "visit_at_level": self.admissions.get(level, 0) + 1}
        return {**self.facts, "level": level, **ordinals}

    @property
    def visit(self) -> int:
        """Which admission of the year the next one is."""
        return sum(self.admissions.values()) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What remains for a kind of care. `refused`: nothing is paid at any level, and why; there are no figures then.

    `not_included`: what the policy does not know of it, at any level.
    """

    refused: str = ""
    deductibles: tuple[Figure, ...] = ()
    ceilings: tuple[Figure, ...] = ()
    thresholds: tuple[Figure, ...] = ()
    not_included: tuple[Omission, ...] = ()


def remaining_for(policy: Compiled, visit: NextVisit) -> Remaining:
    """What remains for this care by the policy."""
    with exact():
        by_level = {level: _figures_at(policy, visit, level) for level in LEVELS}
    refusals = {level: reason for level, reason in by_level.items() if isinstance(reason, str)}
    paid = {level: figures for level, figures in by_level.items() if not isinstance(figures, str)}
    if not paid:
        return Remaining(refused=next(iter(refusals.values())))
    closed = {level: [_refused(reason)] for level, reason in refusals.items()}
    deductibles = {
        level: [figure for figure in figures if figure.kind == "deductible"] for level, figures in paid.items()
    }
    ceilings = {level: [figure for figure in figures if figure.kind in CEILINGS] for level, figures in paid.items()}
    thresholds = {level: [figure for figure in figures if figure.fund] for level, figures in paid.items()}
    return Remaining(
        deductibles=_merged({**deductibles, **closed}),
        ceilings=_merged(ceilings),
        thresholds=_merged(thresholds),
        not_included=each_once(policy.not_included(visit.at(level)) for level in LEVELS),
    )


def _figures_at(policy: Compiled, visit: NextVisit, level: int) -> list[Figure] | str:
    """All figures at a level, those that depend on what nobody can state without their amounts; or why nothing is paid."""
    facts = visit.at(level)
    plan = policy.plan(facts)
    if isinstance(plan, Refused):
        return plan.reason
    figures = _figures(plan, visit)
    depends: dict[str, dict[str, list[Decimal | None]]] = {}
    for label, changed_facts in otherwise(policy, facts):
        other_plan = policy.plan(changed_facts)
        others = {} if isinstance(other_plan, Refused) else {other.kind: other for other in _figures(other_plan, visit)}
        for figure in figures:
            if (other := others.get(figure.kind)) != figure:
                amounts = depends.setdefault(figure.kind, {}).setdefault(label, [])
                amounts.append(other.amount if other else None)
    return [_unknown(figure, depends[figure.kind]) if figure.kind in depends else figure for figure in figures]


def _unknown(figure: Figure, depends: Mapping[str, list[Decimal | None]]) -> Figure:
    """A figure that differs by what nobody can state yet, with its range where only one thing makes the difference."""
    reason = _("因%(what)s而不同，就医时才能确定。") % {"what": "、".join(depends)}
    amounts = [figure.amount, *(amount for others in depends.values() for amount in others)]
    known = [amount for amount in amounts if amount is not None]
    unknown = replace(figure, amount=None, remaining=None, reason=reason)
    if len(depends) == 1 and len(known) == len(amounts) and min(known) < max(known):
        return replace(unknown, least=min(known), most=max(known))
    return unknown


def _refused(reason: str) -> Figure:
    return Figure(kind="deductible", period="", measure="scope", amount=None, reason=reason)


def _figures(plan: Plan, visit: NextVisit) -> list[Figure]:
    sums = visit.so_far(plan.counter)
    ceilings = ((name, getattr(plan, name)) for name in CEILINGS)
    return [
        _deductible(plan.deductible, sums),
        *(_ceiling(name, ceiling, sums) for name, ceiling in ceilings if ceiling is not None),
        *(_threshold(fund, fund.threshold, sums) for fund in plan.supplements if fund.threshold is not None),
    ]


def _deductible(plan: DeductiblePlan | None, sums: Sums) -> Figure:
    """The deductible of the next visit, less what the year or month has already taken."""
    if plan is None:
        nothing = fen(ZERO)
        return Figure(kind="deductible", period="admission", measure="scope", amount=nothing, remaining=nothing)
    shape = Figure(kind="deductible", period=PERIODS[plan.used], measure="scope", amount=None, source=plan.source)
    if plan.percent:
        return replace(shape, reason=_share_of_total(plan))
    amount = fen(plan.amount)
    used = sums.get(plan.used, ZERO) if plan.used else ZERO
    remaining = max(ZERO, amount - used)
    if plan.annual_max is not None:
        remaining = min(remaining, max(ZERO, plan.annual_max - sums.get("deductible", ZERO)))
    return replace(shape, amount=amount, used=fen(used), remaining=fen(remaining))


def _share_of_total(plan: DeductiblePlan) -> str:
    """起付线 of so many percent of the bill is no sum before there is one."""
    text = _("按费用总额的%(share)s计算") % {"share": percent(plan.amount)}
    if plan.least is not None:
        text += _("，最低%(least)s元") % {"least": yuan(plan.least)}
    if plan.most is not None:
        text += _("，最高%(most)s元") % {"most": yuan(plan.most)}
    return f"{text}。"


def _ceiling(name: str, ceiling: Ceiling, sums: Sums) -> Figure:
    used = sums.get(ceiling.used, ZERO)
    return Figure(
        kind=name,
        period="month" if ceiling.used.startswith("month_") else "year",
        measure=name.partition("_")[0],
        amount=fen(ceiling.amount),
        used=fen(used),
        remaining=fen(max(ZERO, ceiling.amount - used)),
        label=ceiling.label,
        source=ceiling.source,
    )


def _threshold(plan: SupplementPlan, threshold: Decimal, sums: Sums) -> Figure:
    """A fund that pays the burden above a threshold: how far the year's burden (or a stay's own) has come."""
    used = sums.get("burden", ZERO) if plan.of_year else ZERO
    return Figure(
        kind=plan.id,
        period="year" if plan.of_year else "admission",
        measure="burden",
        amount=fen(threshold),
        used=fen(used),
        remaining=fen(max(ZERO, threshold - used)),
        fund=plan.fund,
        cap=None if plan.cap is None else fen(plan.cap),
        paid=fen(sums.get(plan.fund, ZERO)),
        source=plan.source,
    )


def _merged(by_level: Mapping[int, list[Figure]]) -> tuple[Figure, ...]:
    """Each figure once, with the levels it is for; one that is the same at every level names none."""
    levels: dict[Figure, list[int]] = {}
    for level in sorted(by_level, reverse=True):
        for figure in by_level[level]:
            levels.setdefault(figure, []).append(level)
    return tuple(_with_levels(figure, own, len(by_level)) for figure, own in levels.items())


def _with_levels(figure: Figure, levels: list[int], of: int) -> Figure:
    return figure if len(levels) == of else replace(figure, levels=tuple(levels))


def merged_over_cares(by_care: Mapping[str, Remaining]) -> Iterator[tuple[Figure, tuple[str, ...]]]:
    """Thresholds belong to the year: each once, with the kinds of care it counts for."""
    cares: dict[Figure, list[str]] = {}
    for care, remaining in by_care.items():
        for figure in remaining.thresholds:
            names = cares.setdefault(figure, [])
            if care not in names:
                names.append(care)
    return ((figure, tuple(names)) for figure, names in cares.items())
