"""Decisions through the services: what each leaves behind, and who may not take one."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Mandate, Message
from core import clock
from core.errors import Forbidden, Invalid, Stale, WrongState
from filings.models import FilingAgent
from reviews import services
from reviews.models import Decision, Event, Note
from reviews.queue import simulated_reviewer
from reviews.services import Actor
from tests import factories as make
from tests.monday import at, decisions, verbs

pytestmark = pytest.mark.usefixtures("monday")


def person_and_reviewer():
    """One human being: an insured person, and the reviewer of the area with the same ID number."""
    someone = make.person("王审核")
    return someone, make.reviewer(identity_hash=someone.id_hash)


def refused(error, verb, *args, **given):
    with pytest.raises(error) as refusal:
        verb(*args, **given)
    return refusal.value.code


# What a decision leaves behind


def test_approving_leaves_status_decision_event_and_message():
    filing, colleague = make.submitted(), make.reviewer()

    done = services.approve(filing, reviewer=colleague, reason="材料齐全", code="complete")

    filing.refresh_from_db()

    assert (filing.status, filing.version, filing.decided_at) == ("approved", 3, clock.now())
    assert (done.status, done.version) == ("approved", 3)

    decision = filing.decisions.get()
    assert (decision.round, decision.stage, decision.outcome, decision.code) == (1, 1, "approved", "complete")
    assert (decision.reviewer, decision.reason.text, decision.decided_at) == (colleague, "材料齐全", clock.now())

    event = filing.events.last()
    assert (event.verb, event.from_status, event.to_status) == ("approve", "submitted", "approved")
    assert (event.actor, event.mandate, event.at) == (colleague, None, clock.now())
    assert (event.data, event.note) == ({"stage": 1, "code": "complete"}, decision.reason)
    assert Message.objects.get(account=filing.applicant).kind == "approved"


def test_rejecting_leaves_status_decision_event_and_message():
    filing, colleague = make.submitted(), make.reviewer()

    services.reject(filing, reviewer=colleague, reason="材料不符", code="wrong_type")

    filing.refresh_from_db()

    assert (filing.status, filing.version, filing.decided_at) == ("rejected", 3, clock.now())
    assert (filing.due_at, filing.wake_at) == (make.moment("2026-03-04 17:00"), None)
    assert decisions(filing) == [(1, 1, "rejected")]
    assert verbs(filing) == ["create", "submit", "reject"]
    assert filing.events.last().note.text == "材料不符"
    assert Message.objects.get(account=filing.applicant).kind == "rejected"


def test_returning_stops_the_clock_and_marks_what_to_mend():
    filing, colleague = make.submitted(), make.reviewer()
    services.assign(filing, reviewer=colleague)

    services.return_for_correction(
        filing, reviewer=colleague, reason="看不清", code="unreadable", fields=["starts_on", "materials", "starts_on"]
    )

    filing.refresh_from_db()

    assert (filing.status, filing.version, filing.decided_at, filing.assignee) == ("returned", 4, None, None)
    # 30 days after 2 March is 1 April, at the same hour; the sweep looks three days before, to remind, and then
    assert filing.correct_by == make.moment("2026-04-01 10:00")
    assert filing.wake_at == make.moment("2026-03-29 09:00")
    assert filing.decisions.get().fields == ["starts_on", "materials"]

    message = Message.objects.get(account=filing.applicant)
    assert message.kind == "returned"
    assert f"（受理编号{filing.number}）需要补正，请在2026年4月1日前重新提交" in message.text


def test_a_resubmission_begins_a_round_with_a_deadline_of_its_own():
    filing = make.submitted()
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="看不清")

    with at("2026-03-06 16:00"):  # a Friday: Monday and Tuesday are its working days
        services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))

    filing.refresh_from_db()

    assert (filing.status, filing.round, filing.stage, filing.correct_by) == ("submitted", 2, 1, None)
    assert filing.submitted_at == clock.now()
    assert filing.stage_started_at == make.moment("2026-03-06 16:00")
    assert filing.due_at == make.moment("2026-03-10 17:00")
    assert filing.events.last().data == {"round": 2, "due": "2026-03-10T17:00:00+08:00"}


def test_a_later_round_may_be_decided_by_the_same_reviewer():
    filing, colleague = make.submitted(), make.reviewer()
    services.return_for_correction(filing, reviewer=colleague, reason="看不清")
    services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))

    services.approve(filing, reviewer=colleague)

    assert decisions(filing) == [(1, 1, "returned"), (2, 1, "approved")]


@pytest.mark.parametrize("verb", [services.reject, services.return_for_correction])
def test_a_reason_is_required(verb):
    filing = make.submitted()

    assert refused(Invalid, verb, filing, reviewer=make.reviewer(), reason=" \n") == "reason_required"
    assert (verbs(filing), decisions(filing)) == (["create", "submit"], [])


# Rivals and old versions


@pytest.mark.parametrize("verb", [services.approve, services.reject, services.return_for_correction])
@pytest.mark.parametrize("before", [services.approve, services.reject, services.return_for_correction])
def test_a_second_decision_comes_too_late(before, verb):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()

    before(filing, reviewer=first, reason="一")

    assert refused(WrongState, verb, filing, reviewer=second, reason="二") == "already_decided"
    assert filing.decisions.get().reason.text == "一"


def test_an_older_version_is_refused_before_anything_else():
    filing, colleague = make.submitted(), make.reviewer()

    services.assign(filing, reviewer=colleague)

    assert refused(Stale, services.approve, filing, reviewer=colleague, version=2) == "stale_version"
    assert services.approve(filing, reviewer=colleague, version=3).status == "approved"


@pytest.mark.parametrize("verb", [services.assign, services.release, services.take_over])
def test_assigning_checks_the_version_too(verb):
    assert refused(Stale, verb, make.submitted(), reviewer=make.reviewer(), version=1) == "stale_version"


def test_a_draft_is_not_decided():
    assert refused(WrongState, services.approve, make.draft(), reviewer=make.reviewer()) == "wrong_state"


# Assignment


def test_claimed_released_and_taken_over():
    filing, first, second = make.submitted(), make.reviewer(), make.supervisor()

    assert services.assign(filing, reviewer=first).assignee == first
    assert refused(WrongState, services.assign, filing, reviewer=second) == "already_assigned"
    assert refused(WrongState, services.release, filing, reviewer=second) == "already_assigned"
    assert refused(WrongState, services.take_over, filing, reviewer=first) == "already_assigned"
    assert services.take_over(filing, reviewer=second).assignee == second
    assert services.release(filing, reviewer=second).assignee is None
    assert refused(WrongState, services.take_over, filing, reviewer=first) == "already_assigned"

    held = filing.events.filter(verb="take_over").get()
    assert held.data == {"before": str(first.pk)}


@pytest.mark.parametrize("verb", [services.approve, services.reject, services.return_for_correction])
def test_what_a_colleague_has_in_hand_is_taken_over_before_it_is_decided(verb):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()

    services.assign(filing, reviewer=first)

    assert refused(WrongState, verb, filing, reviewer=second, reason="二") == "already_assigned"

    services.take_over(filing, reviewer=second)
    verb(filing, reviewer=second, reason="二")

    assert filing.decisions.get().reviewer == second


def test_the_simulated_reviewer_keeps_the_promise_whoever_has_the_case():
    filing = make.submitted()

    services.assign(filing, reviewer=make.reviewer())

    assert services.approve(filing, reviewer=simulated_reviewer(1)).status == "approved"


# Who may not


@pytest.mark.parametrize("verb", [services.approve, services.assign, services.take_over, services.release])
def test_only_an_active_reviewer_of_the_area(verb):
    filing = make.submitted()

    strangers = [
        make.reviewer(make.CHENGDU), make.supervisor(make.CHENGDU), make.reviewer(is_active=False),
        make.staff("hospital", institution=make.institution()), make.staff("admin"), filing.applicant,
    ]  # fmt: skip

    for stranger in strangers:
        assert refused(Forbidden, verb, filing, reviewer=stranger) == "other_area"
    assert verbs(filing) == ["create", "submit"]


@pytest.mark.parametrize("verb", [services.approve, services.assign])
def test_the_patient_does_not_decide(verb):
    patient, colleague = person_and_reviewer()

    filing = make.submitted(make.enrollment(patient))

    assert refused(Forbidden, verb, filing, reviewer=colleague) == "party"


def test_who_files_for_a_relative_does_not_decide():
    relative, colleague = person_and_reviewer()
    patient = make.person()
    account = make.citizen(relative, patient)

    filing = make.submitted(make.enrollment(patient), account=account)

    assert refused(Forbidden, services.approve, filing, reviewer=colleague) == "party"


@pytest.mark.parametrize("status", ["active", "pending"])
def test_who_holds_or_asks_for_a_mandate_does_not_decide(status):
    relative, colleague = person_and_reviewer()
    filing = make.submitted()

    make.mandate(make.citizen(relative), filing.person, status=status)

    assert refused(Forbidden, services.approve, filing, reviewer=colleague) == "party"


def test_a_mandate_ended_after_the_case_began_still_counts():
    relative, colleague = person_and_reviewer()
    filing = make.submitted()

    ended = make.mandate(make.citizen(relative), filing.person, status="ended", ended_at=clock.now())

    assert refused(Forbidden, services.approve, filing, reviewer=colleague) == "party"

    Mandate.objects.filter(pk=ended.pk).update(ended_at=make.moment("2026-02-27 10:00"))

    assert services.approve(filing, reviewer=colleague).status == "approved"


def test_ending_the_mandate_over_oneself_does_not_hide_who_one_is():
    relative, colleague = person_and_reviewer()
    account = make.citizen(relative)
    filing = make.submitted()
    make.mandate(account, filing.person)

    Mandate.objects.filter(account=account, relation="self").update(status="ended", ended_at=clock.now())

    assert refused(Forbidden, services.approve, filing, reviewer=colleague) == "party"


def test_a_claim_to_be_somebody_that_was_never_proved_keeps_nobody_out():
    someone, colleague = person_and_reviewer()
    filing = make.submitted()
    liar = make.citizen()
    make.mandate(liar, filing.person)

    make.mandate(liar, someone, relation="self", status="pending", active_from=None)

    assert services.approve(filing, reviewer=colleague).status == "approved"


def test_the_agent_does_not_decide():
    agent, colleague = person_and_reviewer()
    filing = make.submitted()

    FilingAgent.objects.create(
        filing=filing, relation="agent", name=agent.name, id_number=agent.id_number, id_hash=agent.id_hash,
        phone=agent.phone, authority=make.material(filing.applicant, "letter_of_authority", submission=filing),
    )  # fmt: skip

    assert refused(Forbidden, services.approve, filing, reviewer=colleague) == "party"


# Two stages, two people


@pytest.fixture
def twice(two_stages):
    filing, first = make.submitted(), make.reviewer()
    services.assign(filing, reviewer=first)
    with at("2026-03-03 11:00"):
        services.approve(filing, reviewer=first)
    return filing, first


def test_the_first_review_hands_on_with_a_deadline_of_its_own(twice):
    filing, _first = twice

    filing.refresh_from_db()

    assert (filing.status, filing.stage, filing.stages, filing.assignee) == ("submitted", 2, 2, None)
    assert filing.stage_started_at == make.moment("2026-03-03 11:00")
    assert filing.due_at == make.moment("2026-03-05 17:00")
    assert filing.decided_at is None
    assert filing.events.last().to_status == "submitted"
    assert not Message.objects.filter(account=filing.applicant).exists()


def test_the_same_reviewer_does_not_do_both(twice):
    filing, first = twice

    assert refused(Forbidden, services.approve, filing, reviewer=first) == "same_reviewer"
    assert refused(Forbidden, services.assign, filing, reviewer=first) == "same_reviewer"


def test_nor_the_same_person_from_another_account(two_stages):
    filing = make.submitted()

    services.approve(filing, reviewer=make.reviewer(identity_hash="f" * 64))

    assert (
        refused(Forbidden, services.approve, filing, reviewer=make.supervisor(identity_hash="f" * 64))
        == "same_reviewer"
    )


def test_another_reviewer_completes_it(twice):
    filing, _first = twice

    services.approve(filing, reviewer=make.reviewer())

    assert decisions(filing) == [(1, 1, "approved"), (1, 2, "approved")]
    assert verbs(filing) == ["create", "submit", "claim", "approve", "approve"]


def test_a_return_from_the_second_stage_begins_again_at_the_first(twice):
    filing, first = twice
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="补充材料")
    services.resubmit(filing, actor=Actor(filing.applicant, filing.mandate))

    filing.refresh_from_db()

    assert (filing.round, filing.stage) == (2, 1)

    services.approve(filing, reviewer=first)

    assert decisions(filing) == [(1, 1, "approved"), (1, 2, "returned"), (2, 1, "approved")]


def test_a_simulated_reviewer_for_each_stage(two_stages):
    filing = make.submitted()
    for stage in (1, 2):
        services.approve(filing, reviewer=simulated_reviewer(stage))

    names = filing.decisions.order_by("stage").values_list("reviewer__username", flat=True)

    assert list(names) == ["simulated-1", "simulated-2"]


INSERT = (
    "INSERT INTO reviews_decision (id, submission_id, round, stage, reviewer_id, outcome, code, fields, decided_at)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, 'approved', '', '[]', now())"
)


@pytest.mark.parametrize(("stage", "same", "constraint"), [(1, False, "one_decision_a_stage"), (2, True, "four_eyes")])
def test_the_database_itself_refuses_a_second_decision(stage, same, constraint):
    """Raw SQL, past every service: the same stage again, and the same reviewer in another stage."""
    filing, first = make.submitted(), make.reviewer()
    services.approve(filing, reviewer=first)
    reviewer = first if same else make.reviewer()

    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [filing.pk, 1, stage, reviewer.pk])

    assert refusal.value.__cause__.diag.constraint_name == constraint


# What stays and what goes


def test_an_approval_without_a_reviewer_is_a_decision_too():
    filing = make.submitted()
    with services.locked(filing) as case:
        services.take_effect(case, actor=services.SYSTEM, lane="due")

    done = case.submission

    assert done.status == "approved"
    assert list(Decision.objects.values_list("submission", "reviewer", "outcome")) == [(filing.pk, None, "approved")]
    assert [(event.verb, event.actor) for event in Event.objects.filter(submission=filing)] == [
        ("create", filing.applicant),
        ("submit", filing.applicant),
        ("approve", None),
    ]


def test_messages_go_to_who_may_act_and_to_nobody_else():
    patient = make.person()
    spouse, former = make.citizen(), make.citizen()
    make.mandate(spouse, patient)
    filing = make.submitted(make.enrollment(patient), account=make.citizen(patient))
    make.mandate(former, patient, status="ended", ended_at=clock.now())
    make.mandate(make.citizen(), patient, valid_until=make.moment("2026-03-01 00:00").date())

    services.reject(filing, reviewer=make.reviewer(), reason="不符")

    assert set(Message.objects.values_list("account", flat=True)) == {filing.applicant_id, spouse.pk}


def test_who_filed_and_lost_the_mandate_hears_no_more():
    filing = make.submitted()
    Mandate.objects.filter(pk=filing.mandate_id).update(status="ended", ended_at=clock.now())

    services.reject(filing, reviewer=make.reviewer(), reason="不符")

    assert not Message.objects.filter(account__isnull=False).exists()


def test_an_agent_without_a_mandate_hears_of_the_one_case():
    agent = make.citizen()

    filing = make.submitted(account=agent)

    assert filing.mandate is None

    services.reject(filing, reviewer=make.reviewer(), reason="不符")

    assert set(Message.objects.values_list("account", "person")) == {(agent.pk, None), (None, filing.person_id)}


def test_nothing_of_a_refused_decision_is_stored():
    filing, colleague = make.submitted(), make.reviewer(make.CHENGDU)
    refused(Forbidden, services.reject, filing, reviewer=colleague, reason="不符")

    filing.refresh_from_db()

    assert (filing.version, Note.objects.count(), Decision.objects.count()) == (2, 0, 0)
