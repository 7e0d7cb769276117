"""Listens to what leaves the process while tests run, and names what is somebody's own in it.

Heard are all log records, every command that goes to Redis, the files that are handed out, every address that is asked for
or answered, and what processes that the tests start write to their logs. Known are ID numbers and telephones by their shape, names of the tests' people, tokens and codes by their value.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from stdnum.iso7064 import mod_11_2

ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])"
)
TELEPHONE = re.compile(r"(?<![0-9A-Za-z.])1[3-9]\d{9}(?![0-9A-Za-z])")
WORD = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{6,}(?![0-9A-Za-z])")
HAN = re.compile(r"[\u4e00-\u9fff]")
COMMON = {"测试员", "新生儿"}
"""Names that are words of the pages, too."""


@dataclass(frozen=True)
class Leak:
    """Somebody's own where it may not be."""

    channel: str
    where: str
    what: str
    found: str

    def __str__(self) -> str:
        return f"{self.what} {self.found!r} in {self.channel}: {self.where}"


class Output:
    """A file that a process writes to: what is written from now on."""

    def __init__(self, process: subprocess.Popen[Any], path: str) -> None:
        self.process, self.file = process, Path(path).open("rb")  # noqa: SIM115 - closed when the process has ended
        self.file.seek(0, os.SEEK_END)


def called(process: subprocess.Popen[Any]) -> str:
    """The command of a process, as one types it."""
    return process.args if isinstance(process.args, str) else " ".join(map(str, process.args))


@dataclass
class Watch:
    """What was heard since the last look, and what to know people's own by."""

    leaks: list[Leak] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    allowed: tuple[tuple[str, str, str], ...] = ()
    """(channel, what `where` looks like, why personal data may be there)."""
    outputs: list[Output] = field(default_factory=list)

    def folder(self, name: str, folder: Path) -> None:
        """Read every log of a folder, as a copy of the product leaves them."""
        for log in sorted(folder.rglob("*.log*")):
            self.read("log", f"{name}: {log.name}", log.read_text(errors="replace"))

    def read(self, channel: str, where: str, text: str) -> None:
        """Look for what is somebody's own, and remember it unless it may be there."""
        found = dict(self.personal(text))
        if found and not any(channel == one and re.search(pattern, where) for one, pattern, _why in self.allowed):
            self.leaks += [Leak(channel, where[:300], what, value) for value, what in found.items()]

    def personal(self, text: str) -> Iterator[tuple[str, str]]:
        """Every (value, what it is)."""
        for match in ID_NUMBER.findall(text):
            if mod_11_2.is_valid(match.upper()):
                yield match, "an ID number"
        for match in TELEPHONE.findall(text):
            yield match, "a telephone number"
        for word in WORD.findall(text) if self.secrets else ():
            if word in self.secrets:
                yield word, self.secrets[word]
        if self.names and HAN.search(text):
            yield from ((name, "a name") for name in self.names - COMMON if name in text)

    def address(self, where: str, address: str) -> None:
        """Read an address as people would."""
        self.read("address", where, unquote_plus(address))

    def knows(self, secret: str, what: str) -> None:
        self.secrets[secret] = what

    def overhear(self) -> None:
        """Read what processes of their own have written so far; of one that has ended nothing more will come."""
        for output in list(self.outputs):
            ended = output.process.poll() is not None
            if written := output.file.read():
                self.read("log", called(output.process), written.decode("utf-8", "replace"))
            if ended:
                output.file.close()
                self.outputs.remove(output)

    def taken(self) -> list[Leak]:
        """What leaked since the last look; codes of before are old."""
        self.overhear()
        leaks, self.leaks = self.leaks, []
        self.secrets, self.names = {}, set()
        return leaks

    @contextmanager
    def expecting(self) -> Iterator[list[Leak]]:
        """For what is leaked on purpose: the leaks are the caller's."""
        before, self.leaks = self.leaks, []
        try:
            yield self.leaks
        finally:
            self.leaks = before
