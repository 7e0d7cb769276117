"""Catalogue rows for tests, as a published file leaves them: `listed("X1 B 0.10 12.5", "110000 X1 A - - 2026-03-01")`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from core import bulk, clock
from policies.models import CatalogueEntry, CatalogueVersion

FROM = "2020-01-01"


def listed(*rows: str) -> CatalogueVersion:
    """One published file of these rows: `[area] code class [ratio] [limit] [from]`, where `-` is empty and all areas are meant without one."""
    published = CatalogueVersion.objects.published().count()
    version = CatalogueVersion.objects.create(
        file="catalogue.csv",
        sha256="0" * 64,
        text="",
        rows=len(rows),
        status="published",
        number=published + 1,
        uploaded_at=clock.now(),
        published_at=clock.now(),
    )
    bulk.insert([_entry(version, row) for row in rows])
    return version


def _entry(version: CatalogueVersion, row: str) -> CatalogueEntry:
    cells = [cell if cell != "-" else "" for cell in row.split()]
    area = cells.pop(0) if len(cells[0]) == 6 and cells[0].isdigit() else "000000"
    code, item_class, ratio, limit, since, *_ = [*cells, *[""] * 4]
    figures: dict[str, Any] = {"first_copay_ratio": ratio, "price_limit": limit}
    return CatalogueEntry(
        version=version,
        area=area,
        code=code,
        name=f"示例{code}",
        item_class=item_class,
        effective_from=date.fromisoformat(since or FROM),
        **{name: Decimal(text) if text else None for name, text in figures.items()},
    )
