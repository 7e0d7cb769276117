"""The insurance years of the persons an account may act for, gathered with six queries however many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.http import no_enrollment
from accounts.models import Account, Enrollment
from accounts.models.persons import enrollments_of
from chronic.models import Recognition
from chronic.standing import recognised
from core import clock
from core.errors import NotFound
from filings.models import long_term_filings
from policies.published import Published, in_force
from settlements.accumulators import starts_on
from settlements.models import InsuranceYear, YearCounter
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
