"""Starting a data folder's PostgreSQL and Redis, and holding them as long as they are used."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from devservices import state
from devservices.processes import appending
from devservices.state import KEPT, THROWAWAY, USERS, VARIABLES, Lock, Unavailable

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60.0

Child = subprocess.Popen[str]


class Services:
    """Services that run as long as this is held: until `release`, or the end of the process. `environment` says where."""

    def __init__(self, folder: Path, names: Sequence[str], lock: Lock | None, keeper: Child | None) -> None:
        self._folder, self._lock, self._keeper = folder, lock, keeper
        self.environment = {key: url for name in names for key, url in state.urls_of(name, folder).items()}

    def release(self) -> None:
        """Let go; the last one waits until everything has stopped."""
        if self._lock is None:
            return
        self._lock.release()
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and self.alive() and not self._shared():
            time.sleep(0.02)
        if self._keeper:
            _part(self._keeper, stopped=not self.alive())

    def alive(self) -> bool:
        """Whether a keeper still looks after the services."""
        return self._folder.exists() and keeper_runs(self._folder)

    def _shared(self) -> bool:
        """Whether somebody else uses them (a keeper that is stopping holds the lock alone)."""
        probe = Lock(self._folder, USERS)
        try:
            return not probe.try_exclusive() and probe.try_shared()
        finally:
            probe.release()

    def __enter__(self) -> "Services":
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def missing_services() -> list[str]:
    """The services for which the environment names no other place (DATABASE_URL, REDIS_URL)."""
    return [name for name, variable in VARIABLES.items() if not os.environ.get(variable)]


def running_services(folder: Path, names: Sequence[str], *, throwaway: bool = False) -> Services:
    """Use the services `names` of the data folder, starting what does not run yet; for no names nothing is touched.

    `throwaway`: careless about power cuts, and the folder vanishes with its last user. Raises Unavailable with a sentence.
    """
    if not names:
        return Services(folder, names, lock=None, keeper=None)
    state.prepare(folder)
    with Lock(folder, "start"):
        lock = Lock(folder, USERS)
        lock.shared()
        try:
            keeper = _require(folder, names, THROWAWAY if throwaway else KEPT)
        except PermissionError as error:
            lock.release()
            raise state.not_ours(error.filename) from error
        except BaseException:
            lock.release()
            raise
    return Services(folder, names, lock, keeper)


def _require(folder: Path, names: Sequence[str], mode: str) -> Child | None:
    """See that a keeper runs the services; return it if it is our child."""
    running = _running(folder)
    if not running:
        return _start_keeper(folder, names, mode)
    if missing := set(names) - set(running):
        variables = " and ".join(sorted(VARIABLES[name] for name in missing))
        raise Unavailable(
            f"What runs on {folder} was started with {variables} set. Set the same here, or another DATA_DIR."
        )
    return None


def _running(folder: Path) -> list[str]:
    """What the present keeper runs, waiting for one whose starter was killed meanwhile; nothing if there is none."""
    until = time.monotonic() + PATIENCE_SECONDS
    while keeper_runs(folder):
        if running := state.load(folder).running:
            return running
        if time.monotonic() > until:
            raise Unavailable(f"The services of {folder} neither start nor stop; see {folder}/logs.")
        time.sleep(0.05)
    return []


def _start_keeper(folder: Path, names: Sequence[str], mode: str) -> Child:
    """Start a keeper in a session of its own: neither our end nor a Ctrl-C at our terminal is the end of others' services."""
    command = [sys.executable, "-m", "devservices.keeper", str(folder), mode, *names]
    with appending(folder / "logs" / "keeper.log") as log:
        keeper = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with keeper.stdout as answer:
        sentence = answer.readline()
    if sentence != "\n":
        keeper.wait()
        told = sentence.strip().replace("\\n", "\n")
        raise Unavailable(told or f"The services did not start; see {folder}/logs/keeper.log.")
    return keeper


def _part(keeper: Child, *, stopped: bool) -> None:
    """Collect the keeper we started; where others go on with it, it is no longer ours to wait for (nor to be warned of)."""
    if stopped:
        keeper.wait()
    elif keeper.poll() is None:
        keeper.returncode = 0


def keeper_runs(folder: Path) -> bool:
    """Whether a keeper looks after the services of the folder."""
    probe = Lock(folder, "keeper")
    try:
        return not probe.try_shared()
    finally:
        probe.release()
