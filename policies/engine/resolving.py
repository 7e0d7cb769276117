"""From a policy file and the facts of a case to a plan: which rules count (POLICY.md §1 "Conditions", §2, §3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from policies.engine.bill import NOTHING, yuan
from policies.engine.plan import (
    BandPlan,
    Ceiling,
    Change,
    DeductiblePlan,
    Figure,
    Plan,
    Refused,
    SupplementPlan,
    changed,
)
from policies.language.examples import YearKey
from policies.language.facts import FactValue, When
from policies.language.omissions import Omission, each_once
from policies.language.schema import (
    Band,
    Benefit,
    Cap,
    Deductible,
    DeductibleAdjustment,
    DeductibleRule,
    Limit,
    PolicyFile,
    RatioAdjustment,
    RatioRule,
    Rule,
    Share,
    Supplement,
)
from policies.language.wording import LEVEL_LABELS, digits, percent, when_text

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
NOT_COVERED = "参保地的医保不报销这类就医费用。"
NOT_KNOWN = "没有找到参保地对这种情形的规定，请向参保地经办机构核实。"
R = TypeVar("R", bound=Rule)
Facts = Mapping[str, FactValue]


def resolve(policy: PolicyFile, facts: Facts) -> Plan | Refused:
    """The plan for these facts, or why there is none: POLICY.md §2, step 0."""
    benefit = choose(policy, facts)
    if benefit is None:
        return Refused("not_covered", NOT_COVERED)
    level_as = first(benefit.level_as, facts)
    if level_as is not None:
        facts = {**facts, "level": level_as.level}
    if (rule := first(benefit.not_covered, facts)) is not None:
        return Refused("not_covered", rule.reason or NOT_COVERED, benefit.id, rule.source or benefit.source)
    if (rule := first(benefit.not_known, facts)) is not None:
        return Refused("not_known", rule.reason or NOT_KNOWN, benefit.id, rule.source or benefit.source)
    bands = share_bands(benefit.share, facts, benefit.source)
    if bands is None:
        return Refused("not_known", NOT_KNOWN, benefit.id)
    supplements = tuple(supplements_of(policy.supplements, facts))
    caps = {of: first((cap for cap in benefit.annual_cap if cap.of in (of, None)), facts) for of in ("scope", "pooled")}
    limits = {of: first((limit for limit in benefit.limits if limit.of == of), facts) for of in ("scope", "pooled")}
    return Plan(
        benefit=benefit.id,
        counter=benefit.counter or benefit.care,
        level_text=f"按{LEVEL_LABELS[level_as.level]}的标准" if level_as else "",
        level_source=(level_as.source or benefit.source) if level_as else None,
        first_pay=ratio_figure(first(benefit.first_pay, facts), benefit.source),
        scope_cap=cap_of(caps["scope"], benefit),
        scope_limit=limit_of(limits["scope"], benefit),
        deductible=deductible_of(benefit.deductible, facts, benefit.source),
        bands=bands,
        of_year=benefit.share.base == "year",
        payable_measure=benefit.share.measure == "payable",
        floor=ratio_figure(first(benefit.floor, facts), benefit.source),
        pooled_limit=limit_of(limits["pooled"], benefit),
        pooled_cap=cap_of(caps["pooled"], benefit),
        supplements=supplements,
        account_pays=policy.account_abroad or facts.get("travel") == "local",
        share_source=benefit.share.source or benefit.source,
        not_included=each_once((omitted(policy, facts), unknown_caps(caps.values(), supplements))),
    )


def holds(when: When, facts: Facts) -> bool:
    """Whether all conditions hold; a fact that is not stated meets none."""
    return all(condition.holds(facts.get(condition.fact)) for condition in when)


def first(rules: Iterable[R], facts: Facts) -> R | None:
    """The first rule that matches."""
    return next((rule for rule in rules if holds(rule.when, facts)), None)


def choose(policy: PolicyFile, facts: Facts) -> Benefit | None:
    """The first benefit whose insurance, care, diseases and `when` fit."""
    return next((benefit for benefit in policy.benefits or () if _fits(benefit, facts)), None)


def _fits(benefit: Benefit, facts: Facts) -> bool:
    if (benefit.insurance, benefit.care) != (facts.get("insurance"), facts.get("care")):
        return False
    return (not benefit.diseases or facts.get("disease") in benefit.diseases) and holds(benefit.when, facts)


def ratio_figure(rule: RatioRule | None, source: str | None) -> Figure | None:
    """A ratio of `first_pay` or `floor`."""
    return None if rule is None else Figure(rule.ratio, percent(rule.ratio) + _why(rule.when), rule.source or source)


def _why(when: When, source: str | None = None) -> str:
    """In brackets: for which cases a rule is, and whose it is where its line names another's."""
    reason = "，".join(filter(None, (when_text(when), source)))
    return f"（{reason}）" if reason else ""


def cap_of(cap: Cap | None, benefit: Benefit) -> Ceiling | None:
    """The year's cap of pooled payment or of scope, used up by the benefit's counter; one that is not known cuts nothing."""
    if cap is None or cap.amount is None or cap.of is None:
        return None
    return Ceiling(cap.amount, cap.of, "年度封顶线", cap.source or benefit.source)


def limit_of(limit: Limit | None, benefit: Benefit) -> Ceiling | None:
    """A limit of the year or the month; in chronic care the disease's own counters use it."""
    if limit is None:
        return None
    used: YearKey = f"{'month_' if limit.period == 'month' else ''}{limit.of}"  # type: ignore[assignment]
    if limit.period == "year" and benefit.care == "chronic":
        used = "chronic_pooled" if limit.of == "pooled" else "chronic_scope"
    label = "月度限额" if limit.period == "month" else "年度限额"
    return Ceiling(limit.amount, used, label + _why(limit.when), limit.source or benefit.source)


_USED: dict[str, YearKey | None] = {"admission": None, "year": "deductible", "month": "month_deductible"}


def deductible_of(given: Deductible | None, facts: Facts, source: str | None) -> DeductiblePlan | None:
    """The deductible's amount and every adjustment that matches, in order; no amount matches: there is no deductible."""
    rule = first(given.amounts, facts) if given is not None else None
    if given is None or rule is None:
        return None
    matching = [change for change in given.adjust if holds(change.when, facts)]
    changes, above = tuple(map(_change, matching)), given.source or source
    percent_of_total = rule.percent_of_total is not None
    amount, text = _before_the_bill(rule, changes)
    return DeductiblePlan(
        amount=amount,
        percent=percent_of_total,
        least=rule.min,
        most=rule.max,
        changes=changes if percent_of_total else (),
        linked=given.linked,
        used=_USED[given.period],
        annual_max=given.annual_max,
        text=text,
        source=rule.source or above,
        adjusted_by=tuple(name for change in matching if (name := change.source or above)),
    )


def _before_the_bill(rule: DeductibleRule, changes: Iterable[Change]) -> tuple[Decimal, str]:
    """A sum with every adjustment made, or the share of a bill's total that it is; and in words."""
    if rule.percent_of_total is not None:
        return rule.percent_of_total, f" × {rule.percent_of_total * 100:f}%{_why(rule.when)}"
    amount = rule.amount or ZERO
    return changed(amount, f"{yuan(amount)}{_why(rule.when)}", changes)


def _change(rule: DeductibleAdjustment) -> Change:
    why = _why(rule.when, rule.source)
    if rule.times is not None:
        return Change(True, rule.times, f" × {digits(rule.times)}{why}")
    value = rule.add or ZERO
    return Change(False, value, f" {'−' if value < 0 else '+'} {yuan(abs(value))}{why}")


def share_bands(share: Share, facts: Facts, source: str | None) -> tuple[BandPlan, ...] | None:
    """The bands with the ratio of each after all adjustments; None when a band has no ratio for these facts."""
    rules = [first(band.ratios, facts) for band in share.bands]
    changes = [change for change in share.adjust if holds(change.when, facts)]
    above = share.source or source
    adjusted_by = tuple(name for change in changes if (name := change.source or above))
    plans = []
    for band, rule in zip(share.bands, rules, strict=True):
        if rule is None:
            return None
        ratio, text = adjusted(rule, changes)
        plans.append(BandPlan(_edge(band), ratio, text, rule.source or band.source or above, adjusted_by))
    return tuple(plans)


def _edge(band: Band) -> Decimal | None:
    """Where a band ends, with two places: so has what is laid along it, and `yuan` has nothing to add."""
    return None if band.upto is None else band.upto + NOTHING


def adjusted(rule: RatioRule, changes: Sequence[RatioAdjustment]) -> tuple[Decimal, str]:
    """The ratio after every adjustment in order, each bounded by its min and max, in the end within 0–1; and in words."""
    ratio, text = rule.ratio, percent(rule.ratio) + _why(rule.when)
    if not changes:
        return ratio, text
    summed = False
    for change in changes:
        ratio, step = _changed(ratio, change)
        text = (f"({text})" if change.times is not None and summed else text) + step + _why(change.when, change.source)
        summed = summed or change.points is not None
        bounded = max(ratio, change.min) if change.min is not None else ratio
        bounded = min(bounded, change.max) if change.max is not None else bounded
        if bounded != ratio:
            text += f"，限为{percent(bounded)}"
        ratio = bounded
    ratio = ONE if ratio > ONE else ratio if ratio > ZERO else ZERO  # no −0
    return ratio, f"{percent(ratio)}（{text}）"


def _changed(ratio: Decimal, change: RatioAdjustment) -> tuple[Decimal, str]:
    if change.points is not None:
        return ratio + change.points / HUNDRED, _points(change.points)
    if change.times is not None:
        return ratio * change.times, f" × {digits(change.times)}"
    times = change.self_times if change.self_times is not None else ONE
    return ONE - (ONE - ratio) * times, f"，个人负担部分 × {digits(times)}"


def _points(value: Decimal) -> str:
    """−5 → ` − 5个百分点`."""
    said = f"{digits(abs(value))}个百分点"
    return f" − {said}" if value < 0 else f" + {said}"


def supplements_of(supplements: Iterable[Supplement], facts: Facts) -> Iterable[SupplementPlan]:
    """The supplements that apply, in file order; one of kind burden needs a threshold that matches (POLICY.md §3)."""
    included: set[str] = set()
    for given in supplements:
        threshold = first(given.thresholds, facts)
        applies = given.insurance == facts.get("insurance") and (not given.care or facts.get("care") in given.care)
        if not applies or not holds(given.when, facts) or (given.kind == "burden" and threshold is None):
            continue
        includes = tuple(name for name in given.includes if name not in included)
        included.update(includes)
        yield _supplement(given, facts, threshold.amount if threshold else None, includes)


def omitted(policy: PolicyFile, facts: Facts) -> Iterator[Omission]:
    """The entries of `not_included` for these facts, in file order."""
    for entry in policy.not_included:
        here = entry.insurance in (None, facts.get("insurance")) and (not entry.care or facts.get("care") in entry.care)
        if here and holds(entry.when, facts):
            yield Omission(entry.kind, entry.fund, entry.reason)


def unknown_caps(caps: Iterable[Cap | None], supplements: Iterable[SupplementPlan]) -> Iterator[Omission]:
    """The caps that are not known: the benefit's, then those of the funds that apply."""
    for cap in caps:
        if cap is not None and cap.not_known is not None:
            yield Omission("cap", None, cap.not_known)
    for supplement in supplements:
        if supplement.cap_not_known is not None:
            yield Omission("cap", supplement.fund, supplement.cap_not_known)


def _supplement(
    given: Supplement, facts: Facts, threshold: Decimal | None, includes: tuple[str, ...]
) -> SupplementPlan:
    cap = first(given.annual_cap, facts)
    source = given.source or next((rule.source for rule in (*given.ratios, *given.thresholds) if rule.source), None)
    bands = given.bands or (Band(upto=None, ratios=given.ratios),)
    return SupplementPlan(
        id=given.id,
        fund=given.fund,
        threshold=threshold + NOTHING if threshold is not None and given.kind == "burden" else None,
        bands=tuple(_paid(band, facts, source) for band in bands),
        of_year=given.period == "year",
        above=given.measure == "above",
        includes=includes,
        excludes_first_pay=given.excludes_first_pay,
        cap=cap.amount if cap else None,
        cap_not_known=cap.not_known if cap else None,
        source=source,
    )


def _paid(band: Band, facts: Facts, source: str | None) -> BandPlan:
    """A band of a supplement; where no ratio matches it pays nothing."""
    rule = first(band.ratios, facts)
    if rule is None:
        return BandPlan(_edge(band), ZERO, percent(ZERO), source)
    return BandPlan(
        _edge(band), rule.ratio, percent(rule.ratio) + _why(rule.when), rule.source or band.source or source
    )
