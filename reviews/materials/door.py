"""At the door: what can be refused at a glance, before anything is stored (DESIGN.md §9, Uploads)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

import filetype
from django.utils.translation import gettext as _

from core.errors import Invalid, Refusal
from reviews.materials import headers
from reviews.materials.names import shown_name

LARGEST = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
SNIFFED = 4096
PICTURES = frozenset(headers.READERS)
PDF = "application/pdf"


class TooLarge(Refusal):
    """413: more bytes or pixels than the service takes."""

    status = 413
    code = "file_too_large"


class UnsupportedType(Refusal):
    """415: the content, whatever the name says, is none of the types accepted."""

    status = 415
    code = "file_type_unsupported"


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
    if content_type in PICTURES:
        _check_pixels(content_type, file)
    file.seek(0)
    return Admitted(content_type, shown_name(name, content_type))


def check_size(size: int) -> None:
    """Raises TooLarge above 10 MB, Invalid for nothing at all."""
    if size > LARGEST:
        raise TooLarge(_("文件超过 10 MB，请压缩或重新拍摄后再上传。"), attr="file")
    if size < 1:
        raise Invalid(_("文件是空的，请重新选择后上传。"), code="file_empty", attr="file")


def _type_of(file: IO[bytes]) -> str:
    file.seek(0)
    kind = filetype.guess(file.read(SNIFFED))
    found = kind.mime if kind else ""
    if found not in PICTURES and found != PDF:
        raise UnsupportedType(_("只能上传 JPEG、PNG、WebP、HEIC 图片或 PDF 文件，请转换格式后重新上传。"), attr="file")
    return str(found)


def _check_pixels(content_type: str, file: IO[bytes]) -> None:
    try:
        width, height = headers.size_of(content_type, file)
    except headers.Damaged as reason:
        raise Invalid(_("文件已损坏或不完整，请重新拍摄或导出后上传。"), code="file_damaged", attr="file") from reason
    if width * height > MOST_PIXELS:
        raise TooLarge(
            _("图片像素过大（上限 4000 万像素），请降低分辨率后重新上传。"), code="image_too_large", attr="file"
        )
