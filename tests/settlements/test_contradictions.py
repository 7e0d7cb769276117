"""What a till sends that cannot be: each has its code and the path of its field, over HTTP, and nothing is stored."""

from decimal import Decimal

import pytest

from accounts.models import Voucher
from core import clock
from filings.models import Filing
from settlements.adjudication import case_of
from settlements.bills import MOST_ITEMS
from settlements.models import InsuranceYear, Settlement
from settlements.verification import replay
from tests import factories as make
from tests.settlements.test_settling import refused
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db
VISIT = {"care": "outpatient", "admitted_on": "2026-03-01", "discharged_on": None}


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


@pytest.fixture
def cashier():
    return till()


def item(amount="100.00", kind="A", **more):
    return {"name": "头孢", "class": kind, "amount": amount, **more}


def cost(**given):
    return {"cost": given}


CONTRADICTIONS = [
    (cost(total="100.01", items=[item()]), ["items_total cost"]),
    (cost(total="100.00", excluded="60.00", first_copay="40.01"), ["scope_negative cost"]),
    (cost(total="-1.00"), ["money_invalid cost.total"]),
    (cost(items=[item("-100.00"), item()]), ["money_invalid cost.items.0.amount"]),
    (cost(total="100.001"), ["money_invalid cost.total"]),
    (cost(total="1e3"), ["money_invalid cost.total"]),
    (cost(total="0.00"), ["total_zero cost.total"]),
    (cost(items=[item("0.00")]), ["total_zero cost.total"]),
    (cost(), ["required cost.total"]),
    (cost(items=[]), ["required cost.items"]),
    ({"cost": None}, ["required cost"]),
    (cost(items=[item(kind="D")]), ["class_invalid cost.items.0.class"]),
    (cost(items=[item(kind="B", first_copay_ratio="1.1")]), ["ratio_invalid cost.items.0.first_copay_ratio"]),
    (cost(items=[item(price="3")]), ["unknown_field cost.items.0.price"]),
    (cost(total="100.00", tax="1"), ["unknown_field cost.tax"]),
    ({"ward": "3"}, ["unknown_field ward"]),
    ({"discharged_on": "2026-02-28"}, ["discharge_before_admission discharged_on"]),
    ({"discharged_on": "2026-03-03"}, ["discharged_in_future discharged_on"]),
    (
        {"admitted_on": "2026-03-03", "discharged_on": "2026-03-04"},
        ["admitted_in_future admitted_on", "discharged_in_future discharged_on"],
    ),
    ({"discharged_on": None}, ["required discharged_on"]),
    ({"admitted_on": None, "discharged_on": "2026-03-02"}, ["required admitted_on"]),
    ({"admitted_on": "2026-02-30"}, ["date_invalid admitted_on"]),
    ({**VISIT, "discharged_on": "2026-03-02"}, ["not_a_stay discharged_on"]),
    ({**VISIT, "disease": "M03900"}, ["not_chronic disease"]),
    ({**VISIT, "care": "chronic"}, ["required disease"]),
    ({**VISIT, "care": "chronic", "disease": "高血压"}, ["code_invalid disease"]),
    ({"care": "dental"}, ["choice_invalid care"]),
    ({"emergency": "yes"}, ["flag_invalid emergency"]),
    ({"bill_number": ""}, ["required bill_number"]),
    ({"bill_number": "1" * 65}, ["text_invalid bill_number"]),
    ({"invoice": {"code": "1"}}, ["required invoice.number"]),
]


@pytest.mark.parametrize(("given", "told"), CONTRADICTIONS, ids=lambda value: str(value)[:60])
def test_what_cannot_be_is_refused_with_its_code(cashier, given, told):
    answer = cashier.post(**given)

    assert answer.status_code == 400
    assert [f"{error['code']} {error['attr']}" for error in answer.json()["errors"]] == told
    assert not Settlement.objects.exists()
    assert not InsuranceYear.objects.exists()
    assert not Filing.objects.exists()
    assert not Voucher.objects.filter(used_at__isnull=False).exists()


def test_what_is_wrong_is_told_all_at_once(cashier):
    answer = cashier.post(care="chronic", discharged_on="2026-02-01", cost={"total": "-1"}, bill_number="", ward="3")

    codes = {error["code"] for error in answer.json()["errors"]}

    assert codes == {"required", "discharge_before_admission", "money_invalid", "unknown_field"}


def test_a_body_that_is_no_object_is_refused(cashier):
    answer = cashier.api.post("/api/v1/settlements/", [1], format="json", HTTP_IDEMPOTENCY_KEY="k")

    assert "object_expected" in refused(answer)[1]


def test_five_thousand_lines_are_settled_and_replayed(cashier):
    """Half class A at 1.00, half class B at 1.00 with 10 % first: 250 first copay of 5 000; 4 750 − 1 000, 80 %."""
    half = MOST_ITEMS // 2
    lines = [item("1.00")] * half + [item("1.00", "B", first_copay_ratio="0.10")] * half

    body = cashier.post(cost={"total": "5000.00", "items": lines}).json()

    assert {name: body["amounts"][name] for name in ("first_copay", "scope", "pooled", "cash")} == {
        "first_copay": "250.00",
        "scope": "4750.00",
        "pooled": "3000.00",
        "cash": "2000.00",
    }
    assert len(case_of(Settlement.objects.get()).cost.items) == MOST_ITEMS
    assert replay().equal == 1


def test_one_line_more_is_too_many(cashier):
    answer = cashier.post(cost={"items": [item("1.00")] * (MOST_ITEMS + 1)})

    assert refused(answer) == (400, ["items_too_many"])


def test_the_largest_bill_there_may_be(cashier):
    """A hundred million less a fen: the fund pays its 100 000, used up at 126 000 of it with the deductible, and 90 % beyond."""
    body = cashier.post(cost={"total": "99999999.99"}).json()

    assert body["amounts"]["pooled"] == "100000.00"
    assert body["amounts"]["large_amount"] == "89886599.99"  # 99 873 999.99 × 90 %
    assert body["amounts"]["cash"] == "10013400.00"


@pytest.mark.parametrize("given", [{"total": "100000000.00"}, {"items": [item("9999999999.99")] * 200}])
def test_a_bill_beyond_that_is_refused(cashier, given):
    """Also where no single line is too large: what the year has come to must stay within its columns."""
    answer = cashier.post(cost=given)

    assert refused(answer) == (400, ["total_too_large"])


@pytest.fixture
def account():
    return make.citizen()


CHRONIC = {"care": "chronic", "disease": "M01600", "admitted_on": "2026-03-01", "discharged_on": None}


@pytest.fixture
def filed():
    """A patient with a filing for 北京, before a till that is open for outpatients and for high blood pressure alone."""
    cashier = till(hospital=make.institution(outpatient=True, chronic=["M03900"]))
    make.diseases()
    with clock.standing_at(make.moment("2026-02-02 09:00")):
        make.approved(cashier.patient, cashier.citizen, to=make.BEIJING)
    return cashier


def test_what_is_not_recognised_is_not_settled_as_ordinary_outpatient_care(filed):
    answer = filed.post(**{**CHRONIC, "disease": "M03900", "emergency": False})

    assert refused(answer) == (409, ["recognition"])
    assert "不能按普通门诊结算" in answer.json()["errors"][0]["detail"]
    assert not Settlement.objects.exists()


def test_a_hospital_that_is_not_open_for_the_disease_does_not_settle_it(filed, recognised):
    recognised()

    answer = filed.post(**CHRONIC, emergency=False)

    assert refused(answer) == (409, ["institution_disease"])
    assert "不能按普通门诊结算" in answer.json()["errors"][0]["detail"]
    assert not Settlement.objects.exists()


def test_a_disease_that_is_not_on_the_list_is_not_settled(filed, recognised):
    recognised()

    answer = filed.post(**{**CHRONIC, "disease": "M09999", "emergency": False})

    assert refused(answer) == (409, ["recognition", "disease_listed", "institution_disease"])
    assert not Settlement.objects.exists()


def test_recognised_listed_and_open_is_settled(filed, recognised):
    """70 % of 400 = 280, below the month's 300."""
    recognised()

    entry = filed.settle(**{**CHRONIC, "disease": "M03900", "emergency": False, "cost": {"total": "400.00"}})

    assert (entry.care, entry.disease, entry.pooled) == ("chronic", "M03900", Decimal(280))
    assert replay().equal == 1


def test_an_emergency_does_not_open_chronic_care(filed):
    """The mark makes the filing, not the recognition."""
    cashier = till(hospital=filed.hospital)

    answer = cashier.post(**{**CHRONIC, "disease": "M03900", "emergency": True})

    assert "recognition" in refused(answer)[1]
    assert not Filing.objects.filter(enrollment=cashier.patient).exists()


def test_what_the_policy_does_not_pay_is_said_in_sentences(cashier):
    """The reason as the file has it, without a full stop, and then what to do."""
    no = "    not_covered: [{when: {level: 3}, reason: 三级医院普通门诊不予支付}]\n"

    with policies(SIMPLE.replace("    care: outpatient\n", "    care: outpatient\n" + no)):
        answer = cashier.post(**VISIT)

    assert refused(answer) == (409, ["covered"])
    assert answer.json()["errors"][0]["detail"].startswith("三级医院普通门诊不予支付。费用须自付")
