"""Queries whose SQL is written once for a process.

Django writes the SQL of a QuerySet anew whenever it is asked, and finds out anew what its rows become, which for a short read
costs several times what the database does with it. What every request asks is therefore prepared:

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

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from inspect import getattr_static, signature
from operator import itemgetter
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.models import Expression, Field, ForeignObject, Lookup, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesIterable, ValuesListIterable
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init
from django.db.models.sql import UpdateQuery

from core.postgresql.base import Kept

Row = TypeVar("Row")
Given = ParamSpec("Given")
Columns = Sequence[Any]
Make = Callable[[Columns], Any]
Convert = Callable[[list[Columns], Any], list[Columns]]


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


class _Written(NamedTuple):
    """A query's SQL, the names of its values, and what is made of its rows."""

    sql: Kept
    names: tuple[str, ...]
    convert: Convert
    make: Make

    @property
    def counted(self) -> Kept:
        return Kept(f"SELECT count(*) FROM ({self.sql}) AS prepared")  # noqa: S608


class PreparedQuery(Generic[Row]):
    """A query to call: `query` makes its QuerySet, when it is first asked (the models are ready then)."""

    def __init__(self, query: Callable[[], QuerySet[Any, Row]]) -> None:
        self._make_query = query

    @cached_property
    def _query(self) -> QuerySet[Any, Row]:
        return self._make_query()

    @cached_property
    def _written(self) -> _Written | None:
        """None: nothing can be found."""
        compiler = self._query.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            return None
        return _Written(*_text(sql, values), _converter(compiler), _maker(self._query, compiler))

    def __call__(self, **params: Any) -> list[Row]:
        """The rows for these values."""
        written = self._written
        if written is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(written.sql, [params[name] for name in written.names])
            found = cursor.fetchall()
        return [written.make(columns) for columns in written.convert(found, connection)]

    def count(self, **params: Any) -> int:
        """How many rows there are for these values."""
        written = self._written
        if written is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(written.counted, [params[name] for name in written.names])
            return int(cursor.fetchone()[0])

    def first(self, **params: Any) -> Row | None:
        """The first row for these values; None without one."""
        return next(iter(self(**params)), None)


class PreparedCounts:
    """How many rows several queries have, in one statement: `rows` makes a QuerySet for each name, when it is first asked."""

    def __init__(self, rows: Callable[[], Mapping[str, QuerySet[Any, Any]]]) -> None:
        self._rows = rows

    @cached_property
    def _written(self) -> tuple[list[str], Kept, list[str]]:
        counted = {name: rows for name, rows in self._rows().items() if not rows.query.is_empty()}
        written = [_text(*rows.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()) for rows in counted.values()]
        counts = ", ".join(f"(SELECT count(*) FROM ({sql}) AS counted)" for sql, _names in written)  # noqa: S608
        return [*counted], Kept(f"SELECT {counts}"), [name for _sql, names in written for name in names]

    def __call__(self, **params: Any) -> dict[str, int]:
        """The counts for these values, by name; what has no rows by its roles has no count."""
        counted, sql, names = self._written
        if not counted:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(sql, [params[name] for name in names])
            return dict(zip(counted, cursor.fetchone(), strict=True))


def _text(sql: str, values: Iterable[Any]) -> tuple[Kept, tuple[str, ...]]:
    """The SQL with what never differs written into it, and the names of what does, in its order.

    So a plan that is kept knows the former, and an index of some rows alone (a partial one) can be used.
    """
    names = tuple(value.name for value in values if isinstance(value, Param))
    literals = ("%s" if isinstance(value, Param) else _literal(value) for value in values)
    return Kept(sql.replace("%%", "%%%%") % tuple(literals)), names


def _literal(value: Any) -> str:
    value = value.value if isinstance(value, Enum) else value
    text: str = mogrify("%s", [value], connection)
    return text.replace("%", "%%")


class PreparedUpdate:
    """An update to call: `rows` makes the QuerySet of what is updated, `values` are constants, `Param`s or expressions."""

    def __init__(self, rows: Callable[[], QuerySet[Any, Any]], **values: Any) -> None:
        self._rows, self._values = rows, values

    @cached_property
    def _written(self) -> tuple[Kept, tuple[str, ...]]:
        query: Any = self._rows().query.chain(UpdateQuery)
        query.add_update_values(self._values)
        return _text(*query.get_compiler(DEFAULT_DB_ALIAS).as_sql())

    def __call__(self, **params: Any) -> int:
        """Update for these values; how many rows were."""
        sql, names = self._written
        with connection.cursor() as cursor:
            cursor.execute(sql, [params[name] for name in names])
            return int(cursor.rowcount)


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


# What the rows become: the same as the QuerySet would make of them. Django finds out anew at each query which columns are converted
# and which make up which instance, and fills an instance field by field; for a short read that costs more than the database does.
# Here it is found out once for a process, and an instance gets its columns at once. What a model or a field does of its own when it
# is made (`from_db`, `__init__`, a signal, a descriptor) is left to Django.


def _maker(rows: QuerySet[Any, Any], compiler: Any) -> Make:
    """What makes one of these rows of its columns. The compiler has written the query. TypeError: not a kind of rows known here."""
    kind = rows._iterable_class
    if rows._prefetch_related_lookups:  # type: ignore[attr-defined]
        raise TypeError("a prepared query reads its related rows by select_related")
    if compiler.has_extra_select:
        raise TypeError("a prepared query of distinct rows is ordered by what it reads")
    if kind is ModelIterable:
        return _with_annotations(_Instance(compiler.klass_info, compiler.select), compiler.annotation_col_map)
    if kind is FlatValuesListIterable:
        return itemgetter(0)
    if kind is ValuesListIterable:
        return tuple
    if kind is ValuesIterable:
        names = [*compiler.query.selected]
        return lambda columns: dict(zip(names, columns, strict=True))
    raise TypeError(f"{kind.__name__} of a prepared query")


def _converter(compiler: Any) -> Convert:
    """What makes values of the columns that fields read in their own way, by the connection they came from."""
    converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
    if not converters:
        return lambda rows, _connection: rows
    steps = [(at, step, expression) for at, (chain, expression) in converters.items() for step in chain]

    def convert(rows: list[Columns], connection: Any) -> list[Columns]:
        converted: list[Any] = [[*columns] for columns in rows]
        for at, step, expression in steps:
            for columns in converted:
                columns[at] = step(columns[at], expression, connection)
        return converted

    return convert


class _Instance:
    """Makes an instance of a model, and of what it was joined with, of some of a row's columns."""

    def __init__(self, info: dict[str, Any], select: Any) -> None:
        self.model: type[Model] = info["model"]
        names = {select[at][0].target.attname: at for at in info["select_fields"]}
        if info.get("from_parent"):  # what the parent read before is the child's too: in the model's own order
            names = {name: names[name] for name in _attnames(self.model) if name in names}
        self.key = names[self.model._meta.pk_fields[0].attname]
        self.fill = _filled(self.model, names)
        self.related = [
            (_Instance(each, select), each["local_setter"], each["remote_setter"])
            for each in info.get("related_klass_infos", [])
        ]

    def __call__(self, columns: Columns) -> Any:
        made = self.fill(columns)
        for related, give, give_back in self.related:
            other = None if columns[related.key] is None else related(columns)
            give(made, other)
            if other is not None:
                give_back(other, made)
        return made


def _filled(model: type[Model], names: dict[str, int]) -> Make:
    """What makes an instance of the columns at these places; of the others, it knows that it has not read them."""
    known, places = [*names], [*names.values()]
    straight = places == [*range(places[0], places[0] + len(places))]
    pick: Make = itemgetter(slice(places[0], places[-1] + 1) if straight else slice(None))
    if not straight:
        pick = itemgetter(*places) if len(places) > 1 else lambda columns: (columns[places[0]],)
    if not _plain(model, known):
        return lambda columns: model.from_db(DEFAULT_DB_ALIAS, known, pick(columns))
    new = object.__new__

    def fill(columns: Columns) -> Any:
        made: Any = new(model)
        state = made._state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        made.__dict__.update(zip(known, pick(columns), strict=True))
        return made

    return fill


def _plain(model: type[Model], names: Sequence[str]) -> bool:
    """Whether Django would do nothing but put these columns into an instance's dictionary."""
    return (
        getattr_static(model, "from_db") is getattr_static(Model, "from_db")
        and model.__init__ is Model.__init__
        and not any(signal.has_listeners(model) for signal in (pre_init, post_init))
        and all(isinstance(getattr_static(model, name), DeferredAttribute) for name in names)
    )


def _attnames(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _with_annotations(instance: Make, annotations: dict[str, int]) -> Make:
    if not annotations:
        return instance

    def make(columns: Columns) -> Any:
        made = instance(columns)
        for name, at in annotations.items():
            setattr(made, name, columns[at])
        return made

    return make
