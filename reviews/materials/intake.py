"""Taking in an upload: a glance at its size, type, pixels and name, private storage, and a worker is told (DESIGN.md §9)."""

from __future__ import annotations

import math
import threading
import unicodedata
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import IO, cast
from uuid import UUID

import filetype
import imagesize
import structlog
from celery import current_app
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from kombu import Connection
from kombu.exceptions import OperationalError

from accounts.limits import Limit
from accounts.models import Account
from core import bulk
from core.errors import Invalid, Refusal, TooMany
from reviews.materials import storage
from reviews.materials.bodies import SENTENCES
from reviews.materials.convert import HEIC, MOST_PIXELS, PDF
from reviews.models import Material

UPLOADING = Limit("upload")
LARGEST = 10 * 1024 * 1024
MOST_UNATTACHED = 60
SNIFFED = 4096
MOST_LOOKS = 4000
LARGEST_META = 1 << 20
LONGEST_NAME = 120
SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    HEIC: (".heic", ".heif"),
    PDF: (".pdf",),
}
REPLACED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
TASK = "reviews.tasks.process_material"
IMPATIENT = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0}  # a pooled connection tries for longer

log = structlog.get_logger(__name__)

Size = tuple[int, int]


class TooLarge(Refusal):
    """413: more bytes or pixels than the service takes."""

    status = 413
    code = "file_too_large"


class UnsupportedType(Refusal):
    """415: the content, whatever the name says, is none of the types accepted."""

    status = 415
    code = "file_type_unsupported"


def receive(account: Account, upload: File[bytes], kind: str) -> Material:
    """Store an upload privately and have it processed; `kind` is a document kind of the area's policy.

    Raises TooLarge, UnsupportedType, Invalid, TooMany `too_many_materials`; nothing is stored then. The limit of unused
    uploads is a courtesy to the disk, not an invariant: rivals may pass it by a few.
    """
    admitted = admit(cast("IO[bytes]", upload), size=upload.size, name=upload.name or "")
    if Material.objects.count_unattached(account) >= MOST_UNATTACHED:
        raise TooMany(
            _("未使用的材料过多，请先提交申请或删除不用的材料（7 天未使用会自动清除）。"), code="too_many_materials"
        )
    material = Material(
        account=account,
        kind=kind,
        filename=admitted.filename,
        content_type=admitted.content_type,
        size=upload.size,
    )
    with transaction.atomic():
        material.file.name = storage.put_original(material.id, upload)
        bulk.insert([material])
        transaction.on_commit(partial(wake_worker, material.id))
    return material


class _Own(threading.local):
    """A thread's own connection to the broker: to open one costs five times what a message does."""

    broker: Connection | None = None


_OWN = _Own()


def wake_worker(material_id: UUID) -> None:
    """Tell a worker at once; if no broker hears it within a second or two, the sweep finds the row a little later."""
    reason: Exception | None = None
    for _try in range(2 if _OWN.broker else 1):  # the one that was kept may have gone
        broker = _OWN.broker = _OWN.broker or current_app.connection_for_write(transport_options=IMPATIENT)
        try:
            current_app.send_task(TASK, connection=broker, retry=False, ignore_result=True)
            return
        except (OperationalError, OSError) as error:
            reason, _OWN.broker = error, None
            broker.release()
    log.warning("material_not_announced", material=str(material_id), reason=str(reason))


# At the door: what can be refused at a glance


@dataclass(frozen=True)
class Admitted:
    content_type: str
    filename: str


def admit(file: IO[bytes], *, size: int, name: str) -> Admitted:
    """Look at a file's size in bytes, type by content, and stated pixels; say under which name and type it may come in.

    Raises TooLarge, UnsupportedType, or Invalid (`file_empty`, `file_damaged`), each blaming `file`.
    """
    check_size(size)
    content_type = _type_of(file)
    if content_type != PDF:
        _check_pixels(content_type, file)
    file.seek(0)
    return Admitted(content_type, shown_name(name, content_type))


def check_size(size: int) -> None:
    """Raises TooLarge above 10 MB, Invalid for nothing at all."""
    if size > LARGEST:
        sentence = _("文件有 %.1f MB，超过上限 10 MB，请压缩或重新拍摄后再上传。")
        raise TooLarge(sentence % (math.ceil(size / 1024 / 102.4) / 10), attr="file")
    if size < 1:
        raise Invalid(_("文件是空的，请重新选择后上传。"), code="file_empty", attr="file")


def _type_of(file: IO[bytes]) -> str:
    file.seek(0)
    kind = filetype.guess(file.read(SNIFFED))
    content_type = str(kind.mime) if kind else ""
    if content_type not in SUFFIXES:
        raise UnsupportedType(_("只能上传 JPEG、PNG、WebP、HEIC 图片或 PDF 文件，请转换格式后重新上传。"), attr="file")
    return content_type


def _check_pixels(content_type: str, file: IO[bytes]) -> None:
    try:
        width, height = size_of(content_type, file)
    except Damaged as reason:
        raise Invalid(SENTENCES["file_damaged"], code="file_damaged", attr="file") from reason
    most = MOST_PIXELS[content_type]
    if width * height > most:
        sentence = _(
            "图片有 %(size)s（%(pixels)s像素），这种格式的上限是 %(most)s像素。请降低分辨率，或另存为较小的 JPEG 后重新上传。"
        )
        told = {"size": f"{width} × {height}", "pixels": _counted(width * height), "most": _counted(most)}
        raise TooLarge(sentence % told, code="image_too_large", attr="file")


def _counted(pixels: int) -> str:
    """Of a hundred million and more in 亿, else in 万; rounded up, so that what is too many never looks like the limit."""
    if pixels > 99_990_000:
        return f"{math.ceil(pixels / 1_000_000) / 100:g} 亿"
    return f"{math.ceil(pixels / 10_000)} 万"


# How many pixels a picture claims to have: nothing is decoded


class Damaged(ValueError):
    """The header does not state a size."""


class _Bounded:
    """A file that may be looked into only so often: a JPEG of ten megabytes of markers would be read byte by byte."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek = file.seek
        self._read = file.read
        self._left = MOST_LOOKS

    def read(self, size: int = -1) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise Damaged("no frame header")
        return self._read(size)


def size_of(content_type: str, file: IO[bytes]) -> Size:
    """Return (width, height) as the header states them; Damaged if it does not. Leaves the file where it stopped reading."""
    file.seek(0)
    size = _heic(file) if content_type == HEIC else imagesize.get(_Bounded(file), exif_rotation=False)
    if min(size) < 1:
        raise Damaged("no size, or a side of no pixels")
    return size


def _heic(file: IO[bytes]) -> Size:
    """The largest of the sizes stated (ISO/IEC 23008-12 §6.5.3, ispe): imagesize believes the picture shown first alone."""
    meta = _box(file, b"meta")
    sizes = [
        (_number(meta[at + 8 : at + 12]), _number(meta[at + 12 : at + 16]))
        for at in _places(meta, b"ispe")
        if at + 16 <= len(meta)
    ]
    if not sizes:
        raise Damaged("no ispe")
    return max(sizes, key=lambda size: size[0] * size[1])


def _box(file: IO[bytes], wanted: bytes) -> bytes:
    for _step in range(MOST_LOOKS):
        head = _exactly(file, 8)
        length, kind = _number(head[:4]), head[4:]
        if kind == wanted:
            return file.read(min(length, LARGEST_META))
        rest = _number(_exactly(file, 8)) - 16 if length == 1 else length - 8
        if rest < 0:
            break
        file.seek(rest, 1)
    raise Damaged(f"no {wanted.decode()} box")


def _places(text: bytes, wanted: bytes) -> list[int]:
    """Every place of `wanted` in `text`, at most as many as a picture could need."""
    places: list[int] = []
    at = text.find(wanted)
    while at >= 0 and len(places) < MOST_LOOKS:
        places.append(at)
        at = text.find(wanted, at + 4)
    return places


def _number(cell: bytes) -> int:
    return int.from_bytes(cell, "big")


def _exactly(file: IO[bytes], length: int) -> bytes:
    cell = file.read(length)
    if len(cell) < length:
        raise Damaged("ends too early")
    return cell


# The name a person gave a file, made harmless to show. Files are never stored under it


def shown_name(claimed: str, content_type: str) -> str:
    """Return the last part of the name without control, bidirectional and other invisible characters.

    The suffix always fits the content, whatever was claimed: 120 characters at most, never empty.
    """
    last = claimed.replace("\\", "/").rpartition("/")[2]
    visible = "".join(
        c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] not in "CZ" or c == " "
    )
    stem, suffix = _parted(visible.translate(REPLACED).strip(". "), SUFFIXES[content_type])
    return (stem[: LONGEST_NAME - len(suffix)].strip(". ") or _("材料")) + suffix


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
