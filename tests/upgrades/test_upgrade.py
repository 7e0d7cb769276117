"""Data of before come through the migrations: nothing is lost, nothing changes but what is named here, everything opens."""

import hashlib
import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from config.environment import BASE_DIR
from tests import roles
from tests.upgrades import dump

AT_THE_REDESIGN = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
ours = {label for label, name in executor.loader.graph.leaf_nodes() if (BASE / label / "migrations").exists()}
later = {"gateway"}
leaves = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in later]
executor.migrate([(label, "0001_initial") if label in ours else (label, name) for label, name in leaves])
"""
OPEN_ALL = """
from accounts.rotation import _sealed_columns
opened = [getattr(row, column) for model, columns in _sealed_columns() for row in model.objects.all() for column in columns]
print(len([text for text in opened if text]))
"""
MADE_BY_MIGRATING = {"auth_permission", "django_content_type"}
GONE = {
    "accounts_message": {"push_attempts", "push_error", "push_next_at"},  # rows of accounts_delivery now
}
"""Columns that a migration took away, by table; what became of them is said beside."""
CHANGED = {
    "reviews_submission": {"wake_at"},  # a draft wakes a week before it ends now, to tell its owner
    "reviews_reasontemplate": {"fields"},  # a list of names in JSON, then as an array
}
"""Columns in which a migration wrote something else, by table; what it wrote is said beside."""


@pytest.fixture(scope="module")
def before():
    return dump.read("redesign.copy.xz")


@pytest.fixture(scope="module")
def upgraded(before, django_db_setup, django_db_blocker):
    """The address of a database of before, brought up to date by `migrate` in a process of its own; and its environment."""
    name = f"{connection.settings_dict['NAME']}_upgrade"
    server = urlsplit(os.environ["DATABASE_URL"])
    database = server._replace(path=f"/{name}").geturl()
    keys = dict(line.split("=", 1) for line in (dump.FOLDER / "redesign.env").read_text().split())
    environment = {**os.environ, **keys, "DATABASE_URL": database}
    with psycopg.connect(server.geturl(), autocommit=True) as maintenance:
        maintenance.execute(f'CREATE DATABASE "{name}"')
        try:
            run(
                environment, "shell", "-c", f"import pathlib; BASE = pathlib.Path({str(BASE_DIR)!r})\n{AT_THE_REDESIGN}"
            )
            dump.restore(database, before)
            apart = {**environment, **roles.environment(name)}  # a database of before the roles gets them
            run(apart, "migrate")
            yield database, apart
        finally:
            maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def run(environment, *arguments):
    """A command of the project; what it said. Fails with its errors."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_migrations_the_dump_rests_on_are_what_they_were():
    """Migrations are append-only since then: a change of the schema is a new one."""
    said = (dump.FOLDER / "redesign.sha256").read_text().splitlines()
    differing = [
        path
        for digest, path in (line.split() for line in said)
        if hashlib.sha256((BASE_DIR / path).read_bytes()).hexdigest() != digest
    ]

    assert (len(said), differing) == (12, [])


def test_nothing_is_lost_and_nothing_changes_but_what_is_named(before, upgraded):
    gone, changed, compared = {}, {}, 0
    with psycopg.connect(upgraded[0]) as now:
        for name in before.keys() - MADE_BY_MIGRATING - {dump.SEQUENCES}:
            table, left = before[name], dump.columns_of(now, name)
            compared += len(table.rows)
            if away := set(table.columns) - left:
                gone[name] = away
            key = "id" if "id" in table.columns else table.columns[0]
            for column in [column for column in table.columns if column in left]:
                both = [key] if column == key else [key, column]
                if dump.rows_of(now, name, both) != table.only(both):
                    changed.setdefault(name, set()).add(column)

    assert compared > 2000
    assert gone == GONE
    assert changed == CHANGED


def test_what_migrations_made_of_the_rows_of_before(upgraded):
    """By hand: two files of payments of one claim each; every message about a submission knows its kind."""
    with psycopg.connect(upgraded[0]) as now:
        lines = now.execute("SELECT count(*), count(DISTINCT batch_id), sum(amount) FROM claims_paymentline").fetchone()
        funds = now.execute(
            "SELECT sum(fund) FROM settlements_settlement WHERE id IN (SELECT settlement_id FROM claims_claim WHERE batch_id IS NOT NULL)"
        ).fetchone()
        kinds = now.execute(
            "SELECT DISTINCT submission_kind FROM accounts_message WHERE submission IS NOT NULL ORDER BY 1"
        ).fetchall()

    assert lines == (2, 2, funds[0])
    assert kinds == [("claim",), ("filing",), ("recognition",)]


def test_everything_of_before_opens_and_comes_out_the_same(upgraded):
    database, environment = upgraded
    with psycopg.connect(database) as now:
        submissions, bills = (
            now.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("reviews_submission", "settlements_settlement")
        )

    assert run(environment, "verify_events").splitlines()[-1] == f"{submissions} submissions checked, 0 disagree"
    assert f"{bills} settlements computed again, equal to the fen" in run(environment, "replay_settlements")
    run(environment, "verify_settlements")
    assert int(run(environment, "shell", "-c", OPEN_ALL).split()[-1]) > 100
