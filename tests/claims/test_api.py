"""Claims over HTTP: options, claiming, mending, the reviewers' verbs, lists, and what they cost."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims import payments, services
from reviews import services as queue
from tests import factories as make
from tests.claims.claiming import CARD, approved, at, body, claimed, costs, fresh, papers
from tests.policies.cataloguing import listed

pytestmark = pytest.mark.usefixtures("human")
URL = "/api/v1/claims/"


@pytest.fixture
def client(account):
    return make.api(account)


def errors(answer):
    return answer.status_code, [(error["code"], error["attr"]) for error in answer.json()["errors"]]


def test_options(client, enrolled):
    answer = client.get(f"/api/v1/claim-options/?enrollment={enrolled.pk}&discharged_on=2026-02-10").json()

    assert [(each["kind"], each["required"]) for each in answer["documents"]] == [
        ("invoice", True), ("cost_list", True), ("discharge_record", True), ("certificate", False),
    ]  # fmt: skip
    assert (answer["deadline"], answer["deadline_on"]) == ("出院（就诊）后1年内", "2027-02-10")
    assert (answer["stages"], answer["working_days"], answer["catalogue"]) == (2, [15, 15], "insured")
    assert answer["deadline_source"]["title"]
    assert client.get("/api/v1/claim-options/").status_code == 400
    assert client.get(f"/api/v1/claim-options/?enrollment={enrolled.pk}&discharged_on=0001-01-01").status_code == 400


def test_whose_account_it_is_is_masked_to_staff(client, account, enrolled):
    shown = client.post(URL, body(account, enrolled, bank_holder="李小红"), format="json").json()

    assert shown["bank_holder"] == "李小红"

    seen = make.api(make.reviewer()).get(f"{URL}{shown['id']}/").json()
    assert (seen["bank_holder"], seen["bank_account"]) == ("李*红", "****3446")


def test_options_of_an_area_with_its_own_time(account, enrolled):
    """成都: three months."""
    of = make.enrollment(enrolled.person, code=make.CHENGDU)
    address = f"/api/v1/claim-options/?enrollment={of.pk}&discharged_on=2026-02-10"

    answer = make.api(account).get(address).json()

    assert (answer["deadline"], answer["deadline_on"]) == ("出院（就诊）后3个月内", "2026-05-10")


def test_claiming(client, account, enrolled):
    answer = client.post(URL, body(account, enrolled), format="json")

    shown = answer.json()

    assert answer.status_code == 201, shown
    assert (shown["status"], shown["kind"], shown["stage"], shown["stages"]) == ("submitted", "claim", 1, 2)
    assert (shown["institution_name"], shown["total"], shown["cost"]) == (
        "北京示范医院",
        "20000.00",
        {"total": "20000.00"},
    )
    assert (shown["bank_account"], shown["reason"]) == ("****3446", "住院前没有备案。")
    assert (shown["amounts"], shown["lines"], shown["settlement"]) == (None, None, None)
    assert shown["payment"] == {
        "status": "none",
        "status_label": "",
        "paid_on": None,
        "refusal": None,
        "refusal_label": "",
    }
    assert shown["actions"] == ["withdraw"]
    assert CARD not in answer.content.decode()


def test_what_was_paid_and_how(client, account, enrolled):
    claim = approved(claimed(account, enrolled))

    shown = client.get(f"{URL}{claim.pk}/").json()

    assert (shown["status"], shown["travel"], shown["settlement"]) == ("approved", "unfiled", str(claim.settlement_id))
    assert {name: shown["amounts"][name] for name in ("deductible", "pooled", "fund", "own")} == {
        "deductible": "924.00", "pooled": "15260.80", "fund": "15260.80", "own": "4739.20",
    }  # fmt: skip
    assert ("pooled", "15260.80") in [(line["step"], line["amount"]) for line in shown["lines"]]
    assert shown["policy"]["area"] == "500000"
    assert shown["payment"] == {
        "status": "due",
        "status_label": "待支付",
        "paid_on": None,
        "refusal": None,
        "refusal_label": "",
    }

    batch = payments.export(make.finance())
    with at("2026-03-05 10:00"):
        payments.mark_paid(batch, make.finance(), paid_on=date(2026, 3, 4))
    shown = client.get(f"{URL}{claim.pk}/").json()

    assert shown["payment"] == {
        "status": "paid",
        "status_label": "已支付",
        "paid_on": "2026-03-04",
        "refusal": None,
        "refusal_label": "",
    }
    assert [event["verb"] for event in shown["events"]][-2:] == ["export", "pay"]

    listed = client.get("/api/v1/settlements/?channel=manual").json()["results"]
    assert [row["number"] for row in listed] == [shown["settlement_number"]]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"institution": "H0"}, ("does_not_exist", "institution")),
        ({"care": "dental"}, ("invalid_choice", "care")),
        ({"invoice_number": "12/34"}, ("invalid", "invoice_number")),
        ({"bank_account": "六二二二"}, ("bank_account_invalid", "bank_account")),
        ({"cost": {"total": "-1"}}, ("money_invalid", "cost.total")),
        ({"cost": {"total": "20000", "tip": "1"}}, ("unknown_field", "cost.tip")),
        ({"cost": {"items": [{"class": "D", "amount": "1"}]}}, ("class_invalid", "cost.items.0.class")),
        ({"cost": {"items": [{"class": "A", "amount": "99999999.99"}] * 2}}, ("total_too_large", "cost.total")),
        ({"cost": {"items": [{"class": "A", "amount": "1"}] * 5001}}, ("items_too_many", "cost.items")),
        ({"cost": {"total": "2", "items": [{"class": "A", "amount": "1"}]}}, ("items_total", "cost")),
        ({"admitted_on": "1900-01-01"}, ("min_value", "admitted_on")),
    ],
)
def test_what_is_wrong(client, account, enrolled, wrong, expected):
    assert errors(client.post(URL, body(account, enrolled, **wrong), format="json")) == (400, [expected])


def test_five_thousand_lines(client, account, enrolled):
    """5 000 lines of 4.00: 20 000, as if it had been said in one sum."""
    items = [{"name": "西药", "class": "A", "amount": "4.00"}] * 5000

    shown = client.post(URL, body(account, enrolled, cost={"items": items}), format="json").json()

    assert (shown["status"], shown["total"], len(shown["cost"]["items"])) == ("submitted", "20000.00", 5000)


def test_the_same_invoice_again(client, account, enrolled):
    first = client.post(URL, body(account, enrolled), format="json").json()

    again = client.post(URL, body(account, enrolled), format="json")

    assert errors(again) == (409, [("invoice_claimed", "invoice_number")])
    assert first["number"] in again.json()["errors"][0]["detail"]


def test_a_draft_is_amended_and_handed_in(client, account, enrolled):
    draft = client.post(URL, {"enrollment": str(enrolled.pk), "care": "inpatient", "draft": True}, format="json").json()

    assert draft["status"] == "draft"
    assert {check["code"] for check in draft["checks"]} == {
        "admission_missing", "institution_missing", "cost_missing", "invoice_missing", "documents_missing",
        "bank_account_missing", "reason_missing",
    }  # fmt: skip
    assert client.post(f"{URL}{draft['id']}/submit/").status_code == 400

    more = {key: value for key, value in body(account, enrolled).items() if key != "enrollment"}
    mended = client.patch(f"{URL}{draft['id']}/", more, format="json").json()

    assert mended["checks"] == []
    assert client.post(f"{URL}{draft['id']}/submit/").json()["status"] == "submitted"


def test_returned_mended_and_resubmitted(client, account, enrolled):
    claim = claimed(account, enrolled)
    queue.return_for_correction(claim, reviewer=make.reviewer(), reason="票据不清", fields=["invoice"])

    fresh_papers = {"materials": papers(account), "bank_account": "6222 0202 0011 2233 446"}

    assert client.patch(f"{URL}{claim.pk}/", fresh_papers, format="json").status_code == 200
    assert client.post(f"{URL}{claim.pk}/resubmit/").json()["status"] == "submitted"


def test_a_reviewer_corrects_and_approves(account, enrolled):
    claim, first = claimed(account, enrolled), make.api(make.reviewer())

    stale = first.post(f"{URL}{claim.pk}/correct/", {"cost": {"total": "1"}}, format="json", HTTP_IF_MATCH='"1"')

    assert stale.status_code == 412

    given = {"cost": {"total": "20000.00", "excluded": "1000.00"}}
    shown = first.post(f"{URL}{claim.pk}/correct/", given, format="json").json()

    assert (shown["cost"], shown["corrected"]) == ({"total": "20000.00"}, given["cost"])
    assert "correct" in shown["actions"]
    assert first.post(f"{URL}{claim.pk}/approve/").json()["stage"] == 2

    done = make.api(make.reviewer()).post(f"{URL}{claim.pk}/approve/").json()
    assert (done["status"], done["amounts"]["pooled"]) == ("approved", "14460.80")  # (19 000 − 924) × 80 %

    late = make.api(make.reviewer()).post(f"{URL}{claim.pk}/correct/", given, format="json")
    assert errors(late) == (409, [("wrong_state", None)])


def test_lists_are_narrowed_and_cost_the_same(client, account, enrolled):
    claimed(account, enrolled)

    with CaptureQueriesContext(connection) as one:
        assert client.get(URL).json()["count"] == 1

    paid = approved(claimed(account, enrolled, invoice_number="2", cost=costs("3000.00")))
    claimed(account, enrolled, invoice_number="3")
    client.get(URL)

    with CaptureQueriesContext(connection) as three:
        assert client.get(URL).json()["count"] == 3
    assert len(three) <= len(one)

    numbers = [row["number"] for row in client.get(f"{URL}?payment=due").json()["results"]]
    assert numbers == [paid.number]
    assert client.get(f"{URL}?care=chronic").json()["count"] == 0
    assert client.get(f"{URL}?payment=gold").status_code == 400
    assert client.get(f"{URL}?ordering=-admitted_on").json()["count"] == 3


def test_somebody_elses_claim_does_not_exist(account, enrolled):
    claim = claimed(account, enrolled)

    stranger = make.api(make.citizen(make.person()))

    assert stranger.get(f"{URL}{claim.pk}/").status_code == 404
    assert make.api(make.reviewer("510100")).get(f"{URL}{claim.pk}/").status_code == 404

    till = make.staff("hospital", institution=make.institution("H11010100008"))
    assert make.api(till).get(URL).json()["count"] == 0


def test_what_was_paid_prints_as_a_statement(client, account, enrolled):
    """Also of a hospital in no list, whose level a reviewer stated."""
    first, second = make.reviewer(), make.reviewer()
    elsewhere = {"institution": None, "institution_name": "某某医院", "place": make.area("110000")}
    claim = claimed(account, enrolled, **elsewhere)
    services.correct(claim, reviewer=first, level=2)
    entry = approved(fresh(claim), first, second).settlement

    answer = client.get(f"/api/v1/settlements/{entry.pk}/statement.pdf")

    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")

    shown = client.get(f"/api/v1/settlements/{entry.pk}/").json()
    assert (shown["institution"], shown["institution_name"], shown["channel"]) == (None, "某某医院", "manual")


def test_an_approved_claim_names_what_the_file_does_not_know(account, client, enrolled):
    """重庆's file has neither the employees' cap nor their 大额 fund."""
    claim = approved(claimed(account, enrolled))

    answer = client.get(f"{URL}{claim.pk}/").json()

    assert {("fund", "large_amount"), ("cap", None)} <= {(one["kind"], one["fund"]) for one in answer["not_included"]}


def test_a_line_that_no_bill_can_be_split_by_is_named_with_its_code(client, account, enrolled):
    """X4 is listed as class B without a ratio, X2 as class A; X9 in no list."""
    listed("X2 A", "X4 B")
    lines = [{"code": "X2", "class": "B"}, {"code": "X9"}, {"code": "X4"}]

    draft = client.post(URL, {**body(account, enrolled, cost=of_lines(*lines)), "draft": True}, format="json").json()
    contradicted = client.post(f"{URL}{draft['id']}/submit/")
    client.patch(f"{URL}{draft['id']}/", {"cost": of_lines(*lines[1:])}, format="json")
    unknown = client.post(f"{URL}{draft['id']}/submit/")
    client.patch(f"{URL}{draft['id']}/", {"cost": of_lines(lines[1])}, format="json")
    handed_in = client.post(f"{URL}{draft['id']}/submit/")

    (said,) = [check for check in draft["checks"] if check["code"] == "catalogue_mismatch"]
    assert (said["level"], said["fields"]) == ("error", ["cost.items.0.class"])
    assert "X2" in said["message"]
    assert "X4" in said["message"]
    assert errors(contradicted) == (400, [("catalogue_mismatch", "cost.items.0.class")])
    assert errors(unknown) == (400, [("item_not_known", "cost.items.1.code")])
    assert handed_in.status_code == 200


def of_lines(*lines):
    """A cost of 10 000.00 a line."""
    return {"items": [{"amount": "10000.00", **line} for line in lines]}
