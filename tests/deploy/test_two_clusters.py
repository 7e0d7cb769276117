"""Two clusters by insured area (docs/scale.md): a bill needs one of them, and the sums over both are those of one.

Each is a whole database of its own. Which of the two "the database" is, is said by `cluster`, as the directory of
docs/scale.md would say it from the insured area; the product knows of neither.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal

import pytest
from django.db import ConnectionHandler, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from accounts.models import Enrollment, IdempotencyRecord
from core import clock
from settlements.models import Clearing, Settlement
from settlements.reconciliation import clearing, daily
from settlements.reconciliation.clearing import Net, Owed
from tests import factories as make
from tests.factories import BEIJING, CHENGDU, CHONGQING, moment
from tests.settlements.ledger import ALIKE, CHONGQING_HOSPITAL, HERE, clerk, hospital, settled, undo
from tests.settlements.proving import assert_books_hold
from tests.settlements.till import policies, till

HOME = {CHONGQING: "default", CHENGDU: "west"}
"""The directory: the cluster of an insured area."""
NOW, TODAY = "2026-03-02 10:00", date(2026, 3, 2)
MARCH = date(2026, 3, 1)
D = Decimal
_here: ContextVar[str] = ContextVar("cluster", default="default")


@contextmanager
def cluster(area: str) -> Iterator[None]:
    """Until the block ends, the database is the one of the insured area."""
    before = _here.set(HOME[area])
    try:
        yield
    finally:
        _here.reset(before)


@pytest.fixture
def two(transactional_db, monkeypatch):
    """A second database beside the test's own, as empty; connections to both, by their names in `HOME`."""
    east = connections["default"]
    here, there = east.settings_dict["NAME"], f"{east.settings_dict['NAME']}_west"
    with closing(_to("postgres")) as apart, closing(_to(there)) as west:
        east.close()  # nobody may be in what is copied; a server of an earlier test may still have a session
        left = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{here}'"
        _as_owner(apart, left, f'DROP DATABASE IF EXISTS "{there}"', f'CREATE DATABASE "{there}" TEMPLATE "{here}"')
        found, get = {"default": east, "west": west}, ConnectionHandler.__getitem__
        monkeypatch.setattr(
            ConnectionHandler, "__getitem__", lambda all_, name: found.get(_here.get()) or get(all_, name)
        )
        yield found
        west.close()
        _as_owner(apart, f'DROP DATABASE "{there}"')


def _to(database: str) -> BaseDatabaseWrapper:
    made = connections.create_connection("default")
    made.settings_dict = {**made.settings_dict, "NAME": database}
    return made


def _as_owner(there: BaseDatabaseWrapper, *statements: str) -> None:
    with there.cursor() as cursor:
        for statement in ("RESET ROLE", *statements):
            cursor.execute(statement)


@contextmanager
def alone(area: str, two: dict[str, BaseDatabaseWrapper]) -> Iterator[None]:
    """The cluster of an area, and no statement for the other."""
    (other,) = [there for name, there in two.items() if name != HOME[area]]
    with cluster(area), CaptureQueriesContext(other) as asked:
        yield
    assert list(asked) == []


def test_a_bill_needs_one_cluster_and_what_crosses_adds_up(two):
    with clock.standing_at(moment(NOW)), policies(HERE, *ALIKE):
        with alone(CHONGQING, two):
            first = settled(CHONGQING)
            settled(CHONGQING, total="6000.00")
        with alone(CHENGDU, two):
            settled(CHENGDU)
            settled(CHENGDU, institution=CHONGQING_HOSPITAL, total="6000.00")
        with alone(CHONGQING, two):
            undo(first)

        days, lines, rows = [], [], []
        for area in HOME:
            with cluster(area):
                seen = daily.entries(clerk(), TODAY)
                days.append(seen.aggregate(Sum("total"), Sum("fund")))
                lines.append(clearing.owed(make.staff("admin"), MARCH))
                rows.append(set(Settlement.objects.values_list("pk", flat=True)))
                assert_books_hold()

    # 北京's hospital, by hand: 重庆 10 000 - 10 000 + 6 000, 成都 10 000; of it the fund 7 200 - 7 200 + 4 000, and 7 200.
    assert days == [{"total__sum": D(6000), "fund__sum": D(4000)}, {"total__sum": D(10000), "fund__sum": D(7200)}]
    assert [len(rows[0]), len(rows[1]), len(rows[0] & rows[1])] == [3, 2, 0]
    east, west = lines
    assert east == [Owed(CHONGQING, BEIJING, 3, D(4000))]
    assert west == [Owed(CHENGDU, BEIJING, 1, D(7200)), Owed(CHENGDU, CHONGQING, 1, D(4000))]
    assert clearing.netted([*east, *west]) == [
        Net(CHENGDU, BEIJING, D(7200), D(7200), D(0), 1),
        Net(CHONGQING, BEIJING, D(4000), D(4000), D(0), 3),
        Net(CHENGDU, CHONGQING, D(4000), D(4000), D(0), 1),
    ]
    assert sum(one.amount for one in clearing.balances([*east, *west])) == 0


def test_one_closes_its_month_while_the_other_goes_on(two):
    with clock.standing_at(moment(NOW)), policies(HERE, *ALIKE):
        for area in HOME:
            with cluster(area):
                settled(area, total="6000.00")

    with clock.standing_at(moment("2026-04-01 00:10")), alone(CHONGQING, two):
        admin = make.staff("admin")
        frozen = clearing.freeze(admin, MARCH)

        assert clearing.stored(admin, frozen) == [Owed(CHONGQING, BEIJING, 1, D(4000))]
    with cluster(CHENGDU):
        assert not Clearing.objects.exists()


def directory() -> Counter[tuple[str, str, str]]:
    """What the directory of docs/scale.md would hold: identity, insured area and insurance of each enrolment of all clusters."""
    found: Counter[tuple[str, str, str]] = Counter()
    for area in HOME:
        with cluster(area):
            found.update(Enrollment.objects.values_list("person__id_hash", "area_id", "insurance"))
    return found


def test_who_is_insured_twice_has_a_year_in_each_cluster_and_a_line_for_each_in_the_directory(two):
    number, entries = make.id_number(), []
    with clock.standing_at(moment(NOW)), policies(HERE, *ALIKE):
        for area in HOME:
            with alone(area, two):
                patient = make.enrollment(make.person(number=number), code=area)
                entries.append(settled(area, patient=patient))
                assert_books_hold()

    # Each area pays as if there were no other: 80 % of what is above its own 1 000.
    assert [entry.fund for entry in entries] == [D(7200), D(7200)]
    assert [(area, times) for (_identity, area, _insurance), times in directory().items()] == [
        (CHONGQING, 1),
        (CHENGDU, 1),
    ]
    assert len({identity for identity, _area, _insurance in directory()}) == 1


def test_a_repeated_key_is_met_in_the_cluster_of_its_bill_alone(two):
    """So the key must carry the area, or the directory must keep it (docs/scale.md)."""
    said = []
    with clock.standing_at(moment(NOW)), policies(HERE, *ALIKE):
        for area in HOME:
            with alone(area, two):
                cashier = till(make.enrollment(code=area), hospital())
                bill = cashier.bill(cost={"total": "6000.00"})
                said.append([cashier.post(key="one key", **bill) for _ in range(2)])
                assert Settlement.objects.count() == IdempotencyRecord.objects.count() == 1

    assert [answer.status_code for answers in said for answer in answers] == [201] * 4
    assert [first.json() == again.json() for first, again in said] == [True, True]
    assert len({first.json()["id"] for first, _again in said}) == 2
