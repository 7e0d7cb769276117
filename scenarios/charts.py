"""Bars for the admin's charts: lengths in percent of the longest, computed here so that templates only draw."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def bars(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The rows with `length`: |value| in percent of the largest; `negative` where the value is below zero."""
    values = [Decimal(str(row[key])) for row in rows]
    longest = max((abs(value) for value in values), default=Decimal(0)) or Decimal(1)
    return [
        {**row, "length": f"{abs(value) * 100 / longest:.2f}", "negative": value < 0}
        for row, value in zip(rows, values, strict=True)
    ]
