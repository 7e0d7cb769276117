"""What is kept of settlements: entries with all they were computed from, the year so far, accounts, comparisons of policies."""

from settlements.models.clearings import Clearing, ClearingLine
from settlements.models.entries import AMOUNTS, Channel, Settlement, SettlementQuerySet, Status
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
    "WhatIf",
    "YearCounter",
]
