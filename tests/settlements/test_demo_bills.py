"""The demo's bills: settled as real ones are, once, and computed again to the fen."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from accounts.models import Person
from core import clock
from regions.models import Institution
from settlements.models import Settlement
from settlements.verification import replay
from tests import factories as make
from tests.roles import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(db):
    """Everything the bills rest on."""

    def load(day="2026-11-24"):
        with clock.standing_at(make.moment(f"{day} 09:00")):
            call_command("load_reference", verbosity=0)
            call_command("load_demo", verbosity=0)
            return load_again(day)

    return load


def load_again(day):
    out = StringIO()
    with clock.standing_at(make.moment(f"{day} 09:00")):
        call_command("load_demo_bills", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("day", ["2026-10-22", "2026-11-24", "2027-01-10", "2028-06-01"])
def test_every_bill_is_settled_whatever_the_day_and_comes_out_again(demo, day):
    assert "8 笔" in demo(day)

    found = replay()
    assert found.different == []
    assert (found.equal, Settlement.objects.bills().count(), Settlement.objects.standing().count()) == (10, 9, 8)

    latest = Settlement.objects.latest("settled_at")
    assert latest.settled_on == make.moment(f"{day} 09:00").date() - timedelta(days=6)


def test_the_commands_prove_the_demo(demo):
    """What README names: every settlement again to the fen, every sum that of the entries."""
    demo()
    out = StringIO()

    for command in ("replay_settlements", "verify_settlements"):
        call_command(command, stdout=out)

    assert "10 settlements computed again, equal to the fen" in out.getvalue()


def test_a_bill_that_was_tampered_with_does_not_come_out_again(demo):
    demo()
    with as_owner(), pgtrigger.ignore("settlements.Settlement:entries_stay"):
        entry = Settlement.objects.standing().filter(reverses=None).first()
        Settlement.objects.filter(pk=entry.pk).update(deductible=entry.deductible + 1)
    errors = StringIO()

    with pytest.raises(CommandError, match="1 differences"):
        call_command("replay_settlements", stdout=StringIO(), stderr=errors)

    assert f"{entry.number}: deductible is {entry.deductible + 1}" in errors.getvalue()


def test_twice_changes_nothing(demo):
    demo()

    before = list(Settlement.objects.order_by("pk").values_list("pk", "status"))

    assert "0 笔" in load_again("2026-11-30")
    assert list(Settlement.objects.order_by("pk").values_list("pk", "status")) == before


def test_the_figures_are_those_of_the_areas_policies(demo):
    """重庆, retired: (28 640.50 − 1 860 − 120.50 − 1 980 − 880) × 95 %, then as a second stay (6 137.95 − 792) × 95 %."""
    demo()

    first, second = Settlement.objects.filter(person__in=named("王秀兰")).order_by("settled_at")

    assert (first.travel, first.pooled, first.cash) == ("emergency", Decimal("22610.00"), Decimal("6030.50"))
    assert (second.travel, second.first_copay, second.pooled) == ("local", Decimal("539.05"), Decimal("5078.65"))

    ill = Settlement.objects.get(person__in=named("张桂芳"))
    assert ill.serious_illness == Decimal("16540.20")  # (45 400 − 17 833) × 60 %

    capped = Settlement.objects.get(person__in=named("顾文静"))
    assert (capped.beyond, capped.large_amount) == (Decimal("100000.00"), Decimal("95000.00"))


def test_one_was_reversed_and_settled_again(demo):
    demo()

    wrong, right = Settlement.objects.bills().filter(person__in=named("王晓梅")).order_by("settled_at")

    assert (wrong.status, wrong.reversal.reason, right.status) == ("reversed", "漏录一笔材料费", "settled")
    assert wrong.bill_number == right.bill_number


def test_a_bill_that_is_refused_is_left_out_and_the_others_are_not(demo):
    """The hospital in 上海 does not settle stays: its bill waits, and the start goes on."""
    with clock.standing_at(make.moment("2026-11-24 09:00")):
        call_command("load_reference", verbosity=0)
        call_command("load_demo", verbosity=0)
    shanghai = Institution.objects.filter(pk="H31000000001")

    shanghai.update(inpatient=False)

    assert "7 笔" in load_again("2026-11-24")

    shanghai.update(inpatient=True)

    assert "1 笔" in load_again("2026-11-24")


def test_only_in_the_sandbox(settings):
    settings.SANDBOX = False

    with pytest.raises(CommandError, match="沙箱"):
        call_command("load_demo_bills")


def named(name):
    return [person.pk for person in Person.objects.all() if person.name == name]
