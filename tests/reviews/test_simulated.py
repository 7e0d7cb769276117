"""The simulated reviewer's moment: reproducible, in office hours, within its time, whatever the case."""

import uuid
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SHANGHAI
from regions import calendar, reference
from regions.calendar import Calendar
from reviews.locking import simulated_moment
from reviews.models import Submission
from reviews.queue import simulated_reviewer
from tests.factories import moment

CLOSED = moment("2026-11-05 00:00").date()
SHIPPED = Calendar(
    announced=frozenset(row.year for row in reference.calendar_years() if row.announced),
    days={row.date: row.is_workday for row in reference.calendar_days()},
    closed=frozenset({("500000", CLOSED)}),
)


@pytest.fixture(scope="module", autouse=True)
def _shipped_calendar():
    """The project's calendar with one closed day of Chongqing's, without a database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calendar, "current", lambda: SHIPPED)
        yield


def case(started, *, days=2, key=None, close=time(17), area="500000", round_=1, stage=1):
    due = SHIPPED.due(started, days, area, close)
    return Submission(
        pk=key or uuid.uuid4(), area_id=area, round=round_, stage=stage, stage_started_at=started, due_at=due.at
    )


moments = st.datetimes(
    datetime(2025, 1, 1), datetime(2026, 12, 20), timezones=st.just(SHANGHAI)  # noqa: DTZ001 - the zone comes beside
)  # fmt: skip


@given(
    started=moments, days=st.integers(1, 30), key=st.uuids(), close=st.sampled_from([time(16, 30), time(17), time(18)])
)
def test_always_within_its_time_and_office_hours(started, days, key, close):
    submission = case(started, days=days, key=key, close=close)

    drawn = simulated_moment(submission).astimezone(SHANGHAI)

    assert started <= drawn < submission.due_at
    assert SHIPPED.is_workday(drawn.date(), "500000")
    assert time(9) <= drawn.time() <= close
    assert simulated_moment(submission) == drawn


@given(st.uuids())
def test_another_round_and_another_stage_draw_another_moment(key):
    started = moment("2026-03-02 10:00")

    drawn = {simulated_moment(case(started, key=key, days=20, round_=r, stage=s)) for r in (1, 2) for s in (1, 2)}

    assert len(drawn) == 4


def test_moments_spread_over_the_whole_time():
    """Two hundred cases of Monday at ten: 7 hours of Monday, 8 of Tuesday, 8 of Wednesday but for a minute."""
    keys = [uuid.UUID(int=number) for number in range(1, 201)]
    started = moment("2026-03-02 10:00")
    days = [simulated_moment(case(started, key=key)).astimezone(SHANGHAI).date().day for key in keys]

    shares = {day: days.count(day) / len(days) for day in (2, 3, 4)}

    assert sum(shares.values()) == 1
    for day, hours in ((2, 7), (3, 8), (4, 8)):
        assert abs(shares[day] - hours / 23) < 0.1


def test_nobody_works_on_a_closed_day():
    """Wednesday, 4 November, after hours; the area is closed on the 5th: Friday and Monday are left."""
    keys = [uuid.UUID(int=number) for number in range(1, 101)]

    drawn = {simulated_moment(case(moment("2026-11-04 18:00"), key=key)).astimezone(SHANGHAI).date() for key in keys}

    assert drawn == {moment("2026-11-06 00:00").date(), moment("2026-11-09 00:00").date()}


def test_without_a_working_hour_left_it_is_a_minute_before_the_end():
    """Not reachable through a deadline of working days; a calendar changed behind a stored deadline could lead here."""
    due = moment("2026-11-08 17:00")  # a Sunday

    submission = Submission(pk=uuid.uuid4(), area_id="500000", stage_started_at=moment("2026-11-07 10:00"), due_at=due)

    assert simulated_moment(submission) == due - timedelta(minutes=1)


@pytest.mark.django_db
def test_one_account_a_stage_that_nobody_signs_in_as():
    first, again, second = simulated_reviewer(1), simulated_reviewer(1), simulated_reviewer(2)

    assert first == again != second
    assert not first.is_staff
    assert not first.check_password("")
    assert first.role == "simulated"
