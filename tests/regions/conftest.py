"""Places to find, a client without a token, and what follows a change of the calendar."""

import pytest

from core import hooks
from regions import calendar
from tests.places import api, areas, make_area, make_institution  # noqa: F401 - fixtures


@pytest.fixture
def follow(monkeypatch):
    """What follows a change, recorded."""
    calls = []
    monkeypatch.setitem(hooks.followers, calendar.calendar_changed.name, [lambda: calls.append("recomputed")])
    return calls
