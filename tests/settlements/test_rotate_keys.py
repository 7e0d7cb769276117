"""`rotate_keys` over what is kept of bills: entries that never change, claims and look-ups, all under the newest key."""

import base64

import pytest

from accounts import rotation
from claims import services as claims
from claims.models import Claim
from core import clock
from core.sealing import sealed_with
from reviews import services as queue
from settlements.models import IdentityLookup, Settlement
from settlements.services import reverse
from settlements.verification import replay
from tests import factories as make
from tests.claims.claiming import costs
from tests.factories import moment
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db

OLD = "old:" + base64.b64encode(b"1" * 32).decode()
NEW = "new:" + base64.b64encode(b"2" * 32).decode()
SEALED = {
    Settlement: ("case", "reason"),
    Claim: ("entered", "corrected", "bank_account", "bank_holder", "reason"),
    IdentityLookup: ("reason",),
}


def keys(model):
    return {sealed_with(row, name) for row in model.objects.all() for name in SEALED[model]} - {""}


def test_entries_claims_and_look_ups_are_sealed_again(settings):
    settings.DATA_KEYS = [OLD]
    with policies(SIMPLE), clock.standing_at(moment("2026-03-02 10:00")):
        cashier = till()
        reverse(cashier.staff, cashier.settle(), reason="多收了费用")
        cashier.settle()
        claim = make.claim_draft(cashier.patient, account=cashier.citizen, bank_holder="李小红")
        queue.submit(claim, actor=queue.Actor(cashier.citizen))
        claims.correct(claim, reviewer=make.reviewer(), cost=costs())
        IdentityLookup.objects.create(
            person=cashier.patient.person, institution=cashier.hospital, account=cashier.staff, reason="患者昏迷"
        )
        settings.DATA_KEYS = [NEW, OLD]
        assert [keys(model) for model in SEALED] == [{"old"}] * 3

        rotation.reseal()

        assert [keys(model) for model in SEALED] == [{"new"}] * 3
        settings.DATA_KEYS = [NEW]
        assert (replay().equal, replay().different) == (3, [])
        assert Settlement.objects.get(status="reversal").reason == "多收了费用"
        assert IdentityLookup.objects.get().reason == "患者昏迷"
        kept = Claim.objects.get()
        assert (kept.bank_account, kept.bank_holder) == ("6222020200112233446", "李小红")
        assert kept.cost == costs()
