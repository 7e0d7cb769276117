"""Uploads at rest are sealed as personal data is: what lies on a disk or in a bucket opens with the keys alone.

A sealed file is `MAGIC | sealed cell` (`core.sealing`), bound to its name, so that one person's scan put in the place of
another's does not open. Files are at most ten megabytes: they are sealed and opened in memory.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils.module_loading import import_string

from core.sealing import key_of, seal_bytes, unseal_bytes

MAGIC = b"yidi sealed 1\n"
FILE_SYSTEM = "django.core.files.storage.FileSystemStorage"


class NotSealed(ValueError):
    """What lies there was not written by this storage."""


class SealedStorage(Storage):
    """A storage that seals what it is given and keeps it in another one (`inside`, a class by its path)."""

    def __init__(self, inside: str = FILE_SYSTEM, **options: Any) -> None:
        self.inside: Storage = import_string(inside)(**options)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(self._opened(name), name=name)

    def _save(self, name: str, content: File[Any]) -> str:
        """A rival may take the name meanwhile: then it is sealed again, for the name it does get."""
        plain = b"".join(content.chunks())
        while (stored := self.inside.save(name, ContentFile(_sealed(name, plain)))) != name:
            self.inside.delete(stored)
            name = stored
        return name

    def _opened(self, name: str) -> bytes:
        return unseal_bytes(_cell(self._lying(name)), bound_to=_binding(name))

    def _lying(self, name: str) -> bytes:
        with self.inside.open(name) as file:
            return bytes(file.read())

    def reseal(self, name: str, *, newest: str) -> bool:
        """Seal a file again if its key is not the `newest` (its id); True if it was. Raises FileNotFoundError."""
        if key_of(_cell(self._lying(name))) == newest:
            return False
        self._replace(name, _sealed(name, self._opened(name)))
        return True

    def seal_open_file(self, name: str) -> bool:
        """Seal a file that lies there open, from before files were sealed; True if it did."""
        content = self._lying(name)
        if content.startswith(MAGIC):
            return False
        self._replace(name, _sealed(name, content))
        return True

    def _replace(self, name: str, content: bytes) -> None:
        """On a disk in one step, so that a reader finds the one or the other; a bucket replaces what it is given so anyway."""
        beside = self.inside.save(f"{name}.{uuid4().hex}", ContentFile(content))
        try:
            Path(self.inside.path(beside)).replace(self.inside.path(name))
        except NotImplementedError:
            self.inside.delete(beside)
            self.inside.delete(name)
            self.inside.save(name, ContentFile(content))
        except BaseException:
            with suppress(OSError):
                self.inside.delete(beside)
            raise

    def delete(self, name: str) -> None:
        self.inside.delete(name)

    def exists(self, name: str) -> bool:
        return self.inside.exists(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return self.inside.listdir(path)

    def size(self, name: str) -> int:
        """Bytes of what was given, not of what lies there."""
        return len(self._opened(name))

    def get_modified_time(self, name: str) -> datetime:
        return self.inside.get_modified_time(name)


def _binding(name: str) -> str:
    return f"file:{name}"


def _sealed(name: str, plain: bytes) -> bytes:
    return MAGIC + seal_bytes(plain, bound_to=_binding(name))


def _cell(content: bytes) -> bytes:
    if not content.startswith(MAGIC):
        raise NotSealed("not sealed")
    return content[len(MAGIC) :]
