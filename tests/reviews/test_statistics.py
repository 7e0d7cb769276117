"""The figures of a queue, worked by hand on the announced calendar: Monday, 2 March 2026; 28 February was a worked Saturday."""

from datetime import date

import pytest

from accounts.models import Role
from reviews import services, statistics
from reviews.models import Kind, ReasonTemplate
from reviews.services import Actor
from reviews.statistics import Reason, recent
from tests import factories as make
from tests.monday import at, monday, sweep_until  # noqa: F401

pytestmark = pytest.mark.usefixtures("monday", "human")
AREA = "520100"


@pytest.fixture
def human(settings):
    settings.REVIEW_MODE = "human"


@pytest.fixture
def reviewer():
    return make.reviewer(AREA)


def handed_in(text, **fields):
    with at(text):
        return make.submitted(make.enrollment(code=AREA), **fields)


def decided(text, filing, reviewer, verb=services.approve, **given):
    with at(text):
        return verb(filing, reviewer=reviewer, **given)


def test_what_is_open_is_counted_by_how_urgent_it_is_and_who_has_it(reviewer):
    late, today, later = (handed_in(text) for text in ("2026-02-25 10:00", "2026-02-27 10:00", "2026-03-02 09:00"))
    services.assign(today, reviewer=reviewer)
    rows = type(late).objects.filter(area=AREA)

    counts = statistics.open_now(rows, mine=reviewer.pk)

    # two working days after Wednesday is Friday; after Friday (with the worked Saturday) is Monday
    assert counts == {"open": 3, "unassigned": 2, "today": 1, "overdue": 1, "mine": 1}
    assert statistics.due_by_hour(rows) == [(17, 1)]
    assert later.due_at > today.due_at


def test_time_to_a_decision_is_working_time():
    who = make.reviewer(AREA)
    times = [
        ("2026-02-26 09:00", "2026-02-26 10:00"),  # 1 hour
        ("2026-02-26 20:00", "2026-02-27 11:00"),  # evening, then 2 hours
        ("2026-02-26 16:00", "2026-02-28 10:00"),  # 1 + 8 + 1 on the worked Saturday
        ("2026-03-01 12:00", "2026-03-02 09:30"),  # Sunday, then half an hour
    ]
    for start, end in times:
        decided(end, handed_in(start), who)

    speed = statistics.speed(recent(AREA))

    # 0.5, 1, 2, 10: half of them in 1.5; nine of ten at 2 + 0.7 * 8
    assert (speed.decisions, speed.late, speed.in_time) == (4, 0, 100)
    assert speed.median == pytest.approx(1.5)
    assert speed.p90 == pytest.approx(7.6)


def test_midnight_belongs_to_the_next_day_of_shanghai(reviewer):
    decided("2026-03-01 23:59", handed_in("2026-03-01 10:00"), reviewer)
    decided("2026-03-02 00:00", handed_in("2026-03-01 11:00"), reviewer)

    today = statistics.decided_today(reviewer)
    flow = {day: (came, went) for day, came, went in statistics.flow(recent(AREA))}

    assert (today["cases"], today["approved"]) == (1, 1)
    # Sunday counts to Monday
    assert flow[date(2026, 3, 2)] == (2, 2)
    assert len(flow) == statistics.WORKING_DAYS


def test_the_clock_stands_while_a_case_is_with_the_applicant(reviewer):
    filing = handed_in("2026-02-24 09:00")
    ReasonTemplate.objects.create(kind=Kind.FILING, outcome="returned", code="unclear", text="照片不清，请重新拍摄。")
    decided(
        "2026-02-24 12:00",
        filing,
        reviewer,
        services.return_for_correction,
        reason="照片不清，请重新拍摄。",
        code="unclear",
    )
    with at("2026-02-28 09:00"):
        services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))
    decided("2026-02-28 10:00", filing, reviewer)
    period = recent(AREA)

    speed = statistics.speed(period)

    assert (speed.decisions, speed.median) == (2, pytest.approx(2))
    assert statistics.reasons(period) == [Reason("filing", "unclear", "照片不清，请重新拍摄。", 1)]


def test_each_of_two_reviews_has_its_own_time(db):
    first, second = make.reviewer(), make.reviewer()
    with at("2026-02-25 09:00"):
        draft = make.recognition_draft(make.enrollment())
        services.submit(draft, actor=Actor(draft.applicant, draft.mandate))
    decided("2026-02-25 11:00", draft, first)
    decided("2026-02-26 11:00", draft, second)

    whole, by = statistics.tallies(recent(make.CHONGQING), "reviewer")

    assert by[first.pk].speed.median == pytest.approx(2)
    assert by[second.pk].speed.median == pytest.approx(8)
    assert (whole.cases, whole.speed.decisions, whole.speed.late) == (1, 2, 0)


def test_late_decisions_are_counted_once_a_case(reviewer):
    decided("2026-03-02 09:00", handed_in("2026-02-25 09:00"), reviewer)
    decided("2026-02-27 17:00", handed_in("2026-02-25 09:00"), reviewer)

    speed = statistics.speed(recent(AREA))

    assert (speed.decisions, speed.late, speed.late_cases, speed.in_time) == (2, 1, 1, 50)


def test_load_names_everybody_and_the_simulated_reviewer(settings, reviewer):
    idle = make.reviewer(AREA)
    services.assign(handed_in("2026-03-02 09:00"), reviewer=reviewer)
    decided("2026-02-27 10:00", handed_in("2026-02-27 09:00"), reviewer)
    settings.REVIEW_MODE = "simulated"
    with at("2026-02-26 09:00"):
        make.submitted(make.enrollment(code=AREA))
        sweep_until("2026-03-01 10:00")

    rows = statistics.loads(recent(AREA))

    shown = {
        row.account.pk if row.account.role != Role.SIMULATED else str(row.account): (row.open, row.cases)
        for row in rows
    }
    assert shown == {reviewer.pk: (1, 1), idle.pk: (0, 0), "模拟审核员1": (0, 1)}


def test_another_area_counts_for_itself(reviewer):
    handed_in("2026-02-27 10:00")
    with at("2026-02-27 10:00"):
        make.submitted(make.enrollment(code="410100"))

    rows = statistics.by_area(recent(None))

    assert [(row.area.code, row.open["open"], row.received) for row in rows] == [("410100", 1, 1), (AREA, 1, 1)]
    assert sum(came for _day, came, _went in statistics.flow(recent(AREA))) == 1


def test_what_was_undone_was_no_decision_and_the_one_that_stands_counts(reviewer):
    """Approved after one working hour, taken back at once, rejected after two: one decision of two hours, one case."""
    filing = handed_in("2026-03-02 09:00")
    decided("2026-03-02 10:00", filing, reviewer)
    with at("2026-03-02 10:05"):
        services.undo(filing, reviewer=reviewer)
        nothing = statistics.speed(recent(AREA))
        today = statistics.decided_today(reviewer)
        listed = type(filing).objects.filter(statistics.figure("decided", reviewer))
        assert (nothing.decisions, today["cases"], list(listed)) == (0, 0, [])

    decided("2026-03-02 11:00", filing, reviewer, services.reject, reason="材料不符")
    with at("2026-03-02 11:00"):
        speed, today = statistics.speed(recent(AREA)), statistics.decided_today(reviewer)
        load = next(row for row in statistics.loads(recent(AREA)) if row.account == reviewer)

    assert (speed.decisions, speed.median) == (1, pytest.approx(2))
    assert (today["cases"], today["approved"], today["rejected"]) == (1, 0, 1)
    assert (load.cases, load.speed.decisions) == (1, 1)


def test_a_return_that_was_undone_is_no_reason(reviewer):
    filing = handed_in("2026-03-02 09:00")
    with at("2026-03-02 10:00"):
        services.return_for_correction(filing, reviewer=reviewer, reason="照片不清", code="unclear")
        services.undo(filing, reviewer=reviewer)

    assert statistics.reasons(recent(AREA)) == []
