"""The converter: makes one uploaded file safe, as a program of its own under tight limits.

    python -I convert.py CONTENT_TYPE [PAGE] < original > answer

With PAGE it pictures that page of a PDF, and makes no thumbnail. The answer is one line of JSON, `{"problem": code}` or
`{"pages": n, "picture": bytes, "thumbnail": bytes}`, then what takes the original's place (nothing: it stays as it is), and the
thumbnail, a JPEG. A picture is replaced by a JPEG; a PDF stays, for its signature counts, unless it could do anything but
be read: then its pages come back as pictures, in a PDF without anything else. It imports nothing of the site, gets no environment, and opens no file.
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
PDF = "application/pdf"
ACTIVE_KEYS = frozenset({"/JS", "/AA", "/EF", "/EmbeddedFiles", "/AF", "/XFA", "/RichMediaContent", "/3DD"})
ACTIVE_KINDS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/URI",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/Movie",
        "/Sound",
        "/Rendition",
    }
    | {"/GoTo3DView", "/RichMediaExecute", "/FileAttachment", "/RichMedia", "/Screen", "/3D", "/Filespec"}
)
"""ISO 32000-2: what starts something, leads out of the paper, asks for input or brings another file along (§12.6, §12.5.6, §7.11)."""
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
    if content_type == PDF:
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
    """Count the pages and picture the first one; all of them where the paper could do more than be read."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        pdf = pypdfium2.PdfDocument(original)
        pages = _checked_pages(pdf)
        first = pdf[0]
        picture = first.render(scale=THUMBNAIL_SIDE / max(first.get_size())).to_pil()
        flat = _flattened(pdf) if _is_active(original) else b""
    except pypdfium2.PdfiumError as reason:
        locked = reason.err_code == raw.FPDF_ERR_PASSWORD
        raise Problem("pdf_encrypted" if locked else "file_damaged") from reason
    return pages, flat, _jpeg(_flat(picture), THUMBNAIL_SIDE)


def _is_active(original: bytes) -> bool:
    """Whether any object of the PDF starts, fetches, asks for or carries anything; true too where it cannot be read through."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(original), suppress_warnings=True, inherit_page_attributes=False) as pdf:
            return any(map(_has_active_part, pdf.objects))
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return True


def _has_active_part(whole: Any) -> bool:
    """Look through one object with what is written inside it; what it only refers to comes by itself."""
    import pikepdf

    left = [whole]
    while left:
        part = left.pop()
        if isinstance(part, pikepdf.Stream):
            part = part.stream_dict
        if isinstance(part, pikepdf.Dictionary):
            kinds = {str(part.get(key, "")) for key in ("/S", "/Subtype", "/Type")}
            if not ACTIVE_KEYS.isdisjoint(part.keys()) or not ACTIVE_KINDS.isdisjoint(kinds):
                return True
            left += [value for value in part.values() if _is_inside(value)]
        elif isinstance(part, pikepdf.Array):
            left += [value for value in part if _is_inside(value)]
    return False


def _is_inside(value: Any) -> bool:
    return getattr(value, "is_indirect", True) is False


def _flattened(pdf: Any) -> bytes:
    """A PDF of the pages' pictures, each as large as its page was. One page is drawn at a time."""
    import pikepdf

    flat = pikepdf.new()
    for page in pdf:
        width, height = page.get_size()
        drawn = _flat(page.render(scale=SIDE / max(width, height)).to_pil())
        size = drawn.size
        image = flat.make_stream(
            _jpeg(drawn, SIDE),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=size[0],
            Height=size[1],
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        flat.add_blank_page(page_size=(width, height))
        flat.pages[-1].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image))
        flat.pages[-1].Contents = flat.make_stream(f"{width} 0 0 {height} 0 0 cm /Page Do".encode())
    out = io.BytesIO()
    flat.save(out)
    return out.getvalue()


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
