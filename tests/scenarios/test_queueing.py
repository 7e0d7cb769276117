"""The queue's run against what follows by hand: constant arrivals and handling, closed hours, deadlines of the announced year."""

from datetime import date, timedelta

import pytest

from regions import reference
from regions.calendar import Calendar
from scenarios.staffing.planning import Office, rank
from scenarios.staffing.queueing import Case, run
from tests.factories import CHONGQING, moment


@pytest.fixture
def office():
    days = {row.date: row.is_workday for row in reference.calendar_days()}
    years = frozenset(row.year for row in reference.calendar_years() if row.announced)
    calendar = Calendar(announced=years, days=days)
    return Office(CHONGQING, calendar, [date(2026, 9, 14) + timedelta(days=number) for number in range(28)])


def cases(first: str, count: int, *, every: int, minutes: int) -> list[Case]:
    start = moment(first)
    at = [start + timedelta(minutes=every * number) for number in range(count)]
    return [Case(one, one + timedelta(days=2), 60 * minutes) for one in at]


def waits(queue) -> list[float]:
    """Minutes from submission to decision, in the order of submission."""
    return [
        (at - case.submitted_at).total_seconds() / 60 for case, at in zip(queue.cases, queue.decided_at, strict=True)
    ]


def test_who_is_as_fast_as_cases_come_keeps_nobody_waiting(office):
    queue = run(cases("2026-09-14 09:00", 40, every=10, minutes=10), [office.spans(moment("2026-09-14 17:00"))])

    assert waits(queue) == [10] * 40
    assert queue.late() == 0


def test_two_minutes_too_slow_add_up_case_by_case(office):
    queue = run(cases("2026-09-14 09:00", 30, every=10, minutes=12), [office.spans(moment("2026-09-14 17:00"))])

    assert waits(queue) == [12 + 2 * number for number in range(30)]


def test_two_reviewers_halve_the_work(office):
    spans = office.spans(moment("2026-09-14 17:00"))

    queue = run(cases("2026-09-14 09:00", 20, every=0, minutes=10), [spans, spans])

    assert waits(queue) == [10 * (number // 2 + 1) for number in range(20)]


def test_backlog_grows_by_what_comes_beyond_the_capacity(office):
    """8 hours of 10 minutes are 48 cases a day; 60 come each morning, so 12 more are left every evening."""
    work = [case for day in range(14, 19) for case in cases(f"2026-09-{day} 08:00", 60, every=0, minutes=10)]

    queue = run(work, [office.spans(moment("2026-09-18 17:00"))])

    assert queue.open_at(office.closings()[:5]) == [12, 24, 36, 48, 60]
    assert queue.decided_at.count(None) == queue.late() == 60


def test_work_stops_at_the_close_and_goes_on_after_the_weekend(office):
    """Half an hour begun on Friday at 16:50 has 20 minutes left."""
    worked = Office(CHONGQING, office.calendar, [date(2026, 9, 11)])

    queue = run(cases("2026-09-11 16:50", 1, every=0, minutes=30), [worked.spans(moment("2026-09-14 17:00"))])

    assert queue.decided_at == [moment("2026-09-14 09:20")]


def test_earliest_deadline_comes_first(office):
    late, soon = moment("2026-09-16 17:00"), moment("2026-09-15 17:00")
    night = moment("2026-09-13 22:00")

    queue = run([Case(night, late, 600), Case(night, soon, 600)], [office.spans(moment("2026-09-14 17:00"))])

    assert queue.decided_at == [moment("2026-09-14 09:20"), moment("2026-09-14 09:10")]


def test_decision_at_the_deadline_is_in_time_and_a_second_after_it_is_late(office):
    start, due = moment("2026-09-14 09:00"), moment("2026-09-14 10:00")
    spans = office.spans(moment("2026-09-14 17:00"))

    exact, over = (run([Case(start, due, seconds)], [spans]) for seconds in (3600, 3601))

    assert (exact.late(), over.late()) == (0, 1)


def test_nothing_to_do_is_nothing_late(office):
    queue = run([], [office.spans(moment("2026-09-14 17:00"))])

    assert (queue.late(), queue.hours(), queue.open_at(office.closings()[:2])) == (0, [], [0, 0])


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-09-11", "2026-09-15 17:00"),  # Friday afternoon: Monday, Tuesday
        ("2026-09-30", "2026-10-09 17:00"),  # before 国庆节 (1 to 7 October): Thursday, Friday
        ("2026-10-03", "2026-10-09 17:00"),  # in the holiday: the same
        ("2026-09-18", "2026-09-21 17:00"),  # the Sunday 20 September is worked (调休): Sunday, Monday
    ],
)
def test_deadlines_are_those_of_the_queue(office, submitted, due):
    assert office.due(date.fromisoformat(submitted)) == moment(due)


def test_long_holidays_of_2026_are_found(office):
    """25 to 27 September (中秋节 and its weekend) and 1 to 7 October; ordinary weekends are not holidays."""
    found = [(str(office.days[first]), str(office.days[reopening])) for first, reopening in office.holidays()]

    assert found == [("2026-09-25", "2026-09-28"), ("2026-10-01", "2026-10-08")]


def test_rank_is_the_nearest():
    assert [rank([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], percent) for percent in (5, 50, 90, 95)] == [1, 5, 9, 10]
    assert rank([], 50) == 0
