"""The process that settles dies in the middle, at one write after another: nothing is half, and the same call settles once.

Where it stands still is decided by the database: the test holds the table of the next write, kills the process that waits
for it, and lets go.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from knox.models import AuthToken

from accounts.models import Enrollment, IdempotencyRecord, Message, Voucher
from core import clock
from reviews.models import Event, Submission
from settlements.models import InsuranceYear, Settlement, YearCounter
from tests import factories as make
from tests.rivals import wait_until
from tests.roles import as_owner
from tests.settlements.proving import assert_books_hold
from tests.settlements.served import environment, stand_still
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db(transaction=True)
NOW = "2026-03-02 10:00"
FIRST = {"admitted_on": "2026-02-01", "discharged_on": "2026-02-02", "use_account": True}


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment(NOW)), policies(SIMPLE):
        yield


@pytest.fixture
def cashier():
    """A till whose patient has one settlement already, and money left on the account."""
    counter = till(make.enrollment(make.person("王秀兰"), account_balance=Decimal(10_000)))
    counter.settle(**FIRST)
    return counter


def everything() -> list[Any]:
    """All that a settlement moves."""
    used = Voucher.objects.filter(used_at__isnull=False).values_list("pk", "used_for")
    rows = [Settlement, InsuranceYear, YearCounter, Submission, Event, Message, IdempotencyRecord]
    return [sorted(used), Enrollment.objects.get().account_spent] + [
        sorted(model.objects.values_list(*_stored(model)), key=str)
        for model in rows  # type: ignore[attr-defined]
    ]


def _stored(model: Any) -> list[str]:
    return [field.name for field in model._meta.concrete_fields]


@contextmanager
def process() -> Iterator[subprocess.Popen[str]]:
    """A web process of its own, ready for one call. Killed at the end."""
    command = [sys.executable, "-m", "tests.settlements.dying"]
    with subprocess.Popen(
        command, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as web:
        assert web.stdout is not None
        try:
            assert web.stdout.readline() == "ready\n"
            yield web
        finally:
            web.kill()


def killed_before_it_writes(table: str, call: dict[str, Any]) -> None:
    """Let the call come as far as its first write to a table, and no further."""
    stand_still(NOW)
    with process() as web, transaction.atomic():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(table)} IN SHARE MODE")
        assert web.stdin is not None
        web.stdin.write(json.dumps(call) + "\n")
        web.stdin.flush()
        wait_until(lambda: bool(_first(WAITING)))
        session = _first(WAITING)
        web.kill()
        web.wait()
    wait_until(lambda: not _first("SELECT pid FROM pg_stat_activity WHERE pid = %s", session))


WAITING = "SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


def _first(query: str, *given: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        found = cursor.fetchone()
    return found and found[0]


SETTLING = ["reviews_submission", "settlements_yearcounter", "settlements_settlement", "accounts_message"]


@pytest.mark.parametrize("table", SETTLING)
def test_settling_dies_before_it_writes_to(cashier, table):
    bill = cashier.bill(use_account=True)
    call = {"path": "/api/v1/settlements/", "token": token(cashier), "body": bill, "key": "till-1"}
    before = everything()

    killed_before_it_writes(table, call)

    assert everything() == before

    answers = [cashier.post(key="till-1", **bill) for _again in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Settlement.objects.filter(bill_number=bill["bill_number"]).count() == 1
    assert_books_hold()


@pytest.mark.parametrize("table", ["settlements_settlement", "settlements_yearcounter", "accounts_message"])
def test_reversing_dies_before_it_writes_to(cashier, table):
    url, body = f"/api/v1/settlements/{Settlement.objects.get().pk}/reverse/", {"reason": "录错"}
    call = {"path": url, "token": token(cashier), "body": body, "key": "undo-1"}
    before = everything()

    killed_before_it_writes(table, call)

    assert everything() == before

    answers = [cashier.api.post(url, body, format="json", HTTP_IDEMPOTENCY_KEY="undo-1") for _again in range(2)]
    assert [answer.json()["status"] for answer in answers] == ["reversed", "reversed"]
    assert Settlement.objects.filter(status="reversal").count() == 1
    assert Enrollment.objects.get().account_spent == 0
    assert_books_hold()


def token(cashier: Any) -> str:
    """What the till signs in with."""
    signed: str = AuthToken.objects.create(cashier.staff)[1]
    return signed
