"""Which filings somebody could make so that a kind of care is settled elsewhere, the easiest first."""

from __future__ import annotations

from filings.services import CHANNEL
from policies.language.filing_schema import Exemption, FilingRules
from policies.language.filing_types import Source, TypeRules
from policies.language.terms import Care, FilingType

EASIEST_FIRST: tuple[FilingType, ...] = ("other", "referral", "resident", "retiree", "worker")
"""A trip needs the form alone, a referral a hospital's paper, the rest half a year of living there (RULES.md §2.2)."""


def fileable(rules: FilingRules, care: Care, *, person: str | None = None, insurance: str = "") -> list[TypeRules]:
    """The types that are open, must be filed, cover the care and fit the person (None: unknown, all may fit)."""
    kinds = [rules.types[name] for name in EASIEST_FIRST]
    return [kind for kind in kinds if _is_open(kind, care) and (person is None or _fits(kind, person, insurance))]


def _is_open(kind: TypeRules, care: Care) -> bool:
    return kind.needed and care in kind.covers and kind.lane.of(CHANNEL) != "closed"


def _fits(kind: TypeRules, person: str, insurance: str) -> bool:
    """Retirees are retired, workers work (规程 art. 7); areas exclude further people (filings.checks.who)."""
    if (kind.type == "retiree" and person != "retired") or (kind.type == "worker" and person != "active"):
        return False
    return kind.excludes(person, insurance) is None


def source_of_exemption(rules: FilingRules, exempt: Exemption) -> Source | None:
    """By which page no filing is needed."""
    return rules.source_of(f"exempt.{rules.exempt.index(exempt)}")
