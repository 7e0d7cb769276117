"""The notices (备案告知书) in force in an area: the latest version of each type."""

from __future__ import annotations

from regions.models import Notice


def current_notices(area: str) -> dict[str, Notice]:
    """By filing type, the latest notice of an area; types without one are left out."""
    latest = Notice.objects.filter(area=area).order_by("type", "-version").distinct("type")
    return {notice.type: notice for notice in latest}


def current_notice_id(area: str, filing_type: str) -> str | None:
    """The id of the notice in force, without its text; None: the area has published none."""
    ids = Notice.objects.filter(area=area, type=filing_type).order_by("-version").values_list("id", flat=True)
    found = ids.first()
    return str(found) if found else None
