"""The converter: makes one uploaded file safe, as a program of its own under tight limits.

    python -I convert.py CONTENT_TYPE [PAGE] < original > answer

With PAGE it pictures that page of a PDF, and makes no thumbnail. The answer is one line of JSON, `{"problem": code}` or `{"pages": n, "picture": bytes, "thumbnail": bytes}`, and then the picture (pictures only:
a PDF stays as it is) and the thumbnail, both JPEG. It imports nothing of the site, gets no environment, and opens no file.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MEMORY = 1 << 30
CPU_SECONDS = 20
MOST_PAGES = 20
LARGEST_PAGE = 3400  # points: A0 is 3370 long
SIDE = 2048
NEARLY, STRIP = 3 * SIDE // 2, 256
THUMBNAIL_SIDE = 320
HEIC = "image/heic"
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MOST_PIXELS = {"image/jpeg": 120_000_000, HEIC: 120_000_000, "image/png": 60_000_000, "image/webp": 60_000_000}
"""What fits the memory: a telephone's largest photo has 108 million, of which a JPEG is decoded in part (`intake.py` knows them too)."""


class Problem(Exception):
    """Why the file is not used; the argument is a stable code of `reviews.materials.bodies.SENTENCES`."""


def limit() -> None:
    """Bound memory and time of this process for good, and keep it from writing files."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def convert(content_type: str, original: bytes) -> tuple[int, bytes, bytes]:
    """Return (pages, picture, thumbnail). Raises Problem."""
    if content_type == "application/pdf":
        return _from_pdf(original)
    picture = _opened(content_type, original)
    return 1, _jpeg(picture, SIDE), _jpeg(picture, THUMBNAIL_SIDE)


def _opened(content_type: str, original: bytes) -> Picture:
    """A picture made small, turned as its camera said, on white, without anything that is not a pixel."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS[content_type]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        return _from_heic(original) if content_type == HEIC else _from_picture(content_type, original)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as reason:
        raise Problem("image_too_large") from reason
    except (MemoryError, Problem):
        raise
    except Exception as reason:  # decoders raise whatever a hostile file makes them trip over
        raise Problem("file_damaged") from reason


def _from_picture(content_type: str, original: bytes) -> Picture:
    """A JPEG is decoded at a half, a quarter or an eighth of its size, where that is enough; other formats only whole."""
    from PIL import ExifTags, Image, ImageOps

    with Image.open(io.BytesIO(original), formats=[FORMATS[content_type]]) as picture:
        wide, high, longer = *picture.size, max(picture.size)
        picture.draft(None, (max(1, wide * SIDE // longer), max(1, high * SIDE // longer)))
        picture.load()
        width = picture.width
        small = _shrunk(picture.size, lambda top, bottom: picture.crop((0, top, width, bottom)))
        turned = picture.getexif().get(ExifTags.Base.Orientation, 1)
    small.getexif()[ExifTags.Base.Orientation] = turned
    upright = ImageOps.exif_transpose(small)
    upright.info.clear()
    return upright


def _from_heic(original: bytes) -> Picture:
    """The library decodes it whole, and turns it; what it holds is read strip by strip, for Pillow's copy would not fit beside it."""
    import pillow_heif
    from PIL import Image

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.options.THUMBNAILS = False
    file = pillow_heif.open_heif(io.BytesIO(original))
    image = file[file.primary_index]
    width, height = image.size
    if width * height > MOST_PIXELS[HEIC]:
        raise Problem("image_too_large")
    pixels, stride, mode = image.data, image.stride, image.mode

    def strip(top: int, bottom: int) -> Picture:
        rows = pixels[top * stride : bottom * stride]
        return Image.frombuffer(mode, (width, bottom - top), rows, "raw", mode, stride, 1)

    return _shrunk(image.size, strip)


def _shrunk(size: tuple[int, int], strip: Callable[[int, int], Picture]) -> Picture:
    """The picture flat and not much larger than it is stored, from its rows `top` to `bottom`: no copy of the whole is made."""
    from PIL import Image

    width, height = size
    factor = max(1, max(size) // NEARLY)
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    for top in range(0, height, STRIP * factor):
        rows = _flat(strip(top, min(top + STRIP * factor, height)))
        small.paste(rows.reduce(factor) if factor > 1 else rows, (0, top // factor))
    return small


def _flat(picture: Picture) -> Picture:
    """Eight bits of red, green and blue; what was transparent becomes white."""
    from PIL import Image

    if picture.mode.startswith("I"):
        picture = picture.point(lambda value: value / 256).convert("L")
    if not picture.has_transparency_data:
        flat = picture.convert("RGB")
        flat.info.clear()
        return flat
    white = Image.new("RGB", picture.size, "white")
    picture = picture.convert("RGBA")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _jpeg(picture: Picture, side: int) -> bytes:
    from PIL import Image

    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _from_pdf(original: bytes) -> tuple[int, bytes, bytes]:
    """Count the pages and picture the first one. The PDF itself may carry an electronic signature and stays as it is."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        pdf = pypdfium2.PdfDocument(original)
        pages = _checked_pages(pdf)
        first = pdf[0]
        picture = first.render(scale=THUMBNAIL_SIDE / max(first.get_size())).to_pil()
    except pypdfium2.PdfiumError as reason:
        locked = reason.err_code == raw.FPDF_ERR_PASSWORD
        raise Problem("pdf_encrypted" if locked else "file_damaged") from reason
    return pages, b"", _jpeg(_flat(picture), THUMBNAIL_SIDE)


def picture_of_page(original: bytes, number: int) -> tuple[int, bytes, bytes]:
    """One page of a PDF that was taken in, large enough to read: (pages, picture, no thumbnail). Raises Problem."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(original)
        pages, page = _checked_pages(pdf), pdf[number - 1]
        picture = page.render(scale=SIDE / max(page.get_size())).to_pil()
    except (pypdfium2.PdfiumError, IndexError) as reason:
        raise Problem("file_damaged") from reason
    return pages, _jpeg(_flat(picture), SIDE), b""


def _checked_pages(pdf: Any) -> int:
    pages = len(pdf)
    if pages < 1:
        raise Problem("file_damaged")
    if pages > MOST_PAGES:
        raise Problem("pdf_too_many_pages")
    for number in range(pages):
        width, height = pdf.get_page_size(number)
        if not 0 < max(width, height) <= LARGEST_PAGE:
            raise Problem("pdf_page_too_large")
    return pages


def main() -> None:
    limit()
    out, original = sys.stdout.buffer, sys.stdin.buffer.read()
    try:
        content_type, *page = sys.argv[1:]
        pages, picture, thumbnail = picture_of_page(original, int(page[0])) if page else convert(content_type, original)
    except Problem as reason:
        out.write(json.dumps({"problem": str(reason)}).encode())
    except MemoryError:
        out.write(b'{"problem": "file_too_complex"}')
    else:
        head = {"pages": pages, "picture": len(picture), "thumbnail": len(thumbnail)}
        out.write(json.dumps(head).encode() + b"\n" + picture + thumbnail)


if __name__ == "__main__":
    main()
