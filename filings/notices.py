"""The notices (备案告知书) in force in an area, as filings need them."""

from __future__ import annotations

from regions import services
from regions.models import Notice


def current_notices(area: str) -> dict[str, Notice]:
    """By filing type, the notice in force in an area."""
    return services.current_notices(area)


def current_notice_id(area: str, filing_type: str) -> str:
    """The id of the notice in force of one type."""
    return str(services.current_notice(area, filing_type).pk)
