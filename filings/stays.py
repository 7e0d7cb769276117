"""An admission a filing makes up for (补办的就诊), as stored with the filing: `H11010100001 2026-11-19`."""

from __future__ import annotations

from datetime import date

from filings.filing_case import Stay


def read(text: str) -> Stay | None:
    """The stay a filing names; None for one that names none."""
    if not text:
        return None
    institution, _, day = text.rpartition(" ")
    return Stay(institution, date.fromisoformat(day))


def written(stay: Stay | None) -> str:
    """The stay as it is stored."""
    return f"{stay.institution} {stay.admitted_on.isoformat()}" if stay else ""
