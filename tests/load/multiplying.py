"""A larger population by SQL: rows made one by one (population.py, tills.py) are repeated, with ids of their own, in the database.

So a million filings with their events, persons and settlements are there in minutes. Sealed cells are bound to their row: those of
the repeated rows cannot be opened, and nothing that is measured opens them, but for the first person and the last, whom a server
looks at before it serves (`_open_the_ends`). What waits for a decision is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from accounts.certificate import Certificate, CertificateKind
from accounts.models import Person
from core.grants import owner

TABLES = {
    "accounts_person": "", "accounts_account": "role = 'citizen'", "accounts_enrollment": "", "accounts_mandate": "",
    "reviews_submission": "status <> 'submitted'",
    "filings_filing": "submission_ptr_id IN (SELECT id FROM reviews_submission WHERE status <> 'submitted')",
    "reviews_event": "submission_id IN (SELECT id FROM reviews_submission WHERE status <> 'submitted')",
    "reviews_decision": "submission_id IN (SELECT id FROM reviews_submission WHERE status <> 'submitted')",
    "settlements_insuranceyear": "", "settlements_settlement": "", "settlements_yearcounter": "",
}  # fmt: skip
"""What is repeated, and which rows of it; what a row points to stands before it."""
KEPT = {
    "reviews_decision": {"reviewer_id"},
    "settlements_settlement": {"settled_by_id", "policy_id", "institution_id"},
}
"""Columns that point to what is not repeated, though they hold an id."""


def keep_pattern() -> None:
    """Remember the rows that are there now: these are repeated."""
    with _without_triggers() as cursor:
        for table, which in TABLES.items():
            cursor.execute(f'CREATE UNLOGGED TABLE "bench_{table}" AS SELECT * FROM "{table}" WHERE {which or "true"}')


def repeat(first: int, last: int) -> None:
    """Add the pattern's rows once for each number of this range."""
    with _without_triggers() as cursor:
        for table in TABLES:
            columns = _columns(cursor, table)
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) SELECT {", ".join(columns.values())} FROM "bench_{table}" AS row,'
                f" generate_series({first}, {last}) AS again"
            )
    _open_the_ends()


def _open_the_ends() -> None:
    """Give the first person and the last an identity of their own (accounts.rotation.require_keys)."""
    with owner():
        for person in (Person.objects.order_by("pk").first(), Person.objects.order_by("pk").last()):
            assert person is not None
            person.name, person.phone = "首尾", ""
            person.certify(Certificate(CertificateKind.ID_CARD, f"{person.pk.int % 10**17:017d}X"))
            person.save()


@contextmanager
def _without_triggers() -> Iterator[Any]:
    with owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor


def _columns(cursor: Any, table: str) -> dict[str, str]:
    """The columns to write, each with what is written: ids by the old one and the number, what is unique without an id alike, the rest as it is."""
    cursor.execute(
        "SELECT c.column_name, c.data_type, c.character_maximum_length, c.column_name IN (SELECT a.attname FROM pg_index i"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indisunique AND"
        " i.indrelid = c.table_name::regclass AND NOT EXISTS (SELECT FROM pg_attribute u WHERE u.attrelid = i.indrelid"
        " AND u.attnum = ANY(i.indkey) AND u.atttypid = 'uuid'::regtype)) FROM information_schema.columns c WHERE c.table_name = %s"
        " AND c.is_identity = 'NO' ORDER BY c.ordinal_position",
        [table],
    )
    kept = KEPT.get(table, set())
    return {name: f'"{name}"' if name in kept else _again(f'row."{name}"', *kind) for name, *kind in cursor.fetchall()}


def _again(column: str, kind: str, length: int | None, unique: bool) -> str:
    mixed = f"md5({column}::text || again)"
    if kind == "uuid":  # made in the same moment as the old one, so that indexes grow as they do in time
        return f"(left({column}::text, 18) || '-8' || left({mixed}, 3) || '-' || right({mixed}, 12))::uuid"
    if unique and kind in ("character varying", "text"):
        return f"left({mixed} || md5({mixed}), {length or 64})"
    return column
