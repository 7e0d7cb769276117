"""The life of a commitment (RULES.md §2.3), its days counted by hand.

Approved on 3 March 2026 with two months to supply: due on 3 May. Half of the 61 days is 30: 2 April. Three days before
the last one: 30 April. Broken when 3 May is over.
"""

from datetime import date

import pytest

from accounts.models import Message
from core.errors import Forbidden, Invalid, WrongState
from filings import proofs, schedule, services
from filings.models import Commitment, Filing, Proof
from policies.language.filing_rules import rules_for
from reviews import services as queue
from reviews.models import Event, Submission
from reviews.services import Actor
from tests import factories as make
from tests.monday import at, sweep_until

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, SHENYANG, TAIYUAN = "520100", "210100", "140100"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


@pytest.fixture
def enrolled():
    return make.enrollment(make.person("王秀兰"), code=GUIYANG)


@pytest.fixture
def account(enrolled):
    return make.citizen(enrolled.person)


@pytest.fixture
def filing(enrolled, account):
    """Promised on 2 March, approved on 3 March."""
    waiting = make.filed(enrolled, account, filing_type="resident", commitment=PROMISE)
    with at("2026-03-03 11:00"):
        return queue.approve(waiting, reviewer=make.reviewer(GUIYANG))


def promise_of(filing):
    return Commitment.objects.get(filing=filing)


def fresh(filing):
    return Filing.objects.get(pk=filing.pk)


def told(account):
    return [
        (message.kind, f"{message.created_at.astimezone(make.clock.SHANGHAI):%m-%d %H:%M}")
        for message in Message.objects.filter(account=account).exclude(kind="approved").order_by("created_at")
    ]


def prove(filing, account, kind="residence_permit"):
    return proofs.prove(account, filing, [make.material(account, kind).pk]).submission


def test_the_time_runs_from_the_approval(filing, account):
    promise = promise_of(filing)

    assert (promise.status, promise.due_on) == ("open", date(2026, 5, 3))
    assert filing.filed_by == "commitment"
    assert Message.objects.get(account=account, kind="approved").text.endswith(
        "请在2026年5月3日前补交承诺的材料：居住证。"
    )


def test_reminded_twice_then_broken_then_barred(filing, account, enrolled):
    sweep_until("2026-05-04 12:00")

    assert told(account) == [
        ("commitment_due_1", "04-02 09:00"),
        ("commitment_due_2", "04-30 09:00"),
        ("commitment_broken", "05-04 00:00"),
    ]

    promise = promise_of(filing)
    assert (promise.status, promise.settled_on, promise.reminders) == ("broken", date(2026, 5, 4), 2)

    ended = fresh(filing)
    assert (ended.status, ended.valid_until) == ("cancelled", date(2026, 5, 3))
    assert Event.objects.filter(submission=filing).latest("id").data == {"code": "commitment_broken"}


@pytest.mark.parametrize(
    ("day", "barred"), [("2028-05-04 10:00", True), ("2028-05-05 10:00", False)], ids=["last day", "day after"]
)
def test_the_bar_lasts_two_years(filing, account, enrolled, day, barred):
    """24 months after 4 May 2026 are over with 4 May 2028."""
    sweep_until("2026-05-04 12:00")

    with at(day):
        if barred:
            with pytest.raises(Invalid) as refused:
                make.filed(enrolled, account, filing_type="resident", commitment=PROMISE)
            assert (refused.value.code, "2028年5月4日" in refused.value.detail) == ("commitment_barred", True)
        else:
            assert make.filed(enrolled, account, filing_type="resident", commitment=PROMISE).status == "submitted"


def test_barred_people_still_file_with_documents(filing, account, enrolled):
    sweep_until("2026-05-04 12:00")

    with at("2026-06-01 10:00"):
        paper = make.material(account)
        assert make.filed(enrolled, account, filing_type="resident", materials=[paper.pk]).status == "submitted"


def test_a_proof_redeems_the_promise(filing, account):
    with at("2026-04-10 10:00"):
        proof = prove(filing, account)
        standing = fresh(filing).status

    with at("2026-04-13 10:00"):
        done = queue.approve(proof, reviewer=make.reviewer(GUIYANG))

    assert (proof.status, proof.live_key, standing) == ("submitted", f"proof:{filing.pk}", "approved")
    assert proof.due_at == make.moment("2026-04-14 17:00")  # Friday, then Monday and Tuesday
    assert done.status == "approved"

    promise = promise_of(filing)
    assert (promise.status, promise.settled_on) == ("met", date(2026, 4, 13))
    assert fresh(filing).filed_by == "document"
    assert Event.objects.get(submission=filing, verb="commitment_met").data == {"proof": str(proof.pk)}


def test_after_the_proof_nothing_more_is_asked(filing, account):
    with at("2026-03-20 10:00"):
        queue.approve(prove(filing, account), reviewer=make.reviewer(GUIYANG))

    sweep_until("2026-06-01 12:00")

    assert [kind for kind, _when in told(account)] == ["commitment_met"]
    assert (fresh(filing).status, fresh(filing).wake_at) == ("approved", None)


def test_a_proof_under_review_at_the_last_day_holds_the_consequence_back(filing, account):
    with at("2026-05-03 20:00"):
        proof = prove(filing, account)

    Submission.objects.filter(pk=proof.pk).update(wake_at=None)  # no simulated reviewer

    sweep_until("2026-05-04 09:00")

    assert promise_of(filing).status == "open"
    assert (fresh(filing).status, fresh(filing).wake_at) == ("approved", None)


def test_a_proof_refused_after_the_last_day_breaks_the_promise(filing, account):
    with at("2026-05-03 20:00"):
        proof = prove(filing, account)

    with at("2026-05-05 10:00"):
        queue.reject(proof, reviewer=make.reviewer(GUIYANG), reason="不是居住证")
        sweep_until("2026-05-05 10:00")

    assert promise_of(filing).status == "broken"
    assert fresh(filing).status == "cancelled"


def test_a_proof_refused_in_time_may_be_followed_by_another(filing, account):
    with at("2026-04-10 10:00"):
        queue.reject(prove(filing, account), reviewer=make.reviewer(GUIYANG), reason="不是居住证")
        second = prove(filing, account)

    assert second.status == "submitted"
    assert promise_of(filing).status == "open"


def test_a_proof_taken_back_leaves_the_promise_open(filing, account):
    actor = Actor.of(account, filing.person_id)
    sweep_until("2026-04-10 10:00")

    with at("2026-04-10 10:00"):
        queue.withdraw(prove(filing, account), actor=actor)

    assert promise_of(filing).status == "open"
    assert fresh(filing).wake_at == make.moment("2026-04-30 09:00")


def test_any_document_the_area_takes_in_its_place_redeems_the_promise(filing, account):
    with at("2026-04-10 10:00"):
        assert prove(filing, account, "lease").status == "submitted"


def test_another_document_does_not_redeem_it(filing, account):
    with at("2026-04-10 10:00"), pytest.raises(Invalid) as refused:
        prove(filing, account, "labor_contract")

    assert refused.value.code == "documents_missing"
    assert "居住证" in refused.value.detail
    assert not Proof.objects.exists()


def test_one_proof_at_a_time(filing, account):
    with at("2026-04-10 10:00"):
        prove(filing, account)
        with pytest.raises(WrongState) as refused:
            prove(filing, account)

    assert refused.value.code == "proof_pending"
    assert Proof.objects.count() == 1


def test_a_proof_needs_an_open_promise(enrolled, account):
    by_document = make.approved(enrolled, account, filing_type="resident", materials=[make.material(account).pk])

    with pytest.raises(WrongState) as refused:
        prove(by_document, account)

    assert refused.value.code == "commitment_not_open"


def test_staff_hand_in_no_proofs(filing):
    reviewer = make.reviewer(GUIYANG)

    with pytest.raises(Forbidden):
        proofs.prove(reviewer, filing, [])


def test_a_proof_is_drafted_amended_and_handed_in(filing, account):
    actor = Actor.of(account, filing.person_id)

    with at("2026-04-10 10:00"):
        draft = proofs.prove(account, filing, [], draft=True).submission
        amended = proofs.amend_proof(draft, [make.material(account).pk], actor=actor)
        done = queue.submit(amended, actor=actor)

    assert [check["code"] for check in draft.checks] == ["documents_missing"]
    assert (amended.checks, done.status) == ([], "submitted")


@pytest.fixture
def changed():
    """太原 locks nothing: promised and approved on 2 March, a proof handed in, and then another last day approved."""
    enrolled = make.enrollment(make.person("王秀兰"), code=TAIYUAN)
    account, reviewer = make.citizen(enrolled.person), make.reviewer(TAIYUAN)
    filing = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)
    proof = proofs.prove(account, filing, [make.material(account).pk]).submission
    actor = Actor.of(account, enrolled.person)
    successor = services.change(filing, make.given(ends_on=date(2027, 3, 1)), actor=actor).submission
    return queue.approve(successor, reviewer=reviewer), proof, reviewer, account


def test_a_proof_counts_for_the_change_that_carried_the_promise_on(changed):
    successor, proof, reviewer, account = changed

    assert make.findings(proof) == []

    queue.approve(proof, reviewer=reviewer)

    assert (promise_of(successor).status, fresh(successor).filed_by) == ("met", "document")
    assert "commitment_met" in [kind for kind, _when in told(account)]


def test_a_proof_under_review_holds_the_consequence_back_from_the_change_too(changed):
    successor, proof, reviewer, _account = changed
    Submission.objects.filter(pk=proof.pk).update(wake_at=None)  # nobody decides it

    sweep_until("2026-05-04 12:00")
    held = promise_of(successor).status

    with at("2026-05-04 12:00"):
        queue.reject(proof, reviewer=reviewer, reason="看不清")
        sweep_until("2026-05-04 12:00")

    assert (held, promise_of(successor).status, fresh(successor).status) == ("open", "broken", "cancelled")


def test_a_proof_that_comes_too_late_for_its_filing_claims_nothing(filing, account, enrolled):
    proof = proofs.prove(account, filing, [make.material(account).pk]).submission

    with at("2026-10-01 12:00"):
        services.cancel(filing, actor=Actor.of(account, enrolled.person))
        queue.approve(proof, reviewer=make.reviewer(GUIYANG))

    assert promise_of(filing).status == "released"

    kinds = [kind for kind, _when in told(account)]
    assert ("proof_approved" in kinds, "commitment_met" in kinds) == (True, False)


def test_a_draft_of_a_proof_given_up_leaves_no_trace_on_the_filing(filing, account, enrolled):
    draft = proofs.prove(account, filing, [], draft=True).submission

    queue.withdraw(draft, actor=Actor.of(account, enrolled.person))

    assert not Event.objects.filter(submission=filing, verb="proof_failed").exists()


def test_a_filing_that_ends_releases_its_promise():
    taiyuan = make.enrollment(make.person("王秀兰"), code="140100")
    other = make.citizen(taiyuan.person)
    free = make.approved(taiyuan, other, filing_type="resident", commitment=PROMISE)

    services.cancel(free, actor=Actor.of(other, taiyuan.person))

    promise = promise_of(free)

    assert (promise.status, promise.settled_on) == ("released", date(2026, 3, 2))


def test_a_rejected_filing_holds_nobody_to_a_promise(enrolled, account):
    waiting = make.filed(enrolled, account, filing_type="resident", commitment=PROMISE)

    queue.reject(waiting, reviewer=make.reviewer(GUIYANG), reason="不实")

    sweep_until("2026-08-01 10:00")

    assert promise_of(waiting).status == "released"
    assert make.filed(enrolled, account, filing_type="resident", commitment=PROMISE).status == "submitted"


def test_an_area_may_treat_the_broken_promise_as_other_temporary_care(enrolled, account, monkeypatch):
    """RULES.md §2.3: 'else treated as 其他临时外出'. No shipped area says so: the rules are made to."""
    _with_consequence(monkeypatch, "treat_as_other")
    filing = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)

    sweep_until("2026-05-03 12:00")

    stands = fresh(filing)

    assert (promise_of(filing).status, stands.status, stands.travel) == ("broken", "approved", "other")
    assert stands.wake_at is None


def _with_consequence(monkeypatch, broken):
    from dataclasses import replace

    from reviews.models import submission

    def changed(area, on):
        rules = rules_for(area, on)
        return replace(rules, commitment=replace(rules.commitment, broken=broken))

    monkeypatch.setattr(submission, "rules_for", changed)


def test_reminders_never_fall_on_the_day_of_signing_and_never_twice_on_one():
    """A term of six days: half time and three days before are the same day."""
    rules = rules_for(GUIYANG, date(2026, 3, 2))

    assert schedule.reminders(rules, date(2026, 3, 2), date(2026, 3, 8)) == [make.moment("2026-03-05 09:00")]
    assert schedule.reminders(rules, date(2026, 3, 2), date(2026, 3, 5)) == [make.moment("2026-03-03 09:00")]


def test_where_the_letter_is_enough_nothing_has_to_follow():
    """厦门: 《个人承诺书》 ticked online (FILING_RULES.md)."""
    enrolled = make.enrollment(make.person("王秀兰"), code="350200")

    filing = make.filed(enrolled, filing_type="resident", commitment=PROMISE)

    assert (promise_of(filing).status, promise_of(filing).due_on) == ("met", None)
    assert (filing.filed_by, filing.wake_at) == ("document", None)


def test_shenyang_pays_at_home_at_once_and_asks_for_the_proof_later():
    """沈阳: instant on a promise (FILING_RULES.md); the promise runs from the day of filing."""
    enrolled = make.enrollment(make.person("王秀兰"), code=SHENYANG)

    filing = make.filed(enrolled, filing_type="resident", commitment=PROMISE)

    assert promise_of(filing).due_on == date(2026, 5, 2)
