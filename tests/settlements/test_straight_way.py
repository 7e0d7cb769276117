"""How straight the way of a bill is: statements that reach the database, files entered, changes from one file to another."""

from __future__ import annotations

import pytest

from core import clock
from tests import factories as make
from tests.journey import Journey, journey
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db(transaction=True)

FIVE = {"items": [{"name": f"项目{i}", "class": "A", "amount": "2000.00"} for i in range(5)]}


@pytest.fixture(autouse=True)
def _monday(transactional_db):
    make.working_calendar()
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


def settled(serial: int, *, filed: bool, first: bool = True) -> tuple[Journey, Journey]:
    """A stay with five lines, quoted and settled at a till; `filed` before it, or an emergency that files itself.

    `first`: of its year. What a year has come to is read for a later one as well.
    """
    cashier = till(make.enrollment(make.person(f"赵秀兰{serial}")))
    if filed:
        with clock.standing_at(make.moment("2026-03-02 09:00")):  # what was decided just now may be undone, and is held
            make.approved(cashier.patient, cashier.citizen, to="110000", filing_type="other")
    if not first:
        before = {"admitted_on": "2026-02-03", "discharged_on": "2026-02-09", "emergency": True}
        assert cashier.post(**before, key=f"before {serial}").status_code == 201
    bill = cashier.bill(cost=FIVE, emergency=not filed)
    client = cashier.api

    with journey() as quoting:
        assert client.post("/api/v1/settlements/quote/", bill, format="json").status_code == 200
    with journey() as settling:
        answer = client.post("/api/v1/settlements/", bill, format="json", HTTP_IDEMPOTENCY_KEY=f"key {serial}")

    assert answer.status_code == 201, answer.json()
    return quoting, settling


@pytest.mark.parametrize(("first", "most", "most_quoted"), [(True, 16, 8), (False, 18, 10)])
def test_a_stay_that_was_filed_for(first, most, most_quoted):
    settled(1, filed=True, first=first)  # the queries are prepared, the policies compiled

    quoting, settling = settled(2, filed=True, first=first)

    assert len(settling.statements) <= most, "\n".join(settling.statements)
    assert len(settling.files) <= 36, sorted(settling.files)
    assert settling.changes <= 150, settling.files
    assert len(quoting.statements) <= most_quoted, "\n".join(quoting.statements)


def test_an_emergency_that_files_itself():
    settled(1, filed=False)

    _quoting, settling = settled(2, filed=False)

    assert len(settling.statements) <= 32, "\n".join(settling.statements)
