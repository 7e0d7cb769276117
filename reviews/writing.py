"""Many changed rows in one statement: what a sweep writes must not cost a statement, or a branch of a CASE, per row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Store the named fields of rows of one model: one UPDATE for each of its tables that has some of them."""
    tables: dict[type[models.Model], list[models.Field[Any, Any]]] = {}
    for name in names:
        field = rows[0]._meta.get_field(name)
        assert isinstance(field, models.Field)
        tables.setdefault(field.model, []).append(field)
    for table, fields in tables.items():
        assert table._meta.pk is not None
        _update(table, [table._meta.pk, *fields], rows)


def _update(table: type[models.Model], fields: list[models.Field[Any, Any]], rows: Sequence[models.Model]) -> None:
    """The first field is the key; each column goes to the database as one array."""
    name = connection.ops.quote_name
    key, *changed = (name(field.column) for field in fields)
    settings = ", ".join(f"{column} = new.{column}" for column in changed)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {name(table._meta.db_table)} AS old SET {settings} "  # noqa: S608 - names of columns
            f"FROM unnest({arrays}) AS new ({key}, {', '.join(changed)}) WHERE old.{key} = new.{key}",
            [_column(field, rows) for field in fields],
        )


def _column(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, add=False), connection) for row in rows]
