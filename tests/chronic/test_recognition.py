"""A recognition from the application to its end: two reviews by two people, start, renewal without a gap, expiry."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import registry
from accounts.models import Message
from chronic import services
from chronic.lifecycle import RecognitionLifecycle
from chronic.models import Recognition
from chronic.standing import standing
from core.errors import Forbidden, Invalid, WrongState
from policies.language.terms import Span
from reviews import services as queue
from reviews.models import Decision, Event
from reviews.services import Actor
from tests import factories as make
from tests.chronic.applying import (
    AWAY,
    DIABETES,
    HOSPITAL,
    HYPERTENSION,
    TAIYUAN,
    applied,
    approved,
    at,
    fresh,
    papers,
    renewed,
    sweep_until,
)  # fmt: skip

pytestmark = pytest.mark.usefixtures("human")


def told(account):
    rows = Message.objects.filter(account=account).order_by("created_at", "kind")
    return [(row.kind, f"{row.created_at.astimezone(make.clock.SHANGHAI):%Y-%m-%d %H:%M}") for row in rows]


def state(of, text, disease=DIABETES):
    return standing(of, disease, date.fromisoformat(text)).state


def test_first_review_expert_review_and_in_force_from_next_month(enrolled, account):
    """Ten working days a stage (policies/national.yaml): from Monday 2 March to Monday 16 March, 17:00."""
    recognition = applied(account, enrolled, institutions=[AWAY])

    assert (recognition.status, recognition.stage, recognition.stages) == ("submitted", 1, 2)
    assert recognition.due_at == make.moment("2026-03-16 17:00")

    first, second = make.reviewer(TAIYUAN), make.reviewer(TAIYUAN)
    queue.approve(recognition, reviewer=first)

    assert (fresh(recognition).status, fresh(recognition).stage) == ("submitted", 2)

    queue.approve(recognition, reviewer=second)

    done = fresh(recognition)

    assert (done.status, done.valid_from, done.renew_by, done.valid_until) == ("approved", date(2026, 4, 1), None, None)
    assert [row.stage for row in Decision.objects.filter(submission=done).order_by("stage")] == [1, 2]
    assert told(account) == [("approved", "2026-03-02 10:00")]
    assert [state(enrolled, day) for day in ("2026-03-31", "2026-04-01", "2036-04-01")] == [
        "future",
        *["recognised"] * 2,
    ]
    assert standing(enrolled, DIABETES, date(2026, 4, 1)).institutions == {AWAY}


def test_at_once_where_the_area_says_so(enrolled, account, rules):
    rules(starts="at_once", renewal=Span(12, "months"))

    done = approved(applied(account, enrolled))

    assert (done.valid_from, done.renew_by) == (date(2026, 3, 2), date(2027, 3, 1))


def test_in_december_next_month_is_next_year(enrolled, account):
    with at("2026-12-31 10:00"):
        assert approved(applied(account, enrolled)).valid_from == date(2027, 1, 1)


def test_the_same_person_cannot_do_both_reviews(enrolled, account):
    recognition, reviewer = applied(account, enrolled), make.reviewer(TAIYUAN)
    queue.approve(recognition, reviewer=reviewer)

    with pytest.raises(Forbidden) as refused:
        queue.approve(recognition, reviewer=reviewer)

    assert refused.value.code == "same_reviewer"
    assert fresh(recognition).status == "submitted"


def test_nor_through_the_admin(enrolled, account):
    recognition, reviewer = applied(account, enrolled), make.reviewer(TAIYUAN)
    queue.approve(recognition, reviewer=reviewer)
    client = Client()
    client.force_login(reviewer, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("admin:reviews_submission_change", args=[recognition.pk])

    answer = client.post(page, {"action": "approve", "version": fresh(recognition).version})

    assert answer.status_code == 403
    assert (fresh(recognition).status, Decision.objects.filter(submission=recognition).count()) == ("submitted", 1)


def test_nor_by_raw_sql(enrolled, account):
    recognition, reviewer = applied(account, enrolled), make.reviewer(TAIYUAN)
    queue.approve(recognition, reviewer=reviewer)
    again = """
        INSERT INTO reviews_decision (id, submission_id, round, stage, reviewer_id, outcome, code, fields, decided_at)
        SELECT gen_random_uuid(), submission_id, round, 2, reviewer_id, outcome, code, fields, decided_at
        FROM reviews_decision WHERE submission_id = %s
    """

    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(again, [recognition.pk])

    assert Decision.objects.filter(submission=recognition).count() == 1


def test_simulated_reviewers_are_two(enrolled, account, settings):
    settings.REVIEW_MODE = "simulated"
    recognition = applied(account, enrolled)

    sweep_until("2026-04-30 00:00")

    assert fresh(recognition).status == "approved"

    by = Decision.objects.filter(submission=recognition).order_by("stage")
    assert [row.reviewer.username for row in by] == ["simulated-1", "simulated-2"]


def test_several_diseases_at_once_each_its_own(enrolled, account):
    approved(applied(account, enrolled))
    approved(applied(account, enrolled, HYPERTENSION))

    found = standing(enrolled, HYPERTENSION, date(2026, 4, 1))

    assert (found.state, found.diseases) == ("recognised", 2)


def test_one_that_runs_is_named(enrolled, account):
    running = applied(account, enrolled)

    with pytest.raises(WrongState) as refused:
        applied(account, enrolled)

    problem = refused.value.problems[0]

    assert problem.code == "recognition_running"
    assert running.number in problem.detail
    assert Recognition.objects.count() == 1


def test_a_race_for_the_same_disease_names_the_quicker_one(enrolled, account):
    """The checks saw nobody; the database did."""
    slow = applied(account, enrolled, draft=True)
    quick = applied(account, enrolled)
    from unittest.mock import patch

    with (
        patch.object(RecognitionLifecycle, "findings", lambda lifecycle, cases: [[]]),
        pytest.raises(WrongState) as refused,
    ):
        queue.submit(slow, actor=Actor.of(account, enrolled.person))

    assert refused.value.code == "recognition_running"
    assert quick.number in refused.value.detail


def test_another_area_recognises_anew_and_sees_the_older_record(enrolled, account):
    old = approved(applied(account, enrolled))

    elsewhere = make.enrollment(enrolled.person, code="520100")

    assert state(elsewhere, "2026-04-01") == "none"

    recognition = applied(account, elsewhere)

    finding = next(check for check in recognition.checks if check["code"] == "recognised_before")

    assert (finding["level"], old.number in finding["message"], "太原市" in finding["message"]) == ("info", True, True)


def test_it_ends_with_the_enrolment_and_the_message_says_what_to_do(enrolled, account):
    recognition = approved(applied(account, enrolled))
    with at("2026-05-04 10:00"):
        enrolled.valid_until = date(2026, 4, 30)
        enrolled.save()
        registry.enrollment_changed(enrolled, None)
        done = fresh(recognition)
        assert (done.status, done.valid_until) == ("cancelled", date(2026, 4, 30))

    text = Message.objects.get(kind="enrollment_ended").text

    assert "门诊慢特病认定已终止" in text
    assert "请先续保再重新申请认定" in text
    assert [state(enrolled, day) for day in ("2026-04-30", "2026-05-01")] == ["recognised", "ended"]


def test_an_enrolment_that_will_end_ends_it_then(enrolled, account):
    enrolled.valid_until = date(2026, 6, 30)
    enrolled.save()
    recognition = approved(applied(account, enrolled))

    sweep_until("2026-07-01 00:00")

    assert (fresh(recognition).status, fresh(recognition).valid_until) == ("cancelled", date(2026, 6, 30))


def test_reminders_a_month_and_a_week_before_then_it_expires(enrolled, account, quarterly):
    """1 April + 3 months: to 30 June. A month before is 30 May, a week before 23 June."""
    recognition = approved(applied(account, enrolled))

    assert recognition.renew_by == date(2026, 6, 30)

    sweep_until("2026-08-01 00:00")

    assert told(account) == [
        ("approved", "2026-03-02 10:00"),
        ("renewal_due_1", "2026-05-30 09:00"),
        ("renewal_due_2", "2026-06-23 09:00"),
        ("expired", "2026-07-01 00:00"),
    ]

    done = fresh(recognition)
    assert (done.status, done.valid_until, done.wake_at) == ("expired", date(2026, 6, 30), None)
    assert [state(enrolled, day) for day in ("2026-06-30", "2026-07-01")] == ["recognised", "ended"]


def test_a_renewal_takes_over_without_a_gap_and_loses_no_day(enrolled, account, quarterly):
    old = approved(applied(account, enrolled, institutions=[AWAY]))
    with at("2026-06-10 10:00"):
        new = approved(renewed(old, account))

    old = fresh(old)

    assert (old.status, old.valid_from, old.valid_until) == ("superseded", date(2026, 4, 1), date(2026, 6, 9))
    assert (new.valid_from, new.renew_by, new.live_key) == (date(2026, 6, 10), date(2026, 9, 30), new.key_in_force)
    assert list(new.institutions.values_list("code", flat=True)) == [AWAY]

    days = ("2026-04-01", "2026-06-09", "2026-06-10", "2026-09-30", "2026-10-01")
    assert [state(enrolled, day) for day in days] == [*["recognised"] * 4, "ended"]


def test_who_came_in_time_has_no_gap_while_the_renewal_is_reviewed(enrolled, account, quarterly):
    old = approved(applied(account, enrolled))
    with at("2026-06-29 10:00"):
        new = renewed(old, account)

    with at("2026-07-03 10:00"):
        sweep_until("2026-07-03 10:00")
        assert fresh(old).status == "approved"
        assert state(enrolled, "2026-07-03") == "recognised"
        done = approved(new)

    assert (fresh(old).valid_until, done.valid_from, done.renew_by) == (
        date(2026, 7, 2), date(2026, 7, 3), date(2026, 10, 2),
    )  # fmt: skip


def test_a_renewal_refused_after_the_end_ends_it_that_day(enrolled, account, quarterly):
    old = approved(applied(account, enrolled))
    with at("2026-06-29 10:00"):
        new = renewed(old, account)

    with at("2026-07-03 10:00"):
        queue.reject(new, reviewer=make.reviewer(TAIYUAN), reason="指标已恢复正常")
        assert (fresh(old).status, fresh(old).valid_until) == ("expired", date(2026, 7, 2))

    assert {kind for kind, _at in told(account)} >= {"rejected", "expired"}


def test_a_renewal_withdrawn_in_time_leaves_it_as_it_was(enrolled, account, quarterly):
    old = approved(applied(account, enrolled))
    with at("2026-06-10 10:00"):
        new = renewed(old, account)
        queue.withdraw(new, actor=Actor.of(account, enrolled.person))
        assert fresh(old).status == "approved"

    sweep_until("2026-07-01 00:00")

    assert fresh(old).status == "expired"


def test_renewing_opens_a_month_before(enrolled, account, quarterly):
    old = approved(applied(account, enrolled))

    with at("2026-05-29 10:00"), pytest.raises(WrongState) as refused:
        renewed(old, account)

    assert (refused.value.code, "2026年5月30日" in refused.value.detail) == ("renewal_too_early", True)

    with at("2026-05-30 10:00"):
        renewed(old, account)
        with pytest.raises(WrongState) as refused:
            renewed(old, account)

    assert refused.value.problems[0].code == "renewal_running"


def test_one_that_lasts_needs_none(enrolled, account):
    with pytest.raises(WrongState) as refused:
        renewed(approved(applied(account, enrolled)), account)

    assert refused.value.code == "renewal_not_needed"


def test_a_renewal_brings_fresh_documents(enrolled, account, quarterly):
    old = approved(applied(account, enrolled))

    with at("2026-06-10 10:00"), pytest.raises(Invalid) as refused:
        renewed(old, account, materials=[])

    assert [problem.code for problem in refused.value.problems] == ["documents_missing"]


def test_institutions_are_chosen_and_changed(enrolled, account, rules):
    rules(institutions=1)

    with pytest.raises(Invalid) as refused:
        applied(account, enrolled)

    assert refused.value.problems[0].code == "institutions_required"

    done = approved(applied(account, enrolled, institutions=[HOSPITAL]))

    services.choose(done, [AWAY], actor=Actor.of(account, enrolled.person))

    assert list(done.institutions.values_list("code", flat=True)) == [AWAY]
    assert Event.objects.filter(submission=done, verb="choose").get().data == {"institutions": [AWAY]}

    make.institution("H11010100002", chronic=[])
    make.institution("H11010100003", level=1, chronic=[DIABETES])
    for codes, code in (
        ([AWAY, HOSPITAL], "institutions_too_many"),
        (["H11010100002"], "institution_not_open"),
        (["H11010100003"], "institution_level"),
        ([], "institutions_required"),
    ):
        with pytest.raises(Invalid) as refused:
            services.choose(done, codes, actor=Actor.of(account, enrolled.person))
        assert refused.value.problems[0].code == code

    assert list(done.institutions.values_list("code", flat=True)) == [AWAY]


PROMISE = {"kind": "test_report", "signed_name": "王秀兰"}


def commitment_kind(account, of):
    return approved(applied(account, of, materials=papers(account, "discharge_record"), commitment=PROMISE))


def test_a_promise_is_kept_by_a_renewal_with_the_documents(enrolled, account, trusting):
    """Thirty days from 2 March: 1 April."""
    old = commitment_kind(account, enrolled)

    assert (old.commitment_status, old.commitment_due_on) == ("open", date(2026, 4, 1))

    with at("2026-03-20 10:00"):
        new = approved(renewed(old, account))

    assert (fresh(old).commitment_status, fresh(old).status) == ("met", "superseded")
    assert (new.filed_by, new.valid_from) == ("document", date(2026, 4, 1))


def test_a_broken_promise_ends_it_and_bars_new_ones(enrolled, account, trusting):
    old = commitment_kind(account, enrolled)

    sweep_until("2026-04-02 00:00")

    assert (fresh(old).status, fresh(old).commitment_status) == ("cancelled", "broken")
    assert [kind for kind, _at in told(account)] == [
        "approved", "commitment_due_1", "commitment_due_2", "commitment_broken",
    ]  # fmt: skip

    with at("2026-04-03 10:00"), pytest.raises(Invalid) as refused:
        commitment_kind(account, enrolled)

    assert [problem.code for problem in refused.value.problems] == ["commitment_barred"]


def test_a_promise_is_not_broken_while_its_renewal_is_reviewed(enrolled, account, trusting):
    old = commitment_kind(account, enrolled)
    with at("2026-03-31 10:00"):
        new = renewed(old, account)
    with at("2026-04-03 10:00"):
        sweep_until("2026-04-03 10:00")
        assert fresh(old).status == "approved"
        queue.withdraw(new, actor=Actor.of(account, enrolled.person))
        assert (fresh(old).status, fresh(old).commitment_status) == ("cancelled", "broken")


def test_no_promise_where_the_area_takes_none(enrolled, account):
    with pytest.raises(Invalid) as refused:
        commitment_kind(account, enrolled)

    assert {problem.code for problem in refused.value.problems} == {"commitment_not_accepted", "documents_missing"}
