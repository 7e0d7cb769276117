"""What the services remember in the data folder: ports, passwords, and who holds which lock."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

POSTGRES, REDIS = "postgres", "redis"
VARIABLES = {POSTGRES: "DATABASE_URL", REDIS: "REDIS_URL"}
OWNER_URL, PURGE_URL = "DATABASE_OWNER_URL", "DATABASE_PURGE_URL"
USER, DATABASE = "yidi", "yidi"
APPLICATION, PURGE = "yidi_app", "yidi_purge"
"""The roles beside the owner's (USER): of whatever serves and works, and of what deletes when its time is over."""
LOOPBACK = "127.0.0.1"
THROWAWAY, KEPT = "throwaway", "kept"
USERS = "users"  # the lock that everybody holds who uses the services


class Unavailable(Exception):
    """A service cannot run here; the message says why and what to do."""


class PortTaken(Unavailable):
    """Another program sits on the port."""


def not_ours(path: object) -> Unavailable:
    """What to say of a file or folder of another user."""
    return Unavailable(f"{path} belongs to another user. Run as that user, or set DATA_DIR to another folder.")


@dataclass
class Remembered:
    """One data folder's services: port and password of each, and which of them the present keeper runs."""

    ports: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)


def load(folder: Path) -> Remembered:
    """What was remembered; nothing of a missing or half-written file."""
    try:
        return Remembered(**json.loads((folder / "services.json").read_text()))
    except (FileNotFoundError, TypeError, ValueError):
        return Remembered()


def save(folder: Path, state: Remembered) -> None:
    """Write at once and whole, readable by the owner only."""
    fresh = folder / "services.json.new"
    with private(fresh) as file:
        json.dump(asdict(state), file)
    fresh.replace(folder / "services.json")


@contextmanager
def private(path: Path) -> Iterator[IO[str]]:
    """A file only its owner may read, from the moment it exists."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        give(path)
        yield file


def give(path: Path) -> None:
    """Root gives what it makes to whoever owns the folder around, so that they can go on without root."""
    if os.geteuid() == 0:
        around = path.parent.stat()
        os.chown(path, around.st_uid, around.st_gid)


def password(state: Remembered, service: str) -> str:
    """The service's password, made at its first start."""
    return state.passwords.setdefault(service, secrets.token_urlsafe(24))


def port(state: Remembered, service: str) -> int:
    """The remembered port, or another free one when somebody else sits on it."""
    number = state.ports.get(service)
    if number is None or not is_free(number):
        number = free_port()
    state.ports[service] = number
    return number


def is_free(number: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port nobody uses, as the kernel picks it."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def urls(folder: Path) -> dict[str, str]:
    """Addresses of the folder's services, by variable; port 1, where nobody answers, before their first start."""
    state = load(folder)
    where = {name: f"{LOOPBACK}:{state.ports.get(name, 1)}" for name in VARIABLES}
    secret = {name: state.passwords.get(name, "") for name in (*VARIABLES, APPLICATION, PURGE)}

    def database(user: str, password: str) -> str:
        return f"postgresql://{user}:{password}@{where[POSTGRES]}/{DATABASE}"

    return {
        VARIABLES[POSTGRES]: database(APPLICATION, secret[APPLICATION]),
        OWNER_URL: database(USER, secret[POSTGRES]),
        PURGE_URL: database(PURGE, secret[PURGE]),
        VARIABLES[REDIS]: f"redis://:{secret[REDIS]}@{where[REDIS]}/0",
    }


def urls_of(service: str, folder: Path) -> dict[str, str]:
    """Those of one service."""
    names = (VARIABLES[service], OWNER_URL, PURGE_URL) if service == POSTGRES else (VARIABLES[service],)
    return {name: url for name, url in urls(folder).items() if name in names}


def prepare(folder: Path) -> None:
    """Make the data folder and see that it can be written."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for part in (folder, folder / "logs", folder / "redis"):
            if not part.is_dir():
                part.mkdir(mode=0o700)
                give(part)
    except OSError as error:
        raise Unavailable(
            f"The data folder {folder} cannot be used ({error.strerror}). Set DATA_DIR to another."
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise not_ours(folder)


class Lock:
    """A named lock of the data folder, held as long as the file is open, however the process ends."""

    def __init__(self, folder: Path, name: str) -> None:
        path = folder / f"{name}.lock"
        try:
            if not path.exists():
                path.touch()
                give(path)
            self._file = path.open("a")
        except PermissionError as error:
            raise not_ours(error.filename) from error

    def exclusive(self) -> None:
        """Wait until nobody else holds it."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def shared(self) -> None:
        """Hold it together with others; waits for an exclusive holder."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Take it alone if nobody else holds it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def try_shared(self) -> bool:
        """Hold it together with others, unless somebody holds it alone."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go."""
        self._file.close()

    def __enter__(self) -> "Lock":
        self.exclusive()
        return self

    def __exit__(self, *_: Any) -> None:
        self.release()
