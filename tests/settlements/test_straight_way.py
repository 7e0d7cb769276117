"""How straight the way of a bill is: statements that reach the database, files entered, changes from one file to another."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from tests import factories as make
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db(transaction=True)

HOUSE = f"{Path(make.__file__).resolve().parents[1]}/"
FIVE = {"items": [{"name": f"项目{i}", "class": "A", "amount": "2000.00"} for i in range(5)]}


@dataclass
class Journey:
    """What one request went through: its SQL, and the house's files in the order in which calls entered them."""

    statements: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def entered(self) -> int:
        return len(set(self.files))

    @property
    def changes(self) -> int:
        return sum(one != other for one, other in zip(self.files, self.files[1:], strict=False))


@contextmanager
def journey() -> Iterator[Journey]:
    """Watch a request; BEGIN, COMMIT and savepoints count as statements."""
    way = Journey()

    def watch(frame: FrameType, event: str, _argument: Any) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(HOUSE) and not name.startswith((f"{HOUSE}tests/", f"{HOUSE}.venv/")):
            way.files.append(name.removeprefix(HOUSE))

    with CaptureQueriesContext(connection) as captured:
        sys.setprofile(watch)
        try:
            yield way
        finally:
            sys.setprofile(None)
    way.statements = [query["sql"] for query in captured]


@pytest.fixture(autouse=True)
def _monday(transactional_db):
    make.working_calendar()
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


def settled(serial: int, *, filed: bool) -> tuple[Journey, Journey]:
    """A stay with five lines, quoted and settled at a till; `filed` before it, or an emergency that files itself."""
    at = till(make.enrollment(make.person(f"赵秀兰{serial}")))
    if filed:
        make.approved(at.patient, at.citizen, to="110000", filing_type="other")
    bill = at.bill(cost=FIVE, emergency=not filed)
    client = at.api

    with journey() as quoting:
        assert client.post("/api/v1/settlements/quote/", bill, format="json").status_code == 200
    with journey() as settling:
        answer = client.post("/api/v1/settlements/", bill, format="json", HTTP_IDEMPOTENCY_KEY=f"key {serial}")

    assert answer.status_code == 201, answer.json()
    return quoting, settling


def test_a_stay_that_was_filed_for():
    settled(1, filed=True)  # the queries are prepared, the policies compiled

    quoting, settling = settled(2, filed=True)

    assert len(settling.statements) <= 18, "\n".join(settling.statements)
    assert settling.entered <= 36, sorted(set(settling.files))
    assert settling.changes <= 150, settling.files
    assert len(quoting.statements) <= 8, "\n".join(quoting.statements)


def test_an_emergency_that_files_itself():
    settled(1, filed=False)

    _quoting, settling = settled(2, filed=False)

    assert len(settling.statements) <= 45, "\n".join(settling.statements)
