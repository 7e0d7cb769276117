"""A disk for files that can be full: the storage the product is started with, and the switch that fills it.

Full as a disk is: half of a file is written, then there is no room (ENOSPC).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

VARIABLE = "CHAOS_DISK_FULL"
"""Names the file that, while it is there, stands for a disk without room."""


class Disk(FileSystemStorage):
    """The usual storage, on a disk that may be full."""

    def _save(self, name: str, content: File[Any]) -> str:
        if not Path(os.environ[VARIABLE]).exists():
            return super()._save(name, content)
        super()._save(name, ContentFile(content.read()[: content.size // 2]))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def full(switch: Path) -> Iterator[None]:
    """No room for any file meanwhile."""
    switch.touch()
    try:
        yield
    finally:
        switch.unlink()
