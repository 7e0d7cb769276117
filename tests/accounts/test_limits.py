"""Limits are counted per name and person, and say when to come back."""

import pytest

from accounts.limits import Limit
from core.errors import TooMany

LIMIT = Limit("sign-in")


@pytest.fixture(autouse=True)
def twice_an_hour(settings):
    settings.LIMITS = {"sign-in": "2/hour", "ask-person": "1/min"}


def test_so_many_times_and_no_more():
    LIMIT.spend("a")
    LIMIT.spend("a")

    with pytest.raises(TooMany) as refused:
        LIMIT.spend("a")

    assert (refused.value.status, refused.value.code) == (429, "throttled")
    assert 3590 <= refused.value.retry_after <= 3600


def test_others_have_limits_of_their_own():
    LIMIT.spend("a")
    LIMIT.spend("a")

    LIMIT.spend("b")
    Limit("ask-person").spend("a")


def test_time_taken_back_may_be_spent_again():
    for _ in range(5):
        LIMIT.spend("a")
        LIMIT.refund("a")


def test_taking_back_what_was_never_spent_gives_nothing_away():
    LIMIT.refund("a")
    LIMIT.spend("a")
    LIMIT.spend("a")

    with pytest.raises(TooMany):
        LIMIT.spend("a")
