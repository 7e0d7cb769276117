"""PostgreSQL and Redis in a data folder, for real: each test runs servers of its own."""

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

import psutil
import psycopg
import pytest
import redis

from devservices import redis_server
from devservices.postgres import Cluster, give_roles
from devservices.services import ROOT, Services, keeper_runs, running_services
from devservices.state import (
    APPLICATION,
    OWNER_URL,
    POSTGRES,
    PURGE,
    PURGE_URL,
    REDIS,
    VARIABLES,
    Lock,
    Unavailable,
    free_port,
    is_free,
    load,
)

BOTH = (POSTGRES, REDIS)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database was made and used before."""
    folder = tmp_path_factory.mktemp("made") / "data"
    services = running_services(folder, BOTH)
    query(services, "CREATE TABLE kept AS SELECT '异地就医' AS word")
    services.release()
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
def start(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    """Starts services of the test's data folder, and lets go of those still held when the test ends."""
    taken: list[Services] = []

    def start(*names: str, **options: bool) -> Services:
        taken.append(running_services(tmp_path / "data", names or BOTH, **options))
        return taken[-1]

    yield start
    for services in taken:
        services.release()


def query(services: Services, sql: str) -> list[tuple]:
    with psycopg.connect(services.environment[OWNER_URL], autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def passwords_in(services: Services) -> dict[str, str | None]:
    where = {POSTGRES: OWNER_URL, APPLICATION: VARIABLES[POSTGRES], PURGE: PURGE_URL, REDIS: VARIABLES[REDIS]}
    return {name: urlsplit(services.environment[variable]).password for name, variable in where.items()}


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def our_children() -> list[str]:
    """Their command lines; that of one which ended and was not collected is empty."""
    return [" ".join(command_of(child)) for child in psutil.Process().children()]


def command_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing of one that ended."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


def server_of(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_both_answer_and_data_survive_a_restart(folder, start):
    first = start()

    query(first, "INSERT INTO kept VALUES ('备案')")

    assert redis.from_url(first.environment["REDIS_URL"]).ping()

    first.release()

    assert not keeper_runs(folder)

    second = start()

    assert query(second, "SELECT word, upper('é') FROM kept") == [("异地就医", "É"), ("备案", "É")]
    assert load(folder).passwords == passwords_in(first) == passwords_in(second)


def test_last_holder_ends_the_services(folder, start):
    first, second = start(), start()
    ports = load(folder).ports

    second.release()

    assert query(first, "SELECT 1") == [(1,)]

    first.release()

    assert not keeper_runs(folder)
    assert [command for command in our_children() if str(folder) in command or not command] == []
    assert all(is_free(port) for port in ports.values())
    assert load(folder).running == []


def test_holder_killed_outright_leaves_nothing_running(no_folder):
    held = "import sys, pathlib; from devservices.services import running_services; l = running_services(pathlib.Path(sys.argv[1]), ['redis']); print('up', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", held, str(no_folder)]

    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"up\n"
        port = load(no_folder).ports[REDIS]
        assert not is_free(port)
        holder.kill()

    assert eventually(lambda: not keeper_runs(no_folder))
    assert is_free(port)


def test_keeper_killed_outright_takes_the_server_with_it_and_the_next_start_recovers(folder, start):
    start(POSTGRES)
    server = server_of(folder)

    psutil.Process(server).parent().kill()

    assert eventually(lambda: not keeper_runs(folder))
    assert query(start(POSTGRES), "SELECT word FROM kept") == [("异地就医",)]
    assert server_of(folder) != server


def test_server_that_dies_is_started_again(folder, start):
    services = start(POSTGRES)
    server = server_of(folder)

    os.kill(server, signal.SIGKILL)

    assert eventually(lambda: (folder / "postgres/postmaster.pid").exists() and server_of(folder) != server)
    assert eventually(lambda: _answers(services))
    assert query(services, "SELECT word FROM kept") == [("异地就医",)]


def _answers(services: Services) -> bool:
    try:
        return query(services, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def test_start_killed_halfway_is_made_anew(no_folder, start):
    unfinished = no_folder / "postgres.unfinished"
    unfinished.mkdir(parents=True)

    (unfinished / "PG_VERSION").write_text("18\n")

    assert query(start(POSTGRES), "SELECT 1") == [(1,)]
    assert not unfinished.exists()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"base": "somebody's data"}, "not a whole PostgreSQL database"),
        ({"PG_VERSION": "18\n"}, "not a whole PostgreSQL database"),
        ({"PG_VERSION": "15\n", "global/pg_control": "x"}, "made by PostgreSQL 15, this is 18"),
    ],
)
def test_folder_that_is_no_database_of_ours_is_refused_and_left_alone(no_folder, start, files, sentence):
    for name, text in files.items():
        file = no_folder / "postgres" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    with pytest.raises(Unavailable, match=sentence):
        start(POSTGRES)

    assert {name: (no_folder / "postgres" / name).read_text() for name in files} == files
    assert not keeper_runs(no_folder)


def test_taken_port_is_given_way_to(folder, start):
    start().release()
    before = load(folder).ports

    with socket.socket() as one, socket.socket() as other:
        for rival, port in zip((one, other), before.values(), strict=True):
            rival.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            rival.bind(("127.0.0.1", port))
            rival.listen()
        second = start()

        assert not set(load(folder).ports.values()) & set(before.values())
        assert query(second, "SELECT word FROM kept") == [("异地就医",)]


def test_forgotten_password_is_set_anew(folder, start):
    known = load(folder).passwords[POSTGRES]
    (folder / "services.json").unlink()

    services = start(POSTGRES)

    assert query(services, "SELECT word FROM kept") == [("异地就医",)]
    assert load(folder).passwords[POSTGRES] != known


def test_pid_file_of_a_process_that_is_not_ours_does_not_keep_the_server_down(folder, start):
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n/proc/self/cwd\n0\n5432\n\n127.0.0.1\n")

    assert query(start(POSTGRES), "SELECT 1") == [(1,)]


def test_a_folder_of_before_the_roles_gets_them_and_they_own_nothing(folder, start):
    first = start(POSTGRES)
    query(first, f"DROP ROLE {APPLICATION}")
    query(first, f"DROP ROLE {PURGE}")
    first.release()
    known = json.loads((folder / "services.json").read_text())
    known["passwords"] = {POSTGRES: known["passwords"][POSTGRES]}
    (folder / "services.json").write_text(json.dumps(known))

    services = start(POSTGRES)

    assert query(services, "SELECT word FROM kept") == [("异地就医",)]
    for variable, role in (("DATABASE_URL", APPLICATION), (PURGE_URL, PURGE)):
        with psycopg.connect(services.environment[variable], connect_timeout=5) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT word FROM kept")


def test_nobody_gets_in_without_the_password_and_nobody_else_can_read_it(folder, start):
    start()
    ports = load(folder).ports

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://yidi@127.0.0.1:{ports[POSTGRES]}/yidi", connect_timeout=5)
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(f"redis://127.0.0.1:{ports[REDIS]}/0").ping()

    assert (folder / "services.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700

    secrets = load(folder).passwords.values()
    commands = [" ".join(command_of(process)) for process in psutil.process_iter()]

    assert not [secret for secret in secrets for command in commands if secret in command]


def test_very_long_path_works(tmp_path):
    folder = tmp_path.joinpath(*["很长的 path with spaces " * 3] * 6)
    services = running_services(folder, BOTH)
    try:
        assert len(os.fsencode(folder)) > 500
        assert query(services, "SELECT 1") == [(1,)]
    finally:
        services.release()


def test_two_copies_run_side_by_side(tmp_path):
    first, second = running_services(tmp_path / "one", (REDIS,)), running_services(tmp_path / "two", (REDIS,))
    try:
        redis.from_url(first.environment["REDIS_URL"]).set("whose", "the first's")
        assert redis.from_url(second.environment["REDIS_URL"]).get("whose") is None
    finally:
        first.release()
        second.release()


def test_throwaway_folder_goes_with_its_last_user(no_folder, start):
    start(REDIS, throwaway=True).release()

    assert not no_folder.exists()


def test_service_the_running_copy_was_told_to_find_elsewhere_is_not_started_behind_its_back(start):
    start(REDIS)

    with pytest.raises(Unavailable, match="started with DATABASE_URL set"):
        start(POSTGRES)


def test_data_folder_that_cannot_be_made_gives_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(Unavailable, match="cannot be used"):
        running_services(tmp_path / "file" / "data", BOTH)


@pytest.fixture
def bare_machine(tmp_path, monkeypatch) -> Path:
    """A folder that is the whole path, and the environment's place; no wheel brings a Redis."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(redis_server, "PACKAGE", "no_such_wheel")
    return tmp_path


def install(program: Path, version: str) -> Path:
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0 bits=64'\n")
    program.chmod(0o755)
    return program


def test_redis_is_the_paths_else_valkey_else_a_wheels(bare_machine):
    wheels = install(bare_machine / "redis/no_such_wheel/bin/redis-server", "6.2.14")

    assert redis_server.program() == wheels

    valkey = install(bare_machine / "valkey-server", "8.1.1")
    assert redis_server.program() == valkey

    redis = install(bare_machine / "redis-server", "7.0.15")
    assert redis_server.program() == redis


def test_redis_older_than_the_queue_needs_is_passed_over(bare_machine):
    install(bare_machine / "redis-server", "6.0.16")

    valkey = install(bare_machine / "valkey-server", "8.1.1")

    assert redis_server.program() == valkey


def test_machine_without_any_redis_is_told_what_to_install(bare_machine):
    with pytest.raises(Unavailable, match=r"^No Redis: install redis-server or valkey-server, 6\.2 or newer"):
        redis_server.program()


def test_half_written_memory_is_forgotten_not_fatal(no_folder, start):
    no_folder.mkdir()

    (no_folder / "services.json").write_text('{"ports": {"redis"')

    assert redis.from_url(start(REDIS).environment["REDIS_URL"]).ping()
    assert json.loads((no_folder / "services.json").read_text())["running"] == [REDIS]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as somebody else")
def test_root_runs_the_server_as_the_folders_owner_and_leaves_it_usable_to_them(tmp_path, start, no_folder):
    no_folder.mkdir()
    shutil.chown(no_folder, 12345 if _has_user(12345) else "nobody")

    start(POSTGRES)

    assert (no_folder / "postgres").stat().st_uid == no_folder.stat().st_uid
    assert psutil.Process(server_of(no_folder)).uids().real == no_folder.stat().st_uid
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


def test_a_server_that_is_gone_before_it_has_its_roles_is_no_end_of_its_keeper():
    """The keeper starts it once more, as it does for all that is Unavailable."""
    with pytest.raises(Unavailable):
        give_roles(free_port(), "secret", {})
