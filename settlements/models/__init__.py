"""What is kept of settlements: every entry with all it was computed from, claims, the year so far, comparisons of policies."""

from settlements.models.claims import Claim, ClaimQuerySet, Payment, PaymentBatch, PaymentDownload
from settlements.models.entries import AMOUNTS, Channel, Settlement, SettlementQuerySet, Status, claim_key, invoice_key
from settlements.models.lookups import IdentityLookup
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
    "IdentityLookup",
    "InsuranceYear",
    "Payment",
    "PaymentBatch",
    "PaymentDownload",
    "Settlement",
    "SettlementQuerySet",
    "Status",
    "WhatIf",
    "YearCounter",
    "claim_key",
    "invoice_key",
]
