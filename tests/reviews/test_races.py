"""Rivals: whoever comes second is told, and nothing happens twice.

First with the rival let in at the one dangerous moment, before the lock is taken; then with real threads; and once without
the lock, to see that there is something to guard against.
"""

import threading
from datetime import date
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import transaction

import reviews.locking
from core.errors import Stale, WrongState
from filings.lifecycle import FilingLifecycle
from filings.models import Filing
from reviews import history, queue, services
from reviews.lifecycle import Case
from reviews.locking import rows_of
from reviews.models import Decision, Event, Status, Submission
from reviews.queue import simulated_reviewer
from reviews.services import Actor
from tests import factories as make
from tests.monday import decisions, verbs, wake
from tests.rivals import somebody_waits_for_us, split, together, wait_until

pytestmark = pytest.mark.usefixtures("monday")

threaded = pytest.mark.django_db(transaction=True)


def actor_of(filing):
    return Actor(filing.applicant, filing.mandate)


@pytest.fixture
def before_the_lock(monkeypatch):
    """Let a rival act when somebody else is just about to begin the transaction that takes the lock."""

    def inject(rival):
        def atomic():
            monkeypatch.setattr(reviews.locking, "transaction", transaction)
            rival()
            return transaction.atomic()

        monkeypatch.setattr(reviews.locking, "transaction", SimpleNamespace(atomic=atomic))

    return inject


# The rival is quicker


@pytest.mark.parametrize("late", [services.approve, services.reject, services.return_for_correction])
def test_the_second_of_two_reviewers_is_told(before_the_lock, late):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()
    before_the_lock(lambda: services.approve(filing, reviewer=first))

    with pytest.raises(WrongState) as refusal:
        late(filing, reviewer=second, reason="材料不清")

    assert refusal.value.code == "already_decided"
    assert [row.reviewer for row in Decision.objects.all()] == [first]
    assert verbs(filing) == ["create", "submit", "approve"]


def test_who_says_what_they_saw_is_told_that_it_is_old(before_the_lock):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()
    before_the_lock(lambda: services.approve(filing, reviewer=first))

    with pytest.raises(Stale):
        services.reject(filing, reviewer=second, reason="材料不清", version=filing.version)

    assert decisions(filing) == [(1, 1, "approved")]


def test_a_double_click_submits_once(before_the_lock):
    filing = make.draft()
    before_the_lock(lambda: services.submit(filing, actor=actor_of(filing)))

    with pytest.raises(WrongState) as refusal:
        services.submit(filing, actor=actor_of(filing))

    assert (refusal.value.code, verbs(filing)) == ("wrong_state", ["create", "submit"])


def test_withdrawn_before_it_is_approved(before_the_lock):
    filing = make.submitted()
    before_the_lock(lambda: services.withdraw(filing, actor=actor_of(filing)))

    with pytest.raises(WrongState) as refusal:
        services.approve(filing, reviewer=make.reviewer())

    assert (refusal.value.code, "已撤回" in refusal.value.detail) == ("already_decided", True)
    assert verbs(filing) == ["create", "submit", "withdraw"]


def test_approved_before_it_is_withdrawn(before_the_lock):
    filing = make.submitted()
    before_the_lock(lambda: services.approve(filing, reviewer=make.reviewer()))

    with pytest.raises(WrongState) as refusal:
        services.withdraw(filing, actor=actor_of(filing))

    assert (refusal.value.code, "已通过" in refusal.value.detail) == ("wrong_state", True)
    assert verbs(filing) == ["create", "submit", "approve"]


def test_a_colleague_claims_it_first(before_the_lock):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()
    before_the_lock(lambda: services.assign(filing, reviewer=first))

    with pytest.raises(WrongState) as refusal:
        services.assign(filing, reviewer=second)

    assert (refusal.value.code, Submission.objects.get().assignee) == ("already_assigned", first)


def test_decided_by_a_person_while_the_sweep_was_on_its_way():
    """The sweep's list of what is due is old by the time it takes the lock: it asks again under it."""
    filing = make.submitted()
    wake(filing)
    rows = queue.due()

    services.approve(filing, reviewer=make.reviewer())

    assert queue._work_off(rows) == 0
    assert decisions(filing) == [(1, 1, "approved")]


def test_the_checks_were_passed_and_then_a_rival_filed_the_same(monkeypatch):
    """Past the checks, before the write: the constraint is the last to say no."""
    enrolled = make.enrollment()
    account = make.citizen(enrolled.person)
    mine, theirs = make.draft(enrolled, account=account), make.draft(enrolled, account=account)
    key = FilingLifecycle.live_key

    def after_the_rival(lifecycle, row):
        if row.pk == mine.pk:
            monkeypatch.setattr(FilingLifecycle, "live_key", key)
            services.submit(theirs, actor=actor_of(theirs))
        return key(lifecycle, row)

    monkeypatch.setattr(FilingLifecycle, "live_key", after_the_rival)

    with pytest.raises(WrongState) as refusal:
        services.submit(mine, actor=actor_of(mine))

    assert (refusal.value.code, refusal.value.status) == ("filing_overlaps", 409)
    # the rival wrote inside our transaction here, and went with it
    assert set(Submission.objects.values_list("status", flat=True)) == {"draft"}


# Real threads


@threaded
def test_many_reviewers_at_the_same_moment():
    filing = make.submitted()
    choices = [services.approve, services.reject, services.return_for_correction] * 2
    acts = [partial(verb, filing, reviewer=make.reviewer(), reason="理由") for verb in choices]

    winners, losers = split(together(*acts))

    assert (len(winners), {loser.code for loser in losers}) == (1, {"already_decided"})
    assert len(decisions(filing)) == 1
    assert len(verbs(filing)) == 3
    assert history.disagreements() == (1, [])


@threaded
def test_two_filings_of_one_person_at_the_same_moment():
    enrolled = make.enrollment()
    account = make.citizen(enrolled.person)
    drafts = [make.draft(enrolled, account=account) for _number in range(3)]

    winners, losers = split(together(*[lambda row=row: services.submit(row, actor=actor_of(row)) for row in drafts]))

    assert len(winners) == 1
    assert {loser.code for loser in losers} <= {"already_live", "filing_overlaps"}
    assert {loser.status for loser in losers} == {409}
    assert sorted(Submission.objects.values_list("status", flat=True)) == ["draft", "draft", "submitted"]


@threaded
def test_sweeps_at_the_same_moment_share_the_work(monkeypatch):
    monkeypatch.setattr(queue, "BATCH", 3)
    filings = [make.submitted() for _number in range(24)]
    wake(*filings)

    done, _refused = split(together(queue.work, queue.work, queue.work))

    assert sum(done) == 24
    assert [decisions(filing) for filing in filings] == [[(1, 1, "approved")]] * 24
    assert Event.objects.filter(verb="approve").count() == 24
    assert history.disagreements() == (24, [])


@threaded
def test_reviewers_beside_the_sweep():
    filings = [make.submitted() for _number in range(12)]
    wake(*filings)
    colleague = make.reviewer()

    def review():
        outcomes = []
        for filing in filings:
            try:
                services.reject(filing, reviewer=colleague, reason="理由")
                outcomes.append("rejected")
            except WrongState as refusal:
                outcomes.append(refusal.code)
        return outcomes

    (swept, outcomes), _refused = split(together(queue.work, review))

    assert swept + outcomes.count("rejected") == 12
    assert set(outcomes) <= {"rejected", "already_decided"}
    assert Decision.objects.count() == 12
    assert history.disagreements() == (12, [])


@threaded
def test_who_waited_for_the_lock_reads_the_whole_row_fresh():
    """Also the child's columns, which stand in a table of their own."""
    filing, seen = make.submitted(), []

    def look():
        with services.locked(filing) as case:
            seen.append((case.submission.starts_on, case.submission.version))

    waiting = threading.Thread(target=lambda: split(together(look)))
    with services.locked(filing) as case:
        waiting.start()
        wait_until(somebody_waits_for_us)
        case.change(starts_on=date(2026, 3, 9))

    waiting.join(30)

    assert seen == [(date(2026, 3, 9), 3)]


# Control: without the lock


@pytest.fixture
def without_the_lock(monkeypatch):
    """Let two people act who both read the case before either has written."""

    def act(*acts):
        both_have_read = threading.Barrier(2)

        def careless(key):
            case = Case(rows_of("filing").get(pk=key))
            both_have_read.wait(30)
            return case

        monkeypatch.setattr(reviews.locking, "_lock", careless)
        return split(together(*acts))

    return act


@threaded
def test_without_the_lock_both_claim_it(without_the_lock):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()

    winners, losers = without_the_lock(
        partial(services.assign, filing, reviewer=first), partial(services.assign, filing, reviewer=second)
    )

    assert (len(winners), losers) == (2, [])
    assert verbs(filing) == ["create", "submit", "claim", "claim"]


@threaded
def test_without_the_lock_the_database_still_lets_only_one_decide(without_the_lock):
    filing, first, second = make.submitted(), make.reviewer(), make.reviewer()

    winners, losers = without_the_lock(
        partial(services.approve, filing, reviewer=first),
        partial(services.reject, filing, reviewer=second, reason="理由"),
    )

    assert (len(winners), [loser.code for loser in losers]) == (1, ["already_decided"])
    assert (len(decisions(filing)), len(verbs(filing))) == (1, 3)
    assert Filing.objects.get().status in (Status.APPROVED, Status.REJECTED)


@threaded
def test_a_lock_held_elsewhere_is_skipped_by_the_sweep():
    held, free = make.submitted(), make.submitted()
    simulated_reviewer(1)
    wake(held, free)

    with transaction.atomic():
        Submission.objects.select_for_update().get(pk=held.pk)
        assert together(queue.sweep) == [1]

    assert (decisions(held), decisions(free)) == ([], [(1, 1, "approved")])
