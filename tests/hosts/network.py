"""Hosts of their own on one machine: Linux namespaces with an address each, on a bridge that nothing outside can see.

All of it lives in namespaces without names, which last as long as a process in them: when the command ends, however it ends, the
kernel takes bridge, hosts and processes away (`unshare --kill-child`). Each host has its own network, processes and name; the
files are the machine's, a folder for each. To lose a host is to kill the first of its processes: the kernel kills the others, as
when the power goes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

OURS = "YIDI_HOSTS_INSIDE"
NETWORK, GATEWAY = "10.77.0.0/24", "10.77.0.1"
BRIDGE = "yidi-hosts"
APART = ("unshare", "--net", "--pid", "--mount", "--uts", "--fork", "--kill-child", "--mount-proc")
PR_SET_PDEATHSIG = 1
BEGIN = """#!/bin/sh
# The first process of a host: waits for its cable, then keeps each service running, as systemd would (Restart=always, RestartSec=1),
# but for those that are switched off.
hostname {name}
ip link set lo up
while ! ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
ip addr add {address}/24 dev eth0
ip link set eth0 up
keep() {{
    log={folder}/$1.log off={folder}/$1.off
    shift
    while :; do
        [ -e "$off" ] || {{ "$@" >>"$log" 2>&1 </dev/null; echo "ended: $?" >>"$log"; }}
        sleep 1
    done
}}
"""


CUT = """
table ip cut {
    chain input { type filter hook input priority 0; ip saddr { %s } drop; }
    chain output { type filter hook output priority 0; ip daddr { %s } drop; }
}
"""


class NotHere(Exception):
    """This machine cannot do it; the message says what it lacks."""


@dataclass
class Service:
    """A program that a host keeps running. `user`: who it runs as, if not root; `folder`: where."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    folder: str = "/"


def come_inside(arguments: Sequence[str]) -> int:
    """Run this command again, with a network and processes of its own; its exit code. Raises NotHere."""
    if os.geteuid():
        raise NotHere("make hosts makes network namespaces, for which it must be root.")
    inside = subprocess.Popen(
        [*APART, sys.executable, *arguments], env={**os.environ, OURS: "1"}, start_new_session=True, preexec_fn=_dies_with_us
    )  # fmt: skip

    def pass_on(number: int, _frame: object) -> None:
        """Ctrl-C is for those inside, who end; who waits for them does not end before them."""
        for child in psutil.Process(inside.pid).children():
            child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return inside.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_inside() -> bool:
    return OURS in os.environ


def _dies_with_us() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


def make_bridge() -> None:
    """What the hosts are plugged into; we have its first address."""
    _ip("link", "set", "lo", "up")
    _ip("link", "add", BRIDGE, "type", "bridge")
    _ip("addr", "add", f"{GATEWAY}/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@dataclass
class Host:
    """One host: its address, its folder, what it runs."""

    name: str
    address: str
    folder: Path
    services: Sequence[Service] = ()
    holder: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> str:
        """Its end of the cable at the bridge."""
        return f"y-{self.name}"

    def start(self) -> None:
        """Switch it on. What is in its folder is what it had."""
        script = self.folder / "begin.sh"
        script.write_text(self._begin())
        self.holder = subprocess.Popen([*APART, "sh", str(script)], start_new_session=True, stderr=subprocess.DEVNULL)
        _ip("link", "add", self.port, "type", "veth", "peer", "name", "eth0", "netns", str(self.first().pid))
        _ip("link", "set", self.port, "master", BRIDGE, "up")

    def _begin(self) -> str:
        lines = [BEGIN.format(name=self.name, address=self.address, folder=self.folder)]
        for service in self.services:
            given = " ".join(f"'{name}={value}'" for name, value in service.environment.items())
            as_user = (
                f"setpriv --reuid={service.user} --regid=$(id -g {service.user}) --init-groups " if service.user else ""
            )
            command = " ".join(f"'{word}'" for word in service.command)
            lines.append(f"keep {service.name} {as_user}env -C {service.folder} {given} {command} &\n")
        return "".join([*lines, "wait\n"])

    def first(self) -> psutil.Process:
        """The first of its processes."""
        assert self.holder is not None
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if children := psutil.Process(self.holder.pid).children():
                return children[0]
            time.sleep(0.01)
        raise NotHere(f"{self.name} does not start: this machine gives no namespaces.")

    def processes(self) -> list[psutil.Process]:
        first = self.first()
        return [first, *first.children(recursive=True)]

    # What can happen to it

    def kill(self) -> None:
        """The power goes: no process ends in an orderly way."""
        if self.holder is None:
            return
        with suppress(psutil.Error, NotHere):
            self.first().kill()
        while self.holder.poll() is None:
            _bury_adopted(self.holder.pid)
            time.sleep(0.02)
        self.holder = None
        subprocess.run(["ip", "link", "del", self.port], check=False, capture_output=True)

    def freeze(self) -> None:
        """It keeps its connections and does nothing, as a machine whose hypervisor or disk is stuck."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """To all of its processes; again until none is new."""
        told: set[int] = set()
        while new := [each for each in self.processes() if each.pid not in told]:
            for each in new:
                told.add(each.pid)
                with suppress(psutil.Error):
                    each.send_signal(number)

    def unplug(self) -> None:
        """Its cable is pulled: nobody reaches it, it reaches nobody."""
        _ip("link", "set", self.port, "down")

    def plug_in(self) -> None:
        _ip("link", "set", self.port, "up")

    def cut_from(self, others: Sequence[Host]) -> None:
        """A firewall drops whatever goes between it and these, both ways; everybody else still reaches it."""
        them = ", ".join(each.address for each in others)
        self._nft(CUT % (them, them))

    def heal(self) -> None:
        self._nft("delete table ip cut")

    def _nft(self, rules: str) -> None:
        subprocess.run(
            ["nsenter", "-t", str(self.first().pid), "-n", "nft", "-f", "-"], input=rules, text=True, check=True
        )

    def end(self, *words: str, seconds: float) -> None:
        """Ask what runs with these words in its command to end (SIGTERM), and wait until it has: what keeps it starts it again."""
        found = [each for each in self.processes() if _says(each, words) and not _says(each.parent(), words)]
        for each in found:
            each.terminate()
        _gone, left = psutil.wait_procs(found, seconds)
        assert not left, f"{self.name}: {words} does not end"

    def switch_on(self, service: str) -> None:
        """`systemctl start`."""
        self.switch(service).unlink()

    def switch_off(self, service: str, *words: str, seconds: float) -> None:
        """`systemctl stop`: what runs with these words is asked to end, and is not started again."""
        self.switch(service).touch()
        self.end(*words, seconds=seconds)

    def switch(self, service: str) -> Path:
        """A file: while it is there, the service is off."""
        return self.folder / f"{service}.off"

    # Commands there

    def run(
        self, *command: str, environment: Mapping[str, str], user: str = "", seconds: float = 600
    ) -> subprocess.CompletedProcess[str]:
        """A command on this host, to its end; what it said is `stdout`."""
        enter = ["nsenter", "-t", str(self.first().pid), "-n", "-p", "-u", "-m", f"--wd={Path.cwd()}"]
        as_user = ["runuser", "-u", user, "--"] if user else []
        return subprocess.run(
            [*enter, *as_user, *command], env={**os.environ, **environment}, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
        )  # fmt: skip

    def log(self, service: str, count: int = 15) -> str:
        """The end of what a service said."""
        file = self.folder / f"{service}.log"
        return "\n".join(file.read_text(errors="replace").splitlines()[-count:]) if file.exists() else ""


def _says(process: psutil.Process | None, words: Sequence[str]) -> bool:
    with suppress(psutil.Error):
        said = process.cmdline() if process else []
        return any(words[0] == Path(word).name for word in said[:2]) and all(word in said for word in words[1:])
    return False


def _bury_adopted(holder: int) -> None:
    """A command on a host that was broken off becomes ours, who are the first process here; until it is buried, its host does not end."""
    for child in psutil.Process().children():
        with suppress(psutil.Error, ChildProcessError):
            if child.pid != holder and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)
