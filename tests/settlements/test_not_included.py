"""What an area has and its file does not know is said wherever its figures are: estimate, quote, bill, claim, year, staff, paper.

Through the files that the project ships and through small ones; what was settled keeps saying what it was settled with.
"""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from core import clock
from settlements import statement
from settlements.models import Settlement
from tests import factories as make
from tests.settlements.till import HOSPITAL, policies, till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]

SUZHOU = "320500"
SERIOUS = {
    "kind": "fund",
    "fund": "serious_illness",
    "reason": "没有找到苏州职工大病保险1万元（救助人员5000元）以上的分段和比例",
}
ASSISTANCE = {"kind": "fund", "fund": "assistance", "reason": "没有找到苏州医疗救助的比例和限额"}

UNCAPPED = """
benefits:
  - id: employee-inpatient
    insurance: employee
    care: inpatient
    source: T1
    share: {bands: [{upto: null, ratios: [{ratio: 0.80}]}]}
    annual_cap: {not_known: 没有找到职工封顶线}
not_included:
  - {kind: fund, fund: serious_illness, insurance: employee, reason: 没有找到大病保险的分段}
  - {kind: rule, when: {level: 1}, reason: 没有找到一级医院的规定}
"""
LISTED = [
    {"kind": "fund", "fund": "serious_illness", "reason": "没有找到大病保险的分段"},
    {"kind": "cap", "fund": None, "reason": "没有找到职工封顶线"},
]
SENTENCE = (
    "未计入：大病保险（没有找到大病保险的分段）；统筹基金年度封顶线（没有找到职工封顶线）。实际个人负担可能与此不同。"
)


@pytest.fixture
def suzhou(monday):
    return make.enrollment(make.person("沈美娟"), code=SUZHOU)


@pytest.fixture
def uncapped(monday):
    with policies(UNCAPPED):
        yield


def funds(listed):
    """The files' own rules grow as they are read again; what no page gives of a fund is what these tests are about."""
    return [one for one in listed if one["kind"] == "fund"]


def estimated(enrolled, **given):
    body = {"enrollment": str(enrolled.pk), "care": "inpatient", "cost": {"total": "20000"}, **given}
    return make.api(make.citizen(enrolled.person)).post("/api/v1/estimates/", body, format="json").json()


def test_the_estimate_of_suzhou_names_the_fund_it_does_not_know(suzhou):
    """800, then 90 % of 19 200 at home: 17 280, and 2 720 that 大病 from 10 000 on might have lowered."""
    make.institution(HOSPITAL)

    answer = estimated(suzhou, institution=HOSPITAL)

    local = answer["results"]["local"]
    assert (local["amounts"]["pooled"], local["amounts"]["own"]) == ("17280.00", "2720.00")
    assert funds(local["not_included"]) == [SERIOUS]
    assert funds(answer["not_included"]) == [SERIOUS]


def test_who_is_poor_learns_that_the_assistance_is_not_known_either(suzhou):
    answer = estimated(suzhou, level=3, identity="low_income")

    assert funds(answer["not_included"]) == [SERIOUS, ASSISTANCE]


def test_a_way_that_is_refused_lists_nothing(monday):
    """重庆: what a referral is paid is not known; what is known lists the fund and the cap that are not."""
    answer = estimated(make.enrollment(make.person("王秀兰")), level=3)

    assert answer["results"]["referral"]["refused"] == "not_known"
    assert answer["results"]["referral"]["not_included"] == []
    assert [one["fund"] for one in funds(answer["not_included"])] == ["large_amount"]
    assert "cap" in {one["kind"] for one in answer["not_included"]}


def test_a_quote_and_the_bill_name_it(suzhou):
    cashier = till(suzhou)

    quote = cashier.post("quote/").json()
    bill = cashier.post().json()

    assert funds(quote["not_included"]) == [SERIOUS]
    assert funds(bill["not_included"]) == [SERIOUS]


@pytest.mark.usefixtures("uncapped")
def test_a_cap_that_is_not_known_is_not_applied_and_named_in_quote_and_bill():
    cashier = till()

    quote = cashier.post("quote/", cost={"total": "2000000.00"}).json()
    bill = cashier.post(cost={"total": "2000000.00"}).json()

    assert (quote["amounts"]["pooled"], quote["not_included"]) == ("1600000.00", LISTED)
    assert (bill["amounts"]["pooled"], bill["not_included"]) == ("1600000.00", LISTED)


def test_what_was_settled_says_what_its_own_text_did_not_know():
    """Of another text nothing is said in its place, although that lists something too: the very text is known by its hash."""
    with policies(UNCAPPED):
        cashier = till()
        bill = f"/api/v1/settlements/{cashier.post().json()['id']}/"

    with policies(UNCAPPED.partition("not_included:")[0]):
        of_another = cashier.api.get(bill).json()
    with policies(UNCAPPED):
        again = cashier.api.get(bill).json()

    assert (of_another["not_included"], again["not_included"]) == ([], LISTED)


@pytest.mark.usefixtures("uncapped")
def test_replayed_it_is_the_same(capsys):
    till().settle()

    call_command("replay_settlements")

    assert "1" in capsys.readouterr().out


@pytest.mark.usefixtures("uncapped")
def test_the_statement_says_it_in_one_sentence():
    cashier = till()
    bill = cashier.settle()

    found = Settlement.objects.one(cashier.staff, bill.pk)

    assert statement.texts(found)["not_included"] == SENTENCE
    assert statement.pdf(found).startswith(b"%PDF")


@pytest.mark.usefixtures("uncapped")
def test_the_staff_read_it_beside_the_amounts():
    bill = till().settle()
    client = Client()
    client.force_login(make.reviewer(), backend="django.contrib.auth.backends.ModelBackend")

    page = client.get(reverse("admin:settlements_settlement_change", args=[bill.pk])).content.decode()

    assert SENTENCE in page


@pytest.mark.usefixtures("uncapped")
def test_the_year_names_what_its_kinds_of_care_do_not_know():
    """Whatever the level of the next hospital: the rule of level 1 is named too."""
    cashier = till()
    cashier.settle()

    (year,) = make.api(cashier.citizen).get("/api/v1/settlement-years/").json()

    rule = {"kind": "rule", "fund": None, "reason": "没有找到一级医院的规定"}
    by_reason = {one["reason"]: one for one in year["not_included"]}
    assert by_reason == {one["reason"]: one for one in [*LISTED, rule]}
    assert year["cares"][0]["not_included"] == year["not_included"]
    assert year["cares"][0]["caps"] == []


def test_a_file_that_knows_all_lists_nothing():
    known = UNCAPPED.partition("not_included:")[0].replace(
        "{not_known: 没有找到职工封顶线}", "{of: pooled, amount: 100000}"
    )

    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(known):
        quote = till().post("quote/").json()

    assert quote["not_included"] == []
