"""Changing and cancelling approved filings: the successor waits, takes the key, and locks hold to the day."""

from datetime import date

import pytest

from accounts.models import Message
from core.errors import Forbidden, Invalid, Stale, WrongState
from filings import services
from filings.models import Commitment, Filing
from reviews import services as queue
from reviews.lifecycle import LIFECYCLES
from reviews.models import Event
from reviews.services import Actor
from tests import factories as make
from tests.monday import at

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, SUZHOU, TAIYUAN, ZHENGZHOU = "520100", "320500", "140100", "410100"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


def resident(home=GUIYANG, *, by="document", **fields):
    """王秀兰 of that area, filed long-term to 成都 and approved on 2 March 2026; by document or by commitment."""
    enrolled = make.enrollment(make.person("王秀兰"), code=home)
    account = make.citizen(enrolled.person)
    proof = {"commitment": PROMISE} if by == "commitment" else {"materials": [make.material(account).pk]}
    filing = make.approved(enrolled, account, filing_type="resident", **proof, **fields)
    return filing, account, Actor.of(account, enrolled.person)


def fresh(filing):
    return Filing.objects.get(pk=filing.pk)


def last_event(filing):
    return Event.objects.filter(submission=filing).latest("id")


LOCKS = {
    "苏州: 60 days": (SUZHOU, "2026-04-30 23:00", "2026年4月30日", "2026-05-01 08:00"),
    "national: six months": (GUIYANG, "2026-09-01 23:00", "2026年9月1日", "2026-09-02 08:00"),
}


@pytest.mark.parametrize(("home", "closed", "day", "opens"), LOCKS.values(), ids=LOCKS.keys())
def test_a_lock_holds_to_its_last_day(home, closed, day, opens):
    """60 days from 2 March, that day counted, end on 30 April; six months end on 1 September."""
    filing, account, actor = resident(home)

    with at(closed), pytest.raises(WrongState) as refused:
        services.cancel(filing, actor=actor)
    with at(closed):
        offered = LIFECYCLES["filing"].allows(fresh(filing), "cancel")

    with at(opens):
        done = services.cancel(fresh(filing), actor=actor)

    assert (refused.value.code, day in refused.value.detail) == ("filing_locked", True)
    assert offered is False
    assert done.status == "cancelled"
    assert Message.objects.get(account=account, kind="cancelled").submission == filing.pk


def test_no_lock_where_the_area_has_none():
    """太原: 不再设置变更、取消备案时限."""
    filing, _account, actor = resident(TAIYUAN)

    assert LIFECYCLES["filing"].allows(filing, "cancel")
    assert services.cancel(filing, actor=actor, reason="已回太原").status == "cancelled"
    assert last_event(filing).note.text == "已回太原"


def test_temporary_filings_are_free_at_any_time():
    enrolled = make.enrollment(make.person("王秀兰"), code=GUIYANG)
    account = make.citizen(enrolled.person)

    filing = make.approved(enrolled, account)

    assert services.cancel(filing, actor=Actor.of(account, enrolled.person)).status == "cancelled"


def test_before_its_first_day_a_filing_is_free_and_never_counted():
    filing, _account, actor = resident(starts_on=date(2026, 4, 1))

    done = services.cancel(filing, actor=actor)

    assert (done.valid_from, done.valid_until) == (None, None)


def test_a_cancelled_filing_covers_the_days_before():
    filing, _account, actor = resident(TAIYUAN)

    with at("2026-05-10 10:00"):
        done = services.cancel(filing, actor=actor)

    assert (done.valid_from, done.valid_until) == (date(2026, 3, 2), date(2026, 5, 9))


def test_documents_lift_the_lock_of_a_commitment_in_zhengzhou():
    """郑州: by commitment no change for six months, earlier with the documents (RULES.md §2.3)."""
    filing, account, actor = resident(ZHENGZHOU, by="commitment")
    paper = make.material(account, "residence_permit")

    with pytest.raises(WrongState) as refused:
        services.cancel(filing, actor=actor)

    done = services.cancel(fresh(filing), actor=actor, materials=[paper.pk])

    assert filing.cancel_locked_until == date(2026, 9, 1)
    assert (refused.value.code, "提交证明材料" in refused.value.detail) == ("filing_locked", True)
    assert done.status == "cancelled"


def test_documents_at_once_mean_no_lock_in_zhengzhou():
    filing, _account, _actor = resident(ZHENGZHOU)

    assert (filing.change_locked_until, filing.cancel_locked_until) == (None, None)


def test_documents_do_not_lift_a_lock_that_is_for_everybody():
    filing, account, actor = resident()
    paper = make.material(account, "household_register")

    with pytest.raises(WrongState) as refused:
        services.cancel(filing, actor=actor, materials=[paper.pk])

    assert refused.value.code == "filing_locked"
    assert list(filing.materials.values_list("kind", flat=True)) == ["residence_permit"]


def test_only_what_is_approved_can_be_cancelled_or_changed():
    enrolled = make.enrollment(make.person("王秀兰"), code=GUIYANG)
    account = make.citizen(enrolled.person)
    filing, actor = make.filed(enrolled, account), Actor.of(account, enrolled.person)

    for refused_verb in (
        lambda: services.cancel(filing, actor=actor),
        lambda: services.change(filing, make.given(), actor=actor).submission,
    ):
        with pytest.raises(WrongState) as refused:
            refused_verb()
        assert refused.value.code == "wrong_state"


def test_who_acts_on_an_old_version_is_told():
    filing, _account, actor = resident(TAIYUAN)

    with pytest.raises(Stale):
        services.cancel(filing, actor=actor, version=filing.version - 1)

    assert fresh(filing).status == "approved"


# Changes


def test_a_successor_waits_and_takes_over_when_it_is_approved():
    filing, account, actor = resident(TAIYUAN)
    paper = make.material(account, "lease")
    with at("2026-04-01 09:00"):
        successor = services.change(
            filing, make.given(destination=make.area("110000"), materials=[paper.pk]), actor=actor
        ).submission
    waiting = (successor.status, successor.live_key, fresh(filing).status)

    with at("2026-04-02 10:00"):
        done = queue.approve(successor, reviewer=make.reviewer(TAIYUAN))

    assert waiting == ("submitted", f"after:{filing.pk}", "approved")
    assert (done.predecessor_id, done.destination_id, done.type) == (filing.pk, "110000", "resident")
    assert (done.valid_from, done.live_key) == (date(2026, 4, 1), f"filing:{done.enrollment_id}:long_term")

    old = fresh(filing)
    assert (old.status, old.valid_until) == ("superseded", date(2026, 3, 31))
    assert last_event(old).data == {"successor": str(done.pk)}
    assert Event.objects.get(submission=filing, verb="change").data == {"successor": str(done.pk)}


def test_a_change_inside_the_lock_is_refused_and_leaves_nothing():
    filing, account, actor = resident()
    paper = make.material(account, "lease")

    with at("2026-04-01 09:00"), pytest.raises(WrongState) as refused:
        services.change(filing, make.given(destination=make.area("110000"), materials=[paper.pk]), actor=actor)

    assert (refused.value.code, "2026年9月1日" in refused.value.detail) == ("filing_locked", True)
    assert Filing.objects.count() == 1
    assert not Event.objects.filter(verb="change").exists()


def test_a_second_destination_needs_its_own_documents():
    filing, _account, actor = resident(TAIYUAN)

    with pytest.raises(Invalid) as refused:
        services.change(filing, make.given(destination=make.area("110000")), actor=actor)

    assert refused.value.code == "documents_missing"


def test_another_end_keeps_the_documents_that_were_accepted():
    filing, _account, actor = resident(TAIYUAN)

    with at("2026-04-01 09:00"):
        successor = services.change(filing, make.given(ends_on=date(2027, 3, 1)), actor=actor).submission

    assert (successor.status, successor.filed_by, successor.ends_on) == ("submitted", "document", date(2027, 3, 1))


def test_another_end_keeps_the_open_promise_with_its_day():
    """Signed and approved on 2 March, due on 2 May: a change does not win time."""
    filing, _account, actor = resident(TAIYUAN, by="commitment")

    with at("2026-04-01 09:00"):
        successor = services.change(filing, make.given(ends_on=date(2027, 3, 1)), actor=actor).submission
        done = queue.approve(successor, reviewer=make.reviewer(TAIYUAN))

    assert done.filed_by == "commitment"
    assert list(Commitment.objects.order_by("filing__created_at").values_list("status", "due_on")) == [
        ("released", date(2026, 5, 2)),
        ("open", date(2026, 5, 2)),
    ]


def test_only_one_change_waits_at_a_time():
    filing, _account, actor = resident(TAIYUAN)
    first = services.change(filing, make.given(ends_on=date(2027, 3, 1)), actor=actor).submission

    with pytest.raises(WrongState) as refused:
        services.change(filing, make.given(ends_on=date(2027, 4, 1)), actor=actor)

    assert (refused.value.code, first.number in refused.value.detail) == ("filing_overlaps", True)


def test_a_rejected_change_leaves_the_filing_as_it_was():
    filing, account, actor = resident(TAIYUAN)
    successor = services.change(filing, make.given(ends_on=date(2027, 3, 1)), actor=actor).submission

    queue.reject(successor, reviewer=make.reviewer(TAIYUAN), reason="与实际不符")

    assert (fresh(filing).status, fresh(filing).valid_until) == ("approved", None)
    assert Message.objects.get(account=account, kind="rejected").text.endswith("原备案继续有效。")


def test_a_cancelled_predecessor_leaves_a_change_nothing_to_change():
    filing, _account, actor = resident(TAIYUAN)
    successor = services.change(filing, make.given(ends_on=date(2027, 3, 1)), actor=actor).submission

    services.cancel(filing, actor=actor)

    assert [finding.code for finding in make.findings(successor)] == ["predecessor_ended"]


def test_in_the_instant_lane_the_change_counts_at_once():
    """厦门: instant, no lock."""
    filing, _account, actor = resident("350200")

    done = services.change(
        filing, make.given(destination=make.area("110000"), commitment=PROMISE), actor=actor
    ).submission

    assert (done.status, fresh(filing).status) == ("approved", "superseded")
    assert (fresh(filing).valid_from, fresh(filing).valid_until) == (None, None)


def test_a_temporary_filing_moves_to_another_place():
    enrolled = make.enrollment(make.person("王秀兰"), code=GUIYANG)
    account = make.citizen(enrolled.person)
    filing, actor = make.approved(enrolled, account), Actor.of(account, enrolled.person)

    done = queue.approve(
        services.change(filing, make.given(destination=make.area("110000")), actor=actor).submission,
        reviewer=make.reviewer(GUIYANG),
    )

    assert done.live_key == f"filing:{enrolled.pk}:110000:other"
    assert fresh(filing).status == "superseded"


def test_a_change_cannot_take_a_place_that_is_taken():
    enrolled = make.enrollment(make.person("王秀兰"), code=GUIYANG)
    account = make.citizen(enrolled.person)
    filing, actor = make.approved(enrolled, account), Actor.of(account, enrolled.person)
    other = make.approved(enrolled, account, to="110000")

    with pytest.raises(WrongState) as refused:
        services.change(filing, make.given(destination=make.area("110000")), actor=actor)

    assert (refused.value.code, other.number in refused.value.detail) == ("filing_overlaps", True)


def test_a_place_taken_while_the_change_waits_is_found_at_its_approval():
    """The constraint, not the check, decides: the loser is told and nothing has changed."""
    enrolled = make.enrollment(make.person("王秀兰"), code=GUIYANG)
    account = make.citizen(enrolled.person)
    filing, actor = make.approved(enrolled, account), Actor.of(account, enrolled.person)
    successor = services.change(filing, make.given(destination=make.area("110000")), actor=actor).submission
    make.approved(enrolled, account, to="110000")

    with pytest.raises(WrongState) as refused:
        queue.approve(successor, reviewer=make.reviewer(GUIYANG))

    assert refused.value.code == "already_live"
    assert (fresh(filing).status, fresh(successor).status) == ("approved", "submitted")


def test_a_draft_of_a_change_touches_nothing():
    filing, _account, actor = resident(TAIYUAN)

    draft = services.change(filing, make.given(destination=make.area("110000")), actor=actor, draft=True).submission

    assert (draft.status, draft.live_key, fresh(filing).status) == ("draft", None, "approved")
    assert [check["code"] for check in draft.checks] == ["documents_missing"]


def test_another_citizen_changes_nothing():
    filing, _account, _actor = resident(TAIYUAN)
    stranger = make.citizen(make.person())

    with pytest.raises(Forbidden):
        services.change(filing, make.given(ends_on=date(2027, 1, 1)), actor=Actor.of(stranger, filing.person_id))
