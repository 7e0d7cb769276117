"""The number a person reads out: day, running number, Luhn check digit."""

import re

import pytest

from core import clock
from reviews.services.entering import check_digit
from tests.factories import draft, moment

# Worked by hand: 7992739871 is the textbook case (check digit 3); 20261121000123: from the right, doubled at even places,
# 3→6 2 1→2 0 0 0 1→2 2 1→2 1 6→12→3 2 0 2 = 6+2+2+0+0+0+2+2+2+1+3+2+0+2 = 24, check digit 6.


@pytest.mark.parametrize(("digits", "check"), [("7992739871", 3), ("20261121000123", 6), ("0", 0)])
def test_check_digit(digits, check):
    assert check_digit(digits) == check


@pytest.mark.django_db
def test_numbers_carry_the_business_day_and_never_repeat():
    with clock.standing_at(moment("2026-03-02 10:00")):
        numbers = [draft().number for _ in range(3)]

    assert len(set(numbers)) == 3
    for number in numbers:
        assert re.fullmatch(r"20260302-\d{6}-\d", number)
        assert check_digit(number[:8] + number[9:15]) == int(number[-1])
