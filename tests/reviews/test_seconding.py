"""The second review: what is drawn, who may look again, what a disagreement leads to; no status and no deadline waits for it."""

import hashlib
from functools import partial
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core.errors import Forbidden, Invalid, WrongState
from reviews import history, queue, services
from reviews.models import Decision, SecondReview, SecondReviewRule, Verdict, Why
from reviews.sampling import drawn
from reviews.services.seconding import close, second
from tests import factories as make
from tests.monday import at, sweep_until, verbs
from tests.rivals import split, together

pytestmark = pytest.mark.usefixtures("monday")

threaded = pytest.mark.django_db(transaction=True)
LIST = "admin:reviews_secondreview_changelist"


def rule(**given):
    return SecondReviewRule.objects.create(area=make.area(make.CHONGQING), **given)


def decided(reviewer=None):
    """A decision that was just taken."""
    filing, reviewer = make.submitted(), reviewer or make.reviewer()
    services.approve(filing, reviewer=reviewer)
    return Decision.objects.select_related("reviewer", "submission").get(submission=filing)


def refusal_of(verb, *args, **given):
    with pytest.raises((WrongState, Forbidden, Invalid)) as refusal:
        verb(*args, **given)
    return refusal.value.problems[0].code


def disputed():
    """A decision that a colleague disagrees with."""
    rule(share=100)
    decision, colleague = decided(), make.reviewer()
    second(decision, reviewer=colleague, verdict="disagreed", reason="日期不符")
    return decision, colleague


def site(account):
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def listed(account, tab=""):
    return [row.pk for row in site(account).get(reverse(LIST), {"tab": tab} if tab else {}).context_data["cl"].queryset]


# What is drawn


def test_without_a_rule_nothing_is_looked_at_again():
    decided()

    assert SecondReview.objects.count() == 0


def test_the_share_can_be_computed_again_from_the_id():
    """SHA-256 of the id's 32 digits, the first 8 of it modulo 10 000: 7316 for this id, so in at 74 %, not at 73 %."""
    key = UUID("019aa5f2-7c3a-7d55-8a0e-3d2f6c1b9e04")
    part = int(hashlib.sha256(b"019aa5f27c3a7d558a0e3d2f6c1b9e04").hexdigest()[:8], 16) % 10_000

    assert [share for share in range(101) if drawn(key, share)] == [*range(part // 100 + 1, 101)]


def test_a_share_of_all_draws_each_decision_of_the_area():
    rule(share=100)

    decision = decided()

    row = SecondReview.objects.get()
    assert (row.pk, row.why, row.area_id, row.verdict) == (decision.pk, Why.SAMPLED, make.CHONGQING, "")
    decision.submission.refresh_from_db()
    assert (decision.submission.status, decision.submission.version) == ("approved", 3)


def test_the_first_decisions_of_a_new_reviewer_are_all_drawn():
    rule(new_decisions=2)
    reviewer = make.reviewer()

    for _turn in range(3):
        decided(reviewer)

    assert [row.why for row in SecondReview.objects.all()] == [Why.NEW_REVIEWER, Why.NEW_REVIEWER]


def test_the_first_days_of_a_new_reviewer():
    rule(new_days=3)
    reviewer = make.reviewer()
    decided(reviewer)

    with at("2026-03-05 09:59"):
        decided(reviewer)
    with at("2026-03-05 10:00"):
        decided(reviewer)

    assert SecondReview.objects.count() == 2


@pytest.mark.parametrize(("simulated", "count"), [(False, 0), (True, 1)])
def test_simulated_decisions_are_drawn_only_where_the_area_says_so(simulated, count):
    rule(share=100, new_decisions=9, simulated=simulated)
    make.submitted()

    sweep_until("2026-03-04 17:00")

    assert (Decision.objects.count(), SecondReview.objects.count()) == (1, count)


# Who looks again, and what they find


def test_agreeing_changes_neither_status_nor_deadline():
    rule(share=100)
    decision, colleague = decided(), make.reviewer()

    second(decision, reviewer=colleague, verdict=Verdict.AGREED)

    before = decision.submission
    after = type(before).objects.get(pk=before.pk)
    assert (after.status, after.version, after.due_at, after.decided_at) == (
        before.status, before.version, before.due_at, before.decided_at
    )  # fmt: skip
    assert verbs(before)[-1] == "second_review"
    assert history.disagreements() == (1, [])


def test_who_decided_does_not_look_again_with_whatever_account():
    rule(share=100)
    someone = make.person("王审核")
    decision = decided(make.reviewer(identity_hash=someone.id_hash))

    assert refusal_of(second, decision, reviewer=decision.reviewer, verdict="agreed") == "own_decision"
    twin = make.reviewer(identity_hash=someone.id_hash)
    assert refusal_of(second, decision, reviewer=twin, verdict="agreed") == "own_decision"


def test_no_party_nobody_from_elsewhere_nobody_simulated_looks_again():
    rule(share=100)
    decision = decided()
    party = make.reviewer(identity_hash=decision.submission.person.id_hash)

    assert refusal_of(second, decision, reviewer=party, verdict="agreed") == "party"
    assert refusal_of(second, decision, reviewer=make.reviewer("110000"), verdict="agreed") == "other_area"
    assert refusal_of(second, decision, reviewer=queue.simulated_reviewer(1), verdict="agreed") == "other_area"


def test_a_disagreement_needs_a_reason_and_is_given_once():
    rule(share=100)
    decision = decided()

    assert refusal_of(second, decision, reviewer=make.reviewer(), verdict="disagreed") == "reason_required"
    assert refusal_of(second, decision, reviewer=make.reviewer(), verdict="maybe") == "invalid_choice"

    second(decision, reviewer=make.reviewer(), verdict="agreed")

    assert refusal_of(second, decision, reviewer=make.reviewer(), verdict="agreed") == "already_reviewed"


def test_what_was_not_drawn_or_was_undone_is_not_reviewed():
    decision = decided()
    assert refusal_of(second, decision, reviewer=make.reviewer(), verdict="agreed") == "not_drawn"

    rule(share=100)
    other = decided()
    services.undo(other.submission, reviewer=other.reviewer)

    assert refusal_of(second, other, reviewer=make.reviewer(), verdict="agreed") == "decision_undone"
    assert SecondReview.objects.waiting().count() == 0


def test_a_second_review_does_not_keep_the_decision_from_being_undone():
    decision, _colleague = disputed()

    services.undo(decision.submission, reviewer=decision.reviewer)

    assert SecondReview.objects.disputed().count() == 0


def test_the_supervisor_closes_a_disagreement_with_a_note():
    decision, _colleague = disputed()
    boss = make.supervisor()

    assert refusal_of(close, decision, supervisor=make.reviewer(), reason="x") == "supervisors_only"
    assert refusal_of(close, decision, supervisor=boss, reason=" ") == "reason_required"

    closed = close(decision, supervisor=boss, reason="决定正确")

    assert (closed.closed_by, closed.closing.text, SecondReview.objects.disputed().count()) == (boss, "决定正确", 0)
    assert refusal_of(close, decision, supervisor=boss, reason="again") == "not_disputed"
    assert verbs(decision.submission)[-2:] == ["second_review", "second_review_closed"]


def test_the_citizen_hears_nothing_of_it():
    decision, _colleague = disputed()
    filing = decision.submission

    events = make.api(filing.applicant).get(f"/api/v1/filings/{filing.pk}/").json()["events"]

    assert [event["verb"] for event in events] == ["create", "submit", "approve"]


@threaded
def test_of_two_at_once_one_is_told():
    rule(share=100)
    decision = decided()

    results = together(*[partial(second, decision, reviewer=make.reviewer(), verdict="agreed") for _each in range(2)])

    winners, losers = split(results)
    assert (len(winners), [row.code for row in losers]) == (1, ["already_reviewed"])
    assert verbs(decision.submission).count("second_review") == 1


# In the site


def test_the_queue_leads_to_the_case_with_its_form():
    rule(share=100)
    decision, colleague = decided(), make.reviewer()
    client = site(colleague)

    assert listed(colleague) == [decision.pk]
    case = client.get(reverse("admin:reviews_submission_change", args=[decision.submission_id]))
    assert case.context_data["seconds"][0]["form"] == "review"

    answer = client.post(
        reverse("admin:second_review", args=[decision.pk]), {"verdict": "disagreed", "reason": "日期不符"}, follow=True
    )

    assert "复核意见已记录。" in answer.content.decode()
    assert (listed(colleague), listed(colleague, "mine")) == ([], [decision.pk])


def test_a_disagreement_stands_before_the_supervisor_and_both():
    decision, colleague = disputed()
    boss = make.supervisor()

    assert listed(boss, "disputed") == [decision.pk]
    assert listed(decision.reviewer, "mine") == listed(colleague, "mine") == [decision.pk]
    assert listed(make.reviewer(), "mine") == []

    site(boss).post(reverse("admin:second_review", args=[decision.pk]), {"verdict": "close", "reason": "已核对"})

    assert listed(boss, "disputed") == []
    page = site(decision.reviewer).get(reverse("admin:reviews_submission_change", args=[decision.submission_id]))
    assert "已核对" in page.content.decode()


def test_other_areas_see_nothing_of_it():
    decision, _colleague = disputed()
    stranger = make.reviewer("110000")

    assert listed(stranger, "all") == []
    answer = site(stranger).post(reverse("admin:second_review", args=[decision.pk]), {"verdict": "agreed"})
    assert answer.status_code == 404


def test_the_rule_is_set_by_the_areas_supervisor_alone():
    page = reverse("admin:reviews_secondreviewrule_add")
    given = {"area": make.CHONGQING, "share": 5, "new_decisions": 20, "new_days": 0}

    assert site(make.reviewer()).post(page, given).status_code == 403
    site(make.supervisor("110000")).post(page, given)
    assert SecondReviewRule.objects.count() == 0

    site(make.supervisor()).post(page, given)

    assert SecondReviewRule.objects.get().share == 5


def test_ten_rows_cost_as_many_queries_as_one(django_assert_max_num_queries):
    rule(share=100)
    for _turn in range(10):
        decided()
    client = site(make.staff(Role.SUPERVISOR))

    with django_assert_max_num_queries(12):
        client.get(reverse(LIST))
