"""Undoing a decision: by who took it, within ten minutes, while nothing rests on it; everything it did is reversed."""

from functools import partial
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Message
from core import clock
from core.errors import Forbidden, Stale, WrongState
from filings.models import Commitment, CommitmentStatus, Proof
from reviews import history, queue, services
from reviews.models import Decision, Kind, Submission
from reviews.services import Actor
from reviews.services.undoing import settled_firmly
from tests import factories as make
from tests.monday import at, decisions, verbs
from tests.rivals import split, together

pytestmark = pytest.mark.usefixtures("monday")

threaded = pytest.mark.django_db(transaction=True)
VERBS = [services.approve, services.reject, services.return_for_correction]


def decided(verb=services.approve, reviewer=None, **given):
    """A filing on which a reviewer has just decided."""
    filing, reviewer = make.submitted(**given), reviewer or make.reviewer()
    verb(filing, reviewer=reviewer, reason="材料有误")
    return filing, reviewer


def refusal_of(filing, reviewer, **given):
    with pytest.raises((WrongState, Forbidden)) as refusal:
        services.undo(filing, reviewer=reviewer, **given)
    return refusal.value.code


# What it leaves behind


@pytest.mark.parametrize("verb", VERBS)
def test_the_case_is_back_as_it_stood_in_a_new_round_and_in_the_hands_of_who_undid(verb):
    filing, reviewer = decided(verb)

    services.undo(filing, reviewer=reviewer)

    filing.refresh_from_db()
    assert (filing.status, filing.round, filing.stage, filing.assignee) == ("submitted", 2, 1, reviewer)
    assert (filing.decided_at, filing.correct_by) == (None, None)
    assert (filing.valid_from, filing.valid_until, filing.travel, filing.change_locked_until) == (None, None, "", None)
    assert [row[2] for row in decisions(filing)] == [
        {"approve": "approved", "reject": "rejected", "return_for_correction": "returned"}[verb.__name__]
    ]
    assert verbs(filing)[-2:] == [verb.__name__, "undo"]
    assert history.disagreements() == (1, [])


def test_the_citizen_is_promised_no_later_day():
    """Submitted on Monday at ten: due on Wednesday at five, undone or not; the sweep looks again then."""
    filing, reviewer = make.submitted(), make.reviewer()

    with at("2026-03-03 16:00"):
        services.reject(filing, reviewer=reviewer, reason="材料不符")
        services.undo(filing, reviewer=reviewer)

    filing.refresh_from_db()
    assert filing.due_at == make.moment("2026-03-04 17:00")
    assert filing.stage_started_at == make.moment("2026-03-02 10:00")
    assert services.recompute_deadlines() == 0


def test_the_citizen_gets_a_correcting_message():
    filing, reviewer = decided()

    services.undo(filing, reviewer=reviewer)

    message = Message.objects.get(account=filing.applicant, kind="decision_undone")
    assert message.title == "审核结果已撤回，正在重新审核"
    assert "请以本消息为准" in message.text


def test_what_was_undone_is_decided_anew_by_the_same_reviewer():
    filing, reviewer = decided()
    services.undo(filing, reviewer=reviewer)

    services.reject(filing, reviewer=reviewer, reason="材料不符")

    assert decisions(filing) == [(1, 1, "approved"), (2, 1, "rejected")]


@pytest.mark.parametrize("verb", VERBS)
def test_a_promise_is_open_as_it_was(verb):
    of = make.enrollment(make.person("王秀兰"), code="520100")
    promise = {"kind": "residence_permit", "signed_name": "王秀兰"}
    filing = make.filed(of, make.citizen(of.person), filing_type="resident", commitment=promise)
    reviewer = make.reviewer("520100")
    verb(filing, reviewer=reviewer, reason="材料不符")

    services.undo(filing, reviewer=reviewer)

    signed = Commitment.objects.get(filing=filing.pk)
    assert (signed.status, signed.due_on, signed.settled_on) == (CommitmentStatus.OPEN, None, None)
    filing.refresh_from_db()
    assert filing.filed_by == "commitment"


# When it is refused


def test_ten_minutes_and_no_longer():
    filing, reviewer = decided()

    with at("2026-03-02 10:10"):
        assert refusal_of(filing, reviewer) == "undo_too_late"
    with at("2026-03-02 10:09:59"):
        assert services.undo(filing, reviewer=reviewer).status == "submitted"


def test_only_who_decided_with_whatever_account_of_theirs():
    someone = make.person("王审核")
    filing, _reviewer = decided(reviewer=make.reviewer(identity_hash=someone.id_hash))

    assert refusal_of(filing, make.reviewer()) == "undo_not_yours"
    assert refusal_of(filing, make.supervisor()) == "undo_not_yours"
    assert services.undo(filing, reviewer=make.reviewer(identity_hash=someone.id_hash)).status == "submitted"


def test_who_left_the_area_undoes_nothing():
    filing, reviewer = decided()
    reviewer.area_id = "110000"
    reviewer.save()

    assert refusal_of(filing, reviewer) == "other_area"


def test_what_nobody_decided_nobody_undoes(human):
    filing, reviewer = make.submitted(), make.reviewer()

    assert refusal_of(filing, reviewer) == "undo_not_yours"


def test_not_twice():
    filing, reviewer = decided()
    services.undo(filing, reviewer=reviewer)

    assert refusal_of(filing, reviewer) == "undo_moved_on"
    assert verbs(filing).count("undo") == 1


def test_an_old_page_is_told():
    filing, reviewer = decided()

    with pytest.raises(Stale):
        services.undo(filing, reviewer=reviewer, version=1)


def test_not_once_the_citizen_resubmitted_or_began_to_correct():
    filing, reviewer = decided(services.return_for_correction)
    services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))

    assert refusal_of(filing, reviewer) == "undo_moved_on"

    other, colleague = decided(services.return_for_correction)
    with services.amending(other, ["starts_on"], actor=Actor(other.applicant, other.mandate)):
        pass

    assert refusal_of(other, colleague) == "undo_moved_on"


def test_looking_at_a_scan_or_a_person_hinders_nothing():
    filing, reviewer = decided()
    services.unmask(filing, reviewer=make.reviewer())

    assert services.undo(filing, reviewer=reviewer).status == "submitted"


def test_not_once_another_stage_has_it(two_stages):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()
    services.approve(filing, reviewer=first)

    assert refusal_of(filing, first) == "undo_other_stage"

    services.approve(filing, reviewer=second)

    assert refusal_of(filing, second) == "undo_other_stage"


def test_the_first_of_two_reviews_that_ended_the_case_is_undone(two_stages):
    filing, first = make.submitted(), make.reviewer()
    services.reject(filing, reviewer=first, reason="材料不符")

    services.undo(filing, reviewer=first)

    filing.refresh_from_db()
    assert (filing.status, filing.stage, filing.stages, filing.round) == ("submitted", 1, 2, 2)


def test_not_once_a_successor_or_a_proof_exists():
    filing, reviewer = decided()
    change = make.draft(filing.enrollment)
    Submission.objects.filter(pk=change.pk).update(predecessor=filing.pk)

    assert refusal_of(filing, reviewer) == "undo_rested_on"

    other, colleague = decided()
    Proof.objects.create(
        kind=Kind.PROOF, number="P-1", person=other.person, enrollment=other.enrollment, area=other.area,
        applicant=other.applicant, created_at=clock.now(), proves=other,
    )  # fmt: skip

    assert refusal_of(other, colleague) == "undo_rested_on"


def test_not_where_a_new_application_stands_in_its_place():
    filing, reviewer = decided(services.reject)
    again = make.draft(filing.enrollment, account=filing.applicant)
    services.submit(again, actor=Actor(filing.applicant, filing.mandate))

    assert refusal_of(filing, reviewer) == "already_live"

    filing.refresh_from_db()
    assert filing.status == "rejected"


# At the till


def test_a_bill_that_is_about_to_rest_on_it_sees_the_undoing():
    filing, reviewer = decided()
    filing.refresh_from_db()
    settled_firmly(filing)

    services.undo(filing, reviewer=reviewer)

    with pytest.raises(WrongState) as refusal:
        settled_firmly(filing)
    assert refusal.value.code == "filing_changed"


# Rivals


@threaded
def test_two_undoings_at_once_make_one_round():
    filing, reviewer = decided()

    results = together(*[partial(services.undo, filing, reviewer=reviewer)] * 2)

    winners, losers = split(results)
    assert (len(winners), [row.code for row in losers]) == (1, ["undo_moved_on"])
    filing.refresh_from_db()
    assert (filing.round, verbs(filing).count("undo")) == (2, 1)


@threaded
def test_undone_or_resubmitted_never_both():
    filing, reviewer = decided(services.return_for_correction)
    actor = Actor(filing.applicant, filing.mandate)

    results = together(
        partial(services.undo, filing, reviewer=reviewer), partial(services.resubmit, filing, actor=actor)
    )

    winners, losers = split(results)
    filing.refresh_from_db()
    assert (len(winners), len(losers), filing.round, filing.status) == (1, 1, 2, "submitted")
    assert history.disagreements() == (1, [])


@threaded
def test_the_sweep_beside_an_undoing_changes_nothing(human):
    filing, reviewer = decided(services.return_for_correction)
    Submission.objects.filter(pk=filing.pk).update(wake_at=clock.now())

    results = together(partial(services.undo, filing, reviewer=reviewer), queue.sweep)

    split(results)
    filing.refresh_from_db()
    assert (filing.status, filing.wake_at) == ("submitted", filing.due_at)


# Over the API


def test_it_is_offered_to_who_decided_as_long_as_it_can_be_had():
    filing, reviewer = decided()
    mine, other = make.api(reviewer), make.api(make.reviewer())

    offered = mine.get(f"/api/v1/filings/{filing.pk}/").json()
    assert offered["actions"] == ["undo"]
    assert other.get(f"/api/v1/filings/{filing.pk}/").json()["actions"] == []

    answer = mine.post(f"/api/v1/filings/{filing.pk}/undo/", headers={"If-Match": f'"{offered["version"]}"'})

    assert (answer.status_code, answer.json()["status"], answer.json()["decision"]) == (200, "submitted", None)
    assert {"approve", "reject", "return_for_correction"} <= set(answer.json()["actions"])
    assert "undo" not in answer.json()["actions"]


def test_what_a_clerk_entered_and_a_colleague_returned_is_undone_by_the_colleague():
    filing, reviewer = make.submitted(), make.reviewer()
    Submission.objects.filter(pk=filing.pk).update(channel="counter")
    services.return_for_correction(filing, reviewer=reviewer, reason="看不清")

    assert "undo" in make.api(reviewer).get(f"/api/v1/filings/{filing.pk}/").json()["actions"]
    assert services.undo(filing, reviewer=reviewer).status == "submitted"


def test_after_ten_minutes_it_is_not_offered():
    filing, reviewer = decided()

    with at("2026-03-02 10:10"):
        assert make.api(reviewer).get(f"/api/v1/filings/{filing.pk}/").json()["actions"] == []


def test_the_decision_undone_is_of_a_case_one_may_see():
    assert make.api(make.reviewer()).post(f"/api/v1/filings/{uuid4()}/undo/").status_code == 404


def test_it_is_marked_once_and_for_all():
    filing, reviewer = decided()

    services.undo(filing, reviewer=reviewer)

    row = Decision.objects.get(submission=filing)
    assert row.undone_at == make.moment("2026-03-02 10:00")
    assert not Decision.objects.standing().exists()
    with pytest.raises(ProgrammingError), transaction.atomic():
        Decision.objects.filter(pk=row.pk).update(undone_at=None)


def test_staff_see_which_decision_was_taken_back():
    filing, reviewer = decided()
    services.undo(filing, reviewer=reviewer)
    client = Client()
    client.force_login(reviewer, backend="django.contrib.auth.backends.ModelBackend")

    page = client.get(reverse("admin:reviews_submission_change", args=[filing.pk])).content.decode()

    assert "10:00 已撤回" in page
