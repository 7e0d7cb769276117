"""Many changed rows in one statement: what a sweep writes must not cost a statement, or a branch of a CASE, per row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

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
        _update(table._meta.db_table, _column(table._meta.pk, rows), [_column(field, rows) for field in fields])


class _Column(NamedTuple):
    name: str
    type: str
    values: list[Any]

    @property
    def alike(self) -> bool:
        return all(value == self.values[0] for value in self.values)


def _column(field: models.Field[Any, Any], rows: Sequence[models.Model]) -> _Column:
    values = [field.get_db_prep_save(field.pre_save(row, add=False), connection) for row in rows]
    return _Column(connection.ops.quote_name(str(field.column)), str(field.db_type(connection)), values)


def _update(table: str, key: _Column, changed: Sequence[_Column]) -> None:
    """A column that gets one value everywhere is sent once, any other as an array beside the keys."""
    same = [column for column in changed if column.alike]
    apart = [column for column in changed if not column.alike]
    settings = [f"{column.name} = %s" for column in same] + [f"{column.name} = new.{column.name}" for column in apart]
    arrays = [f"%s::{column.type}[]" for column in (key, *apart)]
    names = [column.name for column in (key, *apart)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {connection.ops.quote_name(table)} AS old SET {', '.join(settings)} "  # noqa: S608 - names of columns
            f"FROM unnest({', '.join(arrays)}) AS new ({', '.join(names)}) WHERE old.{key.name} = new.{key.name}",
            [*(column.values[0] for column in same), *(column.values for column in (key, *apart))],
        )
