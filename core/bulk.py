"""Many rows in one statement: what a sweep writes must not cost a statement, or a list of parameters, per row.

The rows travel as one JSON document, which the database reads with the types of its own columns. Constraints, defaults
and triggers hold as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, TypeAlias, TypeVar

import orjson
from django.db import connection, models

from core.postgresql.base import Kept

Row = TypeVar("Row", bound=models.Model)
Fields: TypeAlias = "tuple[models.Field[Any, Any], ...]"


def insert(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> int:
    """Insert unsaved rows of one model, in their order; return how many. Their keys are theirs, or made by the database."""
    count = _insert(rows, type(rows[0]), "ON CONFLICT DO NOTHING" if ignore_conflicts else "")
    _stored(rows)
    return count


def insert_whole(row: models.Model, *, unless: str) -> bool:
    """Insert an unsaved row of a model that inherits another's table, into both; False: a row stands in its way.

    `unless` is the conflict target of the inherited table. The transaction stays usable where nothing was inserted.
    """
    (parent,) = row._meta.parents
    if not _insert([row], parent, f"ON CONFLICT {unless} DO NOTHING"):
        return False
    _insert([row], type(row), "")
    _stored([row])
    return True


def _stored(rows: Sequence[models.Model]) -> None:
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def upsert(rows: Sequence[models.Model], *, key: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Insert rows, or store the named fields of those that stand there already by the unique `key`."""
    _insert(rows, type(rows[0]), _on_conflict(type(rows[0]), key, names))


def _insert(rows: Sequence[models.Model], table: type[models.Model], then: str) -> int:
    fields, statement = _inserting(table)
    return _run(f"{statement} {then}", _document(rows, fields, add=True))


def update(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Store the named fields of rows of one model: one UPDATE for each of its tables that has some of them."""
    for fields, statement in _updating(type(rows[0]), tuple(names)):
        _run(statement, _document(rows, fields, add=False))


def put(rows: Sequence[Row]) -> int:
    """Insert the rows that are missing and update those that differ, by primary key; returns how many. Runs in bulk."""
    if not rows:
        return 0
    model: Any = type(rows[0])
    columns = [column for column in model._meta.concrete_fields if not column.primary_key]
    there = model.objects.in_bulk([row.pk for row in rows if row.pk is not None])
    changed = [row for row in rows if row.pk not in there or _differ(row, there[row.pk], columns)]
    model.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=[model._meta.pk.name],
        update_fields=[column.name for column in columns],
    )
    return len(changed)


def _differ(one: models.Model, other: models.Model, columns: Iterable[models.Field[Any, Any]]) -> bool:
    return any(getattr(one, column.attname) != getattr(other, column.attname) for column in columns)


# The statements are written once for a process, like prepared queries (`core.prepared`).


@cache
def _inserting(model: type[models.Model]) -> tuple[Fields, str]:
    """The columns of a model's table, and the statement that fills them."""
    meta = model._meta
    fields = tuple(field for field in meta.local_concrete_fields if not isinstance(field, models.AutoField))
    columns = ", ".join(_name(field.column) for field in fields)
    table = meta.db_table
    return fields, f"INSERT INTO {_name(table)} ({columns}) SELECT {columns} FROM {_read(table)} AS new"  # noqa: S608


@cache
def _on_conflict(model: type[models.Model], key: tuple[str, ...], names: tuple[str, ...]) -> str:
    columns = {name: _name(_field(model, name).column) for name in (*key, *names)}
    changes = ", ".join(f"{columns[name]} = excluded.{columns[name]}" for name in names)
    return f"ON CONFLICT ({', '.join(columns[name] for name in key)}) DO UPDATE SET {changes}"


@lru_cache(maxsize=1024)
def _updating(model: type[models.Model], names: tuple[str, ...]) -> list[tuple[Fields, str]]:
    """For each table of a model that has some of the fields: its key and they, and the statement that stores them."""
    tables: dict[type[models.Model], list[models.Field[Any, Any]]] = {}
    for name in names:
        field = _field(model, name)
        tables.setdefault(field.model, []).append(field)
    return [_storing(table, fields) for table, fields in tables.items()]


def _storing(table: type[models.Model], fields: list[models.Field[Any, Any]]) -> tuple[Fields, str]:
    key, name = table._meta.pk, table._meta.db_table
    assert key is not None
    changes = ", ".join(f"{_name(field.column)} = new.{_name(field.column)}" for field in fields)
    return (key, *fields), (
        f"UPDATE {_name(name)} AS old SET {changes} FROM {_read(name)} AS new "  # noqa: S608
        f"WHERE old.{_name(key.column)} = new.{_name(key.column)}"
    )


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _read(table: str) -> str:
    return f"json_populate_recordset(NULL::{_name(table)}, %s)"


def _document(rows: Sequence[models.Model], fields: Fields, *, add: bool) -> str:
    documents = [{field.column: field.pre_save(row, add) for field in fields} for row in rows]
    return orjson.dumps(documents, default=_as_text).decode()


def _as_text(value: Any) -> str:
    """What JSON has no word for: sealed cells as the database writes bytes, lazy texts and decimals as text."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _name(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _run(statement: str, document: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(Kept(statement), [document])
        return int(cursor.rowcount)
