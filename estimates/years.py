"""The insurance years of the persons an account may act for: gathered with six queries however many they are, and shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.http import no_enrollment
from accounts.models import Account, Enrollment
from accounts.models.persons import enrollments_of
from chronic.models import Recognition
from chronic.standing import recognised
from core import clock
from core.errors import NotFound
from estimates.remaining import Figure, NextVisit, Remaining, expected, merged_over_cares, remaining_for
from estimates.year_bodies import (
    Because,
    CareAnswer,
    CounterAnswer,
    FigureAnswer,
    InsuranceYearAnswer,
    ThresholdAnswer,
)
from filings.models import long_term_filings
from policies.bodies import cited, omissions_rows
from policies.language.facts import FactValue
from policies.language.omissions import each_once
from policies.language.terms import CARE_LABELS, TRAVEL_LABELS, Care, Travel
from policies.language.wording import FUND_LABELS, LEVEL_LABELS
from policies.published import Published, compiled, in_force, source_named
from settlements import facts
from settlements.accumulators import Place, so_far, starts_on
from settlements.models import FUNDS, InsuranceYear, YearCounter
from settlements.models.entries import settled_in_years
from settlements.models.years import counters_of_years, years_of_persons

Group = tuple[UUID, str, str]
"""Whose insurance year it is: person, area, insurance. An enrolment that was taken up anew goes on in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """An insurance year of an enrolment; `row` is None before its first bill. `on`: the day whose policy counts.

    `settled`: what was settled by care, level and travel (`settled_in_years`). `lives_elsewhere`: a long-term filing counts on the day.
    `diseases`: the chronic diseases recognised on the day, by code.
    """

    enrollment: Enrollment
    starts_on: date
    ends_on: date
    on: date
    current: bool
    row: InsuranceYear | None = None
    policy: Published | None = None
    counters: tuple[YearCounter, ...] = ()
    settled: tuple[Mapping[str, Any], ...] = ()
    lives_elsewhere: bool = False
    diseases: Mapping[str, str] = field(default_factory=dict)

    @property
    def bills(self) -> int:
        """Bills that stand: settled and not reversed."""
        return sum(group["bills"] for group in self.settled)

    def sum(self, name: str) -> Decimal:
        """A sum over all entries of the year."""
        return sum((group[f"net_{name}"] for group in self.settled), Decimal(0))

    def last_travel(self, care: str) -> str | None:
        """As what the latest bill of a kind of care was settled."""
        groups = [group for group in self.settled if group["care"] == care and group["latest"] is not None]
        return max(groups, key=lambda group: group["latest"])["travel"] if groups else None

    def admissions(self) -> dict[int | None, int]:
        """How many admissions of the year stand, by the level of the hospital."""
        admissions: dict[int | None, int] = {}
        for group in self.settled:
            if group["care"] == "inpatient":
                admissions[group["level"]] = admissions.get(group["level"], 0) + group["bills"]
        return admissions


def years(account: Account, *, person: UUID | None, enrollment: UUID | None, starting: date | None) -> list[Year]:
    """The insurance years of everybody the account may act for, or of one person or enrolment; the newest first.

    Raises NotFound: neither the person nor the enrolment of anybody the account may act for.
    """
    enrollments = _enrollments(account, person, enrollment)
    on = clock.today()
    ids = [enrolled.pk for enrolled in enrollments]
    rows = years_of_persons(persons=list({enrolled.person_id for enrolled in enrollments})) if enrollments else []
    gathered = _Gathered(
        rows=rows,
        counters=counters_of_years(years=[row.pk for row in rows]),
        settled=settled_in_years(years=[row.pk for row in rows]),
        elsewhere={filing.enrollment_id for filing in long_term_filings(enrollments=ids, on=on)},
        recognitions=recognised(ids, on),
    )
    every = [year for group in _groups(enrollments).values() for year in _of_group(group, gathered, on)]
    return [year for year in every if starting in (None, year.starts_on)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """All rows of all years asked for."""

    rows: Collection[InsuranceYear]
    counters: Collection[YearCounter]
    settled: Collection[Mapping[str, Any]]
    elsewhere: Collection[Any]
    recognitions: Collection[Recognition]


def _enrollments(account: Account, person: UUID | None, enrollment: UUID | None) -> list[Enrollment]:
    if person is not None and person not in account.active_mandates:
        raise NotFound(_("没有找到该参保人，请先绑定。"), attr="person")
    enrollments = enrollments_of(persons=[person] if person else list(account.active_mandates))
    if enrollment is None:
        return enrollments
    group = next((_group(enrolled) for enrolled in enrollments if enrolled.pk == enrollment), None)
    if group is None:
        raise no_enrollment()
    return [enrolled for enrolled in enrollments if _group(enrolled) == group]


def _group(row: Enrollment | InsuranceYear) -> Group:
    return (row.person_id, row.area_id, row.insurance)


def _groups(enrollments: Iterable[Enrollment]) -> dict[Group, list[Enrollment]]:
    groups: dict[Group, list[Enrollment]] = {}
    for enrolled in enrollments:
        groups.setdefault(_group(enrolled), []).append(enrolled)
    return groups


def _of_group(group: list[Enrollment], gathered: _Gathered, on: date) -> list[Year]:
    """The years of one insurance: those with entries, and the running one of somebody who is insured today."""
    rows = {row.starts_on: row for row in gathered.rows if _group(row) == _group(group[0])}
    policy = in_force(group[0].area_id, on)
    running = starts_on(policy.file.year_starts if policy else "01-01", on)
    insured = any(enrolled.status_on(on) == "active" for enrolled in group)
    starts = {*rows, *([running] if insured else [])}
    return [_year(group, gathered, rows.get(start), start, on, running) for start in sorted(starts, reverse=True)]


def _year(
    group: list[Enrollment], gathered: _Gathered, row: InsuranceYear | None, start: date, today: date, running: date
) -> Year:
    ends = start.replace(year=start.year + 1) - timedelta(days=1)
    on = today if start == running else min(ends, today)
    ids = {enrolled.pk for enrolled in group} if start == running else set()
    pk = row.pk if row else None
    recognitions = (one for one in gathered.recognitions if one.enrollment_id in ids)
    return Year(
        enrollment=next((enrolled for enrolled in group if enrolled.status_on(on) == "active"), group[0]),
        starts_on=start,
        ends_on=ends,
        on=on,
        current=start == running,
        row=row,
        policy=in_force(group[0].area_id, on),
        counters=tuple(counter for counter in gathered.counters if counter.year_id == pk),
        settled=tuple(settled for settled in gathered.settled if settled["year"] == pk),
        lives_elsewhere=not ids.isdisjoint(gathered.elsewhere),
        diseases={recognition.disease_id: recognition.disease.name for recognition in recognitions},
    )


# As `GET settlement-years/` answers

CARES: tuple[Care, ...] = ("inpatient", "outpatient")
NO_POLICY = "没有查到该参保地在这一年的待遇政策，请致电参保地经办机构或12393询问。"


def shown(year: Year) -> InsuranceYearAnswer:
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
