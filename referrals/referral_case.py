"""The facts of one referral, as its automatic checks see them: plain frozen values, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from filings.filing_case import Insured, Place
from policies.language.filing_schema import FilingRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """A medical institution: its level (0-3), the areas it lies in (city and province), whether it may refer."""

    code: str
    name: str
    level: int
    areas: frozenset[str]
    entitled: bool

    def lies_in(self, area: Place) -> bool:
        """In the area itself or a place local to it."""
        return area.code in self.areas or bool(self.areas & set(area.local_to))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralCase:
    """Everything the checks of a referral ask for.

    `local`: it stays at home (基层首诊); `renewal`: it follows one for the same illness; `rival`: the number of another one
    under review.
    """

    rules: FilingRules
    insured: Insured
    destination: Place
    local: bool
    issuer: Hospital
    receiver: Hospital | None
    doctor_rank: str
    issued_on: date
    filed_on: date
    renewal: bool = False
    rival: str | None = None
