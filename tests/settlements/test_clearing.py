"""Monthly clearing: who owes whom, netted; what is no part of it; a month closed once. By hand from the policy of `till.py`."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from core import clock
from core.errors import Forbidden, WrongState
from settlements.models import Channel, Clearing, ClearingLine, Settlement
from settlements.reconciliation import clearing
from settlements.reconciliation.clearing import Balance, Net, Owed
from tests import factories as make
from tests.factories import BEIJING, CHENGDU, CHONGQING, moment
from tests.rivals import split, together
from tests.settlements.ledger import ALIKE, CHENGDU_HOSPITAL, CHONGQING_HOSPITAL, HERE, settled, undo
from tests.settlements.till import policies

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
D = Decimal


@pytest.fixture(autouse=True)
def _monday():
    with policies(HERE, *ALIKE), clock.standing_at(moment("2026-03-02 10:00")):
        yield


@pytest.fixture
def admin():
    return make.staff("admin")


@pytest.fixture
def both_ways():
    """重庆 owes 北京 7 200 + 4 000; 北京 owes 重庆 4 000; 重庆 owes 成都 4 000."""
    return [
        settled(CHONGQING),
        settled(CHONGQING, total="6000.00"),
        settled(BEIJING, institution=CHONGQING_HOSPITAL, total="6000.00"),
        settled(CHONGQING, institution=CHENGDU_HOSPITAL, total="6000.00"),
    ]


def test_two_areas_that_owe_each_other_are_netted(admin, both_ways):
    lines = clearing.owed(admin, MARCH)

    assert lines == [
        Owed(BEIJING, CHONGQING, 1, D("4000.00")),
        Owed(CHONGQING, BEIJING, 2, D("11200.00")),
        Owed(CHONGQING, CHENGDU, 1, D("4000.00")),
    ]
    assert clearing.netted(lines) == [
        Net(CHONGQING, BEIJING, D("7200.00"), D("11200.00"), D("4000.00"), 3),
        Net(CHONGQING, CHENGDU, D("4000.00"), D("4000.00"), D("0.00"), 1),
    ]


def test_the_balances_sum_to_zero(admin, both_ways):
    found = clearing.balances(clearing.owed(admin, MARCH))

    assert found == [
        Balance(BEIJING, D("4000.00"), D("11200.00")),
        Balance(CHONGQING, D("15200.00"), D("4000.00")),
        Balance(CHENGDU, D("0.00"), D("4000.00")),
    ]
    assert [one.amount for one in found] == [D("7200.00"), D("-11200.00"), D("4000.00")]
    assert sum(one.amount for one in found) == 0


def test_a_reversal_next_month_is_owed_back_then(admin):
    entry = settled()

    with clock.standing_at(moment("2026-04-01 00:00")):
        undo(entry)

    assert clearing.netted(clearing.owed(admin, MARCH)) == [
        Net(CHONGQING, BEIJING, D("7200.00"), D("7200.00"), D("0.00"), 1)
    ]
    assert clearing.netted(clearing.owed(admin, APRIL)) == [
        Net(BEIJING, CHONGQING, D("7200.00"), D("0.00"), D("-7200.00"), 1)
    ]


def test_reversed_in_the_same_month_they_are_quits(admin):
    undo(settled())

    assert clearing.netted(clearing.owed(admin, MARCH)) == [Net(BEIJING, CHONGQING, D("0.00"), D("0.00"), D("0.00"), 2)]


def test_care_in_the_own_pool_and_claims_are_no_part(admin):
    entry = settled()
    copied = Settlement.objects.get(pk=entry.pk)

    for number, change in enumerate(
        [{"channel": Channel.MANUAL}, {"care_area_id": CHONGQING}, {"care_area_id": None}], 2
    ):
        copied.pk, copied.number, copied.bill_number, copied.ordinal = None, f"X{number}", f"X{number}", number
        copied.pk = Settlement._meta.pk.get_default()
        for name, value in {"channel": Channel.DIRECT, "care_area_id": BEIJING, **change}.items():
            setattr(copied, name, value)
        copied.save(force_insert=True)

    assert clearing.owed(admin, MARCH) == [Owed(CHONGQING, BEIJING, 1, D("7200.00"))]


def test_the_months_edges_are_the_business_days(admin):
    for at in ("2026-02-28 23:59", "2026-03-01 00:00", "2026-03-31 23:59", "2026-04-01 00:00"):
        with clock.standing_at(moment(at)):
            settled(total="6000.00")

    months = [clearing.owed(admin, month) for month in (date(2026, 2, 1), MARCH, APRIL)]

    assert [sum(one.entries for one in lines) for lines in months] == [1, 2, 1]


def test_a_reviewer_sees_what_their_area_owes_and_is_owed(both_ways):
    settled(CHENGDU, total="6000.00")  # 成都 owes 北京

    seen = clearing.owed(make.reviewer(CHENGDU), MARCH)

    assert seen == [Owed(CHONGQING, CHENGDU, 1, D("4000.00")), Owed(CHENGDU, BEIJING, 1, D("4000.00"))]
    assert clearing.owed(make.staff("hospital", institution=both_ways[0].institution), MARCH) == []


def at(text, act):
    with clock.standing_at(moment(text)):
        return act()


def test_a_month_is_closed_once_it_is_over(admin, both_ways):
    with pytest.raises(WrongState) as refused:
        at("2026-04-01 00:09", lambda: clearing.freeze(admin, MARCH))

    assert refused.value.code == "month_not_over"

    frozen = at("2026-04-01 00:10", lambda: clearing.freeze(admin, MARCH))
    assert (frozen.entries, frozen.fund, frozen.frozen_by) == (4, D("19200.00"), admin)
    assert clearing.stored(admin, frozen) == clearing.owed(admin, MARCH)

    with pytest.raises(WrongState) as refused:
        at("2026-04-02 00:00", lambda: clearing.freeze(admin, MARCH))

    assert refused.value.code == "already_frozen"


def test_a_month_without_entries_can_be_closed_too(admin):
    frozen = at("2026-04-01 00:10", lambda: clearing.freeze(admin, MARCH))

    assert (frozen.entries, frozen.fund, frozen.lines.count()) == (0, D("0.00"), 0)


@pytest.mark.parametrize("role", ["reviewer", "supervisor"])
def test_only_an_administrator_closes(role):
    with pytest.raises(Forbidden):
        at("2026-04-01 00:10", lambda: clearing.freeze(make.staff(role), MARCH))


def test_what_comes_later_leaves_the_closed_month_as_it_is(admin, both_ways):
    frozen = at("2026-04-01 00:10", lambda: clearing.freeze(admin, MARCH))

    at("2026-04-01 09:00", lambda: undo(both_ways[0]))

    assert clearing.changed(clearing.stored(admin, frozen), clearing.owed(admin, MARCH)) == []


def test_a_closed_month_cannot_be_written_to(admin, both_ways):
    frozen = at("2026-04-01 00:10", lambda: clearing.freeze(admin, MARCH))
    for act in (
        lambda: Clearing.objects.filter(pk=frozen.pk).update(fund=0),
        lambda: ClearingLine.objects.filter(clearing=frozen).update(fund=0),
        lambda: ClearingLine.objects.filter(clearing=frozen).delete(),
        lambda: Clearing.objects.filter(pk=frozen.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_where_the_entries_part_from_the_closed_month_it_is_said(admin):
    """An entry that got into the month after it was closed, which only a wrong clock could bring about."""
    frozen = at("2026-04-01 00:10", lambda: clearing.freeze(admin, MARCH))

    settled()

    assert clearing.changed(clearing.stored(admin, frozen), clearing.owed(admin, MARCH)) == [
        (Owed(CHONGQING, BEIJING, 0, D("0.00")), Owed(CHONGQING, BEIJING, 1, D("7200.00")))
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_once(both_ways):
    people = [make.staff("admin") for _ in range(3)]
    acts = [lambda who=who: clearing.freeze(who, MARCH) for who in people]

    winners, refused = split(together(*acts, at="2026-04-01 08:00"))

    assert [len(winners), [one.code for one in refused]] == [1, ["already_frozen"] * 2]
    assert ClearingLine.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_month_is_not_closed_over_somebody_who_is_still_writing(both_ways, monkeypatch):
    """A bill of the last second, not committed yet, must be in the month; whoever closes waits, and gives up before long."""
    monkeypatch.setattr(clearing, "PATIENCE", "100ms")
    who = make.staff("admin")

    with transaction.atomic():
        settled(total="6000.00")
        [refused] = together(lambda: clearing.freeze(who, MARCH), at="2026-04-01 00:10")

    assert isinstance(refused, WrongState)
    assert refused.code == "busy"
    assert not Clearing.objects.exists()
    assert at("2026-04-01 00:10", lambda: clearing.freeze(who, MARCH)).entries == 5


@pytest.mark.django_db(transaction=True)
def test_tills_write_while_a_month_is_summed_up(both_ways, monkeypatch):
    """Bills of the next month are none of it, however many come meanwhile."""
    who, owed = make.staff("admin"), clearing.owed

    def meanwhile(account, month):
        [bill] = together(lambda: settled(total="6000.00"), at="2026-04-01 00:10")
        assert isinstance(bill, Settlement)
        return owed(account, month)

    monkeypatch.setattr(clearing, "owed", meanwhile)
    frozen = at("2026-04-01 00:10", lambda: clearing.freeze(who, MARCH))

    assert (frozen.entries, Settlement.objects.count()) == (4, 5)


def test_the_first_day_of_the_next_month():
    assert [clearing.following(day) for day in (date(2026, 1, 31), date(2026, 12, 1), date(2028, 2, 29))] == [
        date(2026, 2, 1), date(2027, 1, 1), date(2028, 3, 1),
    ]  # fmt: skip
