"""Drafts: kept as one types, offered again, counted, ended when nobody goes on with them or throws them away."""

from datetime import timedelta

import pytest

from accounts.models import Mandate, MandateStatus, Message
from claims.models import Claim
from core import clock
from filings.models import Commitment, Filing
from reviews import queue, services
from reviews.models import DRAFT_KEPT, Event, Submission
from reviews.services import entering
from tests import factories as make
from tests.monday import at, verbs
from tests.rivals import split, together

PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def enrolled():
    return make.enrollment(make.person("王秀兰"))


@pytest.fixture
def owner(enrolled):
    return make.citizen(enrolled.person)


@pytest.fixture
def phone(owner):
    return make.api(owner)


def begun(enrolled, **fields):
    """What the phone sends of a filing that was only begun."""
    make.area(make.BEIJING)
    return {"enrollment": str(enrolled.pk), "destination": make.BEIJING, "type": "other", "draft": True, **fields}


def test_drafts_of_all_kinds_are_one_list_the_last_saved_first(enrolled, owner, phone):
    make.diseases()
    filing = make.draft(enrolled, account=owner)
    with at("2026-03-02 10:10"):
        recognition = make.recognition_draft(enrolled, account=owner)
    with at("2026-03-02 10:20"):
        claim = make.claim_draft(enrolled, account=owner)
    with at("2026-03-02 10:30"):
        phone.patch(f"/api/v1/filings/{filing.pk}/", {"contact_name": "王小妹"}, format="json")

    answer = phone.get("/api/v1/drafts/").json()

    assert answer["count"] == 3
    assert [row["id"] for row in answer["results"]] == [str(filing.pk), str(claim.pk), str(recognition.pk)]
    assert [row["kind"] for row in answer["results"]] == ["filing", "claim", "recognition"]
    assert answer["results"][0]["summary"] == "北京市 · 其他临时外出就医人员 · 2026年3月2日 起"
    assert answer["results"][0]["saved_at"] == "2026-03-02T10:30:00+08:00"
    assert answer["results"][0]["kept_until"] == "2026-05-31T10:30:00+08:00"
    assert answer["results"][0]["actions"] == ["submit", "withdraw"]


def test_the_list_costs_the_same_however_many_there_are(enrolled, owner, phone, django_assert_max_num_queries):
    for _ in range(5):
        make.draft(enrolled, account=owner)
    phone.get("/api/v1/drafts/")

    with django_assert_max_num_queries(3):
        rows = phone.get("/api/v1/drafts/").json()["results"]

    assert len(rows) == 5


def test_the_list_is_narrowed_by_kind_and_shows_nothing_of_others(enrolled, owner, phone):
    make.draft(enrolled, account=owner)
    make.draft()
    make.submitted(enrolled, account=owner)

    assert phone.get("/api/v1/drafts/").json()["count"] == 1
    assert phone.get("/api/v1/drafts/?kind=claim,recognition").json()["count"] == 0
    assert phone.get(f"/api/v1/drafts/?person={enrolled.person_id}").json()["count"] == 1
    assert phone.get("/api/v1/drafts/?kind=nonsense").json()["errors"][0]["code"] == "invalid_choice"


def test_what_was_handed_in_or_thrown_away_is_offered_no_more(enrolled, owner, phone):
    handed_in, thrown_away = make.draft(enrolled, account=owner), make.draft(enrolled, account=owner)

    phone.post(f"/api/v1/filings/{handed_in.pk}/submit/")
    phone.post(f"/api/v1/filings/{thrown_away.pk}/withdraw/")

    assert phone.get("/api/v1/drafts/").json()["results"] == []

    again = phone.post(f"/api/v1/filings/{handed_in.pk}/submit/")
    stale = phone.post(f"/api/v1/filings/{handed_in.pk}/submit/", headers={"If-Match": '"1"'})

    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "wrong_state")
    assert stale.status_code == 412


def test_sixteen_saves_are_one_line_of_the_history(enrolled, phone):
    draft = phone.post("/api/v1/filings/", begun(enrolled), format="json").json()

    for number in range(16):
        draft = phone.patch(f"/api/v1/filings/{draft['id']}/", {"address": f"第{number}稿"}, format="json").json()

    assert draft["version"] == 17
    assert [event["verb"] for event in draft["events"]] == ["create", "amend"]


def test_what_another_of_the_family_saved_is_a_line_of_its_own(enrolled, owner, phone):
    daughter = make.citizen(enrolled.person, relation="parent")
    draft = make.draft(enrolled, account=owner)

    for client in (phone, phone, make.api(daughter), phone):
        client.patch(f"/api/v1/filings/{draft.pk}/", {"address": "成都市"}, format="json")

    events = Event.objects.filter(submission=draft, verb="amend").order_by("id")

    assert [event.actor_id for event in events] == [owner.pk, daughter.pk, owner.pk]


def test_every_save_of_what_was_returned_stays_on_record_and_is_shown_as_one(enrolled, owner, phone):
    filing = make.submitted(enrolled, account=owner)
    services.return_for_correction(filing, reviewer=make.reviewer(), reason="电话无法接通")

    for phone_number in ("13900000022", "13900000023"):
        answer = phone.patch(f"/api/v1/filings/{filing.pk}/", {"contact_phone": phone_number}, format="json").json()

    assert verbs(filing)[-2:] == ["amend", "amend"]
    assert [event["verb"] for event in answer["events"]][-2:] == ["return_for_correction", "amend"]


def test_one_account_keeps_so_many_drafts_and_is_told_what_to_do(enrolled, owner, phone):
    for _ in range(entering.MOST_DRAFTS):
        draft = make.draft(enrolled, account=owner)

    refused = phone.post("/api/v1/filings/", begun(enrolled), format="json")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "too_many_drafts")
    assert "请先提交或放弃" in refused.json()["errors"][0]["detail"]

    phone.post(f"/api/v1/filings/{draft.pk}/withdraw/")

    assert phone.post("/api/v1/filings/", begun(enrolled), format="json").status_code == 201


def test_what_is_handed_in_at_once_is_not_counted(enrolled, owner):
    make.area(make.BEIJING)
    for _ in range(entering.MOST_DRAFTS):
        make.draft(enrolled, account=owner)

    assert make.filed(enrolled, owner, to=make.BEIJING).status == "submitted"


@pytest.mark.django_db(transaction=True)
def test_two_phones_do_not_keep_one_draft_too_many(enrolled, owner):
    for _ in range(entering.MOST_DRAFTS - 1):
        make.draft(enrolled, account=owner)

    winners, refused = split(together(*[lambda: make.filed(enrolled, owner, to=make.BEIJING, keep=True)] * 2))

    assert len(winners) == 1
    assert [refusal.code for refusal in refused] == ["too_many_drafts"]


def test_a_draft_nobody_went_on_with_is_ended_and_forgotten(enrolled, owner, phone):
    draft = make.draft(enrolled, account=owner, address="成都市武侯区")
    paper = make.material(owner, submission=draft)
    with clock.standing_at(clock.now() + timedelta(days=80)):
        phone.patch(f"/api/v1/filings/{draft.pk}/", {"injury": True}, format="json")
    with clock.standing_at(clock.now() + DRAFT_KEPT):
        assert queue.drain() == 0

    with clock.standing_at(clock.now() + timedelta(days=80) + DRAFT_KEPT):
        queue.drain()

    ended = Filing.objects.get(pk=draft.pk)
    paper.refresh_from_db()

    assert (ended.status, ended.contact_name, ended.contact_phone, ended.address) == ("withdrawn", "", "", "")
    assert paper.submission_id is None
    assert verbs(ended) == ["create", "amend", "end"]
    assert Submission.objects.get(pk=draft.pk).wake_at is None


def test_a_week_before_its_end_whose_draft_it_is_hears_of_it_once(enrolled, owner, phone):
    """Saved on 2 March 2026, ten o'clock, it ends on 31 May: told on 24 May at nine, and again only if it was saved again."""
    draft = make.draft(enrolled, account=owner)
    other = make.citizen(make.person(), enrolled.person)
    for moment in ("2026-05-24 08:59", "2026-05-24 09:00", "2026-05-28 09:00"):
        with at(moment):
            queue.drain()
    (message,) = Message.objects.filter(kind="draft_ending")

    with at("2026-05-29 10:00"):
        phone.patch(f"/api/v1/filings/{draft.pk}/", {"injury": True}, format="json")
    with at("2026-08-20 09:00"):
        queue.drain()

    assert (message.account, message.submission, message.created_at) == (
        owner,
        draft.pk,
        make.moment("2026-05-24 09:00"),
    )
    assert "2026年5月31日到期" in message.text
    assert Submission.objects.get(pk=draft.pk).status == "draft"
    assert Message.objects.filter(kind="draft_ending").count() == 2
    assert not Message.objects.filter(account=other).exists()


def test_a_draft_thrown_away_is_forgotten_and_lets_its_documents_go(enrolled, owner, phone):
    draft = make.draft(enrolled, account=owner)
    paper = make.material(owner, submission=draft)

    phone.post(f"/api/v1/filings/{draft.pk}/withdraw/")

    thrown_away = Filing.objects.get(pk=draft.pk)
    paper.refresh_from_db()

    assert (thrown_away.status, thrown_away.contact_name, paper.submission_id) == ("withdrawn", "", None)
    assert phone.delete(f"/api/v1/materials/{paper.pk}/").status_code == 204


def test_what_a_draft_keeps_beside_itself_is_forgotten_too(enrolled, owner, phone):
    fields = begun(enrolled, type="resident", commitment=PROMISE)
    promised = phone.post("/api/v1/filings/", fields, format="json").json()["id"]
    claim = make.claim_draft(enrolled, account=owner)
    assert Commitment.objects.count() == 1

    for path, pk in (("filings", promised), ("claims", claim.pk)):
        assert phone.post(f"/api/v1/{path}/{pk}/withdraw/").status_code == 200

    assert not Commitment.objects.exists()
    left = Claim.objects.get(pk=claim.pk)
    assert (left.institution_name, left.invoice_code, left.invoice_number, left.checks) == ("", "", "", [])


def test_drafts_of_a_mandate_that_ended_are_not_counted(enrolled, owner, phone):
    other = make.enrollment(make.person("李国强"))
    mandate = make.mandate(owner, other.person, relation="spouse")
    for _ in range(entering.MOST_DRAFTS):
        make.draft(other, account=owner)
    Mandate.objects.filter(pk=mandate.pk).update(status=MandateStatus.ENDED)

    assert phone.get("/api/v1/drafts/").json()["count"] == 0
    assert phone.post("/api/v1/filings/", begun(enrolled), format="json").status_code == 201
