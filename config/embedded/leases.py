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


class Lease:
    """Somebody uses the services. Ends with `release`, or with the process."""

    def __init__(self, folder: Path, names: Sequence[str], lock: Lock) -> None:
        self._folder, self._lock = folder, lock
        found = state.urls(folder)
        self.environment = {VARIABLES[name]: found[VARIABLES[name]] for name in names}

    def release(self) -> None:
        """Let go; the last one waits until everything has stopped."""
        self._lock.release()
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until and self.alive() and not self._shared():
            time.sleep(0.02)

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
            _require(folder, names, THROWAWAY if throwaway else KEPT)
        except PermissionError as error:
            lock.release()
            raise state.not_ours(error.filename) from error
        except BaseException:
            lock.release()
            raise
    return Lease(folder, names, lock)


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


def _require(folder: Path, names: Sequence[str], mode: str) -> None:
    """See that a keeper runs the services."""
    running = _running(folder)
    if not running:
        _start_keeper(folder, names, mode)
    elif missing := set(names) - set(running):
        variables = " and ".join(sorted(VARIABLES[name] for name in missing))
        raise Unavailable(
            f"What runs on {folder} was started with {variables} set. Set the same here, or another DATA_DIR."
        )


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


def _start_keeper(folder: Path, names: Sequence[str], mode: str) -> None:
    command = [sys.executable, "-m", "config.embedded.keeper", str(folder), mode, *names]
    with appending(folder / "logs" / "keeper.log") as log:
        started = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, check=False
        )
    if sentence := started.stdout.strip():
        raise Unavailable(sentence.replace("\\n", "\n"))
    if started.returncode or not state.load(folder).running:
        raise Unavailable(f"The embedded services did not start; see {folder}/logs/keeper.log.")


def keeper_runs(folder: Path) -> bool:
    """Whether a keeper looks after the services of the folder."""
    probe = Lock(folder, "keeper")
    try:
        return not probe.try_shared()
    finally:
        probe.release()
