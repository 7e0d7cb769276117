"""The roles of the database in tests: all of them run as the application, which may not rewrite what happened.

`with as_owner():` for what an intruder on the database's machine would do, and for the schema; `with as_purge():` for what
deletes when its time is over. Processes that tests start on the tests' database are the application's too (`environment`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from urllib.parse import urlsplit

from django.db import DatabaseError, connection, transaction
from psycopg.sql import SQL, Identifier, Literal

from core import grants
from devservices.state import APPLICATION, PURGE

PASSWORD = "of-the-tests"
KEPT = {"django_content_type", "auth_permission"}
"""What `migrate` writes from the models, and no test changes."""


def made() -> None:
    """Both roles are there, and may what `migrate` would give them in the tests' database. As the owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('tests.roles'))")  # workers share the server
        for role in (APPLICATION, PURGE):
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            act = SQL("ALTER ROLE {} LOGIN PASSWORD {}" if cursor.fetchone() else "CREATE ROLE {} LOGIN PASSWORD {}")
            cursor.execute(act.format(Identifier(role), Literal(PASSWORD)).as_string(None))
        cursor.execute("SELECT pg_advisory_unlock(hashtext('tests.roles'))")
    grants.give(APPLICATION, PURGE)


@contextmanager
def everywhere(role: str) -> Iterator[None]:
    """Until the block ends, every connection that is opened takes the role."""
    options = connection.settings_dict["OPTIONS"]
    connection.close()
    options["assume_role"] = role
    try:
        yield
    finally:
        connection.close()
        del options["assume_role"]


@contextmanager
def _acting(role: str | None) -> Iterator[None]:
    """Until the block ends, this thread's connection is another's; its transaction goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user, current_user")
        owns, before = cursor.fetchone()
        cursor.execute(f"SET ROLE {role}" if role else "RESET ROLE")
    try:
        yield
    finally:
        with (
            suppress(DatabaseError),
            connection.cursor() as cursor,
        ):  # a broken transaction takes the role back by itself
            cursor.execute("RESET ROLE" if owns else f"SET ROLE {before}")


def as_owner() -> AbstractContextManager[None]:
    return _acting(None)


def as_purge() -> AbstractContextManager[None]:
    return _acting(PURGE)


def emptied() -> None:
    """Delete every row but those of the content types and permissions, whoever forbids it; what somebody is still writing is waited for."""
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        cursor.execute(f"LOCK TABLE {', '.join(map(connection.ops.quote_name, tables))} IN EXCLUSIVE MODE")
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_relation_size(oid) > 0", [tables])
        if written := [connection.ops.quote_name(table) for (table,) in cursor.fetchall()]:
            cursor.execute(";".join(f"DELETE FROM {table}" for table in written))


def environment(database: str = "") -> dict[str, str]:
    """What a process needs to be the application on a database (the tests'), and to purge and migrate by the other roles."""
    owner = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database or connection.settings_dict['NAME']}")
    where = owner.netloc.rpartition("@")[2]
    return {
        "DATABASE_URL": owner._replace(netloc=f"{APPLICATION}:{PASSWORD}@{where}").geturl(),
        "DATABASE_OWNER_URL": owner.geturl(),
        "DATABASE_PURGE_URL": owner._replace(netloc=f"{PURGE}:{PASSWORD}@{where}").geturl(),
    }
