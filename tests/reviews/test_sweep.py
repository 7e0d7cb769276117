"""The sweep: what it does with what is due, once, in whatever order and company."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

import filings.services
from accounts import sms
from accounts.models import Enrollment, Message
from core import clock
from filings.lifecycle import FilingLifecycle
from regions.models import CalendarDay
from reviews import history, queue, services
from reviews.locking import simulated_moment
from reviews.models import Submission
from reviews.services import Actor
from tests import factories as make
from tests.monday import at, decisions, verbs, wake

pytestmark = pytest.mark.usefixtures("monday")

SHENYANG, TAIYUAN = "210100", "140100"
PROMISE = {"kind": "residence_permit", "signed_name": "测试员"}
DUE = "2026-03-04 17:00"


def clean():
    return make.submitted()


def with_error():
    """The enrolment ended before the filing begins: found only after it was submitted."""
    filing = make.submitted()
    Enrollment.objects.filter(pk=filing.enrollment_id).update(valid_until=make.moment("2026-03-01 00:00").date())
    return filing


def with_warning():
    """A long-term filing for one month, where the area is instant but for what needs a second look."""
    enrolled = make.enrollment(code=SHENYANG)
    ends_on = make.moment("2026-04-01 00:00").date()
    return make.filed(enrolled, filing_type="resident", commitment=PROMISE, ends_on=ends_on)


def resubmitted(filing):
    filing.refresh_from_db()
    services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))


# The simulated reviewer


def test_a_clean_case_is_approved_at_the_moment_drawn_and_not_before():
    filing = clean()

    drawn = simulated_moment(filing)

    assert filing.wake_at == drawn
    with at("2026-03-02 10:00"):
        assert queue.drain() == 0

    with clock.standing_at(drawn):
        assert queue.drain() == 1

    filing.refresh_from_db()

    assert (filing.status, filing.decided_at, filing.version) == ("approved", drawn, 3)

    decision = filing.decisions.get()
    assert (decision.reviewer.username, decision.decided_at, decision.code) == ("simulated-1", drawn, "")
    assert verbs(filing) == ["create", "submit", "approve"]
    assert list(Message.objects.values_list("account", "kind")) == [(filing.applicant_id, "approved")]


def test_an_error_found_at_review_rejects():
    filing = with_error()
    wake(filing)
    queue.drain()
    filing.refresh_from_db()

    decision = filing.decisions.get()

    assert (filing.status, decision.outcome, decision.code) == ("rejected", "rejected", "enrollment_not_in_force")
    assert "参保关系已于2026年3月1日结束" in decision.reason.text


def test_a_warning_is_returned_once_and_then_rejected():
    filing = with_warning()
    wake(filing)

    queue.drain()

    assert decisions(filing) == [(1, 1, "returned")]

    first = filing.decisions.get()
    assert (first.code, first.fields) == ("short_stay", ["ends_on", "type"])
    assert "半年" in first.reason.text or "6个月" in first.reason.text

    resubmitted(filing)
    wake(filing)
    queue.drain()

    assert decisions(filing) == [(1, 1, "returned"), (2, 1, "rejected")]
    assert verbs(filing) == ["create", "submit", "return_for_correction", "resubmit", "reject"]


def test_stages_are_decided_by_simulated_reviewers_of_their_own(two_stages):
    filing = clean()
    for _stage in range(2):
        wake(filing)
        queue.drain()

    names = filing.decisions.order_by("stage").values_list("reviewer__username", flat=True)

    assert list(names) == ["simulated-1", "simulated-2"]


def test_a_person_may_be_quicker():
    filing = clean()
    services.approve(filing, reviewer=make.reviewer())

    with at(DUE):
        queue.drain()

    assert decisions(filing) == [(1, 1, "approved")]


# Human mode


@pytest.fixture
def approving(monkeypatch):
    """The area lets a clean case be approved when time is up (no area in the files does so yet)."""
    monkeypatch.setattr(FilingLifecycle, "approves_itself", lambda lifecycle, filing: True)


def test_nothing_happens_before_time_is_up(human):
    filing = clean()

    wake(filing)  # as after a change from simulated to human mode

    assert queue.drain() == 1

    filing.refresh_from_db()

    assert (filing.status, filing.escalated_at, filing.wake_at) == ("submitted", None, make.moment(DUE))
    assert filing.version == 2


def test_a_clean_case_is_approved_where_the_area_lets_it(human, approving):
    filing = clean()
    with at(DUE):
        queue.drain()

    filing.refresh_from_db()

    assert (filing.status, filing.decided_at) == ("approved", make.moment(DUE))
    assert filing.decisions.get().reviewer is None
    assert filing.events.last().data == {"stage": 1, "lane": "due"}


@pytest.mark.parametrize("doubtful", [with_error, with_warning])
def test_a_doubtful_case_escalates_even_there(human, approving, doubtful):
    filing = doubtful()
    with at(DUE):
        queue.drain()

    filing.refresh_from_db()

    assert (filing.status, filing.escalated_at) == ("submitted", make.moment(DUE))


def test_a_first_stage_is_not_skipped(human, approving, two_stages):
    filing = clean()
    with at(DUE):
        queue.drain()

    filing.refresh_from_db()

    assert (filing.status, filing.stage, filing.escalated_at) == ("submitted", 1, make.moment(DUE))


def test_any_other_escalates_to_the_supervisors_of_the_area_once(human):
    supervisors = [make.supervisor(), make.supervisor()]
    make.supervisor(make.CHENGDU), make.supervisor(is_active=False), make.reviewer(), make.staff("admin")
    filing = clean()

    for moment in (DUE, "2026-03-05 09:00", "2026-03-06 09:00"):
        with at(moment):
            queue.drain()

    filing.refresh_from_db()

    assert (filing.status, filing.escalated_at, filing.wake_at) == ("submitted", make.moment(DUE), None)
    assert verbs(filing) == ["create", "submit", "escalate"]

    messages = Message.objects.filter(kind="escalated")
    assert {message.account_id for message in messages} == {account.pk for account in supervisors}
    assert messages.count() == 2
    assert filing.number in messages[0].text


def test_without_a_supervisor_the_administrators_are_told(human):
    admin, _idle = make.staff("admin"), make.staff("admin", is_active=False)
    clean()

    with at(DUE):
        queue.drain()

    assert Message.objects.get(kind="escalated").account == admin


def test_an_escalated_case_is_decided_by_people(human):
    filing = clean()
    with at(DUE):
        queue.drain()
        services.approve(filing, reviewer=make.reviewer())

    filing.refresh_from_db()

    assert filing.status == "approved"


def test_each_stage_escalates_for_itself(human, two_stages):
    filing = clean()
    make.supervisor()
    with at(DUE):
        queue.drain()
        services.approve(filing, reviewer=make.reviewer())

    with at("2026-03-06 17:00"):
        queue.drain()

    assert verbs(filing) == ["create", "submit", "escalate", "approve", "escalate"]
    assert Message.objects.filter(kind="escalated").count() == 2


# Nobody came back


def test_unanswered_for_thirty_days_it_counts_as_withdrawn():
    filing = clean()
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="看不清")

    with at("2026-04-01 09:59"):
        queue.drain()

    assert verbs(filing)[-1] == "return_for_correction"

    with at("2026-04-01 10:00"):
        assert queue.drain() == 1

    filing.refresh_from_db()

    assert (filing.status, filing.wake_at, filing.correct_by) == ("withdrawn", None, None)
    assert verbs(filing)[-1] == "lapse"
    assert Message.objects.filter(account=filing.applicant, kind="lapsed").count() == 1


def test_three_days_before_they_hear_once_more_by_day():
    filing = clean()
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="看不清")
    filing.refresh_from_db()
    version = filing.version

    with at("2026-03-29 08:59"):
        assert queue.drain() == 0

    with at("2026-03-29 09:00"):
        assert (queue.drain(), queue.drain()) == (1, 0)

    message = Message.objects.get(account=filing.applicant, kind="correction_ending")
    filing.refresh_from_db()
    assert "请在2026年4月1日前重新提交" in message.text
    assert sms.open_since(message.created_at) is not None  # and it is not held until it is too late
    # whoever is mending it at that moment is not told that it has moved on
    assert (filing.status, filing.version, filing.wake_at) == ("returned", version, filing.correct_by)


def test_woken_early_it_is_not_lapsed():
    filing = clean()
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="看不清")

    wake(filing)

    assert queue.drain() == 1

    filing.refresh_from_db()

    assert (filing.status, filing.wake_at) == ("returned", make.moment("2026-03-29 09:00"))


def test_what_has_ended_sleeps_for_good():
    filing = clean()
    services.withdraw(filing, actor=Actor(filing.applicant, filing.mandate))

    wake(filing)

    assert queue.drain() == 1
    assert Submission.objects.get().wake_at is None


# Batches


def test_a_batch_is_small_and_the_rest_follows():
    filings = [clean() for _number in range(5)]

    wake(*filings)

    assert [queue.sweep(2) for _time in range(4)] == [2, 2, 1, 0]
    assert set(Submission.objects.values_list("status", flat=True)) == {"approved"}


def test_the_oldest_goes_first():
    first, second, third = clean(), clean(), clean()
    for filing, text in ((first, "09:30"), (second, "09:10"), (third, "09:20")):
        Submission.objects.filter(pk=filing.pk).update(wake_at=make.moment(f"2026-03-02 {text}"))

    queue.sweep(2)

    assert set(Submission.objects.filter(status="approved").values_list("pk", flat=True)) == {second.pk, third.pk}


def test_twenty_cases_cost_as_many_statements_as_two():
    def statements(count):
        wake(*[clean() for _number in range(count)])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert queue.sweep() == count
        return len(captured)

    statements(1)  # makes the simulated reviewer

    assert statements(2) == statements(20)


def test_kinds_and_states_in_one_batch():
    waiting, doubtful, returned, over = clean(), with_warning(), clean(), clean()
    services.return_for_correction(returned, reviewer=make.reviewer(), reason="看不清")
    services.approve(over, reviewer=make.reviewer())
    with at("2026-12-01 10:00"):  # the approval of `over` counted for half a year
        wake(waiting, doubtful, returned, over)
        assert queue.sweep() == 4

    states = dict(Submission.objects.values_list("pk", "status"))

    assert (states[returned.pk], states[over.pk]) == ("withdrawn", "expired")
    assert states[waiting.pk] != "submitted" != states[doubtful.pk]
    assert history.disagreements() == (4, [])


def test_what_a_decision_ends_is_not_worked_on_as_it_was():
    """A change is approved and its filing expires in one batch: the filing is superseded, and nothing else happens to it."""
    enrolled = make.enrollment(code=TAIYUAN)
    account = make.citizen(enrolled.person)
    old = make.approved(enrolled, account)
    actor = Actor.of(account, enrolled.person)

    new = filings.services.change(old, make.given(destination=make.area(make.BEIJING)), actor=actor).submission

    assert new.status == "submitted"

    with at("2026-12-01 10:00"):  # the old one counted for half a year
        assert queue.sweep() == 2

    old.refresh_from_db()

    assert (old.status, old.wake_at) == ("superseded", None)
    assert verbs(old)[-2:] == ["change", "supersede"]
    assert not old.events.filter(verb="expire").exists()


# Trouble


@pytest.fixture
def broken(monkeypatch):
    """One case among others whose approval raises."""
    filing = clean()
    approved = FilingLifecycle.approved

    def fail(lifecycle, case):
        return 1 / 0 if case.submission.pk == filing.pk else approved(lifecycle, case)

    monkeypatch.setattr(FilingLifecycle, "approved", fail)
    return filing


def test_a_broken_case_holds_nobody_up_and_is_put_off(broken, caplog):
    others = [clean() for _number in range(3)]
    wake(broken, *others)

    queue.drain()

    broken.refresh_from_db()

    assert (broken.status, broken.version, decisions(broken)) == ("submitted", 2, [])
    assert broken.wake_at == make.moment("2026-03-02 11:00")
    assert verbs(broken) == ["create", "submit"]
    assert [decisions(other) for other in others] == [[(1, 1, "approved")]] * 3
    assert [record.message for record in caplog.records] == ["sweep_batch_failed", "sweep_case_failed"]
    assert caplog.records[1].submission == str(broken.pk)


@pytest.mark.parametrize(
    ("tried", "again"),
    [
        ("2026-03-04 15:59", "2026-03-04 16:59"),
        ("2026-03-04 16:00", "2026-03-04 16:10"),
        ("2026-03-04 16:55", "2026-03-04 17:05"),
        ("2026-03-05 08:00", "2026-03-05 09:00"),
    ],
)
def test_it_is_tried_hourly_and_sooner_in_the_last_hour_of_its_time(broken, tried, again):
    with at(tried):
        wake(broken)
        queue.drain()

    broken.refresh_from_db()

    assert broken.wake_at == make.moment(again)


def test_mended_it_is_decided(broken, monkeypatch):
    wake(broken)
    queue.drain()
    monkeypatch.undo()

    with at("2026-03-02 11:00"):
        queue.drain()

    assert decisions(broken) == [(1, 1, "approved")]


def test_a_case_that_never_rests_is_put_off(monkeypatch, caplog):
    """A kind whose next moment lies in the past, and which does nothing when woken."""
    filing = clean()
    services.approve(filing, reviewer=make.reviewer())
    monkeypatch.setattr(FilingLifecycle, "next_moment", lambda lifecycle, row: make.moment("2026-01-01 00:00"))

    wake(filing)

    assert queue.drain() == 1

    filing.refresh_from_db()

    assert filing.wake_at == make.moment("2026-03-02 11:00")
    assert [record.message for record in caplog.records] == ["sweep_without_progress"]


def test_a_calendar_changed_by_a_process_that_died_is_settled_by_the_sweep(human):
    filing = clean()
    CalendarDay.objects.create(date=make.moment("2026-03-04 00:00").date(), is_workday=False)

    queue.work()

    filing.refresh_from_db()

    assert filing.due_at == make.moment("2026-03-05 17:00")


# Without Celery


def test_run_reviews_does_it_all(capsys):
    wake(clean(), with_warning(), with_error())

    call_command("run_reviews")

    assert capsys.readouterr().out == "3 submissions worked on\n"
    assert set(Submission.objects.values_list("status", flat=True)) == {"approved", "returned", "rejected"}


@pytest.mark.django_db(transaction=True)  # it closes old connections between its rounds
def test_run_reviews_watches_until_it_is_stopped(capsys, monkeypatch):
    """Control-C at the second wait."""
    waits = iter([None, KeyboardInterrupt])

    def wait(seconds):
        assert seconds == 3
        wake(clean())
        if stop := next(waits):
            raise stop

    monkeypatch.setattr("time.sleep", wait)

    call_command("run_reviews", "--watch", "3")

    assert capsys.readouterr().out.splitlines() == ["0 submissions worked on", "1 submissions worked on", "stopped"]
