"""Statements that are kept are planned once for a connection, whatever their values; all others are planned for the values they have.

Django binds values in the text or at the server, for all statements alike. In the text each is planned anew, which for a short read is
most of what it costs the database. At the server, plans for all values miss the indexes of some rows (partial ones) wherever a
condition is a parameter. So what is written once for a process (`core.prepared`) is `Kept`, with what never differs in its text.
"""

from __future__ import annotations

import select
from functools import cache, cached_property
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg._preparing import Prepare, PrepareManager
from psycopg._queries import PostgresQuery, _query2pg_nocache
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import TimestamptzLoader

MOST = 500
"""How many statements a connection keeps: all there are, with room (of the library's 100 they would push each other out)."""


class Kept(str):
    """A statement that connections keep with its plan, where they may (`DATABASE_PREPARED`).

    What somebody puts something of their own before (pghistory, pgtrigger) is an ordinary text again.
    """

    def __radd__(self, before: str) -> str:
        """Nothing put before it, as pghistory puts before what only reads, leaves it what it is."""
        return before + str(self) if before else self

    @cached_property
    def parsed(self) -> Any:
        """As PostgreSQL reads it, with where its values stand: found out once, whatever its length."""
        return _query2pg_nocache(self.encode(), "utf-8")


class Query(PostgresQuery):
    """What is kept is not read again for each of its values."""

    __slots__ = ()

    def convert(self, query: Any, vars: Any) -> None:
        if not isinstance(query, Kept) or vars is None:
            super().convert(query, vars)
            return
        self.query, self._want_formats, self._order, self._parts = query.parsed
        self.dump(vars)


class Cursor(base.CursorMixin, psycopg.Cursor[Any]):
    """Binds the values of what is kept at the server, all others in the text."""

    _query_cls = Query

    def execute(self, query: Any, params: Any = None) -> Any:  # type: ignore[override]
        if isinstance(query, Kept) and self.connection.prepare_threshold is not None:
            return super().execute(query, params, prepare=True)
        text = query if params is None else psycopg.ClientCursor(self.connection).mogrify(query, params)
        return super().execute(text, prepare=False)


class Plans(PrepareManager):
    """The statements that a connection keeps. psycopg gives them up at each ROLLBACK, with which every refusal and lost race ends.

    It fears for tables that came and went in it; PostgreSQL itself plans anew where a table was changed.
    """

    def clear(self) -> bool:
        return False

    def maybe_add_to_cache(self, query: Any, prep: Prepare, name: bytes) -> Any:
        """What is not kept is not counted."""
        return None if prep is Prepare.NO else super().maybe_add_to_cache(query, prep, name)


class Operations(DatabaseOperations):
    """Says what a statement was, wherever its values were bound."""

    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> Any:
        return self.compose_sql(sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """See the module."""

    ops_class = Operations

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        return {**params, "cursor_factory": Cursor, "context": _reading(params["context"])}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        plans = Plans()
        plans.prepare_threshold, plans.prepared_max = connection.prepare_threshold, MOST
        connection._prepared = plans
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """Without Django's look whether moments are read in the zone it wants (`_reading`)."""
        if name is None:
            return self.connection.cursor()
        server_side: Any = base.ServerSideCursor
        return server_side(self.connection, name=name, scrollable=False, withhold=self.connection.autocommit)

    def is_usable(self) -> bool:
        """Whether the server is still there: asked after an error, or when it has said something unasked, as it does before it goes."""
        ear = select.poll()
        try:
            ear.register(self.connection, select.POLLIN)
        except (ValueError, self.Database.Error):
            return False
        quiet = not self.errors_occurred and not ear.poll(0)
        return quiet or super().is_usable()


@cache
def _reading(django: AdaptersMap) -> AdaptersMap:
    """How values are read: as Django does, but moments by the library's compiled way, a sixth of what Django's takes in Python.

    It gives them the connection's zone, which is UTC: Django sees to that.
    """
    adapters = AdaptersMap(django)
    adapters.register_loader("timestamptz", TimestamptzLoader)
    return adapters
