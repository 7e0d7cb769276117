"""What the tests of accounts share."""

from datetime import date, datetime

import pytest
from django.core.cache import cache

from accounts import registry
from accounts.registry import RegisteredEnrollment, RegisterRecord
from core.clock import SHANGHAI, standing_at
from tests import factories

NOON = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def fresh_limits():
    """Limits are counted in the cache: every test starts at nothing."""
    cache.clear()


@pytest.fixture
def noon():
    """Friday, 20 November 2026, 12:00."""
    with standing_at(NOON):
        yield NOON


@pytest.fixture
def insured(db, noon):
    """Put a person into the demo register, insured in Chongqing, and return the record."""

    def put(name, number, *, phone="13900000001", guardian_of=(), enrollments=None):
        factories.area(factories.CHONGQING)
        covered = RegisteredEnrollment(factories.CHONGQING, "employee", "active", date(2015, 1, 1))
        record = RegisterRecord(
            name,
            number,
            phone=phone,
            guardian_of=tuple(guardian_of),
            enrollments=(covered,) if enrollments is None else tuple(enrollments),
        )
        registry.store(record)
        return record

    return put


@pytest.fixture
def wang(insured):
    """王秀兰, as the demo register has her."""
    return insured("王秀兰", "110101195503070028")


@pytest.fixture
def account(db):
    """A citizen who has just signed in for the first time."""
    return factories.citizen()
