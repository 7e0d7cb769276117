"""Monday, 2 March 2026, ten o'clock, on the announced calendar; time that passes with the sweep at work; what is on record then."""

import pytest

from core import clock
from reviews import queue
from reviews.models import Decision, Event, Submission
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


def verbs(submission):
    return list(Event.objects.filter(submission=submission).order_by("id").values_list("verb", flat=True))


def decisions(submission):
    """Every decision as (round, stage, outcome)."""
    rows = Decision.objects.filter(submission=submission).order_by("round", "stage")
    return list(rows.values_list("round", "stage", "outcome"))


def wake(*submissions):
    """Make submissions due now."""
    keys = [submission.pk for submission in submissions]
    Submission.objects.filter(pk__in=keys).update(wake_at=clock.now())
