"""The straight way: what a request costs in statements, files entered and changes of file, asserted so that it stays so.

Each is asked once before it is measured: a process writes its prepared statements and reads the policies only once.
"""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Enrollment
from core import clock
from tests import factories as make
from tests.journey import Journey, journey

NOW = "2026-03-02 10:00"


@pytest.fixture(autouse=True)
def monday(transactional_db: None) -> Any:
    """Real transactions: BEGIN, COMMIT and savepoints are statements too."""
    make.working_calendar()
    with clock.standing_at(make.moment(NOW)):
        yield


def patient(name: str) -> tuple[Enrollment, APIClient]:
    enrolled = make.enrollment(make.person(name))
    make.area(make.BEIJING)
    return enrolled, make.api(make.citizen(enrolled.person))


def option(client: APIClient, enrolled: Enrollment, filing_type: str) -> dict[str, Any]:
    asked = {"enrollment": str(enrolled.pk), "destination": make.BEIJING}
    options = client.get("/api/v1/filing-options/", asked).json()["options"]
    return next(each for each in options if each["type"] == filing_type)


def form(client: APIClient, enrolled: Enrollment, filing_type: str, **more: Any) -> dict[str, Any]:
    return {
        "enrollment": str(enrolled.pk), "destination": make.BEIJING, "type": filing_type, "starts_on": "2026-03-02",
        "contact_name": "王秀兰", "contact_phone": "13900000001", "materials": [],
        "notice": option(client, enrolled, filing_type)["notice"]["id"], **more,
    }  # fmt: skip


def submitted(name: str, filing_type: str, document: str = "") -> tuple[Journey, APIClient, dict[str, Any]]:
    """A filing handed in by the phone, measured; with one uploaded document where one is named."""
    enrolled, client = patient(name)
    holder = enrolled.person.mandates.get().account
    uploads = [str(make.material(holder, document).pk)] if document else []
    body = form(client, enrolled, filing_type, materials=uploads)
    with journey() as way:
        answer = client.post("/api/v1/filings/", body, format="json", headers={"Idempotency-Key": "once"})
    assert (answer.status_code, answer.json()["status"]) == (201, "submitted")
    return way, client, answer.json()


def test_submitting_a_filing():
    submitted("王秀兰", "other")

    way, _client, _filing = submitted("李秀英", "other")

    assert len(way.statements) <= 17
    assert len(way.files) <= 35
    assert way.changes <= 125
    assert not [statement for statement in way.statements if "SAVEPOINT" in statement]


def test_submitting_a_filing_with_a_document():
    submitted("王秀兰", "resident", "residence_permit")

    way, _client, _filing = submitted("李秀英", "resident", "residence_permit")

    assert len(way.statements) <= 19
    assert len(way.files) <= 36
    assert way.changes <= 127


def test_reading_one_filing():
    _way, client, filing = submitted("王秀兰", "other")
    client.get(f"/api/v1/filings/{filing['id']}/")

    with journey() as way:
        shown = client.get(f"/api/v1/filings/{filing['id']}/")

    assert shown.json()["id"] == filing["id"]
    assert len(way.statements) <= 6


def test_reading_the_list():
    _way, client, filing = submitted("王秀兰", "other")
    client.get("/api/v1/filings/")

    with journey() as way:
        shown = client.get("/api/v1/filings/")

    assert [each["id"] for each in shown.json()["results"]] == [filing["id"]]
    assert len(way.statements) <= 4


@pytest.mark.parametrize(("path", "most"), [("overview/", 7), ("messages/", 2)])
def test_the_first_page_and_the_inbox(path, most):
    _way, client, _filing = submitted("王秀兰", "other")
    client.get(f"/api/v1/{path}")

    with journey() as way:
        shown = client.get(f"/api/v1/{path}")

    assert shown.status_code == 200
    assert len(way.statements) <= most, "\n".join(way.statements)


def test_what_was_made_is_answered_as_it_is_read():
    """The answer to a filing comes from memory; the next one from the database says the same."""
    _way, client, made = submitted("王秀兰", "resident", "residence_permit")

    read = client.get(f"/api/v1/filings/{made['id']}/").json()

    assert read == made
