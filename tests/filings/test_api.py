"""The HTTP side: every wrong field by code and place with nothing stored, who sees what, lists, versions, actions."""

from datetime import date

import pytest
from django.core.cache import cache

from accounts.models import Message
from filings import proofs
from filings.models import Commitment, Filing, FilingAgent, Proof
from regions.models import County
from reviews import services as queue
from reviews.models import Event, Material
from reviews.services import Actor
from tests import factories as make
from tests.factories import current_notice
from tests.monday import at

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, TAIYUAN, XIAMEN = "520100", "140100", "350200"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}
NUMBER = "110101195503070028"


@pytest.fixture
def enrolled():
    make.area("510100")
    return make.enrollment(make.person("王秀兰", number=NUMBER), code=GUIYANG)


@pytest.fixture
def account(enrolled):
    return make.citizen(enrolled.person)


@pytest.fixture
def client(account):
    return make.api(account)


@pytest.fixture
def body(enrolled):
    """What the phone sends to file for other temporary care in 成都."""
    return {
        "enrollment": str(enrolled.pk),
        "destination": "510100",
        "type": "other",
        "starts_on": "2026-03-02",
        "contact_name": "王秀兰",
        "contact_phone": "13900000001",
        "notice": str(current_notice(GUIYANG, "other").pk),
        "materials": [],
    }


def refusals(answer):
    return [(error["code"], error["attr"]) for error in answer.json()["errors"]]


def test_filing_answers_with_everything(client, body, enrolled):
    answer = client.post("/api/v1/filings/", body)

    shown = answer.json()

    assert (answer.status_code, answer["ETag"]) == (201, f'"{shown["version"]}"')
    assert shown["number"].startswith("20260302-")

    wanted = {
        "kind": "filing", "status": "submitted", "type": "other", "destination": "510100", "destination_name": "成都市",
        "insured_area": GUIYANG, "enrollment": str(enrolled.pk), "person_name": "王*兰", "due_provisional": False,
        "submitted_at": "2026-03-02T10:00:00+08:00", "due_at": "2026-03-04T17:00:00+08:00", "valid_from": None,
        "commitment": None, "decision": None, "checks": [], "materials": [], "actions": ["withdraw"],
        "contact_phone": "13900000001", "notice": body["notice"], "locked_until": None, "agent": None,
    }  # fmt: skip
    assert {name: shown[name] for name in wanted} == wanted
    assert [event["verb"] for event in shown["events"]] == ["create", "submit"]


def test_at_once_in_the_instant_lane():
    enrolled = make.enrollment(make.person("王秀兰"), code=XIAMEN)
    make.area("510100")
    sent = {
        "enrollment": str(enrolled.pk), "destination": "510100", "type": "resident", "starts_on": "2026-03-02",
        "contact_name": "王秀兰", "contact_phone": "13900000001", "commitment": PROMISE,
        "notice": str(current_notice(XIAMEN, "resident").pk),
    }  # fmt: skip

    shown = make.api(make.citizen(enrolled.person)).post("/api/v1/filings/", sent).json()

    assert (shown["status"], shown["lane"], shown["travel"]) == ("approved", "instant", "long_term")
    assert (shown["valid_from"], shown["valid_until"]) == ("2026-03-02", None)
    assert (shown["commitment"]["status"], shown["commitment"]["due_on"]) == ("met", None)  # 厦门: the letter is enough
    assert (shown["filed_by"], shown["actions"]) == ("document", ["change", "cancel"])


def test_a_county_is_refused_with_the_area_to_choose(enrolled):
    beijing = make.area(make.BEIJING)
    County.objects.create(code="110105", name="朝阳区", parent=beijing, pool=beijing)
    client = make.api(make.citizen(enrolled.person))

    filed = client.post("/api/v1/filings/", {"enrollment": str(enrolled.pk), "destination": "110105"})
    asked = client.get("/api/v1/filing-options/", {"enrollment": str(enrolled.pk), "destination": "110105"})

    said = {
        "code": "destination_granularity",
        "detail": "朝阳区属于北京市，请选择北京市（110000）。",
        "attr": "destination",
    }
    assert said in filed.json()["errors"]
    assert asked.json()["errors"] == [said]


LONG = "长" * 61
WRONG = {
    "no enrolment": ({"enrollment": None}, 400, "null", "enrollment"),
    "an enrolment of nobody": ({"enrollment": "019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"}, 404, "not_found", "enrollment"),
    "an enrolment that is no id": ({"enrollment": "1"}, 400, "invalid", "enrollment"),
    "no destination": ({"destination": None}, 400, "null", "destination"),
    "a destination nobody knows": ({"destination": "999999"}, 400, "does_not_exist", "destination"),
    "a destination that is a list": ({"destination": ["510100"]}, 400, "does_not_exist", "destination"),
    "a destination that is no text": ({"destination": "\0"}, 400, "null_characters_not_allowed", "destination"),
    "no such type": ({"type": "holiday"}, 400, "invalid_choice", "type"),
    "no first day": ({"starts_on": None}, 400, "required", "starts_on"),
    "a first day that is none": ({"starts_on": "2026-02-30"}, 400, "invalid", "starts_on"),
    "a first day before our time": ({"starts_on": "0001-01-01"}, 400, "min_value", "starts_on"),
    "a last day beyond all time": ({"ends_on": "9999-12-31"}, 400, "max_value", "ends_on"),
    "a first day too early": ({"starts_on": "2026-02-24"}, 400, "starts_too_early", "starts_on"),
    "a last day before the first": ({"ends_on": "2026-03-01"}, 400, "ends_before_start", "ends_on"),
    "a draft that ends before it begins": (
        {"ends_on": "2026-03-01", "draft": True}, 400, "ends_before_start", "ends_on",
    ),
    "a last day too late": ({"ends_on": "2026-09-02"}, 400, "ends_too_late", "ends_on"),
    "a name too long": ({"contact_name": LONG}, 400, "max_length", "contact_name"),
    "no name": ({"contact_name": ""}, 400, "contact_missing", "contact_name"),
    "a telephone nobody has": ({"contact_phone": "110"}, 400, "contact_unreachable", "contact_phone"),
    "a name with a null character": ({"contact_name": "王\x00"}, 400, "null_characters_not_allowed", "contact_name"),
    "an address too long": ({"address": "址" * 201}, 400, "max_length", "address"),
    "a notice nobody knows": ({"notice": "019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"}, 400, "does_not_exist", "notice"),
    "no notice": ({"notice": None}, 400, "notice_not_read", "notice"),
    "materials that are no list": ({"materials": "x"}, 400, "not_a_list", "materials"),
    "a material that is no id": ({"materials": ["x"]}, 400, "invalid", "materials.0"),
    "a material nobody uploaded": (
        {"materials": ["019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"]}, 400, "material_unknown", "materials",
    ),
    "a commitment without a signature": ({"commitment": {"kind": "lease"}}, 400, "required", "commitment.signed_name"),
    "a commitment for nothing": (
        {"commitment": PROMISE}, 400, "commitment_not_accepted", "commitment",
    ),
    "too many institutions": ({"institutions": ["H1"] * 21}, 400, "max_length", "institutions"),
    "an institution nobody knows": ({"institutions": ["H1"]}, 400, "institution_unknown", "institutions"),
    "a stay without its day": ({"makes_up_for": {"institution": "H1"}}, 400, "required", "makes_up_for.admitted_on"),
    "a stay at two words": (
        {"makes_up_for": {"institution": "H1 H2", "admitted_on": "2026-03-02"}}, 400, "institution_elsewhere", "makes_up_for",
    ),
    "a stay that begins tomorrow": (
        {"makes_up_for": {"institution": "H1", "admitted_on": "2026-03-03"}}, 400, "admission_in_future", "makes_up_for",
    ),
    "a referral nobody knows": ({"referral": "R9"}, 400, "referral_unknown", "referral"),
    "a draft that is neither true nor false": ({"draft": "maybe"}, 400, "invalid", "draft"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "status", "code", "attr"), WRONG.values(), ids=WRONG.keys())
def test_each_wrong_field_is_named_and_nothing_is_stored(client, body, fields, status, code, attr):
    answer = client.post("/api/v1/filings/", {**body, **fields})

    assert (answer.status_code, refusals(answer)) == (status, [(code, attr)])
    assert all(error["detail"] for error in answer.json()["errors"])
    assert (Filing.objects.count(), Commitment.objects.count(), Event.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("missing", ["enrollment", "destination", "type", "starts_on"])
def test_each_required_field(client, body, missing):
    del body[missing]

    answer = client.post("/api/v1/filings/", body)

    assert (answer.status_code, refusals(answer)) == (400, [("required", missing)])


def test_several_things_wrong_are_told_at_once(client, body):
    make.area("510000")

    answer = client.post(
        "/api/v1/filings/", {**body, "destination": "510000", "contact_phone": "1", "type": "resident"}
    )

    assert {code for code, _attr in refusals(answer)} == {
        "destination_granularity", "contact_unreachable", "documents_missing", "notice_not_read",
    }  # fmt: skip


def test_a_rival_is_409_with_its_number(client, body):
    first = client.post("/api/v1/filings/", body).json()

    answer = client.post("/api/v1/filings/", body)

    assert (answer.status_code, refusals(answer)) == (409, [("filing_overlaps", "destination")])
    assert first["number"] in answer.json()["errors"][0]["detail"]


def test_the_same_key_files_once(client, body):
    headers = {"HTTP_IDEMPOTENCY_KEY": "click-1"}

    first = client.post("/api/v1/filings/", body, **headers)

    second = client.post("/api/v1/filings/", body, **headers)

    assert (second.status_code, second["Idempotent-Replayed"], second.json()) == (201, "true", first.json())
    assert Filing.objects.count() == 1


def test_a_draft_is_filled_in_checked_and_submitted(client, body, account):
    paper = make.material(account)
    started = client.post(
        "/api/v1/filings/",
        {"enrollment": body["enrollment"], "destination": "510100", "type": "resident", "draft": True},
    ).json()
    checked = client.patch(
        f"/api/v1/filings/{started['id']}/",
        {
            "enrollment": body["enrollment"], "starts_on": None, "ends_on": None, "contact_name": "王秀兰",
            "contact_phone": "13900000001", "materials": [str(paper.pk)],
            "notice": str(current_notice(GUIYANG, "resident").pk),
        },
    )  # fmt: skip

    done = client.post(f"/api/v1/filings/{started['id']}/submit/", {})

    assert (started["status"], started["starts_on"]) == ("draft", "2026-03-02")
    assert {check["code"] for check in started["checks"]} == {"documents_missing", "contact_missing", "notice_not_read"}
    assert (checked.status_code, checked.json()["checks"]) == (200, [])
    assert [material["id"] for material in checked.json()["materials"]] == [str(paper.pk)]
    assert (done.status_code, done.json()["status"]) == (200, "submitted")


@pytest.mark.parametrize(
    ("part", "attr"),
    [
        ({"commitment": {"kind": "lease"}}, "commitment.signed_name"),
        ({"makes_up_for": {"admitted_on": "2026-03-02"}}, "makes_up_for.institution"),
    ],
)
@pytest.mark.parametrize("verb", ["amend", "change"])
def test_a_part_is_said_whole_or_not_at_all(client, account, body, verb, part, attr):
    if verb == "amend":
        draft = client.post("/api/v1/filings/", {**body, "draft": True}).json()
        answer = client.patch(f"/api/v1/filings/{draft['id']}/", part)
    else:
        enrolled = make.enrollment(account.mandates.get().person, code=TAIYUAN)
        answer = client.post(f"/api/v1/filings/{make.approved(enrolled, account).pk}/change/", part)

    assert (answer.status_code, refusals(answer)) == (400, [("required", attr)])


def test_a_stale_version_is_412(client, body):
    draft = client.post("/api/v1/filings/", {**body, "draft": True}).json()
    client.patch(f"/api/v1/filings/{draft['id']}/", {"address": "甲"}, HTTP_IF_MATCH=f'"{draft["version"]}"')

    answer = client.patch(f"/api/v1/filings/{draft['id']}/", {"address": "乙"}, HTTP_IF_MATCH=f'"{draft["version"]}"')

    assert (answer.status_code, refusals(answer)) == (412, [("stale_version", None)])
    assert Filing.objects.get().address == "甲"


def test_returned_corrected_resubmitted(client, body, enrolled):
    filing = Filing.objects.get(pk=client.post("/api/v1/filings/", body).json()["id"])
    queue.return_for_correction(filing, reviewer=make.reviewer(GUIYANG), reason="电话打不通", fields=["contact_phone"])

    returned = client.get(f"/api/v1/filings/{filing.pk}/").json()
    client.patch(f"/api/v1/filings/{filing.pk}/", {"contact_phone": "13900000002"})

    again = client.post(f"/api/v1/filings/{filing.pk}/resubmit/", {}).json()

    assert (returned["status"], returned["actions"]) == ("returned", ["resubmit", "withdraw"])
    assert returned["decision"] == {
        "outcome": "returned", "code": "", "reason": "电话打不通", "fields": ["contact_phone"],
    }  # fmt: skip
    assert (again["status"], again["contact_phone"]) == ("submitted", "13900000002")


def test_cancel_inside_the_lock_is_409_and_not_offered(client, account, enrolled):
    filing = make.approved(enrolled, account, filing_type="resident", materials=[make.material(account).pk])

    shown = client.get(f"/api/v1/filings/{filing.pk}/").json()

    answer = client.post(f"/api/v1/filings/{filing.pk}/cancel/", {"reason": "回家"})

    assert (shown["actions"], shown["locked_until"]) == ([], "2026-09-01")
    assert shown["lock"] == {"change_until": "2026-09-01", "cancel_until": "2026-09-01"}
    assert (answer.status_code, refusals(answer)) == (409, [("filing_locked", None)])
    assert "2026年9月1日" in answer.json()["errors"][0]["detail"]
    assert Filing.objects.get().status == "approved"


def test_cancel_and_change_where_there_is_no_lock():
    make.area("110000")
    enrolled = make.enrollment(make.person("王秀兰"), code=TAIYUAN)
    account = make.citizen(enrolled.person)
    client, filing = make.api(account), make.approved(enrolled, account)

    changed = client.post(f"/api/v1/filings/{filing.pk}/change/", {"destination": "110000"})
    cancelled = client.post(f"/api/v1/filings/{filing.pk}/cancel/", {"reason": "不去了"})

    successor = changed.json()

    assert (changed.status_code, successor["status"], successor["predecessor"]) == (201, "submitted", str(filing.pk))
    assert (successor["destination"], successor["type"]) == ("110000", "other")
    assert (cancelled.status_code, cancelled.json()["status"], cancelled.json()["actions"]) == (200, "cancelled", [])
    assert cancelled.json()["events"][-1]["detail"] == "取消：不去了"


def test_the_promise_and_its_proof(client, account, enrolled):
    filing = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)
    shown = client.get(f"/api/v1/filings/{filing.pk}/").json()
    paper = make.material(account)

    answer = client.post("/api/v1/proofs/", {"filing": str(filing.pk), "materials": [str(paper.pk)]})
    after = client.get(f"/api/v1/filings/{filing.pk}/").json()

    twice = client.post(f"/api/v1/filings/{filing.pk}/proof/", {"materials": [str(make.material(account).pk)]})

    assert shown["commitment"] == {
        "kind": "residence_permit", "label": "居住证", "due_on": "2026-05-02", "status": "open", "signed_name": "王秀兰",
    }  # fmt: skip
    assert ("proof" in shown["actions"], "proof" in after["actions"]) == (True, False)

    proof = answer.json()
    assert (answer.status_code, proof["kind"], proof["status"], proof["filing"]) == (
        201, "proof", "submitted", str(filing.pk),
    )  # fmt: skip
    assert (twice.status_code, refusals(twice)) == (409, [("proof_pending", "filing")])
    assert client.get("/api/v1/proofs/").json()["results"][0]["filing_number"] == filing.number


def test_a_proof_is_drafted_amended_and_submitted(client, account, enrolled):
    filing = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)
    paper = make.material(account, "lease")

    draft = client.post("/api/v1/proofs/", {"filing": str(filing.pk), "materials": [], "draft": True}).json()
    amended = client.patch(f"/api/v1/proofs/{draft['id']}/", {"materials": [str(paper.pk)]}).json()

    done = client.post(f"/api/v1/proofs/{draft['id']}/submit/", {}).json()

    assert [check["code"] for check in draft["checks"]] == ["documents_missing"]
    assert (amended["checks"], done["status"], done["actions"]) == ([], "submitted", ["withdraw"])


# Agents


@pytest.fixture
def by_agent(enrolled, body):
    """王秀兰 is in the register; an employer files for her."""
    from accounts import registry

    enrolment = registry.RegisteredEnrollment(GUIYANG, "employee", "active", date(2015, 1, 1))
    registry.store(registry.RegisterRecord("王秀兰", NUMBER, "13900000001", enrollments=(enrolment,)))
    employer = make.citizen()
    letter = make.material(employer, "letter_of_authority")
    del body["enrollment"]
    sent = {
        **body,
        "for": {"name": "王秀兰", "id_number": NUMBER, "insured_area": GUIYANG, "insurance": "employee"},
        "agent": {
            "name": "张经理", "id_number": make.id_number(date(1985, 6, 1)), "phone": "13800000002",
            "relation": "employer", "authority": str(letter.pk),
        },
    }  # fmt: skip
    return employer, sent


def test_an_agent_files(by_agent, account):
    employer, sent = by_agent
    client = make.api(employer)

    answer = client.post("/api/v1/filings/", sent)

    shown = answer.json()

    assert (answer.status_code, shown["person_name"], shown["actions"]) == (201, "王*兰", ["withdraw"])
    assert (shown["agent"]["name"], shown["agent"]["phone"], shown["agent"]["relation"]) == (
        "张*理", "138****0002", "employer",
    )  # fmt: skip
    assert NUMBER not in answer.content.decode()
    assert client.get("/api/v1/filings/").json()["count"] == 1
    assert Message.objects.get(account=account, kind="agent_filed")


AGENTS = {
    "a wrong check digit": ({"agent": {"id_number": "110101195503070027"}}, 400, "id_number_invalid", "agent.id_number"),
    "no telephone": ({"agent": {"phone": "12"}}, 400, "phone_invalid", "agent.phone"),
    "no such relation": ({"agent": {"relation": "friend"}}, 400, "invalid_choice", "agent.relation"),
    "a letter nobody uploaded": (
        {"agent": {"authority": "019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"}}, 400, "material_unknown", "materials",
    ),
    "a wrong name": ({"for": {"name": "王秀"}}, 404, "not_registered", "for"),
    "the person's number is none": ({"for": {"id_number": "1"}}, 400, "id_number_invalid", "for.id_number"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "status", "code", "attr"), AGENTS.values(), ids=AGENTS.keys())
def test_what_an_agent_may_get_wrong(by_agent, fields, status, code, attr):
    employer, sent = by_agent
    for name, changed in fields.items():
        sent[name] = {**sent[name], **changed}

    answer = make.api(employer).post("/api/v1/filings/", sent)

    assert (answer.status_code, refusals(answer)) == (status, [(code, attr)])
    assert (Filing.objects.count(), FilingAgent.objects.count()) == (0, 0)
    assert not Material.objects.filter(submission__isnull=False).exists()


def test_guesses_from_one_address_are_counted_together_and_hold_up_only_who_guesses(by_agent, settings):
    """Three misses of its own an account always has: thousands share the address of a mobile carrier."""
    cache.clear()
    settings.LIMITS = {**settings.LIMITS, "guess-address": "1/hour"}
    _employer, sent = by_agent
    sent["for"] = {**sent["for"], "name": "王秀"}
    guesser, other = make.api(make.citizen()), make.api(make.citizen())

    guesses = [guesser.post("/api/v1/filings/", sent).status_code for _ in range(4)]

    assert guesses == [404, 404, 404, 429]
    assert other.post("/api/v1/filings/", sent).status_code == 404


@pytest.mark.parametrize("missing", ["for", "agent"])
def test_an_agent_needs_both_halves(by_agent, missing):
    employer, sent = by_agent
    del sent[missing]

    answer = make.api(employer).post("/api/v1/filings/", sent)

    assert (answer.status_code, refusals(answer)) == (400, [("required", missing)])


# Who sees what


def test_what_belongs_to_others_does_not_exist(account, enrolled):
    filing = make.filed(enrolled, account)
    stranger = make.api(make.citizen(make.person()))
    url = f"/api/v1/filings/{filing.pk}/"

    answers = [
        stranger.get(url), stranger.patch(url, {"address": "别处"}), stranger.post(f"{url}withdraw/", {}),
        stranger.post(f"{url}cancel/", {}), stranger.post(f"{url}change/", {}),
        stranger.post("/api/v1/proofs/", {"filing": str(filing.pk), "materials": []}),
        stranger.get("/api/v1/filing-options/", {"enrollment": enrolled.pk, "destination": "510100"}),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404] * 7
    assert stranger.get("/api/v1/filings/").json()["count"] == 0
    assert Filing.objects.get(pk=filing.pk).status == "submitted"


def test_reviewers_see_their_area_masked_and_file_nothing(account, enrolled, body):
    filing = make.filed(enrolled, account, address="成都市武侯区", filing_type="resident", commitment=PROMISE)
    draft = make.filed(enrolled, account, keep=True)
    here, elsewhere = make.api(make.reviewer(GUIYANG)), make.api(make.reviewer("510100"))

    shown = here.get(f"/api/v1/filings/{filing.pk}/").json()

    assert (shown["contact_name"], shown["contact_phone"], shown["address"]) == ("测*员", "139****0000", "")
    assert "signed_name" not in shown["commitment"]
    assert {"claim", "approve", "reject", "return_for_correction"} <= set(shown["actions"])
    assert here.get(f"/api/v1/filings/{draft.pk}/").status_code == 404
    assert elsewhere.get(f"/api/v1/filings/{filing.pk}/").status_code == 404
    assert here.post("/api/v1/filings/", body).status_code == 403
    assert here.get("/api/v1/filing-options/", {"enrollment": enrolled.pk, "destination": "510100"}).status_code == 403


def test_nobody_without_a_token():
    for url in ("/api/v1/filings/", "/api/v1/proofs/", "/api/v1/filing-options/"):
        assert make.api().get(url).status_code == 401


# Options


def test_the_options_over_http(client, enrolled):
    answer = client.get("/api/v1/filing-options/", {"enrollment": str(enrolled.pk), "destination": "510100"})

    shown = answer.json()

    assert (answer.status_code, shown["needed"], shown["destination_rule"]) == (200, True, "city")

    resident = next(option for option in shown["options"] if option["type"] == "resident")
    assert resident["lock"]["cancel_until"] == "2026-09-01"
    assert resident["notice"]["version"] == 1


OPTIONS_WRONG = {
    "no enrolment": ({"destination": "510100"}, 400, "required", "enrollment"),
    "no destination": ({"enrollment": "x"}, 400, "required", "destination"),
    "an enrolment that is no id": ({"enrollment": "x", "destination": "510100"}, 400, "invalid", "enrollment"),
    "an enrolment of nobody": (
        {"enrollment": "019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a", "destination": "510100"}, 404, "not_found", "enrollment",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "status", "code", "attr"), OPTIONS_WRONG.values(), ids=OPTIONS_WRONG.keys())
def test_what_is_wrong_with_asking_for_options(client, asked, status, code, attr):
    answer = client.get("/api/v1/filing-options/", asked)

    assert (answer.status_code, refusals(answer)) == (status, [(code, attr)])


@pytest.mark.parametrize("code", ["999999", "成都"])
def test_a_place_nobody_knows(client, enrolled, code):
    answer = client.get("/api/v1/filing-options/", {"enrollment": str(enrolled.pk), "destination": code})

    assert (answer.status_code, refusals(answer)) == (400, [("does_not_exist", "destination")])


# Lists


@pytest.fixture
def three(account, enrolled):
    """A resident's filing that was approved, one under review to 北京, and a draft to 上海, a minute apart."""
    with at("2026-03-02 10:01"):
        first = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)
    with at("2026-03-02 10:02"):
        second = make.filed(enrolled, account, to="110000")
    with at("2026-03-02 10:03"):
        third = make.filed(enrolled, account, to="310000", keep=True)
    return [first, second, third]


FILTERS = {
    "newest first": ({}, [2, 1, 0]),
    "oldest first": ({"ordering": "created_at"}, [0, 1, 2]),
    "by status": ({"status": "approved"}, [0]),
    "by several": ({"status": "approved,draft"}, [2, 0]),
    "by type": ({"type": "other"}, [2, 1]),
    "by destination": ({"destination": "110000"}, [1]),
    "by nobody": ({"person": "019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"}, []),
}


@pytest.mark.parametrize(("asked", "wanted"), FILTERS.values(), ids=FILTERS.keys())
def test_lists_are_narrowed_and_ordered(client, three, asked, wanted):
    shown = client.get("/api/v1/filings/", asked).json()

    assert [row["id"] for row in shown["results"]] == [str(three[index].pk) for index in wanted]
    assert shown["count"] == len(wanted)


def test_lists_are_found_by_number_with_and_without_dashes(client, three):
    number = three[1].number

    for typed in (number, number.replace("-", ""), number[:15]):
        rows = client.get("/api/v1/filings/", {"q": typed}).json()["results"]
        assert [row["id"] for row in rows] == [str(three[1].pk)]


def test_lists_by_person_and_enrolment(client, three, enrolled):
    for name, key in (("person", enrolled.person_id), ("enrollment", enrolled.pk)):
        assert client.get("/api/v1/filings/", {name: key}).json()["count"] == 3


def test_lists_come_in_pages(client, three):
    page = client.get("/api/v1/filings/", {"page_size": 2, "page": 2}).json()

    assert ([row["id"] for row in page["results"]], page["count"], page["next"]) == ([str(three[0].pk)], 3, None)


BAD_FILTERS = {
    "status": ("status", "gone", "invalid_choice"),
    "type": ("type", "holiday", "invalid_choice"),
    "person": ("person", "1", "invalid"),
    "ordering": ("ordering", "contact_phone", "invalid_choice"),
    "two orderings": ("ordering", "created_at,due_at", "invalid_choice"),
}


@pytest.mark.parametrize(("name", "value", "code"), BAD_FILTERS.values(), ids=BAD_FILTERS.keys())
def test_a_filter_that_means_nothing_is_refused(client, name, value, code):
    answer = client.get("/api/v1/filings/", {name: value})

    assert (answer.status_code, refusals(answer)) == (400, [(code, name)])


@pytest.mark.parametrize("asked", [{"q": "没有编号"}, {"destination": "成都"}])
def test_what_is_no_number_and_no_code_finds_nothing(client, three, asked):
    answer = client.get("/api/v1/filings/", asked)

    assert (answer.status_code, answer.json()["count"]) == (200, 0)


@pytest.mark.parametrize("header", ["9" * 5000, "x", "-1"])
def test_a_version_that_is_none_is_refused(client, three, header):
    answer = client.post(f"/api/v1/filings/{three[1].pk}/withdraw/", {}, HTTP_IF_MATCH=f'"{header}"')

    assert (answer.status_code, refusals(answer)) == (400, [("invalid", "If-Match")])


def test_proofs_are_ordered_by_what_they_have(client):
    assert client.get("/api/v1/proofs/", {"ordering": "-due_at"}).status_code == 200

    answer = client.get("/api/v1/proofs/", {"ordering": "valid_from"})
    assert (answer.status_code, refusals(answer)) == (400, [("invalid_choice", "ordering")])


def test_proofs_are_narrowed_like_filings(client, account, enrolled):
    filing = make.approved(enrolled, account, filing_type="resident", commitment=PROMISE)
    actor = Actor.of(account, enrolled.person)
    queue.withdraw(_proof(account, filing), actor=actor)
    second = _proof(account, filing)

    rows = client.get("/api/v1/proofs/", {"status": "submitted"}).json()["results"]

    assert [row["id"] for row in rows] == [str(second.pk)]
    assert Proof.objects.count() == 2


def _proof(account, filing):

    return proofs.prove(account, filing, [make.material(account).pk]).submission


def test_a_detail_that_did_not_change_has_no_body_and_its_tag_is_good_to_act_on(client, enrolled, account):
    filing = make.submitted(enrolled, account=account)
    address = f"/api/v1/filings/{filing.pk}/"
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    queue.assign(filing, reviewer=make.reviewer(enrolled.area_id))
    moved = client.get(address, headers={"If-None-Match": first["ETag"]})
    stale = client.post(f"{address}withdraw/", headers={"If-Match": first["ETag"]})
    done = client.post(f"{address}withdraw/", headers={"If-Match": moved["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert first["Cache-Control"] == "no-store"
    assert (moved.status_code, stale.status_code, done.status_code) == (200, 412, 200)


def test_a_detail_has_a_tag_of_its_own_in_each_language(client, enrolled, account):
    address = f"/api/v1/filings/{make.submitted(enrolled, account=account).pk}/"
    chinese = client.get(address)

    english = client.get(address, headers={"If-None-Match": chinese["ETag"], "Accept-Language": "en"})
    again = client.get(address, headers={"If-None-Match": english["ETag"], "Accept-Language": "en"})

    assert (english.status_code, again.status_code) == (200, 304)
