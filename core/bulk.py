"""Many rows in one statement: what a sweep writes must not cost a statement, or a list of parameters, per row.

The rows travel as one JSON document, which the database reads with the types of its own columns. Constraints, defaults
and triggers hold as ever.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

import orjson
from django.db import connection, models

from core.postgresql.base import Kept

Row = TypeVar("Row", bound=models.Model)
Fields: TypeAlias = "tuple[models.Field[Any, Any], ...]"


class Write(NamedTuple):
    """Rows of one model to be written, not written yet: the statement, and the document it reads them from."""

    statement: str
    document: str


def inserting(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> Write:
    """Insert unsaved rows of one model, in their order. Their keys are theirs, or made by the database."""
    return _into(type(rows[0]), rows, "ON CONFLICT DO NOTHING" if ignore_conflicts else "")


def upserting(rows: Sequence[models.Model], *, key: tuple[str, ...], names: tuple[str, ...]) -> Write:
    """Insert rows, or store the named fields of those that stand there already by the unique `key`."""
    return _into(type(rows[0]), rows, _on_conflict(type(rows[0]), key, names))


def together(*writes: Write) -> int:
    """Several writes in one statement, each of another table; how many rows the last wrote.

    None sees what the others write. Constraints and triggers hold as ever; the first that is broken undoes all.
    """
    with connection.cursor() as cursor:
        cursor.execute(_joined(tuple(each.statement for each in writes)), [each.document for each in writes])
        return int(cursor.rowcount)


def insert(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> int:
    """Insert unsaved rows at once (`inserting`); return how many."""
    count = together(inserting(rows, ignore_conflicts=ignore_conflicts))
    stored(rows)
    return count


def insert_all(rows: Iterable[models.Model], *, ignore_conflicts: type[models.Model]) -> None:
    """Insert unsaved rows of several models in one statement; a conflict of this one model is no error."""
    tables: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for row in rows:
        tables[type(row)].append(row)
    writes = [inserting(tables[each], ignore_conflicts=each is ignore_conflicts) for each in sorted(tables, key=_table)]
    if writes:
        together(*writes)
    for each in tables.values():
        stored(each)


def insert_whole(row: models.Model, *, unless: str) -> bool:
    """Insert an unsaved row of a model that inherits another's table, into both; False: a row stands in its way.

    `unless` is the conflict target of the inherited table. The transaction stays usable where nothing was inserted.
    """
    (parent,) = row._meta.parents
    above = _into(parent, [row], f"ON CONFLICT {unless} DO NOTHING RETURNING 1")
    if not together(above, _into(type(row), [row], f"WHERE EXISTS (SELECT FROM {PIECE}0)")):
        return False
    stored([row])
    return True


def stored(rows: Sequence[models.Model]) -> None:
    """These rows were inserted: Django is to know that they stand there."""
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def updating(rows: Sequence[models.Model], names: Iterable[str]) -> list[Write]:
    """Store the named fields of rows of one model: one UPDATE for each of its tables that has some of them."""
    return [
        Write(statement, _document(rows, fields, add=False))
        for fields, statement in _updating(type(rows[0]), tuple(names))
    ]


def update(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Store them at once (`updating`)."""
    together(*updating(rows, names))


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


PIECE = "piece_"


@cache
def _joined(statements: tuple[str, ...]) -> Kept:
    *others, last = statements
    pieces = ", ".join(f"{PIECE}{at} AS ({statement})" for at, statement in enumerate(others))
    return Kept(f"WITH {pieces} {last}" if pieces else last)


def _into(table: type[models.Model], rows: Sequence[models.Model], then: str) -> Write:
    fields, statement = _filling(table)
    return Write(f"{statement} {then}", _document(rows, fields, add=True))


@cache
def _filling(model: type[models.Model]) -> tuple[Fields, str]:
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


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


def _name(name: str | None) -> str:
    return connection.ops.quote_name(str(name))
