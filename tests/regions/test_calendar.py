"""The calendar of the database: every process sees a change at once, and what follows from it is done, once and for all."""

import threading
from datetime import date, datetime

import pytest
from django.db import OperationalError, connection, transaction

from core import hooks
from core.clock import SHANGHAI
from regions import calendar, reference
from regions.models import Area, CalendarDay, CalendarVersion, CalendarYear, ClosedDay

MONDAY = datetime(2026, 11, 16, 9, tzinfo=SHANGHAI)
TUESDAY = date(2026, 11, 17)


def due():
    return calendar.due(MONDAY, 2, "500000").at.strftime("%m-%d")


@pytest.fixture
def announced(db):
    CalendarYear.objects.create(year=2026, announced=True)
    return Area.objects.create(code="500000", name="重庆市", level="province", pools_at="province")


def test_the_database_holds_the_calendar_of_the_reference_data(db):
    CalendarYear.objects.bulk_create(CalendarYear(**vars(row)) for row in reference.calendar_years())
    CalendarDay.objects.bulk_create(CalendarDay(**vars(row)) for row in reference.calendar_days())

    loaded = calendar.current()

    assert loaded.announced == {2020, 2021, 2022, 2023, 2024, 2025, 2026}
    assert loaded.days == {row.date: row.is_workday for row in reference.calendar_days()}
    assert loaded.closed == frozenset()


def test_every_kind_of_change_counts_at_once(announced):
    assert due() == "11-18"

    closed = ClosedDay.objects.create(area=announced, date=TUESDAY, reason="系统升级")
    assert due() == "11-19"

    ClosedDay.objects.filter(pk=closed.pk).update(date=date(2026, 11, 18))

    assert due() == "11-19"

    closed.delete()

    assert due() == "11-18"

    CalendarDay.objects.bulk_create([CalendarDay(date=TUESDAY, is_workday=False)])

    assert due() == "11-19"

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM regions_calendarday")

    assert due() == "11-18"


def test_a_change_that_is_rolled_back_never_was(announced):
    with transaction.atomic():
        ClosedDay.objects.create(area=announced, date=TUESDAY, reason="系统升级")
        assert due() == "11-19"
        transaction.set_rollback(True)

    assert due() == "11-18"


def test_an_unannounced_year_makes_deadlines_provisional(announced):
    assert calendar.due(MONDAY, 2).provisional is False

    CalendarYear.objects.update(announced=False)

    assert calendar.due(MONDAY, 2).provisional is True
    assert calendar.is_provisional(TUESDAY)


def test_asking_costs_one_query_and_no_more(announced, django_assert_num_queries):
    due()

    with django_assert_num_queries(1):
        due()
    with django_assert_num_queries(1):
        assert calendar.is_workday(TUESDAY)
    CalendarYear.objects.update(announced=False)

    with django_assert_num_queries(4):
        due()
    with django_assert_num_queries(1):
        due()


def test_an_empty_calendar_is_all_weekdays_and_provisional(db):
    assert CalendarVersion.objects.count() == 0
    assert calendar.due(MONDAY, 2) == calendar.Due(datetime(2026, 11, 18, 17, tzinfo=SHANGHAI), provisional=True)


def test_what_follows_a_change_is_done_after_the_commit(announced, follow, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ClosedDay.objects.create(area=announced, date=TUESDAY, reason="系统升级")
        calendar.changed()
        calendar.changed()
        assert follow == []

    assert follow == ["recomputed"]


def test_what_nobody_reported_is_found_by_the_sweep_and_done_once(announced, follow):
    assert calendar.recompute_deadlines() is True
    assert calendar.recompute_deadlines() is False

    CalendarYear.objects.update(announced=False)

    assert calendar.recompute_deadlines() is True
    assert calendar.recompute_deadlines() is False
    assert follow == ["recomputed", "recomputed"]


def test_a_failure_to_follow_is_made_up_for(announced, monkeypatch):
    def fail():
        raise RuntimeError("killed")

    monkeypatch.setitem(hooks.followers, calendar.calendar_changed.name, [fail])

    with pytest.raises(RuntimeError, match="killed"):
        calendar.recompute_deadlines()
    done = []

    monkeypatch.setitem(hooks.followers, calendar.calendar_changed.name, [lambda: done.append(True)])

    assert calendar.recompute_deadlines() is True
    assert done == [True]


def test_a_change_in_the_middle_of_following_is_followed_too(announced, monkeypatch):
    monkeypatch.setitem(
        hooks.followers, calendar.calendar_changed.name, [lambda: CalendarYear.objects.update(announced=False)]
    )

    assert calendar.recompute_deadlines() is True

    monkeypatch.setitem(hooks.followers, calendar.calendar_changed.name, [])

    assert calendar.recompute_deadlines() is True


@transaction.atomic
def announce(announced, patience):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])
    CalendarYear.objects.update(announced=announced)


@pytest.mark.django_db(transaction=True)
def test_a_change_waits_for_a_deadline_that_is_being_stored():
    # given a submission that has computed its deadline and is not committed yet
    CalendarYear.objects.create(year=2026, announced=True)
    computed, finish = threading.Event(), threading.Event()

    def submit():
        with transaction.atomic():
            calendar.due(MONDAY, 2)
            computed.set()
            finish.wait(30)
        connection.close()

    submitting = threading.Thread(target=submit)

    submitting.start()

    assert computed.wait(30)

    # when an administrator changes the calendar
    try:
        with pytest.raises(OperationalError, match="lock timeout"):
            announce(False, patience="50ms")
        # then only reading, and storing another deadline, go on
        assert calendar.current().announced == {2026}
        with transaction.atomic():
            calendar.due(MONDAY, 2)
    finally:
        finish.set()
        submitting.join(30)
    CalendarYear.objects.update(announced=False)

    assert calendar.due(MONDAY, 2).provisional is True


@pytest.mark.django_db(transaction=True)
def test_another_thread_sees_a_change_when_it_is_committed_and_not_before():
    CalendarYear.objects.create(year=2026, announced=True)
    seen = []

    def look():
        seen.append(calendar.is_provisional(TUESDAY))
        connection.close()

    def look_elsewhere():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(30)

    with transaction.atomic():
        CalendarYear.objects.update(announced=False)
        assert calendar.is_provisional(TUESDAY)
        look_elsewhere()

    look_elsewhere()

    assert seen == [False, True]
