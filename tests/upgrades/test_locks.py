"""No new migration locks a big table for long, or breaks what still runs: django-migration-linter reads each."""

import pytest
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

from config.environment import BASE_DIR

BEFORE_A_RELEASE = {
    "accounts": 14, "chronic": 1, "claims": 7, "config": 1, "core": 1, "filings": 3, "gateway": 4, "policies": 1, "referrals": 2,
    "regions": 6, "reviews": 19, "scenarios": 2, "settlements": 5,
}  # fmt: skip
"""By app, the number of the last migration of 0.1: with nothing released and no big table anywhere, these may lock."""


def later_than(numbers):
    """The migrations of the project behind these numbers: (app, name)."""
    ours = [(app, name) for app, name in MigrationLoader(None).graph.nodes if (BASE_DIR / app / "migrations").exists()]
    return sorted((app, name) for app, name in ours if int(name[:4]) > numbers[app])


def complaints(migrations):
    linter = MigrationLinter(str(BASE_DIR), no_cache=True, quiet=["ok", "ignore", "warning", "error"], no_output=True)
    for app, name in migrations:
        linter.lint_migration(linter.migration_loader.graph.nodes[app, name])
    return linter.nb_erroneous


@pytest.mark.django_db
def test_no_migration_after_the_release_locks_a_big_table():
    assert complaints(later_than(BEFORE_A_RELEASE)) == 0


@pytest.mark.django_db
def test_the_linter_does_find_what_locks():
    """A column that is not null and three that go, in a migration of before the release."""
    assert complaints([("accounts", "0006_deliveries")]) == 1
