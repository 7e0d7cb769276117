"""The one world of a module's tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from core import clock
from tests import factories as make
from tests.access.api import LINES
from tests.access.listed import named as named_by
from tests.access.listed import objects
from tests.access.table import CALLERS
from tests.access.world import NOW, World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """Made once in a transaction that ends with the module; each call in a part of it that is taken back."""
    with django_db_blocker.unblock(), transaction.atomic(), clock.standing_at(make.moment(NOW)):
        yield made(World())
        transaction.set_rollback(True)


def made(world: World) -> World:
    """With every submission that the tables name."""
    for line in LINES:
        for caller in CALLERS if line.state else ():
            world.row(line.of, line.state, caller)
    return world


@pytest.fixture(scope="module")
def listed(world: World) -> dict[str, Any]:
    """One object of each model of the staff's site, by the model's label."""
    return objects(world)


@pytest.fixture(scope="module")
def named(world: World, listed: dict[str, Any]) -> dict[str, Any]:
    """What the other addresses of the site name."""
    return named_by(world, listed)
