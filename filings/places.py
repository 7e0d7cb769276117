"""Areas as the checks see them, and the area one files to for care somewhere."""

from __future__ import annotations

from collections.abc import Iterable

from filings.checks.care import destination_rule
from filings.filing_case import Place
from policies.language.filing_schema import FilingRules
from regions.models import Area, areas_with_parents


def places(codes: Iterable[str]) -> dict[str, Place]:
    """The areas of these codes, in one query."""
    return {row.code: place(row) for row in areas_with_parents(codes=[*codes])}


def place(area: Area) -> Place:
    """One area (its `parent` is asked for)."""
    province = area.parent or area
    return Place(
        code=area.code,
        name=area.name,
        level=area.level,
        pools_at=area.pools_at,
        province=province.code,
        province_name=province.name,
        local_to=tuple(area.local_to),
    )


def filed_to(area: Area, rules: FilingRules) -> Area:
    """The area one files to for care in `area`: its province where that pools as a whole, else its city."""
    whole = destination_rule(rules, place(area)) == "province"
    return area.parent if whole and area.parent else area
