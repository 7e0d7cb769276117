"""The number of a submission: what a person reads out on the telephone."""

from django.db import connection

from core import clock


def next_number() -> str:
    """Day, running number, check digit (Luhn): 20261121-000123-6."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('submission_number')")
        running = cursor.fetchone()[0]
    day, serial = f"{clock.today():%Y%m%d}", f"{running % 1_000_000:06d}"
    return f"{day}-{serial}-{check_digit(day + serial)}"


def check_digit(digits: str) -> int:
    """The Luhn check digit: one wrong digit, or two neighbours swapped, is noticed."""
    weighted = (int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits)))
    return -sum(value - 9 if value > 9 else value for value in weighted) % 10
