"""Child processes that cannot outlive their parent."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from devservices.state import PortTaken, Unavailable, give

_PR_SET_PDEATHSIG = 1
LARGEST_LOG = 10_000_000


def _bound_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """For Linux: the kernel sends `death_signal` when the thread that started the child is gone."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def bind() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os.kill(os.getpid(), death_signal)

    return bind


def spawn(
    command: Sequence[str | Path],
    *,
    folder: Path,
    log: Path,
    dies_with: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    user: int | None = None,
    stdin: int | IO[Any] = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (a Ctrl-C at the terminal is ours to pass on), its output going to `log`.

    `user` is for root only: the child runs as that user, in that user's group alone.
    """
    with appending(log) as output:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=env,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_bound_to_parent(dies_with),
            **as_user(user),
        )


def appending(log: Path) -> IO[bytes]:
    """The log, open at its end."""
    if not log.exists():
        log.touch()
        give(log)
    return log.open("ab")


def as_user(user: int | None) -> dict[str, Any]:
    """Arguments that run a child as `user`; none when we are that user already."""
    if user is None or user == os.geteuid():
        return {}
    return {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}


def stop(child: subprocess.Popen[bytes], how: signal.Signals, *, patience: float) -> None:
    """Ask the child to end, and end its whole session when it does not."""
    if child.poll() is None:
        child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log, for the sentence that says why a child did not start."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def not_started(name: str, log: Path) -> Unavailable:
    """Why a server ended at once, from its log."""
    end = last_lines(log)
    if "Address already in use" in end:
        return PortTaken(f"{name} did not start: another program took its port.")
    return Unavailable(f"{name} did not start. The end of {log}:\n{end}")


def shorten(log: Path) -> None:
    """Set a large log aside, keeping one: logs must not fill the disk."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
