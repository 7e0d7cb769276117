"""Many rows in one statement: what a sweep writes must not cost a statement, or a list of parameters, per row.

The rows travel as one JSON document, which the database reads with the types of its own columns. Constraints, defaults
and triggers hold as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import connection, models


def insert(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
    """Insert unsaved rows of one model, in their order. Their keys are those they have, or made by the database."""
    _insert(rows, " ON CONFLICT DO NOTHING" if ignore_conflicts else "")


def upsert(rows: Sequence[models.Model], *, key: Iterable[str], names: Iterable[str]) -> None:
    """Insert rows, or store the named fields of those that stand there already by the unique `key`."""
    meta = rows[0]._meta
    columns = ", ".join(_name(_column(meta, name)) for name in key)
    changes = ", ".join(f"{_name(_column(meta, name))} = excluded.{_name(_column(meta, name))}" for name in names)
    _insert(rows, f" ON CONFLICT ({columns}) DO UPDATE SET {changes}")


def _column(meta: Any, name: str) -> str:
    return str(meta.get_field(name).column)


def _insert(rows: Sequence[models.Model], then: str) -> None:
    meta = rows[0]._meta
    fields = [field for field in meta.local_concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(_name(field.column) for field in fields)
    _run(
        f"INSERT INTO {_name(meta.db_table)} ({columns}) SELECT {columns} FROM {_read(meta.db_table)} AS new{then}",  # noqa: S608
        _document(rows, fields, add=True),
    )


def update(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Store the named fields of rows of one model: one UPDATE for each of its tables that has some of them."""
    tables: dict[type[models.Model], list[models.Field[Any, Any]]] = {}
    for name in names:
        field = rows[0]._meta.get_field(name)
        assert isinstance(field, models.Field)
        tables.setdefault(field.model, []).append(field)
    for table, fields in tables.items():
        key, name = table._meta.pk, table._meta.db_table
        assert key is not None
        changes = ", ".join(f"{_name(field.column)} = new.{_name(field.column)}" for field in fields)
        _run(
            f"UPDATE {_name(name)} AS old SET {changes} FROM {_read(name)} AS new "  # noqa: S608
            f"WHERE old.{_name(key.column)} = new.{_name(key.column)}",
            _document(rows, [key, *fields], add=False),
        )


def _read(table: str) -> str:
    return f"json_populate_recordset(NULL::{_name(table)}, %s)"


def _document(rows: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]], *, add: bool) -> str:
    made = [{field.column: field.pre_save(row, add) for field in fields} for row in rows]
    return orjson.dumps(made, default=_said).decode()


def _said(value: Any) -> str:
    """What JSON has no word for: sealed cells as the database writes bytes, lazy texts and decimals as text."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _name(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _run(statement: str, document: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [document])
