"""The number of a submission: what a person reads out on the telephone."""

from django.db import connection
from stdnum import luhn

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
    return int(luhn.calc_check_digit(digits))
