"""The reference data files (`regions/data/*.csv`), read into typed rows. Pure: no database, no Django."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class AreaRow:
    code: str
    name: str
    level: str
    parent: str
    pools_at: str
    local_to: list[str]
    source: str


@dataclass(frozen=True)
class CountyRow:
    code: str
    name: str
    parent: str
    pool: str


@dataclass(frozen=True)
class AgencyRow:
    area: str
    name: str
    address: str
    phone: str
    demo: bool


@dataclass(frozen=True)
class InstitutionRow:
    code: str
    name: str
    area: str
    grade: str
    level: int
    sub_class: str
    specialty: str
    issues_referrals: bool
    inpatient: bool
    outpatient: bool
    chronic: list[str]
    address: str
    phone: str
    invented: bool


@dataclass(frozen=True)
class DiseaseRow:
    code: str
    name: str
    since: int


@dataclass(frozen=True)
class YearRow:
    year: int
    announced: bool
    source: str


@dataclass(frozen=True)
class DayRow:
    date: date
    is_workday: bool
    name: str
    source: str


def areas() -> list[AreaRow]:
    """Return every area, a parent always before its children."""
    rows = [
        AreaRow(
            row["code"],
            row["name"],
            row["level"],
            row["parent"],
            row["pools_at"],
            row["local_to"].split(),
            row["source"],
        )
        for row in _rows("areas")
    ]
    return sorted(rows, key=lambda row: bool(row.parent))


def counties() -> list[CountyRow]:
    return [CountyRow(**row) for row in _rows("counties")]


def agencies() -> list[AgencyRow]:
    return [
        AgencyRow(row["area"], row["name"], row["address"], row["phone"], _flag(row["demo"]))
        for row in _rows("agencies")
    ]


def institutions() -> list[InstitutionRow]:
    return [_institution(row) for row in _rows("institutions")]


def _institution(row: dict[str, str]) -> InstitutionRow:
    return InstitutionRow(
        code=row["code"],
        name=row["name"],
        area=row["area"],
        grade=row["grade"],
        level=int(row["level"]),
        sub_class=row["class"],
        specialty=row["specialty"],
        issues_referrals=_flag(row["issues_referrals"]),
        inpatient=_flag(row["inpatient"]),
        outpatient=_flag(row["outpatient"]),
        chronic=row["chronic"].split(),
        address=row["address"],
        phone=row["phone"],
        invented=_flag(row["invented"]),
    )


def diseases() -> list[DiseaseRow]:
    return [DiseaseRow(row["code"], row["name"], int(row["since"])) for row in _rows("diseases")]


def calendar_years() -> list[YearRow]:
    """Return the years of the working calendar; `source` is the notice and where it was published."""
    return [
        YearRow(int(row["year"]), row["status"] == "announced", f"{row['source']} {row['url']}")
        for row in _rows("calendar_years")
    ]


def calendar_days() -> list[DayRow]:
    """Return the days that differ from their weekday."""
    return [
        DayRow(date.fromisoformat(row["date"]), _flag(row["is_workday"]), row["name"], row["source"])
        for row in _rows("calendar")
    ]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text]
