"""The Monday morning of the tests, and how reviews are set up for them."""

import pytest

from filings.lifecycle import FilingLifecycle
from regions import calendar
from tests import factories as make
from tests.monday import monday  # noqa: F401 - a fixture


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
