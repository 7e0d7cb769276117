"""Leases: the right to use a data folder's services, and the duty to let go of them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config.embedded import state
from config.embedded.processes import appending
from config.embedded.state import KEPT, THROWAWAY, VARIABLES, Lock, Unavailable

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 60.0

Child = subprocess.Popen[str]


class Lease:
    """Somebody uses the services. Ends with `release`, or with the process."""

    def __init__(self, folder: Path, names: Sequence[str], lock: Lock, keeper: Child | None) -> None:
        self._folder, self._lock, self._keeper = folder, lock, keeper
        found = state.urls(folder)
        self.environment = {VARIABLES[name]: found[VARIABLES[name]] for name in names}

    def release(self) -> None:
        """Let go; the last one waits until everything has stopped."""
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
        """Whether somebody else holds a lease (a keeper that is stopping holds the lock alone)."""
        probe = Lock(self._folder, "leases")
        try:
            return not probe.try_exclusive() and probe.try_shared()
        finally:
            probe.release()


def take(folder: Path, names: Sequence[str], *, throwaway: bool = False) -> Lease:
    """Use the services `names` of the data folder, starting what does not run yet.

    `throwaway`: careless about power cuts, and the folder vanishes with the last lease. Raises Unavailable with a sentence.
    """
    state.prepare(folder)
    with Lock(folder, "start"):
        lock = Lock(folder, "leases")
        lock.shared()
        try:
            keeper = _require(folder, names, THROWAWAY if throwaway else KEPT)
        except PermissionError as error:
            lock.release()
            raise state.not_ours(error.filename) from error
        except BaseException:
            lock.release()
            raise
    return Lease(folder, names, lock, keeper)


@contextmanager
def lent(folder: Path, *, wanted: bool = True) -> Iterator[None]:
    """Use what the environment does not name (DATABASE_URL, REDIS_URL) from the data folder, for this process and its children."""
    names = [name for name, variable in VARIABLES.items() if not os.environ.get(variable)]
    if not names or not wanted:
        yield
        return
    lease = take(folder, names)
    os.environ.update(lease.environment)
    try:
        yield
    finally:
        lease.release()


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
    command = [sys.executable, "-m", "config.embedded.keeper", str(folder), mode, *names]
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
    with keeper.stdout as said:
        sentence = said.readline()
    if sentence != "\n":
        keeper.wait()
        told = sentence.strip().replace("\\n", "\n")
        raise Unavailable(told or f"The embedded services did not start; see {folder}/logs/keeper.log.")
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
