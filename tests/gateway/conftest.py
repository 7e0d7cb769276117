"""The Monday morning of the gateway's tests, the small policy and the small catalogue, a desk with a patient."""

import pytest

from core import clock
from tests import factories as make
from tests.gateway.desk import NOW, Desk, catalogue
from tests.settlements.till import SIMPLE, policies


@pytest.fixture
def monday():
    with clock.standing_at(make.moment(NOW)), policies(SIMPLE):
        yield


@pytest.fixture
def desk(monday, db):
    catalogue()
    return Desk()
