"""What is prepared before the start: a database of other code is refused and left alone."""

import pytest
from django.db import ProgrammingError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder

from devservices import preparation
from devservices.preparation import OtherVersion, migrate
from tests.roles import as_owner

GONE = ("regions", "0002_of_before")


@pytest.fixture
def commands(monkeypatch):
    """The names of Django's commands that were called; none of them runs."""
    called = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **_options: called.append(name))
    return called


def test_database_that_had_a_migration_of_before_is_left_as_it_is(db, commands):
    with as_owner():
        MigrationRecorder(connection).record_applied(*GONE)
    before = MigrationRecorder(connection).applied_migrations().keys()

    with pytest.raises(OtherVersion, match=r"^this one does not know its migration regions\.0002_of_before$"):
        migrate()

    assert commands == []
    assert MigrationRecorder(connection).applied_migrations().keys() == before


def test_database_of_ours_is_migrated(db, commands):
    migrate()

    assert commands == ["migrate"]


def test_migration_that_another_replaces_is_known(db, commands, monkeypatch):
    with as_owner():
        MigrationRecorder(connection).record_applied(*GONE)
    monkeypatch.setattr(Migration, "replaces", [GONE])

    migrate()

    assert commands == ["migrate"]


@pytest.mark.parametrize("error", [InconsistentMigrationHistory("out of order"), ProgrammingError("exists already")])
def test_database_that_does_not_take_our_migrations_is_of_other_code(db, monkeypatch, error):
    def refuse(*_names, **_options):
        raise error

    monkeypatch.setattr(preparation, "call_command", refuse)

    with pytest.raises(OtherVersion, match=str(error)):
        migrate()
