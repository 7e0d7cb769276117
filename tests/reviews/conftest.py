"""Monday, 2 March 2026, ten o'clock, on the announced calendar; and what tests of the queue say often."""

import pytest

from core import clock
from filings.lifecycle import FilingLifecycle
from regions import calendar
from reviews.models import Decision, Event, Submission
from tests import factories as make

NOW = "2026-03-02 10:00"


@pytest.fixture
def monday(db):
    """A quiet moment in the middle of office hours; the second working day after it is Wednesday, 4 March."""
    make.working_calendar()
    with clock.standing_at(make.moment(NOW)):
        yield


@pytest.fixture
def account(db):
    """A citizen who has just signed in for the first time."""
    return make.citizen()


@pytest.fixture
def two_stages(monkeypatch):
    """Filings are reviewed twice, two working days each, as recognitions and claims will be."""
    monkeypatch.setattr(FilingLifecycle, "stages", lambda lifecycle, filing: 2)
    monkeypatch.setattr(
        FilingLifecycle, "due", lambda lifecycle, case, at: calendar.due(at, 2, case.submission.area_id)
    )


@pytest.fixture
def human(settings):
    """Nobody is simulated: people decide, and policy when time is up."""
    settings.REVIEW_MODE = "human"


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
