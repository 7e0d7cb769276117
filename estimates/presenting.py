"""The answers of `POST estimates/` (API.md, Before the visit) and `GET settlement-years/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _

from estimates.bodies import EstimateAnswer, WayAnswer
from estimates.estimating import Estimate, Way, best, shown_facts, ways
from estimates.remaining import Figure, NextVisit, Remaining, expected, merged_over_cares, remaining_for
from estimates.year_bodies import (
    Because,
    CareAnswer,
    CounterAnswer,
    FigureAnswer,
    InsuranceYearAnswer,
    ThresholdAnswer,
)
from estimates.years import Year
from policies.bodies import cited, omissions_rows
from policies.language.facts import FactValue
from policies.language.omissions import each_once
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, TRAVELS, TYPE_LABELS, Care, Travel
from policies.language.wording import FUND_LABELS, LEVEL_LABELS
from policies.published import Published, compiled, source_named
from settlements import facts
from settlements.accumulators import Place, so_far
from settlements.models import FUNDS, YearCounter
from settlements.presenting import policy_row, result_row

CARES: tuple[Care, ...] = ("inpatient", "outpatient")
NO_POLICY = "没有查到该参保地在这一年的待遇政策，请致电参保地经办机构或12393询问。"


def estimated(estimate: Estimate) -> EstimateAnswer:
    """Every status side by side; `chosen` is the one the caller named, `best` the way that pays most."""
    every = ways(estimate)
    cheapest = best(every)
    return {
        "policy": policy_row(estimate.policy),
        "on": estimate.on,
        "area": estimate.area,
        "facts": shown_facts(estimate),
        "assumed": list(estimate.assumed),
        "recorded": estimate.recorded,
        "chosen": cast(Travel | None, estimate.facts.get("travel")),
        "results": {travel: result_row(estimate.results[travel], TRAVEL_LABELS[travel]) for travel in TRAVELS},
        "best": _way(cheapest) if cheapest else None,
        "ways": [_way(way) for way in every],
        "not_included": omissions_rows(each_once(result.not_included for result in estimate.results.values())),
    }


def _way(way: Way) -> WayAnswer:
    return {
        "travel": way.travel,
        "label": TRAVEL_LABELS[way.travel],
        "own": way.own,
        "saves": way.saves,
        "takes": way.takes,
        "direct": way.direct,
        "lasting": way.lasting,
        "types": [{"type": name, "label": TYPE_LABELS[name]} for name in way.types],
        "source": cited(way.source),
    }


def year_row(year: Year) -> InsuranceYearAnswer:
    """One insurance year with its sums, and what remains of it for each kind of care."""
    enrolled, policy = year.enrollment, year.policy
    cares = _cares(year, policy) if policy else []
    return {
        "person": str(enrolled.person_id),
        "person_name": enrolled.person.masked_name,
        "enrollment": str(enrolled.pk),
        "area": enrolled.area_id,
        "area_name": enrolled.area.name,
        "insurance": enrolled.insurance,
        "insurance_label": enrolled.get_insurance_display(),
        "year": year.starts_on,
        "until": year.ends_on,
        "current": year.current,
        "on": year.on,
        "policy": {"id": policy.id, "name": policy.file.name} if policy else None,
        "reason": "" if policy else _(NO_POLICY),
        "bills": year.bills,
        "total": year.sum("total"),
        "fund": year.sum("fund"),
        "own": year.sum("own"),
        "account": year.sum("account"),
        "cash": year.sum("cash"),
        "burden": _of_row(year, "burden"),
        "funds": {name: _of_row(year, name) for name in FUNDS},
        "counters": [_counter(year, counter) for counter in year.counters if counter.month == 0],
        "cares": [row for row, _remaining in cares],
        "thresholds": _thresholds(policy, cares) if policy else [],
        "not_included": omissions_rows(each_once(remaining.not_included for _row, remaining in cares)),
    }


def _of_row(year: Year, name: str) -> Decimal:
    return getattr(year.row, name) if year.row else Decimal(0)


def _counter(year: Year, row: YearCounter) -> CounterAnswer:
    """What one counter has come to: of a kind of care, or of a chronic disease."""
    label = year.diseases.get(row.disease, row.disease) or CARE_LABELS.get(row.counter, row.counter)  # type: ignore[call-overload]
    return {
        "counter": row.counter or None,
        "disease": row.disease or None,
        "label": label,
        "scope": row.scope,
        "deductible": row.deductible,
        "pooled": row.pooled,
        "beyond": row.beyond,
    }


def _cares(year: Year, policy: Published) -> list[tuple[CareAnswer, Remaining]]:
    """Every kind of care the policy says anything of, chronic care by recognised disease."""
    insurance = year.enrollment.insurance
    covered = {benefit.care for benefit in policy.file.benefits or () if benefit.insurance == insurance}
    cares: list[tuple[Care, str]] = [(care, "") for care in CARES if care in covered]
    cares += [("chronic", disease) for disease in year.diseases if "chronic" in covered]
    return [_care(year, policy, care, disease) for care, disease in cares]


def _care(year: Year, policy: Published, care: Care, disease: str) -> tuple[CareAnswer, Remaining]:
    travel, because = _travel(year, care)
    known: dict[str, FactValue] = {
        **facts.of_enrollment(year.enrollment, year.on),
        "care": care,
        "travel": travel,
        **({"disease": disease, "diseases_recognised": len(year.diseases)} if disease else {}),
    }
    visit = NextVisit(
        facts=expected(known, year.enrollment.area_id),
        admissions=year.admissions(),
        so_far=lambda counter: so_far(year.row, year.counters, Place(counter, disease, year.on.month)),
    )
    remaining = remaining_for(compiled(policy), visit)
    row: CareAnswer = {
        "care": care,
        "care_label": CARE_LABELS[care],
        "disease": disease or None,
        "disease_name": year.diseases.get(disease),
        "travel": travel,
        "travel_label": TRAVEL_LABELS[travel],
        "travel_because": because,
        "visit": visit.visit if care == "inpatient" else None,
        "refused": remaining.refused,
        "deductibles": _figures(policy, year, remaining.deductibles),
        "caps": _figures(policy, year, remaining.ceilings),
        "not_included": omissions_rows(remaining.not_included),
    }
    return row, remaining


def _travel(year: Year, care: str) -> tuple[Travel, Because]:
    """As what the next visit is taken to be settled, and why: as the last was, else by a long-term filing, else at home."""
    last = year.last_travel(care)
    if last is not None:
        return cast(Travel, last), "last"
    return ("long_term", "filing") if year.lives_elsewhere else ("local", "home")


def _figures(policy: Published, year: Year, figures: Iterable[Figure]) -> list[FigureAnswer]:
    """Of a year that is over only what counts by the year."""
    return [_figure(policy, figure) for figure in figures if year.current or figure.period == "year"]


def _figure(policy: Published, figure: Figure) -> FigureAnswer:
    return {
        "kind": figure.kind,
        "label": figure.label,
        "period": figure.period or None,
        "of": figure.measure,
        "for_levels": list(figure.levels),
        "levels_label": "、".join(LEVEL_LABELS[level] for level in figure.levels),
        "amount": figure.amount,
        "used": figure.used,
        "left": figure.remaining,
        "least": figure.least,
        "most": figure.most,
        "reason": figure.reason,
        "source": cited(source_named(policy, figure.source)),
    }


def _thresholds(policy: Published, cares: list[tuple[CareAnswer, Remaining]]) -> list[ThresholdAnswer]:
    """Where the year's burden makes another fund pay, each once with the kinds of care it counts for."""
    by_care: Mapping[str, Remaining] = {row["care"]: remaining for row, remaining in cares}
    return [
        {
            "id": figure.kind,
            "fund": figure.fund,
            "label": FUND_LABELS[figure.fund],
            "period": figure.period,
            "cares": list(names),
            "amount": figure.amount,
            "burden": figure.used,
            "left": figure.remaining,
            "cap": figure.cap,
            "paid": figure.paid,
            "reason": figure.reason,
            "source": cited(source_named(policy, figure.source)),
        }
        for figure, names in merged_over_cares(by_care)
    ]
