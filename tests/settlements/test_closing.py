"""An account closes: what was settled and who was looked up stays on record, its insurance codes are worth nothing."""

import pytest

from accounts.models import Person, Voucher
from accounts.services.accounts import close_account
from core import clock
from settlements.models import IdentityLookup, Settlement
from settlements.verification import replay
from tests.factories import moment
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db


@pytest.fixture
def cashier():
    with policies(SIMPLE), clock.standing_at(moment("2026-03-02 10:00")):
        yield till()


def test_bills_stay_and_codes_are_dead(cashier):
    cashier.settle()
    shown = cashier.voucher()
    close_account(cashier.citizen)

    answer = cashier.post(voucher=shown)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "voucher_expired")
    assert Settlement.objects.get().person == cashier.patient.person
    assert replay().different == []


def test_who_was_only_looked_up_is_not_forgotten(cashier):
    IdentityLookup.objects.create(
        person=cashier.patient.person, institution=cashier.hospital, account=cashier.staff, reason="昏迷"
    )

    close_account(cashier.citizen)

    assert IdentityLookup.objects.get().person == cashier.patient.person


def test_who_only_showed_a_code_is_forgotten_with_it(cashier):
    cashier.voucher()

    close_account(cashier.citizen)

    assert not Person.objects.exists()
    assert not Voucher.objects.exists()
