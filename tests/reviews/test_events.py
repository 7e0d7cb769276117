"""The event log: nobody changes it, and it gives the state of every submission."""

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from filings.models import Filing
from reviews import history, services
from reviews.models import Event, Note, Submission
from reviews.services import Actor
from tests import factories as make
from tests.roles import as_owner

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def decided():
    filing = make.submitted()
    services.reject(filing, reviewer=make.reviewer(), reason="材料不符")
    return filing


def tampered(statement):
    """Change the log as somebody would who holds the database: the triggers are off for a moment."""
    kept = pgtrigger.ignore("reviews.Event:append_only")
    with as_owner(), kept, connection.cursor() as cursor:
        cursor.execute(statement)
    return history.disagreements()


def sql(statement):
    def run():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


ATTACKS = {
    "the ORM's update": lambda: Event.objects.update(verb="approve"),
    "the ORM's save": lambda: Event.objects.first().save(),
    "the ORM's delete": lambda: Event.objects.all().delete(),
    "SQL update": sql("UPDATE reviews_event SET to_status = 'approved'"),
    "SQL delete": sql("DELETE FROM reviews_event"),
    "SQL truncate": sql("TRUNCATE reviews_event"),
    "SQL truncate of what it hangs on": sql("TRUNCATE reviews_submission CASCADE"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nobody_changes_the_log(decided, name):
    before = list(Event.objects.values_list())
    sql("SET CONSTRAINTS ALL IMMEDIATE")()  # what this transaction has written is done with

    refused = pytest.raises(DatabaseError, match=r"pgtrigger: Cannot .* reviews_event table")
    with as_owner(), refused, transaction.atomic():
        ATTACKS[name]()

    assert list(Event.objects.values_list()) == before


def test_events_give_the_state_of_every_submission(decided):
    drafts, waiting = make.draft(), make.submitted()
    returned = make.submitted()
    services.return_for_correction(returned, reviewer=make.reviewer(), reason="看不清")
    services.resubmit(returned, actor=Actor(returned.applicant, returned.mandate))

    services.withdraw(waiting, actor=Actor(waiting.applicant, waiting.mandate))

    assert {row.pk: history.replay(row.events.all()) for row in Submission.objects.all()} == {
        decided.pk: "rejected",
        drafts.pk: "draft",
        waiting.pk: "withdrawn",
        returned.pk: "submitted",
    }
    assert history.disagreements() == (4, [])


def test_the_command_says_so(decided, capsys):
    call_command("verify_events")

    assert capsys.readouterr().out == "1 submissions checked, 0 disagree\n"


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("DELETE FROM reviews_event WHERE verb = 'reject'", "events give submitted, stored is rejected"),
        ("DELETE FROM reviews_event WHERE verb = 'submit'", "starts from submitted, but the case was draft"),
        ("DELETE FROM reviews_event WHERE verb = 'create'", "submit comes before the case was made"),
        ("DELETE FROM reviews_event", "no events"),
        (
            "UPDATE reviews_event SET to_status = 'approved' WHERE verb = 'reject'",
            "reject does not lead from submitted to approved",
        ),
        ("UPDATE reviews_event SET verb = 'create' WHERE verb = 'reject'", "but the case was submitted"),
    ],
)
def test_a_changed_log_is_found(decided, statement, complaint):
    checked, wrong = tampered(statement)

    assert (checked, len(wrong)) == (1, 1)
    assert wrong[0].startswith(f"{decided.pk}: ")
    assert complaint in wrong[0]


def test_a_state_changed_behind_the_logs_back_is_found(decided, capsys):
    other = make.submitted()
    Submission.objects.filter(pk=decided.pk).update(status="approved")

    with pytest.raises(CommandError):
        call_command("verify_events")

    assert capsys.readouterr().out.splitlines() == [
        f"{decided.pk}: events give rejected, stored is approved",
        "2 submissions checked, 1 disagree",
    ]
    assert history.replay(other.events.all()) == "submitted"


def test_an_erased_reason_leaves_the_log_as_it_was(decided):
    """Retention erases free text; the event keeps the id of what is gone."""
    before = list(Event.objects.values_list())
    decision = decided.decisions.get()

    decision.reason.delete()

    assert Note.objects.count() == 0

    decision.refresh_from_db()

    assert decision.reason is None
    assert list(Event.objects.values_list()) == before
    assert history.disagreements() == (1, [])

    timeline = make.api(decided.applicant).get(f"/api/v1/filings/{decided.pk}/").json()["events"]
    assert [event["detail"] for event in timeline] == ["填写申请", "提交申请", "审核未通过"]


def test_a_note_erased_by_sql_is_no_obstacle_either(decided):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reviews_decision SET reason_id = NULL")
        cursor.execute("DELETE FROM reviews_note")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert Filing.objects.get(pk=decided.pk).events.select_related("note").last().note is None
    assert history.disagreements() == (1, [])
