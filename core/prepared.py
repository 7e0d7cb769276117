"""Queries whose SQL is written once for a process.

Django writes the SQL of a QuerySet anew whenever it is asked, which for a short read costs several times what the database
does with it. What every request asks is therefore prepared:

    _CITIES = PreparedQuery[Area](lambda: Area.objects.filter(parent=Param("province")).order_by("code"))
    cities = _CITIES(province="510000")

It stands beside its model, private; a method of the model or of its manager asks it, and has names and types to call.
Where the function that makes the QuerySet has all of that itself, it is the query:

    @prepared
    def cities_of(*, province: str) -> QuerySet[Area]:
        return Area.objects.filter(parent=province).order_by("code")

    cities = cities_of(province="510000")

The rules stay in the QuerySet, which is an ordinary one with `Param(name)` for what differs between calls: the caller, the
day. A list of any length is `column__any=Param(name)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property
from inspect import signature
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import connection
from django.db.models import Expression, Field, ForeignObject, Lookup, QuerySet

Row = TypeVar("Row")
Given = ParamSpec("Given")


class Param(Expression):
    """Stands in a prepared query for a value that is given at each call."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


@Field.register_lookup
@ForeignObject.register_lookup
class AnyOf(Lookup):
    """`column__any=[…]`: among these, whose number does not change the statement (as that of `__in` does)."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, of_column = self.process_lhs(compiler, connection)
        sql, values = compiler.compile(self.rhs) if isinstance(self.rhs, Param) else ("%s", [list(self.rhs)])
        return f"{column} = ANY({sql})", [*of_column, *values]


class PreparedQuery(Generic[Row]):
    """A query to call: `rows` makes its QuerySet, when it is first asked (the models are ready then)."""

    def __init__(self, rows: Callable[[], QuerySet[Any, Row]]) -> None:
        self._rows = rows

    @cached_property
    def _query(self) -> QuerySet[Any, Row]:
        return self._rows()

    @cached_property
    def _written(self) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self._query.query.get_compiler(self._query.db)
        sql, values = compiler.as_sql()
        return compiler, sql, tuple(values)

    def __call__(self, **params: Any) -> list[Row]:
        """The rows for these values."""
        if self._query.query.is_empty():
            return []
        compiler, sql, values = self._written
        bound = _bound(values, params)
        once = copy(compiler)  # a compiler belongs to one connection, and that to one thread
        once.connection = connection
        once.as_sql = lambda: (sql, bound)
        rows = self._query.all()
        rows.query.get_compiler = lambda *_args, **_kwargs: once  # type: ignore[method-assign]
        return list(rows)

    def count(self, **params: Any) -> int:
        """How many rows there are for these values."""
        if self._query.query.is_empty():
            return 0
        _compiler, sql, values = self._written
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({sql}) AS prepared", _bound(values, params))  # noqa: S608
            return int(cursor.fetchone()[0])

    def first(self, **params: Any) -> Row | None:
        """The first row for these values; None without one."""
        return next(iter(self(**params)), None)


class PreparedCounts:
    """How many rows several queries have, in one statement: `rows` makes a QuerySet for each name, when it is first asked."""

    def __init__(self, rows: Callable[[], Mapping[str, QuerySet[Any, Any]]]) -> None:
        self._rows = rows

    @cached_property
    def _written(self) -> tuple[list[str], str, tuple[Any, ...]]:
        counted = {name: rows for name, rows in self._rows().items() if not rows.query.is_empty()}
        written = [rows.query.get_compiler(rows.db).as_sql() for rows in counted.values()]
        counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS counted)" for sql, _values in written)  # noqa: S608
        return [*counted], f"SELECT {counts}", tuple(value for _sql, values in written for value in values)

    def __call__(self, **params: Any) -> dict[str, int]:
        """The counts for these values, by name; what has no rows by its roles has no count."""
        names, sql, values = self._written
        if not names:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(sql, _bound(values, params))
            return dict(zip(names, cursor.fetchone(), strict=True))


def _bound(values: tuple[Any, ...], params: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(params[value.name] if isinstance(value, Param) else value for value in values)


class Prepared(Generic[Given, Row]):
    """A query to call by keyword, with the signature of the function that makes its QuerySet (of a `Param` for each)."""

    def __init__(self, rows: Callable[Given, QuerySet[Any, Row]]) -> None:
        self.__doc__ = rows.__doc__
        params: dict[str, Any] = {name: Param(name) for name in signature(rows).parameters}
        self._query = PreparedQuery[Row](lambda: rows(**params))  # type: ignore[call-arg]

    def __call__(self, *_args: Given.args, **given: Given.kwargs) -> list[Row]:
        """The rows for these values."""
        return self._query(**given)

    def first(self, *_args: Given.args, **given: Given.kwargs) -> Row | None:
        """The first row for these values; None without one."""
        return next(iter(self._query(**given)), None)


def prepared(rows: Callable[Given, QuerySet[Any, Row]]) -> Prepared[Given, Row]:
    """Prepare the query that a function makes: it is written once, with what is given at each call left open."""
    return Prepared(rows)
