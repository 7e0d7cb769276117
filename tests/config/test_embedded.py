"""The embedded PostgreSQL and Redis, for real: each test runs servers of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from config.embedded import Lease, Unavailable, keeper_runs, redis_server, take
from config.embedded.leases import ROOT
from config.embedded.postgres import Cluster
from config.embedded.state import POSTGRES, REDIS, VARIABLES, Lock, is_free, load

BOTH = (POSTGRES, REDIS)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database was made and used before."""
    folder = tmp_path_factory.mktemp("made") / "data"
    lease = take(folder, BOTH)
    query(lease, "CREATE TABLE kept AS SELECT '异地就医' AS word")
    lease.release()
    return folder


@pytest.fixture
def folder(tmp_path: Path, made_once: Path) -> Path:
    """A data folder in use for some time; its parents are closed to everybody but us, as pytest makes them."""
    subprocess.run(["cp", "-a", made_once, tmp_path / "data"], check=True)
    return tmp_path / "data"


@pytest.fixture
def no_folder(tmp_path: Path) -> Path:
    """Where the data folder will be."""
    return tmp_path / "data"


@pytest.fixture
def lend(tmp_path: Path) -> Iterator[Callable[..., Lease]]:
    """Takes leases on the test's data folder, and lets go of those still held when the test ends."""
    taken: list[Lease] = []

    def lend(*names: str, **options: bool) -> Lease:
        taken.append(take(tmp_path / "data", names or BOTH, **options))
        return taken[-1]

    yield lend
    for lease in taken:
        lease.release()


def query(lease: Lease, sql: str) -> list[tuple]:
    with psycopg.connect(lease.environment["DATABASE_URL"], autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def passwords_in(lease: Lease) -> dict[str, str | None]:
    return {name: urlsplit(lease.environment[variable]).password for name, variable in VARIABLES.items()}


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def our_children() -> list[str]:
    """Their command lines; that of one which ended and was not collected is empty."""
    numbers = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [Path(f"/proc/{number}/cmdline").read_text() for number in numbers]


def server_of(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_both_answer_and_data_survive_a_restart(folder, lend):
    first = lend()
    query(first, "INSERT INTO kept VALUES ('备案')")
    assert redis.from_url(first.environment["REDIS_URL"]).ping()
    first.release()
    assert not keeper_runs(folder)

    second = lend()

    assert query(second, "SELECT word, upper('é') FROM kept") == [("异地就医", "É"), ("备案", "É")]
    assert load(folder).passwords == passwords_in(first) == passwords_in(second)


def test_last_holder_ends_the_services(folder, lend):
    first, second = lend(), lend()
    ports = load(folder).ports

    second.release()
    assert query(first, "SELECT 1") == [(1,)]
    first.release()

    assert not keeper_runs(folder)
    assert [command for command in our_children() if str(folder) in command or not command] == []
    assert all(is_free(port) for port in ports.values())
    assert load(folder).running == []


def test_holder_killed_outright_leaves_nothing_running(no_folder):
    held = "import sys, pathlib, config.embedded as e; l = e.take(pathlib.Path(sys.argv[1]), ['redis']); print('up', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", held, str(no_folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"up\n"
        port = load(no_folder).ports[REDIS]
        assert not is_free(port)
        holder.kill()

    assert eventually(lambda: not keeper_runs(no_folder))
    assert is_free(port)


def test_keeper_killed_outright_takes_the_server_with_it_and_the_next_start_recovers(folder, lend):
    lend(POSTGRES)
    server = server_of(folder)
    keeper = int(Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[1])

    os.kill(keeper, signal.SIGKILL)

    assert eventually(lambda: not keeper_runs(folder))
    assert query(lend(POSTGRES), "SELECT word FROM kept") == [("异地就医",)]
    assert server_of(folder) != server


def test_server_that_dies_is_started_again(folder, lend):
    lease = lend(POSTGRES)
    server = server_of(folder)

    os.kill(server, signal.SIGKILL)

    assert eventually(lambda: (folder / "postgres/postmaster.pid").exists() and server_of(folder) != server)
    assert eventually(lambda: _answers(lease))
    assert query(lease, "SELECT word FROM kept") == [("异地就医",)]


def _answers(lease: Lease) -> bool:
    try:
        return query(lease, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def test_start_killed_halfway_is_made_anew(no_folder, lend):
    unfinished = no_folder / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    assert query(lend(POSTGRES), "SELECT 1") == [(1,)]
    assert not unfinished.exists()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"base": "somebody's data"}, "not a whole PostgreSQL database"),
        ({"PG_VERSION": "18\n"}, "not a whole PostgreSQL database"),
        ({"PG_VERSION": "15\n", "global/pg_control": "x"}, "made by PostgreSQL 15, this is 18"),
    ],
)
def test_folder_that_is_no_database_of_ours_is_refused_and_left_alone(no_folder, lend, files, sentence):
    for name, text in files.items():
        file = no_folder / "postgres" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    with pytest.raises(Unavailable, match=sentence):
        lend(POSTGRES)

    assert {name: (no_folder / "postgres" / name).read_text() for name in files} == files
    assert not keeper_runs(no_folder)


def test_taken_port_is_given_way_to(folder, lend):
    lend().release()
    before = load(folder).ports

    with socket.socket() as one, socket.socket() as other:
        for rival, port in zip((one, other), before.values(), strict=True):
            rival.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            rival.bind(("127.0.0.1", port))
            rival.listen()
        second = lend()

        assert not set(load(folder).ports.values()) & set(before.values())
        assert query(second, "SELECT word FROM kept") == [("异地就医",)]


def test_forgotten_password_is_set_anew(folder, lend):
    known = load(folder).passwords[POSTGRES]
    (folder / "services.json").unlink()

    lease = lend(POSTGRES)

    assert query(lease, "SELECT word FROM kept") == [("异地就医",)]
    assert load(folder).passwords[POSTGRES] != known


def test_pid_file_of_a_process_that_is_not_ours_does_not_keep_the_server_down(folder, lend):
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n/proc/self/cwd\n0\n5432\n\n127.0.0.1\n")

    assert query(lend(POSTGRES), "SELECT 1") == [(1,)]


def test_nobody_gets_in_without_the_password_and_nobody_else_can_read_it(folder, lend):
    lend()
    ports = load(folder).ports

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://yidi@127.0.0.1:{ports[POSTGRES]}/yidi", connect_timeout=5)
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(f"redis://127.0.0.1:{ports[REDIS]}/0").ping()
    assert (folder / "services.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    secrets = load(folder).passwords.values()
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [secret for secret in secrets for command in commands if secret.encode() in command]


def test_very_long_path_works(tmp_path):
    folder = tmp_path.joinpath(*["很长的 path with spaces " * 3] * 6)
    lease = take(folder, BOTH)
    try:
        assert len(os.fsencode(folder)) > 500
        assert query(lease, "SELECT 1") == [(1,)]
    finally:
        lease.release()


def test_two_copies_run_side_by_side(tmp_path):
    first, second = take(tmp_path / "one", (REDIS,)), take(tmp_path / "two", (REDIS,))
    try:
        redis.from_url(first.environment["REDIS_URL"]).set("whose", "the first's")
        assert redis.from_url(second.environment["REDIS_URL"]).get("whose") is None
    finally:
        first.release()
        second.release()


def test_throwaway_folder_goes_with_its_last_lease(no_folder, lend):
    lend(REDIS, throwaway=True).release()

    assert not no_folder.exists()


def test_service_the_running_copy_was_told_to_find_elsewhere_is_not_started_behind_its_back(lend):
    lend(REDIS)

    with pytest.raises(Unavailable, match="started with DATABASE_URL set"):
        lend(POSTGRES)


def test_data_folder_that_cannot_be_made_gives_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Unavailable, match="cannot be used"):
        take(tmp_path / "file" / "data", BOTH)


def test_redis_older_than_the_queue_needs_is_passed_over(tmp_path, monkeypatch):
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=6.0.16 sha=0 bits=64'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert redis_server.program() != old


def test_half_written_memory_is_forgotten_not_fatal(no_folder, lend):
    no_folder.mkdir()
    (no_folder / "services.json").write_text('{"ports": {"redis"')

    assert redis.from_url(lend(REDIS).environment["REDIS_URL"]).ping()
    assert json.loads((no_folder / "services.json").read_text())["running"] == [REDIS]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
def test_root_runs_the_server_as_the_folders_owner_and_leaves_it_usable_to_them(tmp_path, lend, no_folder):
    no_folder.mkdir()
    shutil.chown(no_folder, 12345 if _has_user(12345) else "nobody")
    lend(POSTGRES)

    assert (no_folder / "postgres").stat().st_uid == no_folder.stat().st_uid
    assert Path(f"/proc/{server_of(no_folder)}").stat().st_uid == no_folder.stat().st_uid
    assert {path.stat().st_uid for path in no_folder.iterdir()} == {no_folder.stat().st_uid}


def _has_user(number: int) -> bool:
    return any(f":{number}:" in line for line in Path("/etc/passwd").read_text().splitlines())


def test_cluster_is_moved_into_place_only_when_whole(tmp_path, monkeypatch):
    cluster = Cluster(tmp_path / "postgres", tmp_path / "log")
    monkeypatch.setattr(Cluster, "_statements", _interrupt)

    with pytest.raises(KeyboardInterrupt):
        cluster.make("secret")

    assert not cluster.folder.exists()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_lock_is_held_alone_or_together(tmp_path):
    one, other = Lock(tmp_path, "x"), Lock(tmp_path, "x")
    one.shared()
    assert other.try_shared()
    assert not one.try_exclusive()
    other.release()
    assert one.try_exclusive()
    one.release()
