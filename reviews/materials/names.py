"""The name a person gave a file, made harmless to show. Files are never stored under it."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

LONGEST = 120
SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "application/pdf": (".pdf",),
}
REPLACED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))


def shown_name(given: str, content_type: str) -> str:
    """Return the last part of the name without control, bidirectional and other invisible characters.

    The suffix always fits the content, whatever was claimed: 120 characters at most, never empty.
    """
    last = given.replace("\\", "/").rpartition("/")[2]
    visible = "".join(
        c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] not in "CZ" or c == " "
    )
    stem, suffix = _parted(visible.translate(REPLACED).strip(". "), SUFFIXES[content_type])
    return (stem[: LONGEST - len(suffix)].strip(". ") or _("材料")) + suffix


def download_name(shown: str, content_type: str) -> str:
    """The name under which what is stored now is handed out: a re-encoded picture is a JPEG, whatever it came as."""
    return f"{PurePosixPath(shown).stem}{SUFFIXES[content_type][0]}"


def _parted(name: str, fitting: tuple[str, ...]) -> tuple[str, str]:
    stem, dot, claimed = name.rpartition(".")
    suffix = f".{claimed.lower()}"
    if suffix in fitting:
        return stem, suffix
    looks_like_suffix = dot and claimed.isascii() and claimed.isalnum() and len(claimed) <= 5
    return (stem if looks_like_suffix else name), fitting[0]
