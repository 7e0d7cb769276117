"""Bills whose lines name items by code: the place of care's catalogue says the class, and nothing contradicts it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.http import QueryDict

from claims.adjudication import catalogue_named
from claims.admin.lines import read
from claims.bodies import read_cost
from core import clock
from policies.engine.bill import item_parts
from settlements.adjudication import case_of
from settlements.models import Settlement
from settlements.verification import replay
from tests import factories as make
from tests.journey import journey
from tests.policies.cataloguing import listed
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db
STAY = {"emergency": True}


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


@pytest.fixture
def cashier():
    listed("X1 B 0.10 40", "X2 A", "X3 C", "X4 B", "X5 -", "110000 X2 B 0.05", "500000 X2 C")
    return till()


def quoted(cashier, *items, **more):
    return cashier.api.post(
        "/api/v1/settlements/quote/", cashier.bill(cost={"items": [*items], **more}, **STAY), format="json"
    )


def test_class_ratio_and_limit_come_from_the_catalogue_of_the_place_of_care(cashier):
    items = [
        {"code": "X1", "amount": "1000.00", "quantity": "20"},  # 200 over 20 × 40, 80 first
        {"code": "x2", "amount": "1000.00"},  # Beijing's own row: 50 first
        {"code": "X3", "amount": "100.00"},
        {"code": "X9", "name": "陪护", "amount": "10.00"},
        {"name": "床位", "class": "A", "amount": "7000.00"},
    ]

    answer = quoted(cashier, *items)

    assert answer.status_code == 200, answer.json()
    amounts = answer.json()["amounts"]
    assert [amounts[name] for name in ("total", "excluded", "over_limit", "first_copay", "scope")] == [
        "9110.00",
        "110.00",
        "200.00",
        "130.00",
        "8670.00",
    ]
    formula = next(line["formula"] for line in answer.json()["lines"] if line["step"] == "excluded")
    assert formula == "按就医地目录；目录未收录X9（1项），按丙类全自费"


def test_an_entry_keeps_the_codes_and_replays_whatever_the_catalogue_says_later(cashier):
    bill = cashier.bill(
        cost={"items": [{"code": "X1", "amount": "1000.00", "quantity": "20"}, {"code": "X9", "amount": "10"}]}, **STAY
    )
    assert cashier.api.post("/api/v1/settlements/", bill, format="json", HTTP_IDEMPOTENCY_KEY="k1").status_code == 201
    listed("X1 C", "X9 A")

    entry = Settlement.objects.get()

    assert json.loads(entry.case)["cost"]["items"] == [
        ["示例X1", "B", "1000.00", "0.1000", "800.00", "X1", ""],
        ["", "C", "10", "0", None, "X9", "目录未收录，按丙类全自费"],
    ]
    assert [item.code for item in case_of(entry).cost.items] == ["X1", "X9"]
    assert entry.over_limit == Decimal("200.00")
    assert replay().equal == 1


REFUSED = [
    ({"code": "X4"}, "item_not_known cost.items.1.code"),
    ({"code": "X5"}, "item_not_known cost.items.1.code"),
    ({"code": "X2", "class": "A"}, "catalogue_mismatch cost.items.1.class"),
    ({"code": "X9", "class": "A"}, "catalogue_mismatch cost.items.1.class"),
    ({"code": "X2", "first_copay_ratio": "0.1"}, "catalogue_mismatch cost.items.1.first_copay_ratio"),
    ({"code": "X2", "limit": "5.00"}, "catalogue_mismatch cost.items.1.limit"),
    ({"code": "X1", "limit": "40.00", "quantity": "2"}, "catalogue_mismatch cost.items.1.limit"),
    ({"code": "X1", "quantity": "0"}, "quantity_invalid cost.items.1.quantity"),
    ({"code": "药"}, "code_invalid cost.items.1.code"),
    ({}, "class_invalid cost.items.1.class"),
    ({"class": ""}, "class_invalid cost.items.1.class"),
    ({"class": None, "code": "X2"}, "class_invalid cost.items.1.class"),
]


@pytest.mark.parametrize(("line", "problem"), REFUSED)
def test_what_contradicts_the_catalogue_or_is_not_known_is_refused(cashier, line, problem):
    answer = quoted(cashier, {"code": "X2", "amount": "1.00"}, {"amount": "100.00", **line})

    assert answer.status_code == 400
    assert [f"{error['code']} {error['attr']}" for error in answer.json()["errors"]] == [problem]


def test_what_agrees_may_be_said_and_a_charge_has_its_own_day(cashier):
    listed("110000 X1 B 0.10 50 2026-02-28")

    agreed = {"class": "B", "first_copay_ratio": "0.10", "limit": "80.00", "quantity": "2", "charged_on": "2026-02-27"}
    answer = quoted(
        cashier, {"code": "X1", "amount": "100.00", **agreed}, {"code": "X1", "amount": "100.00", "quantity": "2"}
    )

    assert answer.status_code == 200, answer.json()
    assert answer.json()["amounts"]["over_limit"] == "20.00"


def test_five_thousand_codes_cost_one_statement_more(cashier):
    plain = [{"class": "A", "amount": "1.00"}] * 5000
    coded = [{"code": f"X{number}", "amount": "1.00"} for number in range(10, 5010)]
    assert quoted(cashier, *plain).status_code == 200

    with journey() as without:
        quoted(cashier, *plain)
    with journey() as by_code:
        answer = quoted(cashier, *coded)

    assert answer.json()["amounts"]["excluded"] == "5000.00"
    assert len(by_code.statements) == len(without.statements) + 1


@pytest.mark.parametrize(("named", "total_excluded"), [("insured", "100.00"), ("care", "0.00")])
def test_a_claim_goes_by_the_catalogue_that_its_area_names(cashier, named, total_excluded):
    assert catalogue_named("500000", date(2026, 3, 1), "110000") == "500000"
    cost = read_cost({"items": [{"code": "X2", "amount": "100.00"}]})

    resolved = cost.resolved({"insured": "500000", "care": "110000"}[named], date(2026, 3, 1))

    assert str(sum(item_parts(item).excluded for item in resolved.items) + Decimal("0.00")) == total_excluded


def test_lines_at_the_counter_get_their_class_from_the_catalogue(cashier):
    post = QueryDict("pasted=" + quote("名称,医保编码,数量,金额\n支架,X1,2,100.00\n陪护,X9,1,10.00"))

    lines = read(post, {})
    lines.catalogue = ("110000", date(2026, 3, 1))

    assert [(label, count, str(amount)) for label, count, amount in lines.sums()] == [
        ("乙类", 1, "100.00"),
        ("自费", 1, "10.00"),
        ("合计", 2, "110.00"),
    ]
    lines = read(QueryDict("pasted=" + quote("支架,甲,100.00,,,X1,2\n药,,5.00,,,X4,1")), {})
    lines.catalogue = ("110000", date(2026, 3, 1))
    assert {place: len(problems) for place, problems in lines.problems.items()} == {0: 1, 1: 1}


def test_an_estimate_takes_codes_too(cashier):
    body = {
        "area": "500000",
        "insurance": "employee",
        "care": "inpatient",
        "level": 3,
        "institution": cashier.hospital.code,
    }

    answer = cashier.api.post(
        "/api/v1/estimates/", {**body, "cost": {"items": [{"code": "X2", "amount": "1000.00"}]}}, format="json"
    )

    assert answer.status_code == 200, answer.json()
    assert answer.json()["results"]["other"]["amounts"]["first_copay"] == "50.00"
