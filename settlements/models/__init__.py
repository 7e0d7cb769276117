"""What is kept of settlements: every entry with all it was computed from, the year so far, comparisons of policies."""

from settlements.models.entries import AMOUNTS, Channel, Settlement, SettlementQuerySet, Status
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
    "IdentityLookup",
    "InsuranceYear",
    "Settlement",
    "SettlementQuerySet",
    "Status",
    "WhatIf",
    "YearCounter",
]
