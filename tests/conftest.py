"""What all tests share."""

import pgtrigger
import pytest
from django.test import TransactionTestCase

from config.middleware import parameters_in_the_text


@pytest.fixture(scope="session", autouse=True)
def _flushing_passes_the_triggers():
    """Tests with transactions of their own end by emptying all tables, which the event log refuses to everyone else."""
    empty = TransactionTestCase._fixture_teardown

    def teardown(case):
        with parameters_in_the_text(), pgtrigger.ignore("reviews.Event:no_truncate"):
            empty(case)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = empty
