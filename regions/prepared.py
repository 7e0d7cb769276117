"""Queries whose SQL is written once per process: Django takes some six times as long to write it as the row takes to come.

For the few reads of a hot path. Rows are the models themselves with the named fields; all others load when they are asked
for, as with `only`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
Maker = Callable[[Sequence[Any]], Any]


class Prepared(Generic[Row]):
    """`build` makes the query from `markers`, values that stand for what every call gives under the same names.

    Whatever else goes into the query is fixed with it: `build` must not ask the clock, nor anything that changes. `fields`
    name columns (`area_id`), those of joined rows (`area__name`, with their primary key), and annotations.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *fields: str, **markers: Any) -> None:
        self.build, self.fields, self.markers = build, fields, markers

    def rows(self, **given: Any) -> list[Row]:
        """The rows for these values: one query."""
        sql, params = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [given[name] if name else value for name, value in params])
            found = cursor.fetchall()
        return [self._make(row) for row in found]

    def first(self, **given: Any) -> Row | None:
        """The first of the rows."""
        return next(iter(self.rows(**given)), None)

    @cached_property
    def _query(self) -> QuerySet[Row]:
        return self.build(**self.markers)

    @cached_property
    def _statement(self) -> tuple[str, list[tuple[str, Any]]]:
        """The SQL, and its parameters: each the name of what is given, or a fixed value."""
        sql, values = self._query.values_list(*self.fields).query.sql_with_params()
        names = [self._marked(value) for value in values]
        missing = self.markers.keys() - set(names)
        assert not missing, f"{missing} stand nowhere in the query"
        return sql, list(zip(names, values, strict=True))

    def _marked(self, value: Any) -> str:
        same = (name for name, marker in self.markers.items() if type(marker) is type(value) and marker == value)
        return next(same, "")

    @cached_property
    def _make(self) -> Maker:
        return maker(self._query.model, {name: i for i, name in enumerate(self.fields)})


def maker(model: type[Model], places: dict[str, int]) -> Maker:
    """What makes a row of `model` from a sequence; `places` says where each field stands in it."""
    columns = [field for field in model._meta.concrete_fields if field.attname in places]
    names, where = [field.attname for field in columns], [places[field.attname] for field in columns]
    assert not any(hasattr(field, "from_db_value") for field in columns), (
        "sealed and other converted columns load later"
    )
    joins = list(dict.fromkeys(name.partition("__")[0] for name in places if "__" in name))
    related = [(join, *_joined(model, join, places)) for join in joins]
    others = [(name, i) for name, i in places.items() if "__" not in name and name not in names]

    def make(row: Sequence[Any]) -> Any:
        made = model.from_db(DEFAULT_DB_ALIAS, names, [row[i] for i in where])
        for join, key, make_it in related:
            made._state.fields_cache[join] = None if row[key] is None else make_it(row)
        for name, i in others:
            setattr(made, name, row[i])
        return made

    return make


def _joined(model: type[Model], join: str, places: dict[str, int]) -> tuple[int, Maker]:
    """Where the key of a joined row stands, and what makes that row."""
    other: Any = model._meta.get_field(join).related_model
    own = {name.removeprefix(f"{join}__"): i for name, i in places.items() if name.startswith(f"{join}__")}
    return own[other._meta.pk.attname], maker(other, own)
