"""`make drill`: a database and its files are backed up, worked on, destroyed, and brought back to a moment; with what figures.

PostgreSQL's own pg_basebackup and archived write-ahead log, on a server of the drill's own. What is asked afterwards: are the
counts and the sums those of that moment, and nothing later; do the events give every state, do all bills come out to the fen;
do the files open; and does nothing open without `DATA_KEYS`, so that a backup without them is worth nothing. The steps are those
of docs/operations.md.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from config.environment import BASE_DIR
from devservices.postgres import Cluster, binaries, stop_server
from devservices.processes import as_user
from devservices.state import DATABASE, USER, free_port

PASSWORD = "of-the-drill"
PATIENCE = 300  # seconds
WORK = """
import itertools
from reviews import materials, services
from tests import factories as make
from tests.reviews import material_files
from django.core.files.uploadedfile import SimpleUploadedFile
make._serial = itertools.count(%d)
for turn in range(%d):
    filing = make.submitted()
    services.approve(filing, reviewer=make.reviewer())
    scan = materials.receive(make.citizen(), SimpleUploadedFile("scan.jpg", material_files.jpeg()), "residence_permit")
    materials.process(scan.pk)
"""
OPEN = """
from reviews.models import Material, private_storage
from accounts.models import Person
print(len([row.name for row in Person.objects.all()]), len([private_storage().open(row.file.name).read() for row in Material.objects.all()]))
"""
BOOKS = {
    "submissions": "SELECT count(*) FROM reviews_submission",
    "events": "SELECT count(*) FROM reviews_event",
    "decisions": "SELECT count(*) FROM reviews_decision",
    "files": "SELECT count(*) FROM reviews_material",
    "bills": "SELECT count(*) FROM settlements_settlement",
    "paid by funds (yuan)": "SELECT coalesce(sum(fund), 0) FROM settlements_settlement",
    "paid by patients (yuan)": "SELECT coalesce(sum(cash), 0) FROM settlements_settlement",
}


class Failed(Exception):
    """A command of the project ended with errors; the message has the end of what it said."""


@dataclass
class Drill:
    """The places of one drill, and what it has shown: a line each, with seconds where something took its time."""

    folder: Path
    lines: list[tuple[str, str]] = field(default_factory=list)
    worked: int = 0
    keys: dict[str, str] = field(default_factory=lambda: {"DATA_KEYS": f"drill:{_key()}", "HASH_KEY": _key()})

    def __post_init__(self) -> None:
        self.folder.chmod(0o755)
        for place in (self.files, self.saved_files, self.log_archive):
            place.mkdir()
        self.cluster = Cluster(self.folder / "postgres", self.folder / "postgres.log")
        self.files.chmod(0o700)

    files = property(lambda drill: drill.folder / "files")
    saved_files = property(lambda drill: drill.folder / "saved-files")
    log_archive = property(lambda drill: drill.folder / "wal")
    backup = property(lambda drill: drill.folder / "backup")

    def told(self, what: str, how: object) -> None:
        self.lines.append((what, str(how)))

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.told(what, f"{time.monotonic() - began:.1f} s")

    # The server

    def make_server(self) -> None:
        """A cluster that keeps its write-ahead log in the archive, and lets a backup be taken."""
        self.cluster.make(PASSWORD)
        self._give(self.log_archive)
        with (self.cluster.folder / "postgresql.conf").open("a") as settings:
            settings.write(
                f"archive_mode = on\narchive_command = 'cp %p {self.log_archive}/%f'\narchive_timeout = 60\n"
            )
        with (self.cluster.folder / "pg_hba.conf").open("a") as entry:
            entry.write("host replication all 127.0.0.1/32 scram-sha-256\n")

    def _give(self, place: Path) -> None:
        """To the owner of the cluster, who is not root."""
        owner = self.cluster.folder.stat()
        for path in (place, *place.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address of the database while its server runs."""
        port = free_port()
        server = self.cluster.start(port)
        try:
            yield f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/{DATABASE}"
        finally:
            stop_server(server)

    # The project's commands

    def run(self, database: str, *arguments: str, **keys: str) -> str:
        """A command of the project; what it said. Raises Failed."""
        own = {"DATABASE_URL": database, "MEDIA_ROOT": str(self.files), "LOG_LEVEL": "ERROR"}
        environment = {**os.environ, "DATA_DIR": str(self.folder / "data"), **self.keys, **own, **keys}
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        if done.returncode:
            raise Failed(f"{arguments[0]}: {done.stderr[-1000:]}")
        return done.stdout

    def work(self, database: str, turns: int) -> None:
        """Filings that are decided, and uploads that are made safe; invented numbers go on where they stood (300 a call)."""
        self.run(database, "shell", "-c", WORK % (300 * self.worked, turns))
        self.worked += 1

    # Saving and bringing back

    def save(self, database: str) -> None:
        """A base backup, and the files as they are."""
        port = database.rpartition(":")[2].partition("/")[0]
        self.backup.mkdir()
        self._give(self.backup)
        owner = self.cluster.folder.stat().st_uid
        subprocess.run(
            [binaries(owner) / "pg_basebackup", "-h", "127.0.0.1", "-p", port, "-U", USER, "-D", ".", "-X", "none", "-c", "fast"],
            cwd=self.backup, env={"PGPASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}, check=True, timeout=PATIENCE,
            **as_user(owner),
        )  # fmt: skip
        self.save_files()

    def save_files(self) -> None:
        """A file, once stored, never changes: what is there is left, what is new is copied."""
        shutil.copytree(self.files, self.saved_files, dirs_exist_ok=True)

    def destroy(self) -> None:
        shutil.rmtree(self.cluster.folder)
        shutil.rmtree(self.files)

    def bring_back(self, moment: str) -> None:
        """The backup, then the log up to the moment; the files."""
        shutil.copytree(self.backup, self.cluster.folder, symlinks=True)
        self.cluster.folder.chmod(0o700)
        with (self.cluster.folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"restore_command = 'cp {self.log_archive}/%f %p'\n")
            settings.write(f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n")
        (self.cluster.folder / "recovery.signal").touch()
        owner = self.backup.stat()
        for path in (self.cluster.folder, *self.cluster.folder.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
        shutil.copytree(self.saved_files, self.files)


def _key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def books(database: str) -> dict[str, str]:
    """What is counted and summed, by its name."""
    with psycopg.connect(database) as connection:
        return {name: str(connection.execute(query).fetchone()[0]) for name, query in BOOKS.items()}  # type: ignore[index]


def now(database: str) -> str:
    """The database's own time; what is archived ends behind it."""
    with psycopg.connect(database, autocommit=True) as connection:
        moment = connection.execute("SELECT clock_timestamp()::text").fetchone()
        connection.execute("SELECT pg_sleep(0.1)")
    return str(moment[0]) if moment else ""


def archived(database: str) -> None:
    """The segment in use is ended and in the archive."""
    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        until = time.monotonic() + 60
        waiting = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
        while row and not (connection.execute(waiting, row).fetchone() or [False])[0]:
            if time.monotonic() > until:
                raise TimeoutError("the write-ahead log is not archived")
            time.sleep(0.1)


def drill(folder: Path, turns: int = 20) -> Drill:
    """One drill in an empty folder. Raises AssertionError where something is not as it was."""
    this = Drill(folder)
    this.make_server()
    with this.serving() as database:
        for command in ("migrate", "load_reference", "load_demo", "load_demo_bills"):
            this.run(database, command)
        this.work(database, turns)
        with this.timed("backup"):
            this.save(database)
        this.work(database, turns)
        this.save_files()
        moment, before = now(database), books(database)
        this.work(database, turns)
        later = books(database)
        archived(database)
    assert later != before
    this.destroy()
    began = time.monotonic()
    this.bring_back(moment)
    with this.serving() as database:
        _wait_until_writable(database)
        this.told("back, from nothing to answering", f"{time.monotonic() - began:.1f} s")
        after = books(database)
        for name, value in before.items():
            this.told(name, f"{value} before, {after[name]} back, {later[name]} at the end")
        assert after == before
        this.told("events give every state", this.run(database, "verify_events").splitlines()[-1])
        this.told("bills to the fen", this.run(database, "replay_settlements").splitlines()[-1])
        this.run(database, "verify_settlements")
        this.told("names and files opened", this.run(database, "shell", "-c", OPEN).splitlines()[-1])
        this.told("without DATA_KEYS", _without_keys(this, database))
    return this


def _wait_until_writable(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        until = time.monotonic() + 60
        while (connection.execute("SELECT pg_is_in_recovery()").fetchone() or [True])[0]:
            if time.monotonic() > until:
                raise TimeoutError("still in recovery")
            time.sleep(0.1)


def _without_keys(this: Drill, database: str) -> str:
    """Nothing opens under other keys."""
    try:
        this.run(database, "shell", "-c", OPEN, DATA_KEYS=f"drill:{_key()}")
    except Failed as refusal:
        if "InvalidTag" in str(refusal):
            return "nothing opens (InvalidTag)"
        raise
    raise AssertionError("opened without its keys")


def drilled(turns: int) -> list[tuple[str, str]]:
    """What a drill has shown, in a folder that the server's user can reach as well."""
    with tempfile.TemporaryDirectory(prefix="yidi-drill-") as folder:
        return drill(Path(folder), turns).lines


def main() -> None:
    for what, how in drilled(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
        print(f"{what:36} {how}")


if __name__ == "__main__":
    main()
