"""What is deleted when its time is over: said once, for what deletes it and for the database, which lets nothing else be deleted.

`SIGN_INS = Retention(SignIn, lambda now: Q(at__lt=now - KEPT))` beside the table's subject, `SIGN_INS.purge()` in the background.
Where `DATABASE_PURGE_URL` names a role for it, that role may do this and nothing else (`core.grants`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.functions import Now
from django.utils import timezone

PURGE = "purge"


@dataclass(frozen=True)
class Retention:
    """The rows of a table that are over at a moment of machine time. Making one puts it on the list."""

    model: Any
    over: Callable[[Any], models.Q]

    def __post_init__(self) -> None:
        retentions.append(self)

    def purge(self) -> int:
        """Delete what is over; return how many rows."""
        rows = self.model._base_manager.using(alias()).filter(self.over(timezone.now()))
        return int(rows._raw_delete(rows.db))  # in one statement, which reads nothing else

    def condition(self) -> str:
        """The same in SQL, by the database's own clock."""
        query = self.model._base_manager.filter(self.over(Now())).query
        connection: Any = connections[DEFAULT_DB_ALIAS]
        compiler = query.get_compiler(connection=connection)
        compiler.pre_sql_setup()
        return str(connection.ops.compose_sql(*compiler.compile(query.where)))


retentions: list[Retention] = []


def alias() -> str:
    """The connection of whoever deletes: the purge's own where the environment names one."""
    return PURGE if PURGE in connections else DEFAULT_DB_ALIAS
