"""Into the queue and out of it again by the applicant's own will: drafts, submitting, withdrawing, the ends of a case."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from accounts.models import Enrollment, Message
from core import clock
from core.errors import Forbidden, Invalid, NotFound, Stale, WrongState
from reviews import services
from reviews.models import Event, Material, Submission
from reviews.services import SYSTEM, Actor
from reviews.workflow import Action
from tests import factories as make
from tests.monday import at, verbs

pytestmark = pytest.mark.usefixtures("monday")


def actor_of(filing):
    return Actor(filing.applicant, filing.mandate)


def test_a_draft_is_numbered_and_nothing_more():
    filing = make.draft()

    assert (filing.status, filing.version, filing.live_key, filing.due_at) == ("draft", 1, None, None)
    assert filing.kept_until == make.moment("2026-05-31 10:00")  # nobody goes on with it for ninety days
    assert filing.wake_at == make.moment("2026-05-24 09:00")  # a week before, in the morning, they are told

    event = Event.objects.get(submission=filing)
    assert (event.verb, event.from_status, event.to_status) == ("create", "draft", "draft")
    assert (event.actor, event.mandate) == (filing.applicant, filing.mandate)


def test_submitting_starts_the_clock_once():
    filing = make.draft()

    services.submit(filing, actor=actor_of(filing))

    filing.refresh_from_db()

    assert (filing.status, filing.version, filing.round, filing.stage, filing.stages) == ("submitted", 2, 1, 1, 1)
    assert filing.submitted_at == filing.stage_started_at == clock.now()
    assert (filing.due_at, filing.due_provisional) == (make.moment("2026-03-04 17:00"), False)
    assert filing.live_key == f"filing:{filing.enrollment_id}:110000:other"

    event = filing.events.last()
    assert (event.verb, event.mandate) == ("submit", filing.mandate)
    assert event.data == {"round": 1, "due": "2026-03-04T17:00:00+08:00"}


def test_the_act_carries_the_mandate_it_was_done_under():
    patient = make.person()
    account = make.citizen(make.person(), patient)

    filing = make.submitted(make.enrollment(patient), account=account)

    assert {event.mandate.person for event in filing.events.all()} == {patient}


def test_errors_are_refused_together_and_nothing_is_stored():
    filing = make.draft(contact_name="", starts_on=make.moment("2027-06-01 00:00").date())

    with pytest.raises(Invalid) as refusal:
        services.submit(filing, actor=actor_of(filing))

    assert {"contact_missing", "starts_too_late"} <= {problem.code for problem in refusal.value.problems}

    filing.refresh_from_db()

    assert (filing.status, filing.version, verbs(filing)) == ("draft", 1, ["create"])


def test_a_second_click_finds_it_submitted():
    filing = make.submitted()

    with pytest.raises(WrongState) as refusal:
        services.submit(filing, actor=actor_of(filing))

    assert (refusal.value.code, refusal.value.status) == ("wrong_state", 409)
    assert "审核中" in refusal.value.detail


def test_only_who_may_act_for_the_person_submits():
    filing, stranger = make.draft(), make.citizen(make.person())

    for actor in (Actor(stranger), Actor(make.reviewer()), SYSTEM):
        with pytest.raises(Forbidden):
            services.submit(filing, actor=actor)

    assert verbs(filing) == ["create"]


def test_a_second_matter_of_the_same_key_is_refused_by_the_database():
    """Past the checks: two live submissions of one key, the row of the second set by hand."""
    first, enrolled = make.submitted(), make.enrollment()
    second = make.submitted(enrolled)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Submission.objects.filter(pk=second.pk).update(live_key=first.live_key)

    assert refusal.value.__cause__.diag.constraint_name == "one_live_submission"


def test_the_key_is_free_again_once_the_first_has_ended():
    first = make.submitted()

    services.withdraw(first, actor=actor_of(first))

    assert make.submitted(first.enrollment, account=first.applicant).status == "submitted"


@pytest.mark.parametrize("begin", ["draft", "submitted", "returned"])
def test_withdrawing_ends_it(begin):
    filing = make.draft() if begin == "draft" else make.submitted()
    if begin == "returned":
        services.return_for_correction(filing, reviewer=make.reviewer(), reason="看不清")

    services.withdraw(filing, actor=actor_of(filing))

    filing.refresh_from_db()

    assert (filing.status, filing.wake_at, filing.correct_by, filing.decided_at) == (
        "withdrawn",
        None,
        None,
        clock.now(),
    )

    event = filing.events.last()
    assert (event.verb, event.from_status, event.to_status) == ("withdraw", begin, "withdrawn")


def test_a_decided_case_is_not_withdrawn():
    filing = make.submitted()
    services.approve(filing, reviewer=make.reviewer())

    with pytest.raises(WrongState):
        services.withdraw(filing, actor=actor_of(filing))


def test_a_draft_withdrawn_is_no_reviewers_business():
    filing = make.draft()

    services.withdraw(filing, actor=actor_of(filing))

    assert not Submission.objects.visible_to(make.supervisor()).exists()

    handed_in = make.submitted()
    services.withdraw(handed_in, actor=actor_of(handed_in))

    assert Submission.objects.visible_to(make.supervisor()).get().pk == handed_in.pk


@pytest.mark.parametrize("verb", [services.submit, services.withdraw, services.resubmit])
def test_an_older_version_is_refused(verb):
    filing = make.draft()

    with pytest.raises(Stale) as refusal:
        verb(filing, actor=actor_of(filing), version=7)

    assert (refusal.value.code, refusal.value.status) == ("stale_version", 412)


def test_what_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        services.withdraw(Submission(), actor=SYSTEM)


def test_the_system_ends_a_case_with_a_code():
    filing = make.submitted()
    with services.locked(filing) as case:
        services.conclude(case, Action.END, code="enrollment_ended")

    filing.refresh_from_db()

    assert (filing.status, filing.events.last().actor, filing.events.last().data) == (
        "cancelled", None, {"code": "enrollment_ended"},
    )  # fmt: skip


def test_a_resubmission_is_checked_again():
    filing = make.submitted()
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="看不清")
    Enrollment.objects.filter(pk=filing.enrollment_id).update(valid_until=make.moment("2026-03-01 00:00").date())

    with pytest.raises(Invalid) as refusal:
        services.resubmit(filing, actor=actor_of(filing))

    assert refusal.value.code == "enrollment_not_in_force"

    filing.refresh_from_db()

    assert (filing.status, filing.round) == ("returned", 1)


def test_a_submission_with_a_history_cannot_be_deleted():
    filing = make.draft()

    with pytest.raises(ProtectedError), transaction.atomic():
        filing.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DELETE FROM filings_filing")
        with pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute("DELETE FROM reviews_submission")


def test_nothing_is_written_when_the_block_fails():
    filing = make.submitted()

    def fail():
        with services.locked(filing) as case:
            case.record("claim", actor=SYSTEM)
            case.change(escalated_at=clock.now())
            make.material(filing.applicant)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    filing.refresh_from_db()

    assert (filing.version, filing.escalated_at, Material.objects.count()) == (2, None, 0)
    assert verbs(filing) == ["create", "submit"]


def test_a_case_says_a_thing_once_a_version():
    filing = make.submitted()

    for _time in range(2):
        with services.locked(filing) as case:
            case.tell("hello", "标题", "内容")

    assert Message.objects.filter(kind="hello").count() == 1

    with services.locked(filing) as case:
        case.change(assignee=None)
    with services.locked(filing) as case:
        case.tell("hello", "标题", "内容")

    assert Message.objects.filter(kind="hello").count() == 2


def test_every_event_carries_the_moment_of_the_act():
    filing = make.submitted()

    with at("2026-03-03 09:30"):
        services.assign(filing, reviewer=make.reviewer())

    assert list(filing.events.values_list("at", flat=True)) == [
        make.moment("2026-03-02 10:00"), make.moment("2026-03-02 10:00"), make.moment("2026-03-03 09:30"),
    ]  # fmt: skip
