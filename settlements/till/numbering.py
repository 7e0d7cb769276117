"""The number of an entry: what a till prints and a person reads out."""

from __future__ import annotations

from django.db import connection

from core import clock
from reviews.services.numbering import check_digit


def next_number() -> str:
    """J, day, running number, check digit (Luhn): J20261121-00000123-6."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('settlement_number')")
        running = cursor.fetchone()[0]
    day, serial = f"{clock.today():%Y%m%d}", f"{running:08d}"
    return f"J{day}-{serial}-{check_digit(day + serial)}"
