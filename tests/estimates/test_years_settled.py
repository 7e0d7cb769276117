"""What a year has come to once bills are settled in it. Figures by hand from the small policy of `till.py`."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from settlements.services import reverse
from tests import factories as make
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db

URL = "/api/v1/settlement-years/"


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


def ask(cashier, **query):
    answer = make.api(cashier.citizen).get(URL, query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def care(year, name):
    return next(each for each in year["cares"] if each["care"] == name)


def visit(total, day="2026-03-02"):
    return {"care": "outpatient", "admitted_on": day, "discharged_on": None, "cost": {"total": total}}


def test_a_stay_moves_the_cap_and_the_next_costs_half():
    """10 000: 1 000 deductible, 80 % of 9 000 = 7 200 of the 100 000 a year; the next stay costs 500."""
    cashier = till()
    cashier.settle()

    (year,) = ask(cashier)

    assert (year["bills"], year["total"], year["fund"], year["own"]) == (1, "10000.00", "7200.00", "2800.00")
    assert (year["account"], year["cash"], year["burden"]) == ("0.00", "2800.00", "2800.00")

    (counter,) = year["counters"]
    assert (counter["counter"], counter["label"]) == ("inpatient", "住院")
    assert (counter["scope"], counter["deductible"], counter["pooled"]) == ("10000.00", "1000.00", "7200.00")

    stay = care(year, "inpatient")
    assert (stay["visit"], stay["travel"], stay["travel_because"]) == (2, "emergency", "last")

    (deductible,) = stay["deductibles"]
    assert (deductible["for_levels"], deductible["amount"], deductible["left"]) == ([], "500.00", "500.00")

    (cap,) = stay["caps"]
    assert (cap["amount"], cap["used"], cap["left"]) == ("100000.00", "7200.00", "92800.00")
    assert cap["source"]["id"] == "T1"


def test_outpatient_care_has_a_counter_of_its_own():
    """150 of the 200 a year: 50 are left; then 100 more fill it and 50 × 50 % = 25 are paid."""
    cashier = till()
    cashier.settle(**visit("150.00"))

    (deductible,) = care(ask(cashier)[0], "outpatient")["deductibles"]

    assert (deductible["period"], deductible["amount"], deductible["used"], deductible["left"]) == (
        "year",
        "200.00",
        "150.00",
        "50.00",
    )

    cashier.settle(**visit("100.00"))
    (year,) = ask(cashier)
    (deductible,) = care(year, "outpatient")["deductibles"]

    assert (deductible["used"], deductible["left"], year["fund"]) == ("200.00", "0.00", "25.00")
    assert care(year, "inpatient")["visit"] == 1


def test_a_reversal_gives_back_what_it_took():
    cashier = till()
    first = cashier.settle()
    before = ask(cashier)[0]
    second = cashier.settle(admitted_on="2026-03-02", discharged_on="2026-03-02")
    reverse(cashier.staff, second, reason="漏录一笔材料费")

    after = ask(cashier)[0]

    assert after == before

    reverse(cashier.staff, first, reason="漏录一笔材料费")
    (year,) = ask(cashier)

    assert (year["bills"], year["total"], year["burden"]) == (0, "0.00", "0.00")
    assert care(year, "inpatient")["visit"] == 1


def test_an_earlier_year_stands_below_the_running_one_with_what_it_came_to():
    """A year that is over has no next stay; its cap shows how much of it was used."""
    cashier = till()
    cashier.settle(admitted_on="2025-11-01", discharged_on="2025-11-05")

    running, over = ask(cashier)

    assert (running["year"], running["bills"]) == ("2026-01-01", 0)
    assert (over["year"], over["until"], over["current"], over["on"]) == (
        "2025-01-01",
        "2025-12-31",
        False,
        "2025-12-31",
    )

    stay = care(over, "inpatient")
    assert (stay["deductibles"], stay["caps"][0]["left"]) == ([], "92800.00")
    assert [each["year"] for each in ask(cashier, year="2025-01-01")] == ["2025-01-01"]


def test_chronic_care_stands_by_disease_with_what_the_month_has_left():
    """Recognised diabetes: at most 300 a month; 200 × 70 % = 140 are used."""
    cashier = till()
    row = make.recognition_draft(cashier.patient, account=cashier.citizen)
    type(row).objects.filter(pk=row.pk).update(status="approved", valid_from="2026-01-01")
    type(cashier.hospital).objects.filter(pk=cashier.hospital.pk).update(chronic=["M01600"])
    make.approved(cashier.patient, cashier.citizen, to="110000")
    cashier.settle(care="chronic", disease="M01600", cost={"total": "200.00"}, emergency=False, **DAY)

    stood = care(ask(cashier)[0], "chronic")

    assert (stood["disease"], stood["disease_name"], stood["travel"]) == ("M01600", "糖尿病", "other")

    (limit,) = stood["caps"]
    assert (limit["period"], limit["amount"], limit["used"], limit["left"]) == ("month", "300.00", "140.00", "160.00")


DAY = {"admitted_on": "2026-03-02", "discharged_on": None}


def test_whoever_was_insured_anew_goes_on_in_the_same_year():
    cashier = till()
    cashier.settle()
    old = cashier.patient
    old.valid_until = clock.today().replace(month=1, day=31)
    old.save()
    new = make.enrollment(old.person, valid_from=clock.today().replace(month=2, day=1))

    (year,) = ask(cashier)

    assert (year["enrollment"], year["bills"]) == (str(new.pk), 1)
    assert ask(cashier, enrollment=str(old.pk)) == [year]


def test_eight_queries_however_much_was_settled():
    cashier = till()
    cashier.settle()
    for day in ("2026-02-27", "2026-02-28", "2026-03-02"):
        cashier.settle(**visit("100.00", day))

    client = make.api(cashier.citizen)

    with CaptureQueriesContext(connection) as captured:
        assert client.get(URL).status_code == 200

    assert len(captured) == 8
