"""The insurance years of the persons an account may act for, gathered with six queries however many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from accounts.http import no_enrollment
from accounts.models import Account, Enrollment
from chronic.models import Recognition
from chronic.standing import recognised
from core import clock
from core.errors import NotFound
from core.prepared import Param, PreparedQuery
from filings.models import COUNTED as FILED
from filings.models import LONG_TERM, Filing
from policies.published import Published, in_force
from settlements.accumulators import starts_on
from settlements.models import InsuranceYear, Settlement, Status, YearCounter

SUMS = ("total", "fund", "own", "account", "cash")
Group = tuple[UUID, str, str]
"""Whose insurance year it is: person, area, insurance. An enrolment that was taken up anew goes on in it."""

ENROLLMENTS = PreparedQuery[Enrollment](
    lambda: (
        Enrollment.objects.filter(person__any=Param("persons")).select_related("person", "area").order_by("-valid_from")
    )
)
YEARS = PreparedQuery[InsuranceYear](
    lambda: InsuranceYear.objects.filter(person__any=Param("persons")).order_by("-starts_on", "id")
)
COUNTERS = PreparedQuery[YearCounter](
    lambda: YearCounter.objects.filter(year__any=Param("years")).order_by("counter", "disease", "month")
)
LIVED = PreparedQuery[Filing](
    lambda: (
        Filing.objects.filter(enrollment__any=Param("enrollments"), type__in=LONG_TERM, status__in=FILED)
        .filter(valid_from__lte=Param("on"))
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gte=Param("on")))
        .order_by()
        .only("enrollment_id")
    )
)


def _settled() -> Any:
    """What was settled in some years, by what the next visit's figures may ask for; sums are net of reversals."""
    standing = Q(status=Status.SETTLED)
    rows = Settlement.objects.filter(year__any=Param("years")).order_by()
    return rows.values("year", "care", "level", "travel").annotate(
        bills=Count("pk", filter=standing),
        latest=Max("ordinal", filter=standing),
        **{f"net_{name}": Sum(name) for name in SUMS},
    )


SETTLED = PreparedQuery[Any](_settled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """An insurance year of an enrolment; `row` is None before its first bill. `on`: the day whose policy counts.

    `settled`: what was settled by care, level and travel (`_settled`). `lives_elsewhere`: a long-term filing counts on the day.
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
        return sum(each["bills"] for each in self.settled)

    def sum(self, name: str) -> Decimal:
        """A sum over all entries of the year."""
        return sum((each[f"net_{name}"] for each in self.settled), Decimal(0))

    def last_travel(self, care: str) -> str | None:
        """As what the latest bill of a kind of care was settled."""
        found = [each for each in self.settled if each["care"] == care and each["latest"] is not None]
        return max(found, key=lambda each: each["latest"])["travel"] if found else None

    def admissions(self) -> dict[int | None, int]:
        """How many admissions of the year stand, by the level of the hospital."""
        found: dict[int | None, int] = {}
        for each in self.settled:
            if each["care"] == "inpatient":
                found[each["level"]] = found.get(each["level"], 0) + each["bills"]
        return found


def years(account: Account, *, person: UUID | None, enrollment: UUID | None, starting: date | None) -> list[Year]:
    """The insurance years of everybody the account may act for, or of one person or enrolment; the newest first.

    Raises NotFound: neither the person nor the enrolment of anybody the account may act for.
    """
    enrolled = _enrollments(account, person, enrollment)
    on = clock.today()
    ids = [each.pk for each in enrolled]
    rows = YEARS(persons=list({each.person_id for each in enrolled})) if enrolled else []
    known = _Known(
        rows=rows,
        counters=COUNTERS(years=[row.pk for row in rows]),
        settled=SETTLED(years=[row.pk for row in rows]),
        elsewhere={filing.enrollment_id for filing in LIVED(enrollments=ids, on=on)},
        recognitions=recognised(ids, on),
    )
    found = [year for group in _groups(enrolled).values() for year in _of_group(group, known, on)]
    return [year for year in found if starting in (None, year.starts_on)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """All rows of all years asked for."""

    rows: Collection[InsuranceYear]
    counters: Collection[YearCounter]
    settled: Collection[Mapping[str, Any]]
    elsewhere: Collection[Any]
    recognitions: Collection[Recognition]


def _enrollments(account: Account, person: UUID | None, enrollment: UUID | None) -> list[Enrollment]:
    if person is not None and person not in account.reached:
        raise NotFound(_("没有找到该参保人，请先绑定。"), attr="person")
    found = ENROLLMENTS(persons=[person] if person else list(account.reached))
    if enrollment is None:
        return found
    group = next((_group(each) for each in found if each.pk == enrollment), None)
    if group is None:
        raise no_enrollment()
    return [each for each in found if _group(each) == group]


def _group(of: Enrollment | InsuranceYear) -> Group:
    return (of.person_id, of.area_id, of.insurance)


def _groups(enrolled: Iterable[Enrollment]) -> dict[Group, list[Enrollment]]:
    groups: dict[Group, list[Enrollment]] = {}
    for each in enrolled:
        groups.setdefault(_group(each), []).append(each)
    return groups


def _of_group(group: list[Enrollment], known: _Known, on: date) -> list[Year]:
    """The years of one insurance: those with entries, and the running one of somebody who is insured today."""
    rows = {row.starts_on: row for row in known.rows if _group(row) == _group(group[0])}
    policy = in_force(group[0].area_id, on)
    running = starts_on(policy.file.year_starts if policy else "01-01", on)
    insured = any(each.status_on(on) == "active" for each in group)
    starts = {*rows, *([running] if insured else [])}
    return [_year(group, known, rows.get(start), start, on, running) for start in sorted(starts, reverse=True)]


def _year(
    group: list[Enrollment], known: _Known, row: InsuranceYear | None, start: date, today: date, running: date
) -> Year:
    ends = start.replace(year=start.year + 1) - timedelta(days=1)
    on = today if start == running else min(ends, today)
    ids = {each.pk for each in group} if start == running else set()
    pk = row.pk if row else None
    recognitions = (each for each in known.recognitions if each.enrollment_id in ids)
    return Year(
        enrollment=next((each for each in group if each.status_on(on) == "active"), group[0]),
        starts_on=start,
        ends_on=ends,
        on=on,
        current=start == running,
        row=row,
        policy=in_force(group[0].area_id, on),
        counters=tuple(each for each in known.counters if each.year_id == pk),
        settled=tuple(each for each in known.settled if each["year"] == pk),
        lives_elsewhere=not ids.isdisjoint(known.elsewhere),
        diseases={each.disease_id: each.disease.name for each in recognitions},
    )
