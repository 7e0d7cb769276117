"""Files that are two things at once, and files that are small as they come and unfold without end.

What is handed out again is a picture or a download, never a page: a browser that is told `nosniff` runs nothing of it.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reviews import materials
from reviews.materials import links
from reviews.materials.processing import NotConverted, convert
from tests import factories as make
from tests.reviews import material_files as files

PAGE = b"<!DOCTYPE html><html><script>alert('SecretPayload')</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>SecretPayload</script></svg>'


def png_with(*chunks: bytes) -> bytes:
    """A small PNG with more chunks behind its head."""
    picture = files.half_transparent_png()
    head = 8 + 25
    return picture[:head] + b"".join(chunks) + picture[head:]


def zipped(name: str = "run.js") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, "SecretPayload")
    return made.getvalue()


PICTURES = {
    "a JPEG with a page in its comment": lambda: files.jpeg(comment=PAGE),
    "a JPEG that goes on as a page": lambda: files.jpeg() + PAGE,
    "a JPEG that goes on as a PDF": lambda: files.jpeg() + files.pdf(catalogue=b"/X(SecretPayload)"),
    "a JPEG that goes on as an archive": files.jpeg_and_zip,
    "a JPEG that goes on as a Java program": lambda: files.jpeg() + zipped("META-INF/MANIFEST.MF"),
    "a PNG with a page in its text": lambda: png_with(files.png_chunk(b"tEXt", b"Comment\x00" + PAGE)),
    "a PNG that goes on as SVG": lambda: files.half_transparent_png() + SVG,
}
PAPERS = {
    "a PDF that goes on as a page": lambda: files.pdf() + PAGE,
    "a PDF with a page in its head": lambda: files.pdf().replace(b"%PDF-1.5\n", b"%PDF-1.5\n%" + PAGE + b"\n", 1),
    "a PDF that goes on as an archive": lambda: files.pdf() + zipped(),
}


@pytest.fixture
def owner(db: None) -> Any:
    return make.citizen(make.person())


def handed_out(owner: Any, content: bytes, name: str) -> Any:
    """The answer to the link of an upload, once it is processed."""
    stored = materials.process(materials.receive(owner, SimpleUploadedFile(name, content), "residence_permit").pk)
    assert stored.status == "ready", stored.problem
    answer = make.api().get(links.signed_url(stored, owner))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return answer


@pytest.mark.parametrize("kind", PICTURES)
def test_of_a_picture_that_is_more_only_the_picture_is_kept(owner: Any, kind: str) -> None:
    answer = handed_out(owner, PICTURES[kind](), "photo.html")

    content = answer.getvalue()
    assert (answer["Content-Type"], answer["Content-Disposition"]) == ("image/jpeg", 'inline; filename="photo.jpg"')
    assert content.startswith(b"\xff\xd8\xff")
    assert b"SecretPayload" not in content


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_that_is_more_is_a_download(owner: Any, kind: str) -> None:
    answer = handed_out(owner, PAPERS[kind](), "paper.html")

    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="paper.pdf"',
    )


@pytest.mark.parametrize("content", [SVG, b"\xef\xbb\xbf" + SVG, PAGE + files.jpeg(), zipped() + files.pdf()])
def test_what_begins_as_another_thing_is_refused(owner: Any, content: bytes) -> None:
    sent = {"kind": "residence_permit", "file": SimpleUploadedFile("a.jpg", content, "image/jpeg")}

    answer = make.api(owner).post("/api/v1/materials/", sent, format="multipart")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (415, "file_type_unsupported")


UNFOLDED = 512 << 20
BOMBS = {
    "a PNG whose text unfolds": (
        lambda: png_with(files.png_chunk(b"zTXt", b"Comment\x00\x00" + files.deflated_zeros(UNFOLDED))),
        "image/png",
    ),
    "a PNG whose colours unfold": (
        lambda: png_with(files.png_chunk(b"iCCP", b"p\x00\x00" + files.deflated_zeros(UNFOLDED))),
        "image/png",
    ),
    "a PNG with more pixels than it states": (
        lambda: files.png_header(80, 60) + files.png_chunk(b"IDAT", files.deflated_zeros(UNFOLDED)) + files.png_chunk(b"IEND", b""),
        "image/png",
    ),
    "a PDF of lists in lists": (lambda: files.pdf(catalogue=b"/X" + b"[" * 100_000 + b"]" * 100_000), "application/pdf"),
    "a PDF of books in books": (
        lambda: files.pdf(catalogue=b"/X" + b"<</X" * 100_000 + b" 1" + b">>" * 100_000), "application/pdf",
    ),
    "a PDF whose metadata unfolds": (
        lambda: files.pdf_of([
            b"<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>>",
            b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
            files.stream(zlib.compress(files.deflated_zeros(UNFOLDED), 9), b"/Type/Metadata/Filter[/FlateDecode/FlateDecode]"),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
        ]),
        "application/pdf",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BOMBS)
def test_what_unfolds_without_end_is_a_picture_or_refused(kind: str) -> None:
    """The converter is bounded in memory and time: whatever it gives up by is a verdict of its own."""
    make_it, content_type = BOMBS[kind]
    content = make_it()

    try:
        verdict = "pictured" if convert(content, content_type).thumbnail else ""
    except NotConverted as refused:
        verdict = refused.problem

    assert len(content) < 2 << 20
    assert verdict in ("pictured", "file_damaged", "file_too_complex")
