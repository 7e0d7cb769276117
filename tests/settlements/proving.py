"""What must hold of the books whatever happened before: everything that is kept twice agrees, to the fen.

Written without a look at `verify_settlements`, which must come to the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Enrollment, Voucher
from gateway.models import Visit
from settlements.accumulators import OF_YEAR, Place
from settlements.models import AMOUNTS, COUNTED, InsuranceYear, Settlement, YearCounter
from settlements.verification import prove, replay
from tests.settlements.till import policies


@contextmanager
def books_under(*texts: str) -> Iterator[None]:
    """Only these policies count, and in the end the books hold."""
    with policies(*texts):
        yield
        assert_books_hold()


def assert_books_hold() -> None:
    """The years, the counters, the accounts and the codes agree with the entries, and every entry comes out equal again."""
    for year in InsuranceYear.objects.all():
        _assert_year(year, list(Settlement.objects.filter(year=year).order_by("ordinal")))
    _assert_reversals()
    _assert_once()
    for enrolled in Enrollment.objects.all():
        spent = sum((row.account for row in Settlement.objects.filter(enrollment=enrolled)), Decimal(0))
        assert enrolled.account_spent == spent
        assert 0 <= spent <= enrolled.account_balance
    found = replay()
    assert (found.equal, found.different) == (Settlement.objects.count(), [])
    assert [finding for finding in prove() if finding.wrong] == []


def _assert_year(year: InsuranceYear, entries: list[Settlement]) -> None:
    """`entries` in their order: none is missing, and they sum up to the year and to its counters."""
    assert [entry.ordinal for entry in entries] == list(range(1, year.entries + 1))
    for name in OF_YEAR:
        assert getattr(year, name) == sum(getattr(entry, name) for entry in entries), name
    sums = dict[tuple[str, str, int], Counter[str]]()
    for entry in entries:
        for key in Place.of(entry.counter, entry.care, entry.disease, entry.stay_on).rows:
            counted = sums.setdefault(key, Counter())
            for name in COUNTED:
                counted[name] += entry.amounts["eligible" if name == "scope" else name]  # type: ignore[assignment]
    kept = {(row.counter, row.disease, row.month): row for row in YearCounter.objects.filter(year=year)}
    assert kept.keys() == sums.keys()
    for key, row in kept.items():
        assert {name: getattr(row, name) for name in COUNTED} == {name: sums[key][name] for name in COUNTED}, key


def _assert_reversals() -> None:
    """Exactly those that are reversed have a reversal, which is equal and opposite."""
    opposites = {row.reverses_id: row for row in Settlement.objects.filter(status="reversal")}
    reversed_ones = Settlement.objects.filter(status="reversed")
    assert {row.pk for row in reversed_ones} == opposites.keys()
    for row in reversed_ones:
        assert {name: -getattr(opposites[row.pk], name) for name in AMOUNTS} == row.amounts


def _assert_once() -> None:
    """No bill stands twice, no code was used twice, and each says what it was used for: a bill, or a visit of the gateway's."""
    bills = Settlement.objects.standing().values_list("institution", "bill_number")
    assert len(bills) == len(set(bills))
    visits = dict(Visit.objects.filter(voucher__isnull=False).values_list("voucher", "pk"))
    used = {row.pk: row.used_for for row in Voucher.objects.filter(used_at__isnull=False)}
    assert visits.items() <= used.items()
    used = {pk: what for pk, what in used.items() if pk not in visits}
    by_code = Settlement.objects.filter(voucher__isnull=False).values_list("voucher", "pk")
    assert len(by_code) == len(used)
    assert dict(by_code) == used


def deadlocks() -> Any:
    """How many deadlocks the database has counted so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]
