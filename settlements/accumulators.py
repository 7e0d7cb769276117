"""The year so far, as the engine is handed it, and how an entry moves it (POLICY.md §2, "Year-to-date").

Whoever writes locks the row of the year; its counters are only read and written under that lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection

from accounts.models import Enrollment
from accounts.services.uniting import merged_meanwhile
from core import bulk
from core.ids import new_id
from core.postgresql.base import Kept
from policies.language.examples import YearKey
from settlements.models import COUNTED, FUNDS, InsuranceYear, YearCounter
from settlements.models.entries import levels_of_stays
from settlements.models.years import counters_at, counters_of_months, insurance_years

ZERO = Decimal(0)
OF_YEAR = ("burden", *FUNDS)


@dataclass(frozen=True, slots=True)
class Place:
    """Which counters an entry counts in: the benefit's, in its month, and for chronic care the disease's own."""

    counter: str
    disease: str
    month: int

    @classmethod
    def of(cls, counter: str, care: str, disease: str, stay_on: date) -> Place:
        return cls(counter, disease if care == "chronic" else "", stay_on.month)

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """Counter, disease and month of every row an entry moves."""
        named = [(self.counter, ""), *([("", self.disease)] if self.disease else [])]
        return [(counter, disease, month) for counter, disease in named for month in (0, self.month)]


def starts_on(year_starts: str, day: date) -> date:
    """The first day of the insurance year that a day lies in; `year_starts` is POLICY.md's "MM-DD"."""
    month, first = map(int, year_starts.split("-"))
    start = date(day.year, month, first)
    return start if start <= day else date(day.year - 1, month, first)


def year_of(insured: Enrollment, starts_on: date, *, lock: bool) -> InsuranceYear | None:
    """The year of an enrolment that begins on a day; None: nothing was settled in it yet.

    With `lock` it is locked until the transaction ends, and made where this is the first bill: one statement, in which of
    rivals that make the row the later waits, and then holds the row of the first. Raises WrongState `person_stands`.
    """
    person, area, insurance = insured.person_id, insured.area_id, insured.insurance
    if not lock:
        return insurance_years.first(person=person, area=area, insurance=insurance, starts_on=starts_on)
    try:
        with connection.cursor() as cursor:
            cursor.execute(MAKE_AND_LOCK, [new_id(), person, area, insurance, starts_on])
            return InsuranceYear.from_db(DEFAULT_DB_ALIAS, _COLUMNS, cursor.fetchone())
    except IntegrityError as error:
        raise merged_meanwhile(error) from error


_COLUMNS = [column.attname for column in InsuranceYear._meta.concrete_fields]
MAKE_AND_LOCK = Kept(f"""
INSERT INTO settlements_insuranceyear AS y (id, person_id, area_id, insurance, starts_on, entries, burden, large_amount,
  serious_illness, assistance, civil_servant, enterprise)
VALUES (%s, %s, %s, %s, %s, 0, 0, 0, 0, 0, 0, 0)
ON CONFLICT (person_id, area_id, insurance, starts_on) DO UPDATE SET entries = y.entries
RETURNING {", ".join(f"y.{name}" for name in _COLUMNS)}""")  # noqa: S608


def admissions(year: InsuranceYear | None, level: int | None) -> tuple[int, int]:
    """Which admission of the year the next one is, and which at this level; reversed ones do not count."""
    levels = levels_of_stays(year=year.pk) if year and year.entries else []
    return len(levels) + 1, sum(each == level for each in levels) + 1


def counters(year: InsuranceYear | None, place: Place) -> list[YearCounter]:
    """The counters of a year that an entry there would move; those that never were moved are missing."""
    if year is None or not year.entries:
        return []
    names, diseases, months = (sorted(set(column)) for column in zip(*place.rows, strict=True))
    rows = counters_at(year=year.pk, counters=names, diseases=diseases, months=months)
    return [row for row in rows if (row.counter, row.disease, row.month) in place.rows]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the records say of a year as it stands, for a bill of `month`: read without a lock, in three queries."""

    year: InsuranceYear | None
    rows: list[YearCounter]
    month: int

    @classmethod
    def of(cls, enrollment: Enrollment, start: date, month: int) -> Recorded:
        year = year_of(enrollment, start, lock=False)
        rows = counters_of_months(year=year.pk, months=[0, month]) if year and year.entries else []
        return cls(year, rows, month)

    def so_far(self, counter: str, disease: str) -> dict[YearKey, Decimal]:
        """What the engine is handed; `disease` is that of chronic care."""
        return so_far(self.year, self.rows, Place(counter, disease, self.month))


def so_far(
    year: InsuranceYear | None, rows: Iterable[YearCounter], place: Place, *, linked: Decimal = ZERO
) -> dict[YearKey, Decimal]:
    """What the engine is handed of the year; sums of zero are left out."""
    by_place = {(row.counter, row.disease, row.month): row for row in rows}

    def of(name: str, counter: str, disease: str, month: int) -> Decimal:
        row = by_place.get((counter, disease, month))
        return getattr(row, name) if row else ZERO

    own = ("", place.disease) if place.disease else (place.counter, "")
    sums: dict[YearKey, Decimal] = {
        **{name: of(name, place.counter, "", 0) for name in COUNTED},  # type: ignore[misc]
        **{name: getattr(year, name) if year else ZERO for name in OF_YEAR},  # type: ignore[misc]
        "month_scope": of("scope", *own, place.month),
        "month_deductible": of("deductible", place.counter, "", place.month),
        "month_pooled": of("pooled", *own, place.month),
        "linked_deductible": linked,
    }
    if place.disease:
        sums["chronic_scope"] = of("scope", "", place.disease, 0)
        sums["chronic_pooled"] = of("pooled", "", place.disease, 0)
    return {name: amount for name, amount in sums.items() if amount}


def moved(
    year: InsuranceYear, rows: Iterable[YearCounter], place: Place, amounts: Mapping[str, Decimal]
) -> list[bulk.Write]:
    """Add an entry's amounts (negative for a reversal) to a locked year and its counters, and count it; what is to be written of that."""
    by_place = {(row.counter, row.disease, row.month): row for row in rows}
    counted = [
        by_place.get(key) or YearCounter(year=year, counter=key[0], disease=key[1], month=key[2]) for key in place.rows
    ]
    for row in counted:
        for name in COUNTED:
            setattr(row, name, getattr(row, name) + amounts["eligible" if name == "scope" else name])
    year.entries += 1
    for name in OF_YEAR:
        setattr(year, name, getattr(year, name) + amounts[name])
    counters = bulk.upserting(counted, key=("year", "counter", "disease", "month"), names=COUNTED)
    return [counters, *bulk.updating([year], ["entries", *OF_YEAR])]
