"""What an account has to do, what counts and what is under way, in one answer (`GET overview/`); days counted by hand."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import MandateStatus, Proof
from core import clock
from filings import proofs
from filings.models import Filing
from regions.models import Agency
from reviews import services
from reviews.services import Actor
from tests import factories as make
from tests.monday import at

pytestmark = pytest.mark.usefixtures("monday")

GUIYANG, KUNMING, CHENGDU = "520100", "530100", "510100"
PROMISE = {"kind": "residence_permit", "signed_name": "王秀兰"}


@pytest.fixture
def wang():
    return make.enrollment(make.person("王秀兰"), code=GUIYANG)


@pytest.fixture
def account(wang):
    return make.citizen(wang.person)


def overview(account):
    return make.api(account).get("/api/v1/overview/").json()


def needs(account):
    return [(need["kind"], need["title"], need["on"], need["days_left"]) for need in overview(account)["needs"]]


def test_who_is_new_is_asked_to_bind_somebody():
    answer = overview(make.citizen())

    assert [need["kind"] for need in answer["needs"]] == ["bind"]
    assert (answer["bound"], answer["in_force"], answer["under_way"]) == (False, [], [])
    assert answer["agency"] is None


def test_whom_to_call_is_the_agency_of_where_one_is_insured_oneself(account, wang):
    child = make.enrollment(make.person("李子涵"), code="110000")
    make.mandate(account, child.person, relation="child")
    Agency.objects.create(area_id="110000", name="北京市医疗保险事务管理中心", phone="010-12345678")
    Agency.objects.create(area=wang.area, name="甲", phone="")
    Agency.objects.create(area=wang.area, name="乙", phone="0851-12345678")

    assert overview(account)["agency"] == {"name": "乙", "phone": "0851-12345678"}


def test_who_waits_for_the_code_is_asked_for_it_and_sees_nothing_of_the_person(wang):
    account = make.citizen()
    make.mandate(account, wang.person, relation="self", status=MandateStatus.PENDING, active_from=None)

    (need,) = overview(account)["needs"]

    assert (need["kind"], need["person"], need["person_name"]) == ("verify", str(wang.person_id), "")


def test_who_is_asked_for_a_mandate_is_told_by_whom(account, wang):
    daughter = make.citizen(make.person("王晓梅"))
    asked = make.mandate(
        daughter, wang.person, relation="parent", status=MandateStatus.PENDING, proof=Proof.APPROVAL, active_from=None
    )

    (need,) = overview(account)["needs"]

    assert (need["kind"], need["mandate"]) == ("consent", str(asked.pk))
    assert need["text"] == "王*梅申请为王*兰代办异地就医业务，请同意或拒绝。"
    assert overview(daughter)["needs"] == [], "who asked has nothing to do but wait"


def test_a_returned_case_stands_first_with_its_reason_and_the_last_day(account, wang):
    """Returned on 2 March, thirty days to mend it: until 1 April."""
    filing = make.submitted(wang, account=account, to=CHENGDU)
    make.draft(wang, account=account, to=KUNMING)
    services.return_for_correction(filing, reviewer=make.reviewer(GUIYANG), reason="居住证照片不清。")

    answer = overview(account)

    correct, finish = answer["needs"]
    assert (correct["kind"], correct["on"], correct["days_left"]) == ("correct", "2026-04-01", 30)
    assert correct["text"] == "请在2026年4月1日前补正。居住证照片不清。"
    assert (correct["submission"], correct["submission_kind"], correct["person_name"]) == (
        str(filing.pk),
        "filing",
        "王*兰",
    )
    assert (finish["kind"], finish["title"]) == ("finish", "昆明市 · 其他临时外出就医人员")
    assert answer["under_way"] == []


def test_what_is_under_review_says_until_when(account, wang):
    filing = make.submitted(wang, account=account, to=CHENGDU)

    (row,) = overview(account)["under_way"]

    assert (row["number"], row["title"]) == (filing.number, "成都市 · 其他临时外出就医人员")
    assert row["due_at"] == "2026-03-04T17:00:00+08:00"


def test_a_promised_document_is_asked_for_until_it_is_with_the_agency(account, wang):
    """Approved on 2 March with two months to supply: due on 2 May, in 61 days."""
    filing = make.approved(wang, account, filing_type="resident", commitment=PROMISE)

    (asked,) = overview(account)["needs"]
    proofs.prove(account, Filing.objects.get(pk=filing.pk), [make.material(account).pk])
    afterwards = overview(account)

    assert (asked["kind"], asked["on"], asked["days_left"]) == ("documents", "2026-05-02", 61)
    assert asked["text"] == "请在2026年5月2日前补交承诺的材料：居住证。"
    assert afterwards["needs"] == []
    assert [row["title"] for row in afterwards["under_way"]] == ["成都市的备案 · 补交材料"]


def test_what_is_in_force_says_how_long_and_soon_that_it_ends(account, wang):
    """From 2 to 20 March: 18 days are left on the 2nd; on the 6th there are 14, and it ends soon."""
    make.approved(wang, account, to=make.area(CHENGDU).code, ends_on=date(2026, 3, 20))

    (row,) = overview(account)["in_force"]
    early = needs(account)
    with at("2026-03-06 10:00"):
        late = needs(account)

    assert (row["valid_from"], row["valid_until"], row["days_left"], row["begun"]) == (
        "2026-03-02",
        "2026-03-20",
        18,
        True,
    )
    assert early == []
    assert late == [("expiring", "成都市 · 其他临时外出就医人员", "2026-03-20", 14)]


def test_others_see_nothing_of_it(account, wang):
    make.submitted(wang, account=account, to=CHENGDU)

    answer = overview(make.citizen(make.person("李国强")))

    assert (answer["needs"], answer["in_force"], answer["under_way"]) == ([], [], [])


def test_it_costs_the_same_for_one_case_and_for_many(account, wang):
    """The token, the mandates, whom it concerns, who asks, the cases; why one was returned; whom to call."""
    client = make.api(account)
    services.return_for_correction(
        make.submitted(wang, account=account, to=CHENGDU), reviewer=make.reviewer(GUIYANG), reason="请补充"
    )
    client.get("/api/v1/overview/")

    with CaptureQueriesContext(connection) as one:
        client.get("/api/v1/overview/")
    for place in (KUNMING, "610100", "320100", "330100"):
        services.withdraw(make.submitted(wang, account=account, to=place), actor=Actor.of(account, wang.person))
        make.submitted(wang, account=account, to=place)
    make.claim_draft(wang, account=account)
    make.recognition_draft(wang, account=account)
    with CaptureQueriesContext(connection) as many:
        answer = client.get("/api/v1/overview/").json()

    assert len(answer["under_way"]) == 4
    assert len(answer["needs"]) == 3
    assert len(many) == len(one) == 7
    assert clock.today() == date(2026, 3, 2)


def test_a_promise_is_asked_for_though_a_change_or_another_case_is_under_review(account, wang):
    """A change keeps no promise; neither does a filing for elsewhere."""
    filing = make.approved(wang, account, filing_type="resident", commitment=PROMISE)
    other = make.submitted(wang, account=account, to=KUNMING)

    beside_another = needs(account)
    Filing.objects.filter(pk=other.pk).update(predecessor=filing)
    beside_a_change = needs(account)

    assert [kind for kind, *_rest in beside_another] == ["documents"]
    assert [kind for kind, *_rest in beside_a_change] == ["documents"]
