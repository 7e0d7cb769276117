"""The keeper: runs the services of one data folder and stops them when nobody uses them any more.

Started by `running_services` as `python -m devservices.keeper FOLDER MODE SERVICE…`. It writes one line when all is up, or when it cannot be:
an empty one, or a sentence.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from devservices import redis_server, state
from devservices.postgres import Cluster, give_roles, stop_server
from devservices.processes import shorten
from devservices.state import (
    APPLICATION,
    POSTGRES,
    PURGE,
    REDIS,
    THROWAWAY,
    USERS,
    Lock,
    PortTaken,
    Remembered,
    Unavailable,
    not_ours,
)

ATTEMPTS = 3
FAILURES, WINDOW_SECONDS, FIRST_PAUSE_SECONDS = 5, 60.0, 0.3
POLL_SECONDS, PORT_SECONDS = 0.1, 5.0


class Keeper:
    """The services of one data folder."""

    def __init__(self, folder: Path, names: list[str], *, throwaway: bool) -> None:
        self.folder, self.names, self.throwaway = folder, names, throwaway
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.failures: dict[str, list[float]] = {name: [] for name in names}

    def start_all(self) -> None:
        """Start what was asked for and remember where it listens."""
        for name in self.names:
            shorten(self._log(name))
            self._start(name)
        self.remember(running=self.names)

    def _start(self, name: str) -> None:
        for _attempt in range(ATTEMPTS):
            with suppress(PortTaken):  # somebody was quicker than we were; the next try takes another port
                self.children[name] = self._starters[name](self.remember())
                return
        raise Unavailable(f"{name} found no free port in {ATTEMPTS} tries; see {self._log(name)}.")

    @property
    def _starters(self) -> dict[str, Callable[[Remembered], subprocess.Popen[bytes]]]:
        return {POSTGRES: self._start_postgres, REDIS: self._start_redis}

    def _start_postgres(self, known: Remembered) -> subprocess.Popen[bytes]:
        cluster = Cluster(self.folder / "postgres", self._log(POSTGRES), throwaway=self.throwaway)
        forgotten = POSTGRES not in known.passwords
        secret, port = state.password(known, POSTGRES), state.port(known, POSTGRES)
        existed = cluster.folder.exists()
        cluster.make(secret)
        if existed and forgotten:
            cluster.reset_password(secret)
        roles = {role: state.password(known, role) for role in (APPLICATION, PURGE)}
        state.save(self.folder, known)
        server = cluster.start(port)
        try:
            give_roles(port, secret, roles)
        except BaseException:
            stop_server(server)
            raise
        return server

    def _start_redis(self, known: Remembered) -> subprocess.Popen[bytes]:
        secret, port = state.password(known, REDIS), state.port(known, REDIS)
        state.save(self.folder, known)
        return redis_server.start(port, secret, folder=self.folder / "redis", log=self._log(REDIS))

    def remember(self, running: list[str] | None = None) -> Remembered:
        """What the folder remembers; with `running`, after noting that these run now."""
        known = state.load(self.folder)
        if running is not None:
            known.running = running
            state.save(self.folder, known)
        return known

    def _log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def watch(self, users: Lock) -> None:
        """Until the last user is gone; a service that died is started again, unless it keeps dying."""
        while not users.try_exclusive():
            for name, child in list(self.children.items()):
                if child.poll() is not None:
                    self._revive(name)
            time.sleep(POLL_SECONDS)

    def _revive(self, name: str) -> None:
        """Start a service that died, where its users expect it; Unavailable when it keeps dying."""
        now = time.monotonic()
        self.failures[name] = [at for at in self.failures[name] if now - at < WINDOW_SECONDS] + [now]
        if len(self.failures[name]) > FAILURES:
            raise Unavailable(f"{name} keeps dying; see {self._log(name)}.")
        time.sleep(FIRST_PAUSE_SECONDS * len(self.failures[name]))
        self._wait_for_port(state.load(self.folder).ports[name])
        try:
            self._start(name)
        except Unavailable as reason:  # what the dead server left may need a moment to go
            print(reason, file=sys.stderr, flush=True)

    def _wait_for_port(self, port: int) -> None:
        """The users know the old port: give what still holds it a moment before another is taken."""
        until = time.monotonic() + PORT_SECONDS
        while not state.is_free(port) and time.monotonic() < until:
            time.sleep(0.05)

    def stop_all(self) -> None:
        """Stop what runs, the database last; a throw-away folder goes with it."""
        for name, child in reversed(list(self.children.items())):
            (stop_server if name == POSTGRES else redis_server.stop_server)(child)
        if self.throwaway:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            self.remember(running=[])


def _report(sentence: str) -> None:
    """Tell whoever started us, in one line, and close it; say it once more in the log."""
    print(sentence.replace("\n", "\\n"), flush=True)
    if sentence:
        print(sentence, file=sys.stderr, flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(folder: Path, mode: str, names: list[str]) -> None:
    """Keep the services running until nobody needs them."""
    alone, users = Lock(folder, "keeper"), Lock(folder, USERS)
    alone.exclusive()
    keeper = Keeper(folder, names, throwaway=mode == THROWAWAY)
    keeper.remember(running=[])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        trouble = _keep(keeper, users)
    finally:
        keeper.stop_all()
        alone.release()
    _report(trouble)


def _keep(keeper: Keeper, users: Lock) -> str:
    """Run the services until the last user is gone; return what went wrong, if anything did."""
    try:
        keeper.start_all()
        _report("")
        keeper.watch(users)
    except Unavailable as reason:
        return str(reason)
    except PermissionError as error:
        return str(not_ours(error.filename))
    except Exception:
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
