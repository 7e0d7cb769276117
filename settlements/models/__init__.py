"""What is kept of settlements: entries, claims, the year so far, accounts, comparisons of policies, and who was looked up."""

from settlements.models.claims import Claim, ClaimQuerySet, Payment, PaymentBatch, PaymentDownload
from settlements.models.clearings import Clearing, ClearingLine
from settlements.models.entries import AMOUNTS, Channel, Settlement, SettlementQuerySet, Status, claim_key, invoice_key
from settlements.models.lookups import IdentityLookup
from settlements.models.reconciliations import Outcome, Reconciliation, ReconciliationQuerySet
from settlements.models.what_ifs import LEAST, MOST, MOST_STORED, WhatIf
from settlements.models.years import COUNTED, FUNDS, InsuranceYear, YearCounter

__all__ = [
    "AMOUNTS",
    "COUNTED",
    "FUNDS",
    "LEAST",
    "MOST",
    "MOST_STORED",
    "Channel",
    "Claim",
    "ClaimQuerySet",
    "Clearing",
    "ClearingLine",
    "IdentityLookup",
    "InsuranceYear",
    "Outcome",
    "Payment",
    "PaymentBatch",
    "PaymentDownload",
    "Reconciliation",
    "ReconciliationQuerySet",
    "Settlement",
    "SettlementQuerySet",
    "Status",
    "WhatIf",
    "YearCounter",
    "claim_key",
    "invoice_key",
]
