"""Connections that stay: their prepared statements outlive a ROLLBACK, and a request does not first ask whether they work.

Values are bound in the text, Django's usual way, and planned for. What is prepared (`core.prepared`) is planned once for a connection,
whatever its values: for a short read, planning is most of what it costs the database. Were everything bound at the server, the plans
for all values would miss the indexes of some rows (partial ones) wherever a condition is a parameter.
"""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg._preparing import PrepareManager

KEPT = 500
"""How many statements a connection keeps: all there are, with room (of the library's 100 they would push each other out)."""


class Plans(PrepareManager):
    """The statements that a connection keeps. psycopg gives them up at each ROLLBACK, with which every refusal and lost race ends.

    It fears for tables that came and went in it; PostgreSQL itself plans anew where a table was changed.
    """

    def clear(self) -> bool:
        return False


class Operations(DatabaseOperations):
    """Says what a statement was, bound in either way."""

    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> Any:
        at_the_server = isinstance(cursor, base.ServerBindingCursor)
        return self.compose_sql(sql, params) if at_the_server else super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """See the module."""

    ops_class = Operations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        plans = Plans()
        plans.prepare_threshold, plans.prepared_max = connection.prepare_threshold, KEPT
        connection._prepared = plans
        return connection

    def is_usable(self) -> bool:
        """Whether the server is still there: asked after an error, or when it has said something unasked, as it does before it goes."""
        ear = select.poll()
        try:
            ear.register(self.connection, select.POLLIN)
        except (ValueError, self.Database.Error):
            return False
        quiet = not self.errors_occurred and not ear.poll(0)
        return quiet or super().is_usable()
