"""A policy file as it is written (POLICY.md §1–4)."""

from dataclasses import dataclass, field
from datetime import date

from regions.policy.filing_types import Source
from regions.policy.merging import Section
from regions.policy.values import AreaCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    area: AreaCode
    name: str
    effective_from: date
    effective_until: date | None
    sources: tuple[Source, ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """One pooling area's rules for one period."""

    file: str
    area: str
    name: str
    effective_from: date
    effective_until: date | None
    sources: tuple[Source, ...]
    filing: Section | None
