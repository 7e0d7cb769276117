"""The deadline of a review against a calculation of its own, for every day of every announced year.

The calculation here walks day by day through the packages `chinesecalendar` and `holidays`; the one under test knows the
project's own calendar data. 民法典 art. 201 and 203; RULES.md S-07 (two working days).
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions import reference
from regions.calendar import Calendar, deadline

SHANGHAI = ZoneInfo("Asia/Shanghai")
ANNOUNCED = [row.year for row in reference.calendar_years() if row.announced]
STATUTORY = holidays.country_holidays("CN", years=range(2027, 2031), observed=False)
CALENDAR = Calendar(
    announced=frozenset(ANNOUNCED), days={row.date: row.is_workday for row in reference.calendar_days()}
)


def works(day):
    """Independent of the project: the packages, and for years they do not know, weekdays without statutory holidays."""
    if day.year in ANNOUNCED:
        return chinese_calendar.is_workday(day)
    return day.weekday() < 5 and day not in STATUTORY


def expected(day, working_days):
    """Walk on from the day after `day` until enough working days have passed; five in the afternoon of the last."""
    counted = 0
    while counted < working_days:
        day = day + timedelta(days=1)
        if works(day):
            counted += 1
    return f"{day.isoformat()}T17:00:00+08:00"


def shanghai(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_day_of_every_announced_year(year):
    day = date(year, 1, 1)
    seen = 0

    while day.year == year:
        for working_days in (1, 2, 10):
            for moment in (time(0, 0), time(9, 30), time(17, 0), time(17, 0, 1), time(23, 59, 59)):
                submitted = datetime.combine(day, moment, SHANGHAI)
                due = CALENDAR.due(submitted, working_days)
                assert due.at.isoformat() == expected(day, working_days), submitted
        day += timedelta(days=1)
        seen += 1

    assert seen == (366 if year % 4 == 0 else 365)


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        # Friday before a worked Sunday (国办发明电〔2025〕7号: Sunday 20 September 2026 is worked for National Day).
        (datetime(2026, 9, 18, 15, tzinfo=SHANGHAI), "2026-09-21T17:00:00+08:00"),
        # The eve of National Day 2026: 1–7 October off, Thursday 8 and Friday 9 worked.
        (datetime(2026, 9, 30, 9, tzinfo=SHANGHAI), "2026-10-09T17:00:00+08:00"),
        # The same eve in 2025: 1–8 October off, Thursday 9 and Friday 10 worked.
        (datetime(2025, 9, 30, 23, 59, tzinfo=SHANGHAI), "2025-10-10T17:00:00+08:00"),
        # An ordinary Monday morning.
        (datetime(2026, 11, 16, 8, tzinfo=SHANGHAI), "2026-11-18T17:00:00+08:00"),
        # 16:30 UTC is half past midnight of the next day in Shanghai: that day does not count.
        (datetime(2026, 11, 16, 16, 30, tzinfo=UTC), "2026-11-19T17:00:00+08:00"),
    ],
)
def test_known_days(submitted, due):
    assert CALENDAR.due(submitted, 2).at.isoformat() == due
    assert CALENDAR.due(submitted, 2).provisional is False


def test_30_december_crosses_into_a_year_not_announced():
    # 2026-12-30 is a Wednesday: Thursday 31 counts, 1 January is a holiday, Monday 4 January is the second working day.
    due = CALENDAR.due(shanghai(date(2026, 12, 30), 10), 2)

    assert due.at.isoformat() == "2027-01-04T17:00:00+08:00"
    assert due.provisional is True


def test_29_december_stays_within_the_announced_year():
    due = CALENDAR.due(shanghai(date(2026, 12, 29), 10), 2)

    assert (due.at.isoformat(), due.provisional) == ("2026-12-31T17:00:00+08:00", False)


def test_a_year_between_announced_ones_makes_the_way_provisional():
    gap = Calendar(announced=frozenset({2025, 2027}))

    assert gap.due(shanghai(date(2025, 12, 31), 10), 300).provisional is True


def test_a_day_submitted_in_an_unannounced_year_does_not_count_itself():
    known = Calendar(announced=frozenset({2027}))

    assert known.due(shanghai(date(2026, 12, 31), 10), 2).provisional is False


def test_an_areas_closed_days_count_for_that_area_only():
    closed = Calendar(
        announced=CALENDAR.announced, days=CALENDAR.days, closed=frozenset({("500000", date(2026, 11, 17))})
    )

    monday = shanghai(date(2026, 11, 16), 8)

    assert closed.due(monday, 2, "500000").at.isoformat() == "2026-11-19T17:00:00+08:00"
    assert closed.due(monday, 2, "510100").at.isoformat() == "2026-11-18T17:00:00+08:00"
    assert closed.due(monday, 2).at.isoformat() == "2026-11-18T17:00:00+08:00"


def test_an_area_may_be_closed_on_a_worked_weekend_day():
    closed = Calendar(
        announced=CALENDAR.announced, days=CALENDAR.days, closed=frozenset({("500000", date(2026, 9, 20))})
    )

    assert not closed.is_workday(date(2026, 9, 20), "500000")
    assert closed.is_workday(date(2026, 9, 20))


@pytest.mark.parametrize("day", [date(2035, 1, 1), date(2035, 5, 1), date(2035, 5, 2), date(2035, 10, 1)])
def test_a_year_without_any_data_keeps_the_fixed_holidays(day):
    assert day.weekday() < 5  # else the test would show nothing
    assert CALENDAR.is_provisional(day)
    assert not CALENDAR.is_workday(day)
    assert CALENDAR.is_workday(date(2035, 6, 1))


def test_an_area_may_close_earlier():
    due = CALENDAR.due(shanghai(date(2026, 11, 16), 8), 2, close=time(16, 30))

    assert due.at.isoformat() == "2026-11-18T16:30:00+08:00"


@given(st.dates(date(2020, 1, 1), date(2026, 11, 30)), st.times(), st.integers(1, 15), st.integers(-12, 14))
def test_the_deadline_depends_on_the_day_in_shanghai_alone(day, moment, working_days, offset):
    elsewhere = datetime.combine(day, moment, SHANGHAI).astimezone(timezone(timedelta(hours=offset)))

    result = deadline(elsewhere, working_days, CALENDAR.is_workday)

    assert result.isoformat() == expected(day, working_days)


@pytest.mark.parametrize(
    ("moment", "days"),
    [(shanghai(date(2026, 11, 16), 8).replace(tzinfo=None), 2), (shanghai(date(2026, 11, 16), 8), 0)],
)
def test_what_cannot_be_counted_is_refused(moment, days):
    with pytest.raises(ValueError, match="deadline"):
        deadline(moment, days, CALENDAR.is_workday)
