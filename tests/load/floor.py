"""The floor: what an operation costs at least. A bare view sends the statements of a real request and returns its bytes.

Real requests are recorded in this process, with what each says to the database. The bare server (tests/load/bare_settings.py) says the same
over a connection of psycopg, prepared, to a copy of the database made before the recording: so each writes what it wrote then, once.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import re_path

from core.postgresql.base import MOST, Kept
from tests.load.generator import PORT, Ask

HEADER = "X-Floor"
TRANSACTION = ("_set_autocommit", "_commit", "_rollback")
_here = threading.local()


class Recorded(NamedTuple):
    """What one request said to the database, in order, and what was answered."""

    said: list[tuple[str, Any]]
    status: int
    kind: str
    body: bytes

    @property
    def statements(self) -> int:
        """With those that begin and end transactions."""
        return sum(name == "execute" for name, _given in self.said) + 2 * sum(
            name == "_commit" for name, _given in self.said
        )


def record(asks: Sequence[Ask]) -> list[Recorded]:
    """Do these requests, in this process, and write down what each said."""
    return [_recorded(ask) for ask in asks]


def _recorded(ask: Ask) -> Recorded:
    with _listening() as said:
        answer, body = asked(ask)
    return Recorded(said, answer.status_code, answer.headers.get("Content-Type", ""), body)


def asked(ask: Ask) -> tuple[Any, bytes]:
    """Ask it of ourselves, in this process; the answer and its body. A refusal ends everything: nothing refused is measured."""
    headers = {name: value.replace(PORT, str(settings.PORT)) for name, value in ask.headers.items()}
    kind = headers.pop("Content-Type", "application/octet-stream")
    client = _client()
    client.cookies.clear()
    answer = client.generic(ask.method, ask.path, ask.body, content_type=kind, headers={"Host": "127.0.0.1", **headers})
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if answer.status_code >= 400:
        raise SystemExit(f"{ask.method} {ask.path} is refused: {answer.status_code} {body.decode()[:500]}")
    return answer, body


@cache
def _client() -> Client:
    """One for all: it loads the middleware, which takes longer than a request."""
    return Client()


@contextmanager
def _listening() -> Iterator[list[tuple[str, Any]]]:
    said: list[tuple[str, Any]] = []

    def heard(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        kept = isinstance(sql, Kept)
        said.extend(("execute", (str(sql), each, kept)) for each in (params if many else [params]))
        return execute(sql, params, many, context)

    def of_transaction(name: str) -> Any:
        act = getattr(connection, name)

        def heard(*given: Any) -> Any:
            said.append((name, given))
            return act(*given)

        return patch.object(connection, name, heard)

    with connection.execute_wrapper(heard), of_transaction(TRANSACTION[0]), of_transaction(TRANSACTION[1]):
        yield said


def keep(recorded: dict[str, list[Recorded]], file: Path) -> None:
    """Write it down for the bare server."""
    file.write_bytes(pickle.dumps(recorded))


def again(request: HttpRequest) -> HttpResponse:
    """Say what was said, answer what was answered; what is asked for is named by the header `HEADER`."""
    request.body  # noqa: B018 - read as any view reads it
    operation, at = request.headers[HEADER].split("/")
    recorded, database = _kept()[operation][int(at)], _database()
    try:
        _say(recorded.said, database)
    except psycopg.Error:  # the next one finds the connection as this one did
        database.rollback()
        database.autocommit = True
        raise
    return HttpResponse(recorded.body, status=recorded.status, content_type=recorded.kind)


def _say(said: list[tuple[str, Any]], database: Any) -> None:
    for name, given in said:
        if name == "execute":
            sql, params, kept = given
            cursor = (
                database.execute(sql, params, prepare=True)
                if kept
                else psycopg.ClientCursor(database).execute(sql, params)
            )
            if cursor.description:
                cursor.fetchall()
        elif name == "_set_autocommit":
            database.autocommit = given[0]
        else:
            database.commit()


def _database() -> Any:
    """This thread's connection: as ours are opened, so that what is kept is planned as ours is, and as much of it kept."""
    if not hasattr(_here, "database"):
        login = settings.DATABASES["default"]
        _here.database = psycopg.connect(
            dbname=settings.FLOOR_DATABASE, user=login["USER"], password=login["PASSWORD"], host=login["HOST"], port=login["PORT"],
            options=login["OPTIONS"].get("options", ""), autocommit=True,
        )  # fmt: skip
        _here.database.prepared_max = MOST
    return _here.database


def _kept() -> dict[str, list[Recorded]]:
    """What was recorded; read once for a process, anew when there is something new."""
    file = Path(settings.FLOOR_FILE)
    if getattr(_kept, "of", None) != (changed := file.stat().st_mtime_ns):
        _kept.said, _kept.of = pickle.loads(file.read_bytes()), changed  # type: ignore[attr-defined]
    return _kept.said  # type: ignore[attr-defined, no-any-return]


urlpatterns = [re_path("", again)]
"""Asked at the addresses of the real requests: what is read before any view is limited by the address."""
