"""Deadlines are computed once and stored; when the calendar changes, the open ones are computed again.

Days by hand from the State Council's announcement for 2026: Sunday 20 September is worked, 1-7 October are off, Saturday
10 October is worked. 2027 is not announced here.
"""

import pytest

from core import clock
from filings.lifecycle import FilingLifecycle
from regions import calendar
from regions.models import CalendarDay, CalendarYear, ClosedDay
from reviews import services
from reviews.locking import simulated_moment
from reviews.models import Event
from reviews.services import Actor
from tests import factories as make
from tests.monday import at, verbs

pytestmark = pytest.mark.usefixtures("monday")


def submitted_at(text, **given):
    with at(text):
        filing = make.submitted(**given)
    filing.refresh_from_db()
    return filing


@pytest.mark.parametrize(
    ("submitted", "due", "provisional"),
    [
        ("2026-03-02 00:00", "2026-03-04 17:00", False),
        ("2026-03-02 23:59", "2026-03-04 17:00", False),
        ("2026-03-07 12:00", "2026-03-10 17:00", False),  # a Saturday
        ("2026-09-18 10:00", "2026-09-21 17:00", False),  # Friday before a Sunday that is worked: Sunday, Monday
        ("2026-09-30 16:59", "2026-10-09 17:00", False),  # the eve of National Day: 8 and 9 October
        ("2026-12-30 10:00", "2027-01-04 17:00", True),  # 31 December, then a year not announced: 4 January
    ],
)
def test_stored_when_submitted(submitted, due, provisional):
    CalendarYear.objects.filter(year=2027).update(announced=False)

    filing = submitted_at(submitted)

    assert (filing.due_at, filing.due_provisional) == (make.moment(due), provisional)


def test_stored_once():
    filing = submitted_at("2026-03-02 10:00")
    with at("2026-03-03 15:00"):
        services.assign(filing, reviewer=make.reviewer())

    filing.refresh_from_db()

    assert filing.due_at == make.moment("2026-03-04 17:00")


def announce_2027():
    """The announcement comes: Monday, 4 January 2027 is off after all."""
    CalendarYear.objects.update_or_create(year=2027, defaults={"announced": True})
    CalendarDay.objects.create(date=make.moment("2027-01-04 00:00").date(), is_workday=False)
    calendar.recompute_deadlines()


def test_a_provisional_deadline_is_computed_again_when_the_year_is_announced(human):
    CalendarYear.objects.filter(year=2027).update(announced=False)

    filing = submitted_at("2026-12-30 10:00")

    assert filing.wake_at == make.moment("2027-01-04 17:00")

    with at("2026-12-31 09:00"):
        announce_2027()

    filing.refresh_from_db()

    assert (filing.due_at, filing.due_provisional) == (make.moment("2027-01-05 17:00"), False)
    assert filing.wake_at == filing.due_at

    event = filing.events.last()
    assert (event.verb, event.actor, event.at) == ("reschedule", None, make.moment("2026-12-31 09:00"))
    assert event.data == {"due": "2027-01-05T17:00:00+08:00"}
    assert filing.version == 3


def test_the_simulated_reviewer_keeps_to_the_new_deadline():
    filing = submitted_at("2026-03-03 16:30")

    assert filing.due_at == make.moment("2026-03-05 17:00")

    for day in ("2026-03-04", "2026-03-05"):
        CalendarDay.objects.create(date=make.moment(f"{day} 00:00").date(), is_workday=False)

    calendar.recompute_deadlines()

    filing.refresh_from_db()

    assert filing.due_at == make.moment("2026-03-09 17:00")  # Friday, Monday
    assert filing.wake_at == simulated_moment(filing)
    assert filing.wake_at.astimezone(clock.SHANGHAI).date().isoformat() in {"2026-03-03", "2026-03-06", "2026-03-09"}


def test_only_open_ones_move_and_each_leaves_an_event_once(human):
    decided, returned, draft = submitted_at("2026-03-02 10:00"), submitted_at("2026-03-02 10:00"), make.draft()
    services.approve(decided, reviewer=make.reviewer())
    services.return_for_correction(returned, reviewer=make.reviewer(), reason="看不清")
    waiting = submitted_at("2026-03-02 10:00")

    CalendarDay.objects.create(date=make.moment("2026-03-04 00:00").date(), is_workday=False)

    assert services.recompute_deadlines() == 1
    assert services.recompute_deadlines() == 0

    for filing in (decided, returned):
        filing.refresh_from_db()
        assert filing.due_at == make.moment("2026-03-04 17:00")
    waiting.refresh_from_db()

    assert waiting.due_at == make.moment("2026-03-05 17:00")
    assert verbs(waiting) == ["create", "submit", "reschedule"]
    assert (verbs(draft), Event.objects.filter(verb="reschedule").count()) == (["create"], 1)


def test_an_areas_own_closed_day_moves_that_areas_deadlines(human):
    here = submitted_at("2026-03-02 10:00")
    there = submitted_at("2026-03-02 10:00", of=make.enrollment(code=make.CHENGDU))
    ClosedDay.objects.create(area_id=make.CHONGQING, date=make.moment("2026-03-03 00:00").date(), reason="搬迁")

    calendar.recompute_deadlines()

    for filing in (here, there):
        filing.refresh_from_db()

    assert here.due_at == make.moment("2026-03-05 17:00")
    assert there.due_at == make.moment("2026-03-04 17:00")


def test_a_later_stage_is_computed_from_its_own_beginning(human, two_stages):
    filing = submitted_at("2026-03-02 10:00")
    with at("2026-03-04 16:00"):
        services.approve(filing, reviewer=make.reviewer())
    CalendarDay.objects.create(date=make.moment("2026-03-06 00:00").date(), is_workday=False)

    services.recompute_deadlines()

    filing.refresh_from_db()

    assert filing.due_at == make.moment("2026-03-09 17:00")  # Thursday, Monday


def test_an_escalated_case_whose_deadline_moves_ahead_is_watched_again(human):
    filing = submitted_at("2026-03-02 10:00")
    with at("2026-03-04 17:00"):
        with services.locked(filing) as case:
            services.escalate(case)
        CalendarDay.objects.create(date=make.moment("2026-03-04 00:00").date(), is_workday=False)
        services.recompute_deadlines()

    filing.refresh_from_db()

    assert (filing.escalated_at, filing.wake_at) == (None, make.moment("2026-03-05 17:00"))


def test_one_that_cannot_be_computed_holds_nobody_up(human, monkeypatch, caplog):
    broken, sound = submitted_at("2026-03-02 10:00"), submitted_at("2026-03-02 10:00")
    CalendarDay.objects.create(date=make.moment("2026-03-04 00:00").date(), is_workday=False)
    due = FilingLifecycle.due

    def fail(lifecycle, case, at):
        return 1 / 0 if case.submission.pk == broken.pk else due(lifecycle, case, at)

    monkeypatch.setattr(FilingLifecycle, "due", fail)

    assert services.recompute_deadlines() == 1

    sound.refresh_from_db()

    assert sound.due_at == make.moment("2026-03-05 17:00")
    assert [record.message for record in caplog.records] == ["deadline_not_recomputed"]


def test_a_returned_case_has_no_deadline_of_the_agency(human):
    filing = submitted_at("2026-03-02 10:00")
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="看不清")
    with at("2026-09-18 10:00"):
        services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))

    filing.refresh_from_db()

    assert filing.due_at == filing.wake_at == make.moment("2026-09-21 17:00")
