"""Settling: what a till sends, how it is split, what is kept of it. Figures by hand from the small policy of `till.py`."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts import registry
from accounts.registry import RegisterRecord, as_registered
from core import clock
from filings.models import Filing
from settlements.models import IdentityLookup, InsuranceYear, Settlement, YearCounter
from settlements.services import reverse
from settlements.verification import replay
from tests import factories as make
from tests.rivals import apart, somebody_waits_for_us, wait_until
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


def test_an_emergency_stay_is_split_and_files_itself():
    """10 000: 1 000 deductible, 80 % of 9 000 = 7 200; the filing is made by the hospital's mark."""
    cashier = till()

    answer = cashier.post()

    assert answer.status_code == 201, answer.json()

    body = answer.json()
    assert body["status"] == "settled"
    assert body["travel"] == "emergency"
    assert (body["amounts"]["deductible"], body["amounts"]["pooled"]) == ("1000.00", "7200.00")
    assert (body["amounts"]["fund"], body["amounts"]["own"], body["amounts"]["cash"]) == (
        "7200.00",
        "2800.00",
        "2800.00",
    )
    assert body["year_to_date"]["pooled"] == "7200.00"

    filing = Filing.objects.get()
    assert (str(filing.pk), filing.type, filing.status) == (body["filing"], "emergency", "expired")  # one visit
    assert replay().equal == 1


def test_a_quote_says_the_same_and_leaves_nothing():
    cashier = till()
    code = cashier.voucher()

    quoted = cashier.post("quote/", voucher=code).json()

    assert Settlement.objects.count() == Filing.objects.count() == InsuranceYear.objects.count() == 0

    settled = cashier.post(voucher=code).json()
    for name in ("amounts", "lines", "year_to_date", "travel", "policy"):
        assert quoted[name] == settled[name]


def refused(answer):
    return answer.status_code, [error["code"] for error in answer.json()["errors"]]


def test_without_an_idempotency_key_nothing_is_settled():
    cashier = till()

    answer = cashier.api.post("/api/v1/settlements/", cashier.bill(), format="json")

    assert refused(answer) == (400, ["idempotency_key_required"])
    assert not Settlement.objects.exists()


def test_the_same_call_again_gives_the_same_answer():
    cashier = till()
    bill = cashier.bill()

    first, second = (cashier.post(key="till-1", **bill) for _ in range(2))

    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Settlement.objects.count() == 1


def test_a_bill_settles_once_whatever_the_key():
    cashier = till()
    first = cashier.settle(bill_number="B-1", admitted_on="2026-02-01", discharged_on="2026-02-03")

    again = cashier.post(bill_number="B-1")

    assert refused(again) == (409, ["bill_settled"])
    assert first.number in again.json()["errors"][0]["detail"]


def test_a_till_that_lost_its_key_is_told_that_the_bill_is_settled_not_that_the_code_is_used():
    cashier = till()
    bill = cashier.bill()
    number = cashier.post(**bill).json()["number"]

    again = cashier.post(**bill)

    assert refused(again) == (409, ["bill_settled"])
    assert number in again.json()["errors"][0]["detail"]


@pytest.mark.django_db(transaction=True)
def test_a_stay_is_not_reversed_while_one_of_the_next_year_continues_it():
    """Two years, two locks: the person's is what both wait for."""
    cashier = till()
    first = cashier.settle(admitted_on="2025-12-20", discharged_on="2025-12-31")
    reversing: list[Any] = []

    def reverse_it() -> None:
        reversing.append(apart(lambda: reverse(cashier.staff, first, reason="错"), at="2026-03-02 10:00"))

    rival = threading.Thread(target=reverse_it)
    with transaction.atomic():
        cashier.settle(admitted_on="2025-12-31", discharged_on="2026-01-05", continues=first.number)
        rival.start()
        wait_until(lambda: bool(reversing) or somebody_waits_for_us())

    rival.join()

    assert [problem.code for problem in reversing[0].problems] == ["later_settlement_exists"]


def test_a_reversal_is_equal_and_opposite_and_the_bill_settles_again():
    cashier = till()
    wrong = cashier.settle(bill_number="B-1")
    url = f"/api/v1/settlements/{wrong.pk}/reverse/"

    body = cashier.api.post(url, {"reason": "漏录"}, format="json", HTTP_IDEMPOTENCY_KEY="r1").json()

    assert (body["status"], body["reversal"]["reason"], body["actions"]) == ("reversed", "漏录", [])

    year, opposite = InsuranceYear.objects.get(), Settlement.objects.get(status="reversal")
    assert (opposite.total, opposite.pooled, opposite.cash) == (Decimal("-10000"), Decimal("-7200"), Decimal("-2800"))
    assert (year.burden, year.entries) == (0, 2)
    assert {(row.scope, row.deductible, row.pooled) for row in YearCounter.objects.all()} == {(0, 0, 0)}

    right = cashier.settle(bill_number="B-1", cost={"total": "11000.00"})
    assert (right.pooled, right.deductible) == (Decimal("8000.00"), Decimal("1000.00"))
    assert replay().different == []

    again = cashier.api.post(url, {"reason": "漏录"}, format="json", HTTP_IDEMPOTENCY_KEY="r2")
    assert refused(again) == (409, ["already_reversed"])


def test_only_the_latest_of_a_year_is_reversed():
    cashier = till()
    first = cashier.settle(admitted_on="2026-01-10", discharged_on="2026-01-12")
    second = cashier.settle(admitted_on="2026-02-10", discharged_on="2026-02-12")

    answer = cashier.api.post(
        f"/api/v1/settlements/{first.pk}/reverse/", {"reason": "错"}, format="json", HTTP_IDEMPOTENCY_KEY="r"
    )

    assert refused(answer) == (409, ["later_settlement_exists"])
    assert second.number in answer.json()["errors"][0]["detail"]


def test_the_second_admission_of_the_year_has_the_lower_deductible_and_counts_on():
    cashier = till()
    cashier.settle(admitted_on="2026-01-10", discharged_on="2026-01-12")

    second = cashier.settle(admitted_on="2026-02-10", discharged_on="2026-02-12")

    assert (second.deductible, second.pooled) == (Decimal("500.00"), Decimal("7600.00"))

    year = YearCounter.objects.get(counter="inpatient", month=0)
    assert (year.scope, year.deductible, year.pooled) == (Decimal("20000"), Decimal("1500"), Decimal("14800"))
    assert {row.month: row.pooled for row in YearCounter.objects.exclude(month=0)} == {
        1: Decimal("7200"),
        2: Decimal("7600"),
    }


def test_a_stay_that_continues_another_pays_only_what_that_one_did_not_take():
    """The second admission's 500 less the 1 000 the first one took: nothing. A third in the chain: 500 less 1 000."""
    cashier = till()
    first = cashier.settle(admitted_on="2026-01-10", discharged_on="2026-01-12")

    second = cashier.settle(admitted_on="2026-01-12", discharged_on="2026-01-20", continues=first.number)

    assert (second.deductible, second.pooled, second.continues) == (0, Decimal("8000.00"), first)

    third = cashier.settle(admitted_on="2026-01-20", discharged_on="2026-01-22", continues=second.number)
    assert (third.deductible, third.linked_deductible) == (0, Decimal("1000.00"))

    taken = cashier.post(admitted_on="2026-01-25", discharged_on="2026-01-26", continues=first.number)
    assert refused(taken) == (409, ["continues_taken"])

    early = cashier.post(admitted_on="2026-01-21", discharged_on="2026-01-26", continues=third.number)
    assert refused(early) == (409, ["continues_later"])

    unknown = cashier.post(admitted_on="2026-01-25", discharged_on="2026-01-26", continues="J20260101-00000000-0")
    assert refused(unknown) == (404, ["continues_unknown"])
    assert replay().different == []


def test_nobody_lies_in_two_hospitals_at_once():
    cashier = till()
    cashier.settle(admitted_on="2026-01-10", discharged_on="2026-01-20")
    other = till(cashier.patient, make.institution("H11010100002", outpatient=True))

    overlaps = other.post(admitted_on="2026-01-19", discharged_on="2026-01-25")

    assert refused(overlaps) == (409, ["stay_overlaps"])
    assert other.post(admitted_on="2026-01-20", discharged_on="2026-01-25").status_code == 201  # a transfer


def test_a_cap_reached_in_the_middle_of_a_bill():
    """130 000 − 1 000 at 80 % would be 103 200; the cap leaves 100 000, used up at 125 000: 4 000 beyond, 90 % of it large."""
    cashier = till()

    one = cashier.settle(cost={"total": "130000.00"})

    assert (one.pooled, one.beyond, one.large_amount) == (Decimal("100000"), Decimal("4000"), Decimal("3600"))
    assert (one.fund, one.own) == (Decimal("103600"), Decimal("26400"))

    reversed_ = cashier.settle(admitted_on="2026-02-01", discharged_on="2026-02-02")
    assert (reversed_.pooled, reversed_.beyond, reversed_.fund) == (0, Decimal("9500"), Decimal("8550"))


NOT_ELIGIBLE = {"admitted_on": "2026-03-01", "discharged_on": "2026-03-02", "emergency": False}


def test_every_failed_condition_is_told_at_once_with_its_remedy():
    patient = make.enrollment(make.person("王秀兰"), valid_until=make.moment("2026-02-01 00:00").date())
    cashier = till(patient, make.institution("H11010100003", inpatient=False))
    answer = cashier.post(**NOT_ELIGIBLE)

    status, codes = refused(answer)

    assert (status, codes) == (409, ["enrollment", "filing", "institution", "certificate"])
    assert "请先办理到北京市的异地就医备案" in answer.json()["errors"][1]["detail"]
    assert not Settlement.objects.exists()


def test_a_filing_made_before_the_discharge_counts():
    """规程 art. 16: filed during the stay and before it is settled."""
    cashier = till()
    with clock.standing_at(make.moment("2026-03-01 09:00")):
        filing = make.approved(cashier.patient, to=make.BEIJING)
    stay = {"admitted_on": "2026-02-25", "discharged_on": "2026-03-02", "emergency": False}

    settled = cashier.settle(**stay)

    assert (settled.travel, settled.filing_id) == ("other", filing.pk)


def test_a_stay_that_began_inside_the_filing_is_covered_to_its_end():
    cashier = till()
    with clock.standing_at(make.moment("2026-01-05 09:00")):
        filing = make.approved(cashier.patient, to=make.BEIJING)
    type(filing).objects.filter(pk=filing.pk).update(valid_until=make.moment("2026-01-31 00:00").date())

    settled = cashier.settle(admitted_on="2026-01-30", discharged_on="2026-02-20", emergency=False)

    assert settled.filing_id == filing.pk

    late = cashier.post(admitted_on="2026-02-21", discharged_on="2026-02-22", emergency=False)
    assert refused(late) == (409, ["filing"])


def test_a_replayed_call_looks_nobody_up_again():
    cashier = till()
    registry.store(
        RegisterRecord("王秀兰", cashier.patient.person.id_number, enrollments=(as_registered(cashier.patient),))
    )
    bill = cashier.bill(
        identity={"name": "王秀兰", "id_number": cashier.patient.person.id_number, "reason": "未带手机"}
    )
    del bill["voucher"]

    answers = [
        cashier.api.post("/api/v1/settlements/", bill, format="json", HTTP_IDEMPOTENCY_KEY="same") for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert IdentityLookup.objects.count() == 1


@pytest.mark.parametrize("name", ["bill_number", "insured_area", "q"])
def test_a_null_character_in_a_filter_is_refused(name):
    answer = till().api.get("/api/v1/settlements/", {name: "\0"})

    assert refused(answer) == (400, ["null_characters_not_allowed"])
