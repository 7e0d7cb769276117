"""What is kept of settlements: entries, the year so far, accounts with hospitals and areas, and who was looked up."""

from settlements.models.entries import AMOUNTS, Channel, Settlement, SettlementQuerySet, Status, claim_key, invoice_key
from settlements.models.lookups import IdentityLookup
from settlements.models.reconciliation import Clearing, ClearingLine, Outcome, Reconciliation, ReconciliationQuerySet
from settlements.models.years import COUNTED, FUNDS, InsuranceYear, YearCounter

__all__ = [
    "AMOUNTS",
    "COUNTED",
    "FUNDS",
    "Channel",
    "Clearing",
    "ClearingLine",
    "IdentityLookup",
    "InsuranceYear",
    "Outcome",
    "Reconciliation",
    "ReconciliationQuerySet",
    "Settlement",
    "SettlementQuerySet",
    "Status",
    "YearCounter",
    "claim_key",
    "invoice_key",
]
