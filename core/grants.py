"""What each role of the database may do: given by `migrate`, worked out from the models, so that a new table needs no line here.

Three roles, where the environment names them. The owner (`DATABASE_OWNER_URL`) migrates. The application (`DATABASE_URL`) reads
and writes rows; of a table whose rows stay (`core.append_only`) it changes only the columns that may change, and deletes nothing;
it cannot alter, drop, truncate or switch a trigger off. The purge (`DATABASE_PURGE_URL`) deletes what is over by a `Retention` and
nothing else: a policy on the rows holds it to that. Without them `DATABASE_URL` is all three, as `check --deploy` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pghistory.models
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.db import connection, models, transaction

from core.append_only import changeable, stays_for_a_time
from core.retention import PURGE, retentions

ALL = ["SELECT", "INSERT", "UPDATE", "DELETE"]
OF_FRAMEWORKS = {
    "django_migrations": ["SELECT"],
    "django_content_type": ["SELECT"],
    "auth_permission": ["SELECT"],
    "django_admin_log": ["SELECT", "INSERT"],
    "axes_accesslog": ["SELECT", "INSERT", "UPDATE"],
}
"""Tables that are not ours: written by the owner alone, or appended to."""


class NoSuchRole(Exception):
    """A role that the environment names is not in the database; the message says how it is made."""


def application() -> str:
    """The role of DATABASE_URL; empty where it is the owner itself."""
    user = str(connection.settings_dict["USER"])
    return "" if user == settings.DATABASE_OWNER.get("USER") else user


def purge() -> str:
    """The role of DATABASE_PURGE_URL; the application's where there is none."""
    return str(settings.DATABASES.get(PURGE, {}).get("USER") or application())


@contextmanager
def owner() -> Iterator[None]:
    """Until the block ends, this thread's connection is the owner's."""
    if not application():
        yield
        return
    before = {key: connection.settings_dict[key] for key in settings.DATABASE_OWNER}
    connection.close()
    connection.settings_dict.update(settings.DATABASE_OWNER)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def give(application: str, purge: str) -> None:
    """Take from both roles whatever they had and give what they may, all at once, as the owner. Raises NoSuchRole."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('core.grants'))")
        for role in {application, purge}:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if not cursor.fetchone():
                raise NoSuchRole(
                    f"The database has no role {role}. As its administrator: CREATE ROLE {role} LOGIN PASSWORD '…'; then again."
                )
        for statement in _statements(application, purge):
            cursor.execute(statement)


def _statements(application: str, purge: str) -> Iterator[str]:
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    for role in sorted({application, purge}):
        for kind in ("TABLES", "SEQUENCES"):
            yield f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {_name(role)}"
        yield f"GRANT USAGE ON SCHEMA public TO {_name(role)}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {_name(application)}"
    for table, privileges in of_application().items():
        yield f"GRANT {', '.join(privileges)} ON {_name(table)} TO {_name(application)}"
    yield from _of_purge(application, purge)


def of_application() -> dict[str, list[str]]:
    """By table, what the application may do; of a table that no model has: read it."""
    known = {
        model._meta.db_table: privileges(model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return {
        table: OF_FRAMEWORKS.get(table) or known.get(table, ["SELECT"])
        for table in sorted(connection.introspection.table_names())
    }


def privileges(model: type[models.Model]) -> list[str]:
    """What the application may do with a model's rows, by the triggers that keep them."""
    if issubclass(model, pghistory.models.Event):
        return ["SELECT", "INSERT"]
    columns, deletable = changeable(model)
    if stays_for_a_time(model) and any(one.model is model for one in retentions):
        deletable = False  # its time is over by the retention alone
    change = ["UPDATE"] if columns is None else [f"UPDATE ({', '.join(map(_name, columns))})"] if columns else []
    return ["SELECT", "INSERT", *change, *(["DELETE"] if deletable else [])]


def _of_purge(application: str, purge: str) -> Iterator[str]:
    """What is over may go. Where nobody but the application purges, it is held to that in the tables it could not delete from."""
    for retention in retentions:
        table, may = retention.model._meta.db_table, of_application()[retention.model._meta.db_table]
        if purge != application:
            yield f"GRANT SELECT ON {_name(table)} TO {_name(purge)}"
        yield f"GRANT DELETE ON {_name(table)} TO {_name(purge)}"
        yield f"DROP POLICY IF EXISTS everybody ON {_name(table)}"
        yield f"DROP POLICY IF EXISTS retention ON {_name(table)}"
        if purge == application and "DELETE" in may:
            yield f"ALTER TABLE {_name(table)} DISABLE ROW LEVEL SECURITY"  # else without a policy nobody saw a row
            continue
        yield f"ALTER TABLE {_name(table)} ENABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY everybody ON {_name(table)} USING (true) WITH CHECK (true)"
        yield (
            f"CREATE POLICY retention ON {_name(table)} AS RESTRICTIVE FOR DELETE TO {_name(purge)} "
            f"USING ({retention.condition()})"
        )


def _name(name: str) -> str:
    return connection.ops.quote_name(name)


# What `check --deploy` says


def roles_are_apart(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A warning for each role that the environment leaves to DATABASE_URL."""
    found: list[CheckMessage] = []
    if not application():
        found.append(
            Warning(
                "The application's database role owns its tables: whoever takes it over can rewrite what happened.",
                hint="Set DATABASE_OWNER_URL for `migrate`, and DATABASE_URL to a role of its own (docs/operations.md).",
                id="yidi.W001",
            )
        )
    elif PURGE not in settings.DATABASES:
        found.append(
            Warning(
                "What deletes when its time is over has the application's database role.",
                hint="Set DATABASE_PURGE_URL to a role of its own, for the worker of `deliver` and `migrate` (docs/operations.md).",
                id="yidi.W002",
            )
        )
    return found
