"""Where referral certificates (转诊证明) come from: the app of referrals, which stands above this one, registers itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from filings.filing_case import Referral

if TYPE_CHECKING:
    from filings.models import Filing


class ReferralSource(Protocol):
    """What filings ask of the app of referrals."""

    def of(self, filings: Sequence[Filing]) -> Mapping[Any, Referral]:
        """The referrals the filings name, by the filing's id; one that does not exist is left out."""

    def asked(self, filings: Sequence[Filing]) -> set[Any]:
        """The ids of the filings that name a referral at all."""

    def attach(self, filing: Filing, referral: str) -> None:
        """Remember that the filing names this referral; the foreign key stands on the higher side.

        Raises Invalid `referral_unknown`.
        """


_source: ReferralSource | None = None


def register(source: ReferralSource | None) -> None:
    """Called once when Django starts; the last one registered counts."""
    global _source
    _source = source


def current() -> ReferralSource | None:
    """The registered source; None: this deployment has no referrals of its own, papers are uploaded."""
    return _source
