"""Brings the database to what the reference data files say (`manage.py load_reference`)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from core.bulk import put
from core.text import spell
from regions import calendar, reference
from regions.models import Agency, Area, CalendarDay, CalendarYear, County, Disease, Institution


def load_reference() -> dict[str, int]:
    """Insert or update the reference rows that differ, in one transaction; returns how many of each kind did.

    Rows that the files do not name are left alone, and so is a year that an administrator has completed meanwhile.
    """
    with transaction.atomic():
        return {
            "areas": _areas(),
            "diseases": put([Disease(code=row.code, name=row.name, since=row.since) for row in reference.diseases()]),
            "institutions": put([_institution(row) for row in reference.institutions()]),
            "agencies": _agencies(),
            "calendar": _calendar(),
        }


def _areas() -> int:
    """Provinces first: the others name them; the counties last."""
    rows = [_area(row) for row in reference.areas()]
    written = put([row for row in rows if row.parent_id is None]) + put([row for row in rows if row.parent_id])
    return written + put([_county(row) for row in reference.counties()])


def _county(row: reference.CountyRow) -> County:
    return County(code=row.code, name=row.name, parent_id=row.parent, pool_id=row.pool, **spell(row.name)._asdict())


def _area(row: reference.AreaRow) -> Area:
    return Area(
        code=row.code,
        name=row.name,
        level=row.level,
        parent_id=row.parent or None,
        pools_at=row.pools_at,
        local_to=row.local_to,
        source=row.source,
        **spell(row.name)._asdict(),
    )


def _institution(row: reference.InstitutionRow) -> Institution:
    return Institution(
        code=row.code,
        name=row.name,
        area_id=row.area,
        grade=row.grade,
        level=row.level,
        sub_class=row.sub_class,
        specialty=row.specialty,
        issues_referrals=row.issues_referrals,
        inpatient=row.inpatient,
        outpatient=row.outpatient,
        chronic=row.chronic,
        address=row.address,
        phone=row.phone,
        invented_contact=row.invented and bool(row.address or row.phone),
        invented_code=row.invented,
        **spell(row.name)._asdict(),
    )


def _agencies() -> int:
    return sum(
        put_agency(row.area, row.name, address=row.address, phone=row.phone, demo=row.demo)
        for row in reference.agencies()
    )


def put_agency(area: str, name: str, **values: Any) -> bool:
    """Insert or update the agency of this name in an area; returns whether that changed anything."""
    row = Agency.objects.filter(area_id=area, name=name).first() or Agency(area_id=area, name=name)
    if row.pk and all(getattr(row, key) == value for key, value in values.items()):
        return False
    for key, value in values.items():
        setattr(row, key, value)
    row.save()
    return True


def _calendar() -> int:
    """Load the years that the files know at least as well as the database does."""
    stands = dict(CalendarYear.objects.values_list("year", "announced"))
    years = [row for row in reference.calendar_years() if row.announced or not stands.get(row.year)]
    newly = {row.year for row in years if row.announced and stands.get(row.year) is False}
    days = [row for row in reference.calendar_days() if row.date.year in {year.year for year in years}]
    stale = CalendarDay.objects.filter(date__year__in=newly).exclude(date__in=[row.date for row in days])
    removed, _ = stale.delete()
    written = put([CalendarYear(year=row.year, announced=row.announced, source=row.source) for row in years])
    written += put(
        [CalendarDay(date=row.date, is_workday=row.is_workday, name=row.name, source=row.source) for row in days]
    )
    if removed or written:
        calendar.changed()
    return removed + written
