"""Files people upload, honest and hostile, made by code: every byte of an attack can be read here."""

import io
import struct
import zipfile
import zlib

import pillow_heif
from PIL import ExifTags, Image, ImageCms

RED, WHITE = (220, 30, 30), (255, 255, 255)
PLACE = (31.0, 14.0, 0.0)  # 31°14' N


def _saved(picture, form, **how):
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def jpeg(size=(640, 480), color=RED, **how):
    return _saved(Image.new("RGB", size, color), "JPEG", **how)


def jpeg_of_a_phone():
    """300 × 200 as stored, to be turned a quarter (orientation 6); with a place, a comment and an application segment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "SecretCamera"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: PLACE, 3: "E", 4: PLACE})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    how = {
        "exif": exif,
        "comment": b"SecretComment",
        "icc_profile": profile,
        "xmp": b"<x:xmpmeta>SecretXMP</x:xmpmeta>",
    }
    return jpeg((300, 200), **how)


def cmyk_jpeg():
    return _saved(Image.new("CMYK", (80, 60), (0, 255, 255, 0)), "JPEG")


def half_transparent_png():
    """Left half red, right half transparent black."""
    picture = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
    picture.paste((*RED, 255), (0, 0, 40, 60))
    return _saved(picture, "PNG")


def palette_png_with_transparency():
    picture = Image.new("P", (80, 60), 1)
    picture.putpalette([0, 0, 0, *RED])
    picture.paste(0, (0, 0, 40, 60))
    return _saved(picture, "PNG", transparency=0)


def sixteen_bit_png(level):
    return _saved(Image.new("I;16", (80, 60), level), "PNG")


def moving_webp():
    frames = [Image.new("RGB", (80, 60), color) for color in (RED, WHITE)]
    return _saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)


def webp(size=(80, 60)):
    return _saved(Image.new("RGB", size, RED), "WEBP", method=0)


def png(size):
    """All of it half transparent."""
    return _saved(Image.new("RGBA", size, (*RED, 128)), "PNG", compress_level=1)


def heic(size=(80, 60)):
    picture = Image.new("RGB", size, RED)
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: PLACE})
    pillow_heif.register_heif_opener()
    return _saved(picture, "HEIF", exif=exif, enc_params={"preset": "ultrafast"})


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(side=20_000):
    """`side`² black pixels of one bit in a few kilobytes."""
    pixels = zlib.compressobj(9)
    row = bytes(side // 8 + 2)[: (side + 7) // 8 + 1]
    body = b"".join(pixels.compress(row) for _ in range(side)) + pixels.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def lying_jpeg():
    """A small picture whose frame header says 65 000 × 65 000."""
    return jpeg_header(65_000, 65_000)


def jpeg_header(width, height):
    """A small picture whose frame header states this size."""
    picture = jpeg((64, 64))
    at = picture.index(b"\xff\xc0") + 5
    return picture[:at] + struct.pack(">HH", height, width) + picture[at + 4 :]


def png_header(width, height):
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def jpeg_and_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("run.js", "SecretPayload")
    return jpeg() + packed.getvalue()


PROGRAMS = {
    "windows": b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + bytes(400),
    "linux": b"\x7fELF\x02\x01\x01" + bytes(400),
    "script": b"#!/bin/sh\nrm -rf /\n",
    "page": b"<!DOCTYPE html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "gif": b"GIF89a" + bytes(400),
    "archive": b"PK\x03\x04" + bytes(400),
    "text": "王秀兰".encode(),
}


def pdf_of(objects, root=1, extra=b""):
    """A PDF from the bodies of its objects, numbered from 1; `root` is the catalogue."""
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root %d 0 R%s>>\n" % (len(objects) + 1, root, extra)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def stream(body, entries=b""):
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(body), entries, body)


def pdf(pages=1, size=(595, 842), extra=b"", catalogue=b""):
    """A PDF of empty pages with a red square on each; the size is in points."""
    box = b"[0 0 %d %d]" % size
    kids = b" ".join(b"%d 0 R" % number for number in range(4, 4 + pages))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox%s/Contents 3 0 R>>" % box
    tree = b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids)
    square = stream(b"0.86 0.12 0.12 rg 0 0 %d %d re f" % size)
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue, tree, square, *[page] * pages], extra=extra)


def locked_pdf():
    """Encrypted with a password nobody knows."""
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(%s)/U(%s)>>/ID[<00><00>]" % (b"o" * 32, b"u" * 32)
    return pdf(extra=lock)


def pdf_with_script():
    return pdf(catalogue=b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>")


ACTIVE = {
    "script when opened": b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>",
    "script by another spelling": b"/OpenAction<</S/Java#53cript/J#53(app.alert\\(1\\))>>",
    "named script": b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(1)>>]>>>>",
    "program to start": b"/OpenAction<</S/Launch/F(calc.exe)>>",
    "another file inside": b"/Names<</EmbeddedFiles<</Names[(a.exe)<</Type/Filespec/F(a.exe)/EF<</F 3 0 R>>>>]>>>>",
    "deeds of a page": b"/AA<</WC<</S/GoTo/D[4 0 R/Fit]>>>>",
    "deeds deep inside": b"/X[[<</Y<</Z[<</S/SubmitForm/F(http://x.example)>>]>>>>]]",
    "address to open": b"/OpenAction<</S/URI/URI(http://x.example)>>",
    "form of another kind": b"/AcroForm<</XFA 3 0 R/Fields[]>>",
}
"""Entries of a PDF's catalogue that do something, ask for something or carry another file (ISO 32000-2 §12.6, §7.11, §12.7)."""
PASSIVE = {
    "first page shown": b"/OpenAction[4 0 R/Fit]",
    "to a page": b"/OpenAction<</S/GoTo/D[4 0 R/Fit]>>",
    "outline and metadata": b"/Outlines<</Count 0>>/Metadata 3 0 R/Lang(zh-CN)",
    "structure": b"/StructTreeRoot<</Type/StructTreeRoot/K[<</S/P/P 1 0 R>>]>>",
}


def pdf_that_claims_pages(count):
    """One page, and a tree that says it has `count`."""
    return pdf().replace(b"/Count 1/", b"/Count %d/" % count)


def pdf_tree_in_itself():
    tree = b"<</Type/Pages/Count 2/Kids[2 0 R 2 0 R]>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", tree])


def deep_pdf(depth=20_000):
    """A page below `depth` nodes."""
    nodes = [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (number + 1) for number in range(2, depth + 2)]
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", *nodes, b"<</Type/Page/MediaBox[0 0 595 842]>>"])


def deflated_zeros(size):
    """`size` zeros (whole megabytes), deflated: one block again and again, and the sum of RFC 1950 by arithmetic."""
    pack = zlib.compressobj(9)
    block = pack.compress(bytes(1 << 20)) + pack.flush(zlib.Z_FULL_FLUSH)
    head, block = block[:2], block[2:]
    return head + block * (size >> 20) + b"\x03\x00" + struct.pack(">HH", size % 65521, 1)


def pdf_content_bomb(size=2 << 30):
    """A page whose drawing instructions unfold to `size` bytes."""
    body = stream(zlib.compress(deflated_zeros(size), 9), b"/Filter[/FlateDecode/FlateDecode]")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[4 0 R]>>", body, page])


def pdf_object_stream_bomb(size=2 << 30):
    """The page lies in an object stream that unfolds to `size` bytes."""
    how = b"/Type/ObjStm/N 1/First 4/Filter[/FlateDecode/FlateDecode]"
    bomb = stream(zlib.compress(deflated_zeros(size), 9), how)
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, body in ((1, b"<</Type/Catalog/Pages 2 0 R>>"), (3, bomb)):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    rows = [(0, 0, 255), (1, places[0], 0), (2, 3, 0), (1, places[1], 0), (1, table, 0)]
    index = b"".join(struct.pack(">BIB", *row) for row in rows)
    entries = b"/Type/XRef/Size 5/W[1 4 1]/Root 1 0 R"
    out += b"4 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(index, entries), table)
    return bytes(out)


def pdf_picture_bomb(side=20_000):
    """A picture of `side`² pixels on an ordinary page."""
    how = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode"
    picture = stream(deflated_zeros(side * side * 3), how % (side, side))
    draw = stream(b"500 0 0 500 0 0 cm /P Do")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</XObject<</P 5 0 R>>>>>>"
    tree = b"<</Type/Pages/Count 1/Kids[4 0 R]>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", tree, draw, page, picture])


def pdf_endless_drawing():
    """Patterns and forms that draw one another: twenty doublings of work in a kilobyte."""
    forms = []
    for level in range(30):
        number = 5 + level
        called = b"/F Do " * 10 if level < 29 else b"0 0 100 100 re f "
        entries = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
        if level < 29:
            entries += b"/Resources<</XObject<</F %d 0 R>>>>" % (number + 1)
        forms.append(stream(called, entries))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</XObject<</F 5 0 R>>>>>>"
    tree = b"<</Type/Pages/Count 1/Kids[4 0 R]>>"
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", tree, stream(b"/F Do " * 10), page, *forms])


def heic_header(width, height):
    """The boxes of a HEIC photo up to the size it states, in the order ISO/IEC 23008-12 gives them."""
    stated = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    meta = struct.pack(">I4sI", 12 + len(stated), b"meta", 0) + stated
    return struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"heic", 0, b"mif1", b"heic") + meta
