"""The tests' database is migrated once in a run, by a process of its own while tests are collected; every worker copies it.

What is missing in the copy, should that process have failed, the worker's own `migrate` adds, or says why it cannot.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parent.parent


def _log() -> Path:
    """Where `migrate` writes; it holds the lock of this file as long as it runs. The same for all workers."""
    return Path(os.environ["DATA_DIR"]).parent / "template.log"


def _name() -> str:
    return f"test_{urlsplit(os.environ['DATABASE_URL']).path.strip('/')}_template"


def _on_the_server(*statements: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        for statement in statements:
            server.execute(SQL(statement).format(Identifier(_name())))


def begin() -> subprocess.Popen[bytes]:
    """Start migrating an empty database."""
    _on_the_server("DROP DATABASE IF EXISTS {} WITH (FORCE)", "CREATE DATABASE {}")
    where = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{_name()}").geturl()
    with _log().open("wb") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        return subprocess.Popen(
            [sys.executable, "manage.py", "migrate"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": where},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def ready() -> str:
    """The database to copy, as soon as nobody writes to it."""
    with _log().open("rb") as log:
        fcntl.flock(log, fcntl.LOCK_SH)
    return _name()


def end(migrating: subprocess.Popen[bytes]) -> None:
    """Leave nothing behind, on whoever's server."""
    migrating.terminate()
    migrating.wait()
    _on_the_server("DROP DATABASE IF EXISTS {} WITH (FORCE)")
