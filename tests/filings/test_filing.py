"""Filing: drafts, submitting, the instant lane, amending, the way through correction. Nothing refused leaves a trace."""

from dataclasses import replace
from datetime import date

import pytest

from accounts.models import Message
from core import clock
from core.errors import Forbidden, Invalid, NotFound, WrongState
from filings import facts, services
from filings.filing_case import Referral, Stay
from filings.models import Commitment, Filing, FilingAgent
from policies import notices
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import ReviewDays
from policies.language.terms import Span
from policies.models import Notice
from reviews import lifecycle
from reviews import services as queue
from reviews.lifecycle import LIFECYCLES
from reviews.models import Event, Material, Submission, submission
from reviews.services import Actor
from tests import factories as make
from tests.factories import current_notice
from tests.monday import at

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, SUZHOU, XIAMEN, SHENYANG = "520100", "320500", "350200", "210100"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


@pytest.fixture
def enrolled():
    """王秀兰, insured in 贵阳, where the national rules hold."""
    return make.enrollment(make.person("王秀兰"), code=GUIYANG)


@pytest.fixture
def account(enrolled):
    return make.citizen(enrolled.person)


def verbs(filing):
    return list(Event.objects.filter(submission=filing).order_by("id").values_list("verb", flat=True))


def test_a_filing_goes_into_the_queue_with_its_deadline(enrolled, account):
    filing = make.filed(enrolled, account)

    assert filing.status == "submitted"
    assert filing.lane == "review"
    assert filing.due_at == make.moment("2026-03-04 17:00")
    assert filing.live_key == f"filing:{enrolled.pk}:510100:other"
    assert filing.applicant == account
    assert filing.mandate.person_id == enrolled.person_id
    assert verbs(filing) == ["create", "submit"]


def test_an_approved_temporary_filing_counts_six_months_and_is_free(enrolled, account):
    filing = make.approved(enrolled, account)

    assert (filing.valid_from, filing.valid_until) == (date(2026, 3, 2), date(2026, 9, 1))
    assert (filing.change_locked_until, filing.cancel_locked_until) == (None, None)
    assert filing.travel == "other"


def test_an_end_the_person_chose_is_kept(enrolled, account):
    filing = make.approved(enrolled, account, ends_on=date(2026, 3, 20))

    assert filing.valid_until == date(2026, 3, 20)


def test_an_approved_long_term_filing_is_open_ended_and_locked_for_six_months(enrolled, account):
    paper = make.material(account)

    filing = make.approved(enrolled, account, filing_type="resident", materials=[paper.pk])

    assert (filing.valid_from, filing.valid_until) == (date(2026, 3, 2), None)
    assert (filing.change_locked_until, filing.cancel_locked_until) == (date(2026, 9, 1), date(2026, 9, 1))
    assert (filing.travel, filing.filed_by) == ("long_term", "document")
    assert filing.live_key == f"filing:{enrolled.pk}:long_term"
    assert Material.objects.get(pk=paper.pk).submission_id == filing.pk


def test_the_decision_is_told(enrolled, account):
    filing = make.approved(enrolled, account)

    message = Message.objects.get(account=account, kind="approved")

    assert message.submission == filing.pk
    assert message.text == (
        f"王*兰到成都市的异地就医备案（受理编号{filing.number}）已通过，2026年3月2日起生效，至2026年9月1日。就医时请出示医保码或社保卡。"
    )


def test_a_rejection_is_told(enrolled, account):
    filing = make.filed(enrolled, account)

    queue.reject(filing, reviewer=make.reviewer(GUIYANG), reason="材料不实")

    (message,) = make.api(account).get("/api/v1/messages/").json()["results"]
    assert message["text"].startswith(f"王*兰到成都市的异地就医备案（受理编号{filing.number}）未通过")
    assert (message["submission_kind"], message["reason"]) == ("filing", "材料不实")
    assert "材料不实" not in Message.objects.get().text, "the reason stands sealed in its note"


@pytest.mark.parametrize(
    ("home", "filing_type"),
    [(SUZHOU, "other"), (XIAMEN, "other"), (SHENYANG, "resident")],
    ids=["苏州", "厦门", "沈阳"],
)
def test_the_instant_lane_approves_in_the_same_moment(home, filing_type):
    """FILING_RULES.md: 苏州 for care on one's own, 厦门 for all, 沈阳 for long-term on a promise."""
    enrolled = make.enrollment(make.person("王秀兰"), code=home)

    filing = make.filed(enrolled, filing_type=filing_type, commitment=PROMISE if filing_type == "resident" else None)

    assert (filing.status, filing.lane) == ("approved", "instant")
    assert filing.decided_at == make.moment("2026-03-02 10:00")
    assert verbs(filing) == ["create", "submit", "approve"]
    assert list(filing.decisions.values_list("reviewer", "outcome")) == [(None, "approved")]


def test_the_instant_lane_is_not_for_what_needs_a_second_look():
    """沈阳 is instant for long-term filings; one for a single month is looked at by a person."""
    enrolled = make.enrollment(make.person("王秀兰"), code=SHENYANG)

    filing = make.filed(enrolled, filing_type="resident", commitment=PROMISE, ends_on=date(2026, 4, 1))

    assert (filing.status, filing.lane) == ("submitted", "review")
    assert [check["code"] for check in filing.checks] == ["short_stay"]


def test_the_instant_lane_is_not_for_a_stay_that_has_begun():
    enrolled = make.enrollment(code=XIAMEN)
    make.institution("H51010000001", place="510100")

    filing = make.filed(enrolled, makes_up_for=Stay("H51010000001", date(2026, 2, 26)))

    assert (filing.status, filing.lane) == ("submitted", "review")


def test_a_stay_that_began_weeks_ago_is_made_up_for_from_its_first_day(enrolled, account):
    """规程 art. 16: filed before the discharge settlement, the hospital settles directly."""
    began = date(2026, 1, 20)
    make.institution("H51010000001", place="510100")

    filing = make.approved(enrolled, account, starts_on=began, makes_up_for=Stay("H51010000001", began))

    assert (filing.valid_from, filing.valid_until) == (date(2026, 1, 20), date(2026, 7, 19))


def test_a_draft_waits_outside_the_queue(enrolled, account):
    draft = make.filed(enrolled, account, keep=True, filing_type="resident")

    assert (draft.status, draft.live_key, draft.submitted_at) == ("draft", None, None)
    assert [check["code"] for check in draft.checks] == ["documents_missing"]


def test_a_draft_may_say_almost_nothing(enrolled, account):
    bare = make.given(type="other", destination=make.area("510100"))

    draft = services.file(account, enrolled, bare, draft=True).submission

    assert draft.starts_on == date(2026, 3, 2)
    assert [check["code"] for check in draft.checks] == ["notice_not_read", "contact_missing"]


def test_a_draft_is_amended_and_handed_in(enrolled, account):
    draft = make.filed(enrolled, account, keep=True, filing_type="resident")
    actor = Actor.of(account, enrolled.person)
    paper = make.material(account, "lease")

    amended = services.amend(draft, make.given(materials=[paper.pk], address="成都市武侯区"), actor=actor)

    filing = queue.submit(amended, actor=actor)

    assert (amended.address, amended.checks) == ("成都市武侯区", [])
    assert filing.status == "submitted"
    assert verbs(filing) == ["create", "amend", "submit"]


def test_a_promise_is_signed_and_torn_up_with_the_draft(enrolled, account):
    actor = Actor.of(account, enrolled.person)
    draft = make.filed(enrolled, account, keep=True, filing_type="resident", commitment=PROMISE)
    promise = Commitment.objects.get(filing=draft)

    torn = services.amend(draft, make.given(commitment=None), actor=actor)

    assert (draft.filed_by, promise.signed_name, promise.due_on) == ("commitment", "王秀兰", None)
    assert torn.filed_by == "document"
    assert not Commitment.objects.filter(filing=draft).exists()


def test_only_an_account_with_a_mandate_files(enrolled):
    stranger = make.citizen(make.person())

    with pytest.raises(NotFound):
        make.filed(enrolled, stranger)

    assert Submission.objects.count() == 0


def test_the_enrolment_of_a_draft_is_fixed(enrolled, account):
    draft = make.filed(enrolled, account, keep=True)
    other = make.enrollment(enrolled.person, code=SUZHOU)

    with pytest.raises(Invalid) as refused:
        services.amend(draft, make.given(enrollment=other.pk, address="别处"), actor=Actor.of(account, enrolled.person))

    assert refused.value.code == "enrollment_fixed"
    assert Filing.objects.get(pk=draft.pk).address == ""


REFUSED = {
    "documents": ({"filing_type": "resident"}, {"documents_missing"}),
    "everything at once": (
        {"to": "510000", "starts_on": date(2026, 1, 1), "contact_phone": "1"},
        {"destination_granularity", "starts_too_early", "contact_unreachable"},
    ),
    "another's signature": (
        {"filing_type": "resident", "commitment": {"kind": "lease", "signed_name": "李雷"}},
        {"signed_name_differs"},
    ),
    "a document nobody uploaded": ({"materials": ["019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"]}, {"material_unknown"}),
    "a hospital nobody knows": ({"institutions": ["H99999999999"]}, {"institution_unknown"}),
    "a referral of a system that has none": ({"filing_type": "referral", "referral": "R1"}, {"referral_unknown"}),
}


@pytest.mark.parametrize(("fields", "codes"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_leaves_nothing_behind(enrolled, account, fields, codes):
    with pytest.raises(Invalid) as refused:
        make.filed(enrolled, account, **fields)

    assert {problem.code for problem in refused.value.problems} == codes
    assert (Submission.objects.count(), Commitment.objects.count(), Event.objects.count()) == (0, 0, 0)
    assert Message.objects.count() == 0


def test_a_document_still_being_made_safe_is_waited_for(enrolled, account):
    paper = make.material(account, status=Material.State.PROCESSING)

    with pytest.raises(WrongState) as refused:
        make.filed(enrolled, account, filing_type="resident", materials=[paper.pk])

    assert refused.value.code == "material_processing"
    assert Submission.objects.count() == 0


def test_the_notice_shown_must_be_the_one_in_force(enrolled, account):
    new = current_notice(GUIYANG, "other")
    others = [old_version(enrolled, 0), current_notice(GUIYANG, "worker"), None]

    for other in others:
        with pytest.raises(Invalid) as refused:
            make.filed(enrolled, account, notice=other)
        assert refused.value.code == "notice_not_read"

    filing = make.filed(enrolled, account, notice=new)

    assert (filing.notice, filing.notice_read_at) == (new, make.moment("2026-03-02 10:00"))


def old_version(enrolled, version):
    return Notice.objects.create(
        area=enrolled.area,
        type="other",
        version=version,
        title="告知书",
        text="…",
        sha256="0",
        published_at=clock.now(),
    )


def test_a_notice_published_later_does_not_undo_a_filing(enrolled, account):
    filing = make.filed(enrolled, account)

    Notice.objects.filter(pk=filing.notice_id).update(sha256="0")  # what it says is no longer what the rules say

    assert current_notice(GUIYANG, "other").version == 2
    assert make.findings(filing) == []


def test_a_correction_rests_on_the_notice_read_before_unless_it_changes_the_type(enrolled, account):
    actor, filing = Actor.of(account, enrolled.person), make.filed(enrolled, account)
    queue.return_for_correction(filing, reviewer=make.reviewer(GUIYANG), reason="类型有误")
    promised = make.given(type="resident", commitment=PROMISE)

    kept = services.amend(filing, make.given(contact_name="王秀兰", notice=None), actor=actor)
    other = services.amend(filing, promised, actor=actor)

    read = services.amend(filing, make.given(notice=current_notice(GUIYANG, "resident")), actor=actor)

    assert [[check["code"] for check in state.checks] for state in (kept, other, read)] == [[], ["notice_not_read"], []]
    assert kept.notice == current_notice(GUIYANG, "other")


def test_one_long_term_filing_per_enrolment(enrolled, account):
    first = make.filed(enrolled, account, filing_type="resident", commitment=PROMISE)

    with pytest.raises(WrongState) as refused:
        make.filed(
            enrolled, account, to="110000", filing_type="worker", commitment={**PROMISE, "kind": "labor_contract"}
        )

    assert refused.value.code == "filing_overlaps"
    assert first.number in refused.value.detail
    assert "变更" in refused.value.detail
    assert Filing.objects.count() == 1


def test_a_temporary_filing_may_stand_beside_a_long_term_one(enrolled, account):
    make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)

    elsewhere = make.filed(enrolled, account, to="110000")

    same_place = make.filed(enrolled, account)

    assert (elsewhere.status, same_place.status) == ("submitted", "submitted")


def test_the_same_temporary_filing_twice_is_refused_by_number(enrolled, account):
    first = make.filed(enrolled, account)

    with pytest.raises(WrongState) as refused:
        make.filed(enrolled, account)

    assert (refused.value.code, first.number in refused.value.detail) == ("filing_overlaps", True)


def test_a_draft_of_the_same_matter_does_not_stand_in_the_way(enrolled, account):
    make.filed(enrolled, account, keep=True)

    assert make.filed(enrolled, account).status == "submitted"


def test_withdrawn_returned_corrected_and_resubmitted(enrolled, account):
    actor = Actor.of(account, enrolled.person)
    filing = make.filed(enrolled, account, filing_type="resident", materials=[make.material(account, "lease").pk])
    with at("2026-03-03 09:00"):
        queue.return_for_correction(
            filing, reviewer=make.reviewer(GUIYANG), reason="租约已过期", fields=["residence_permit"]
        )
    with at("2026-03-10 20:00"):
        better = make.material(account, "residence_permit")
        services.amend(filing, make.given(materials=[better.pk]), actor=actor)
        again = queue.resubmit(filing, actor=actor)

    with at("2026-03-11 09:00"):
        done = queue.withdraw(again, actor=actor)

    assert again.correct_by is None
    assert (again.round, again.due_at) == (2, make.moment("2026-03-12 17:00"))
    assert again.submitted_at == make.moment("2026-03-02 10:00")
    assert done.status == "withdrawn"
    assert verbs(filing) == ["create", "submit", "return_for_correction", "amend", "resubmit", "withdraw"]


def test_what_was_filed_in_time_stays_in_time_through_a_correction(enrolled, account):
    """Back-dating is judged by the day of filing, not of the correction."""
    actor = Actor.of(account, enrolled.person)
    filing = make.filed(enrolled, account, starts_on=date(2026, 2, 25))
    queue.return_for_correction(filing, reviewer=make.reviewer(GUIYANG), reason="电话打不通", fields=["contact_phone"])

    with at("2026-03-20 10:00"):
        services.amend(filing, make.given(contact_phone="13900000009"), actor=actor)
        again = queue.resubmit(filing, actor=actor)

    assert again.status == "submitted"


def test_after_a_withdrawal_the_matter_is_free_again(enrolled, account):
    first = make.filed(enrolled, account)

    queue.withdraw(first, actor=Actor.of(account, enrolled.person))

    assert make.filed(enrolled, account).status == "submitted"


def test_what_is_submitted_can_no_longer_be_amended(enrolled, account):
    filing = make.filed(enrolled, account)

    with pytest.raises(WrongState):
        services.amend(filing, make.given(address="别处"), actor=Actor.of(account, enrolled.person))

    assert Filing.objects.get(pk=filing.pk).address == ""


def test_another_citizen_cannot_amend(enrolled, account):
    draft = make.filed(enrolled, account, keep=True)
    stranger = make.citizen(make.person())

    with pytest.raises(Forbidden):
        services.amend(draft, make.given(address="别处"), actor=Actor.of(stranger, enrolled.person))


class Certificates:
    """A source of referrals with one certificate, as the app of referrals will register one."""

    def __init__(self, person):
        self.named = {}
        self.person = person

    def name(self, case, referral):
        self.named[case.submission.pk] = referral

    def naming(self, filings):
        return {filing.pk for filing in filings if filing.pk in self.named}

    def certificates(self, filings):
        return {filing.pk: self._paper(filing) for filing in filings if self.named.get(filing.pk) == "R1"}

    def _paper(self, filing):
        return Referral(
            id="R1", number="R1", issued_on=date(2026, 2, 20), valid_until=date(2026, 5, 19), destination="510100",
            standing=True, same_person=filing.person_id == self.person.pk,
        )  # fmt: skip


@pytest.fixture
def certificates(enrolled, monkeypatch):
    source = Certificates(enrolled.person)
    monkeypatch.setattr(facts, "referrals", lambda: source)
    return source


def test_a_referral_of_the_system_stands_for_its_paper(enrolled, account, certificates):
    filing = make.filed(enrolled, account, filing_type="referral", referral="R1")

    assert (filing.status, filing.checks) == ("submitted", [])


def test_a_referral_that_is_not_there_is_refused(enrolled, account, certificates):
    paper = make.material(account, "referral_certificate")

    with pytest.raises(Invalid) as refused:
        make.filed(enrolled, account, filing_type="referral", referral="R2", materials=[paper.pk])

    assert refused.value.code == "referral_unknown"


def test_the_day_of_filing_judges_a_filing_until_it_is_decided(enrolled, account):
    """Back-dated by the five days allowed on the day it was filed; the reviewer looks two days later."""
    filing = make.filed(enrolled, account, starts_on=date(2026, 2, 25))

    with at("2026-03-04 10:00"):
        assert filing.filed_on == date(2026, 3, 2)
        assert make.findings(filing) == []


def test_the_reviewer_reads_what_the_case_is_about(enrolled, account):
    filing = make.filed(enrolled, account, filing_type="resident", commitment=PROMISE, address="成都市武侯区")

    handler = LIFECYCLES[filing.kind]

    told = {str(label): str(text) for label, text in handler.described(filing)}

    assert told["备案类型"] == "异地长期居住人员"
    assert told["就医地"] == "成都市"
    assert told["起止日期"] == "2026年3月2日 起"
    assert told["联系人"] == "测*员 139****0000"
    assert told["承诺"] == "居住证，备案通过后起算"
    assert "residence_permit" in dict(handler.correctable(filing))
    assert FilingAgent.objects.count() == 0


def test_deadlines_are_the_areas_own(enrolled, account, monkeypatch):
    """No shipped area differs from the national two days until 17:00: the rules are made to."""

    def slower(area, on):
        rules = rules_for(area, on)
        review = replace(
            rules.review, filing=ReviewDays(stages=(3,)), close_of_business="16:30", approve_when_due=True,
            correction=Span(2, "months"),
        )  # fmt: skip
        return replace(rules, review=review)

    monkeypatch.setattr(lifecycle, "rules_for", slower)
    monkeypatch.setattr(submission, "rules_for", slower)
    monkeypatch.setattr(notices, "rules_for", slower)

    filing = make.filed(enrolled, account)

    assert filing.due_at == make.moment("2026-03-05 16:30")

    handler = LIFECYCLES[filing.kind]
    assert (handler.approves_itself(filing), handler.correction_days(filing)) == (True, 60)
