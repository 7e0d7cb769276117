"""A replica for real: asked when it has everything, left out while it lags or is gone (`core.replica`)."""

import os
import shutil
import subprocess
import sys
import time

import psycopg
import pytest
from django.conf import settings
from django.db import ConnectionHandler

from core import replica
from devservices.postgres import Cluster, binaries, stop_server
from devservices.processes import as_user
from devservices.state import DATABASE, USER, free_port
from regions.models import Area

PASSWORD = "of-the-replica"


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """A primary and its replica: their addresses, and what ends the replica."""
    folder = tmp_path_factory.mktemp("replica")
    for place in (folder, *(above for above in folder.parents if "pytest" in str(above))):
        place.chmod(0o755)
    first, second = (Cluster(folder / name, folder / f"{name}.log") for name in ("primary", "standby"))
    first.make(PASSWORD)
    with (first.folder / "pg_hba.conf").open("a") as entry:
        entry.write("host replication all 127.0.0.1/32 scram-sha-256\n")
    ports = free_port(), free_port()
    running = [first.start(ports[0])]
    try:
        _copy(first, second, ports[0])
        running.append(second.start(ports[1]))
        yield [_address(port) for port in ports], lambda: stop_server(running.pop())
    finally:
        for server in reversed(running):
            stop_server(server)


def _address(port):
    return {"HOST": "127.0.0.1", "PORT": port, "NAME": DATABASE, "USER": USER, "PASSWORD": PASSWORD}


def _copy(first, second, port):
    """By pg_basebackup, which writes down where the replica follows."""
    owner = first.folder.stat()
    second.folder.mkdir(0o700)
    shutil.chown(second.folder, owner.st_uid, owner.st_gid)
    subprocess.run(
        [binaries(owner.st_uid) / "pg_basebackup", "-h", "127.0.0.1", "-p", str(port), "-U", USER, "-D", ".", "-R", "-c", "fast"],
        cwd=second.folder, env={"PGPASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}, check=True, timeout=60, **as_user(owner.st_uid),
    )  # fmt: skip


@pytest.fixture
def pair(servers, monkeypatch, django_db_blocker):
    """Django's two databases are these; a line to each, as its administrator, and what ends the replica."""
    addresses, end = servers
    own = {**settings.DATABASES["default"], "OPTIONS": {"connect_timeout": 2}}
    ours = {name: {**own, **at} for name, at in zip(("default", "replica"), addresses, strict=True)}
    monkeypatch.setattr(replica, "connections", ConnectionHandler(ours))
    monkeypatch.setattr(replica, "connection", replica.connections["default"])
    monkeypatch.setitem(settings.DATABASES, "replica", ours["replica"])
    monkeypatch.setattr(replica._Rest, "until", 0.0)
    with django_db_blocker.unblock(), _line(addresses[0]) as primary, _line(addresses[1]) as standby:
        yield primary, standby, end
        for each in replica.connections.all():
            each.close()


def _line(at):
    login = {
        "host": at["HOST"],
        "port": at["PORT"],
        "dbname": at["NAME"],
        "user": at["USER"],
        "password": at["PASSWORD"],
    }
    return psycopg.connect(**login, autocommit=True)


def read_from():
    with replica.reading():
        return replica.Router().db_for_read(Area) or "default"


def eventually(what):
    until = time.monotonic() + 15
    while read_from() != what:
        assert time.monotonic() < until, f"never read from {what}"
        time.sleep(0.02)


def test_it_is_asked_when_it_has_everything_and_left_out_while_it_lags_or_is_gone(pair):
    primary, standby, end = pair

    primary.execute("CREATE TABLE IF NOT EXISTS written (id int)")
    eventually("replica")
    standby.execute("SELECT pg_wal_replay_pause()")
    primary.execute("INSERT INTO written VALUES (1)")
    lagging = [read_from() for _turn in range(5)]
    standby.execute("SELECT pg_wal_replay_resume()")
    eventually("replica")
    end()
    gone = read_from()

    assert lagging == ["default"] * 5
    assert gone == "default"
    assert replica._Rest.until > time.monotonic()
    assert read_from() == "default"


def test_what_was_read_there_is_followed_and_written_where_it_is_written():
    row = Area()
    row._state.db = "replica"
    router = replica.Router()

    assert router.db_for_read(Area, instance=row) == router.db_for_write(Area, instance=row) == "default"
    assert (router.db_for_read(Area), router.db_for_write(Area)) == (None, None)
    assert (router.allow_migrate("replica", "regions"), router.allow_migrate("default", "regions")) == (False, None)


def test_without_the_setting_everything_is_read_where_it_is_written(db):
    assert read_from() == "default"


def test_the_setting_makes_a_connection_of_its_own():
    asked = "from django.conf import settings as s; print(s.DATABASES['replica']['HOST'], s.DATABASE_ROUTERS, s.DATABASES['default']['HOST'])"
    given = {"DATABASE_URL": "postgresql://a:b@one:5432/c", "DATABASE_REPLICA_URL": "postgresql://a:b@two:5432/c"}
    said = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", asked],
        env={**os.environ, **given}, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert said.stdout.split() == ["two", "['core.replica.Router']", "one"]
