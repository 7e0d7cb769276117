"""What all tests share."""

import pgtrigger
import pytest
from django.test import TransactionTestCase

from config.middleware import parameters_in_the_text
from devservices.state import APPLICATION
from policies import published
from tests import roles

# The book is asked for by tests only, so that no test counts a query more or less for the second it runs in; modules may
# read the shipped rules while they are collected.
published.REVALIDATE_SECONDS = float("inf")
published.stand_on(published.ground())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Everything runs as the application's role: a statement that it may not do fails in the test that needs it."""
    with django_db_blocker.unblock():
        roles.made()
        with roles.everywhere(APPLICATION), django_db_blocker.block():
            yield


@pytest.fixture(scope="session", autouse=True)
def _flushing_passes_the_triggers():
    """Tests with transactions of their own end by emptying all tables, which the event log refuses to everyone else."""
    empty = TransactionTestCase._fixture_teardown

    def teardown(case):
        kept = [
            f"{model._meta.label}:{trigger.name}"
            for model, trigger in pgtrigger.registered()
            if trigger.name == "no_truncate"
        ]
        with roles.as_owner(), parameters_in_the_text(), pgtrigger.ignore(*kept):
            empty(case)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(autouse=True)
def _every_test_begins_with_the_shipped_policies():
    published.stand_on(published.ground())
