"""How many pixels a picture claims to have, read from its first bytes: nothing is decoded, no picture library is trusted.

The sizes stand in: JPEG ITU-T T.81 B.2.2 (SOF), PNG ISO/IEC 15948 §11.2.2 (IHDR), WebP RFC 9649 §2.5–2.7,
HEIC ISO/IEC 23008-12 §6.5.3 (ispe).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

Size = tuple[int, int]
STEPS = 1000
LARGEST_META = 1 << 20
START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
WITHOUT_LENGTH = frozenset({0x01, 0xFF, *range(0xD0, 0xD9)})


class Damaged(ValueError):
    """The header does not state a size."""


def size_of(content_type: str, file: IO[bytes]) -> Size:
    """Return (width, height) as the header states them; Damaged if it does not. Leaves the file where it stopped reading."""
    file.seek(0)
    size = READERS[content_type](file)
    if min(size) < 1:
        raise Damaged("a side of no pixels")
    return size


def _number(cell: bytes) -> int:
    return int.from_bytes(cell, "big")


def _little(cell: bytes) -> int:
    return int.from_bytes(cell, "little")


def _exactly(file: IO[bytes], length: int) -> bytes:
    cell = file.read(length)
    if len(cell) < length:
        raise Damaged("ends too early")
    return cell


def _png(file: IO[bytes]) -> Size:
    head = _exactly(file, 24)
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        raise Damaged("no IHDR")
    return _number(head[16:20]), _number(head[20:24])


def _jpeg(file: IO[bytes]) -> Size:
    _exactly(file, 2)
    for _step in range(STEPS):
        marker = _marker(file)
        if marker in START_OF_FRAME:
            frame = _exactly(file, 7)
            return _number(frame[5:7]), _number(frame[3:5])
        if marker not in WITHOUT_LENGTH:
            file.seek(max(_number(_exactly(file, 2)) - 2, 0), 1)
    raise Damaged("no frame header")


def _marker(file: IO[bytes]) -> int:
    prefix, marker = _exactly(file, 2)
    if prefix != 0xFF:
        raise Damaged("no marker where one belongs")
    if marker == 0xFF:
        file.seek(-1, 1)
    return marker


def _webp(file: IO[bytes]) -> Size:
    head = _exactly(file, 30)
    form, body = head[12:16], head[20:]
    if form == b"VP8X":
        return _little(body[4:7]) + 1, _little(body[7:10]) + 1
    if form == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        return _little(body[6:8]) & 0x3FFF, _little(body[8:10]) & 0x3FFF
    if form == b"VP8L" and body[0] == 0x2F:
        bits = _little(body[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise Damaged("no frame header")


def _heic(file: IO[bytes]) -> Size:
    """The largest of the sizes stated: a photo is often a grid of tiles, each with a size of its own."""
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
    for _step in range(STEPS):
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
    found: list[int] = []
    at = text.find(wanted)
    while at >= 0 and len(found) < STEPS:
        found.append(at)
        at = text.find(wanted, at + 4)
    return found


READERS: dict[str, Callable[[IO[bytes]], Size]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/heic": _heic,
}
