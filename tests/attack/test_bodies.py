"""Every documented maximum fits into the size its address allows, and what is larger or endless is refused early."""

import json

import pytest

from core.http.json import largest
from settlements.bills import MOST_ITEMS
from settlements.reconciliation.reading import MOST_ROWS, WIDTHS
from tests import factories as make

pytestmark = pytest.mark.django_db

HAN = "阿"  # three bytes


def test_a_bill_of_all_its_lines_with_the_longest_names_fits():
    line = {
        "name": HAN * 200,
        "class": "B",
        "amount": "99999999.99",
        "first_copay_ratio": "0.1234",
        "limit": "99999999.99",
    }

    body = json.dumps({"cost": {"items": [line] * MOST_ITEMS}}, ensure_ascii=False).encode()

    assert all(
        len(body) < largest(f"/api/v1/{name}/") for name in ("settlements", "settlements/quote", "estimates", "claims")
    )


def test_a_days_list_of_all_its_rows_fits():
    row = {name: "9" * width for name, width in WIDTHS.items()}
    row |= dict.fromkeys(("total", "fund", "account", "cash"), "99999999.99") | {"status": "settled"}

    body = json.dumps({"on": "2026-03-02", "rows": [row] * MOST_ROWS}).encode()

    assert len(body) < largest("/api/v1/reconciliation/")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("filings/", {"materials": ["x"] * 20_000}),
        ("filings/", {f"field {number}": 1 for number in range(8_000)}),
        ("filings/", {"type": ["other"] * 10_000}),
        ("estimates/", {"cost": {"items": [{"amount": "x"}] * 150_000}}),
        ("claims/", {"materials": ["x"] * 500_000}),
    ],
)
def test_a_swollen_body_gets_a_short_answer(path, sent):
    answer = make.api(make.citizen(make.person())).post(f"/api/v1/{path}", sent)

    assert answer.status_code == 400
    assert len(answer.content) < 10_000


@pytest.mark.parametrize("path", ["filings/", "auth/wechat/", "persons/"])
def test_what_no_form_needs_is_too_large(path):
    answer = make.api(make.citizen(make.person())).post(f"/api/v1/{path}", {"x": "x" * 140_000})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "body_too_large")


def test_personal_answers_are_kept_by_nobody():
    filing = make.submitted()
    client = make.api(filing.applicant)
    paths = ["account/", "filings/", f"filings/{filing.pk}/", "persons/", "messages/", "settlements/", "claims/"]

    assert {path: client.get(f"/api/v1/{path}")["Cache-Control"] for path in paths} == dict.fromkeys(paths, "no-store")


def test_figures_are_closed_without_a_token_in_production(settings, client):
    settings.METRICS_CLOSED = True

    assert client.get("/metrics").status_code == 404
