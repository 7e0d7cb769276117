"""A Monday morning in March 2026 on the announced calendar, and time that passes with the sweep at work."""

import pytest

from core import clock
from reviews import queue
from reviews.models import Submission
from tests import factories as make

NOW = "2026-03-02 10:00"


@pytest.fixture
def monday(db):
    """Stand at Monday, 2 March 2026, ten o'clock, with the calendar of the project."""
    make.working_calendar()
    with clock.standing_at(make.moment(NOW)):
        yield


def sweep_until(text):
    """Let time pass until then: stop wherever something is due, and let the sweep do it."""
    end = make.moment(text)
    while (
        wake := Submission.objects.filter(wake_at__lte=end)
        .order_by("wake_at")
        .values_list("wake_at", flat=True)
        .first()
    ):
        with clock.standing_at(max(wake, clock.now())):
            queue.drain()


def at(text):
    """Stand at another moment for a while."""
    return clock.standing_at(make.moment(text))
