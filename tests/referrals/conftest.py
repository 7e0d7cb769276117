"""A Monday morning in March 2026 on the announced calendar, with limits at nothing."""

import pytest
from django.core.cache import cache

from core import clock
from tests import factories as make


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def monday(db):
    """Stand at Monday, 2 March 2026, ten o'clock."""
    make.working_calendar()
    with clock.standing_at(make.moment("2026-03-02 10:00")):
        yield
