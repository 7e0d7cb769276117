"""The facts of one application for recognition, as its automatic checks see them: plain frozen values, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from filings.filing_case import Insured
from policies.language.filing_schema import FilingRules
from policies.language.filing_types import Document
from reviews.checks import Commitment, Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """An institution: its level, whether it counts as home, whether it is open for this disease across areas."""

    name: str
    level: int
    at_home: bool
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """The recognition that this one renews: whether it still counts, and since when it may be renewed (None: never)."""

    number: str
    live: bool
    renewable_from: date | None
    commitment_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier recognition of the same disease, wherever it was."""

    number: str
    area: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionCase:
    """Everything the checks ask for. `filed_on`: the day it was handed in, or today for a draft."""

    rules: FilingRules
    insured: Insured
    disease: str
    disease_name: str
    filed_on: date
    diagnosed_on: date | None = None
    diagnosed_at: Hospital | None = None
    chosen: tuple[Hospital, ...] = ()
    materials: tuple[Material, ...] = ()
    commitment: Commitment | None = None
    barred_until: date | None = None
    rival: str | None = None
    old: Old | None = None
    earlier: Earlier | None = None

    @property
    def documents(self) -> tuple[Document, ...]:
        return self.rules.chronic.documents_for(self.disease)
