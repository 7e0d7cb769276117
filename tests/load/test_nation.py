"""The simulated busy hour against the theory of queues."""

from statistics import mean

import pytest

from tests.load.nation import DATABASE, WEB, simulate


def test_one_core_that_is_half_busy_takes_twice_its_time():
    """M/M/1: the time in the system is that of the service divided by one less the load; nobody waits for the other cores."""
    found = simulate(rate=0.5 / DATABASE, seconds=2000, web=200, database=1, deliver=200)

    assert found.busy["database"] == pytest.approx(0.5, rel=0.02)
    assert mean(found.answered) == pytest.approx(WEB + 2 * DATABASE, rel=0.02)


def test_more_than_can_be_delivered_piles_up():
    """Twice what one process sends: after the hundred seconds the last of 2 500 messages has waited a hundred more."""
    found = simulate(rate=25, seconds=100, web=8, database=4, deliver=1)

    assert found.told[-1] == pytest.approx(100, rel=0.1)
