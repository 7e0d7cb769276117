"""What all tests share."""

import gc

import pytest
import redis
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase

from devservices.state import APPLICATION
from policies import published
from tests import roles, template
from tests.privacy.allowed import ALLOWED
from tests.privacy.ears import kept_in_redis, listening
from tests.privacy.watch import Watch

# The book is asked for by tests only, so that no test counts a query more or less for the second it runs in; modules may
# read the shipped rules while they are collected.
published.REVALIDATE_SECONDS = float("inf")
published.stand_on(published.ground())

# Passwords are hashed as in production, but in one round: its million takes half a second of processor each time.
PBKDF2PasswordHasher.iterations = 1


LONG = tuple(
    f"tests/{name}.py::"
    for name in (
        "devservices/test_up", "chaos/test_drill", "chaos/test_chaos", "browser/test_desk_looks", "browser/test_looks",
        "upgrades/test_upgrade",
    )
)  # fmt: skip
"""Minutes each."""


def _empties(item):
    """Whether a test ends with all tables emptied, those included that migrations filled."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction")) or not {"transactional_db", "live_server"}.isdisjoint(
        item.fixturenames
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes long begins before its like (after pytest-randomly's shuffle): no worker is left with it in the end.

    What empties the tables stays behind all that finds there what migrations put into them, as pytest-django orders it.
    """
    long = [item for item in items if item.nodeid.startswith(LONG)]
    rest = [item for item in items if not item.nodeid.startswith(LONG)]
    emptying = next((at for at, item in enumerate(rest) if _empties(item)), len(rest))
    items[:] = [
        *(item for item in long if not _empties(item)),
        *rest[:emptying],
        *(item for item in long if _empties(item)),
        *rest[emptying:],
    ]


def pytest_collection_finish():
    """What was loaded and collected stays: a twentieth of the time went into looking through it for rubbish."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The database is a copy of the run's (tests/template.py)."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template.ready()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Everything runs as the application's role: a statement that it may not do fails in the test that needs it."""
    with django_db_blocker.unblock():
        roles.made()
        with roles.everywhere(APPLICATION), django_db_blocker.block():
            yield


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_by_hand():
    """Tests with transactions of their own end as if all tables were truncated: only those that have rows cost something."""
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: roles.emptied()
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(autouse=True)
def _every_test_begins_with_the_shipped_policies():
    published.stand_on(published.ground())


@pytest.fixture(scope="session", autouse=True)
def privacy():
    """Hears all that the process logs, keeps in Redis, hands out and puts into addresses (tests/privacy)."""
    heard = Watch(allowed=ALLOWED)
    with listening(heard):
        yield heard
    for address in {settings.REDIS_URL, settings.CACHES["default"]["LOCATION"]}:
        with redis.Redis.from_url(address) as client:
            kept_in_redis(heard, client)
    assert [str(leak) for leak in heard.taken()] == [], "personal data at the end of the run"


@pytest.fixture(autouse=True)
def _nothing_personal_leaves(privacy):
    yield
    leaks = [str(leak) for leak in privacy.taken()]
    assert leaks == [], "personal data where it may not be; if it may: tests/privacy/allowed.py, with the reason"
