"""The seed of the working calendar against two packages that know it from the same notices."""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from regions import reference

YEARS = {row.year: row for row in reference.calendar_years()}
DAYS = {row.date: row for row in reference.calendar_days()}
ANNOUNCED = [year for year, row in YEARS.items() if row.announced]
PROVISIONAL = [year for year, row in YEARS.items() if not row.announced]


def days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def is_workday(day: date) -> bool:
    return DAYS[day].is_workday if day in DAYS else day.weekday() < 5


def test_the_years():
    assert ANNOUNCED == [2020, 2021, 2022, 2023, 2024, 2025, 2026]
    assert PROVISIONAL == [2027, 2028, 2029, 2030]
    assert {day.year for day in DAYS} == set(YEARS)


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_announced_day_equals_both_packages(year):
    other = holidays.country_holidays("CN", years=year)

    for day in days_of(year):
        assert is_workday(day) == chinese_calendar.is_workday(day) == other.is_working_day(day), day


@pytest.mark.parametrize("year", PROVISIONAL)
def test_provisional_days_off_are_the_statutory_holidays(year):
    statutory = holidays.country_holidays("CN", years=year, observed=False)

    for day in days_of(year):
        assert is_workday(day) == (day.weekday() < 5 and day not in statutory), day

    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(year, 6, 1))  # once it answers, the year is announced: put it in


def test_a_row_says_only_what_the_weekday_does_not():
    for day, row in DAYS.items():
        assert row.is_workday != (day.weekday() < 5)
        assert row.name
        assert row.source.startswith("国办发明电" if day.year in ANNOUNCED else "国务院令第795号")


def test_known_days_of_2026():
    # 国办发明电〔2025〕7号: 国庆 1–7 October off, Sunday 20 September and Saturday 10 October worked.
    assert [is_workday(date(2026, 10, day)) for day in range(1, 12)] == [False] * 7 + [True, True, True, False]
    assert is_workday(date(2026, 9, 20))
    assert DAYS[date(2026, 9, 20)].name == "国庆节调休上班"
    assert not is_workday(date(2026, 2, 23))
