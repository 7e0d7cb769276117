"""The converter, run as the worker runs it: what comes out of honest files, and what hostile ones achieve."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from reviews.materials.processing import PROGRAM, Converted, ConverterFailed, NotConverted, convert
from tests.reviews import material_files as files

JPEG, PNG, WEBP, HEIC, PDF = "image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf"


def opened(content):
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def near(pixel, wanted):
    return all(abs(is_ - should) <= 6 for is_, should in zip(pixel, wanted, strict=True))


def problem_of(content, content_type):
    with pytest.raises(NotConverted) as refused:
        convert(content, content_type)
    return refused.value.problem


def test_photo_is_scaled_down_and_pictured_small():
    done = convert(files.jpeg((3000, 1500)), JPEG)

    assert opened(done.picture).size == (2048, 1024)
    assert opened(done.thumbnail).size == (320, 160)
    assert done.pages == 1


def test_small_picture_keeps_its_size():
    done = convert(files.jpeg((120, 90)), JPEG)

    assert (opened(done.picture).size, opened(done.thumbnail).size) == ((120, 90), (120, 90))


def test_phone_photo_is_turned_and_says_nothing_of_where_and_how():
    original = files.jpeg_of_a_phone()

    assert original.count(b"Secret") == 3
    assert b"Exif" in original

    done = convert(original, JPEG)
    for content in (done.picture, done.thumbnail):
        picture = opened(content)
        assert picture.size == (200, 300)
        assert dict(picture.getexif()) == {}
        assert {"exif", "comment", "icc_profile", "xmp"} & set(picture.info) == set()
        assert b"Secret" not in content


def test_what_is_appended_to_a_picture_is_gone():
    done = convert(files.jpeg_and_zip(), JPEG)

    assert b"PK\x03\x04" not in done.picture
    assert done.picture.endswith(b"\xff\xd9")


@pytest.mark.parametrize("make", [files.half_transparent_png, files.palette_png_with_transparency])
def test_transparency_becomes_white(make):
    picture = opened(convert(make(), PNG).picture)

    corners = {picture.getpixel(place) for place in ((2, 2), (77, 57))}

    assert any(near(pixel, files.WHITE) for pixel in corners)
    assert any(near(pixel, files.RED) for pixel in corners)


def test_sixteen_bits_become_eight_not_white():
    picture = opened(convert(files.sixteen_bit_png(40_000), PNG).picture)

    assert near(picture.getpixel((40, 30)), (156, 156, 156))  # 40 000 / 256


HONEST = {
    "cmyk": (files.cmyk_jpeg, JPEG, (255, 0, 0)),
    "webp": (files.webp, WEBP, files.RED),
    "first frame of a moving webp": (files.moving_webp, WEBP, files.RED),
    "heic": (files.heic, HEIC, files.RED),
}


@pytest.mark.parametrize("name", HONEST)
def test_every_kind_of_picture_becomes_an_rgb_jpeg(name):
    make, content_type, color = HONEST[name]

    picture = opened(convert(make(), content_type).picture)

    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (80, 60))
    assert near(picture.getpixel((40, 30)), color)
    assert dict(picture.getexif()) == {}


WATCHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, env={})
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
"""Beside the converter in a small process: a child begins with as much memory on its account as its parent holds."""
UNITS_OF_A_MB = 1024 if sys.platform == "linux" else 1 << 20


def measured(content, content_type):
    """The picture that comes out, and how much memory the converter held at most, in megabytes."""
    command = [sys.executable, "-c", WATCHED, sys.executable, "-I", PROGRAM, content_type]
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    head, _, rest = done.stdout.partition(b"\n")
    return opened(rest[: json.loads(head)["picture"]]), int(done.stderr) // UNITS_OF_A_MB


LARGE = {
    "a photo of 48 megapixels": (lambda: files.jpeg((8000, 6000)), JPEG, (2048, 1536), 200),
    "a photo of 108 megapixels": (lambda: files.jpeg((12000, 9000)), JPEG, (2048, 1536), 200),
    "progressive, of 120": (lambda: files.jpeg((12000, 10000), progressive=True), JPEG, (2048, 1707), 500),
    "a panorama of 120": (lambda: files.jpeg((60000, 2000)), JPEG, (2048, 68), 200),
    "HEIC of 48": (lambda: files.heic((8000, 6000)), HEIC, (2048, 1536), 400),
    "PNG of 60 with transparency": (lambda: files.png((7700, 7700)), PNG, (2048, 2048), 500),
    "PNG of 60, black and white": (lambda: files.huge_png(7_700), PNG, (2048, 2048), 500),
    "WebP of 60": (lambda: files.webp((7700, 7700)), WEBP, (2048, 2048), 1024),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_photos_are_taken_and_fit_the_limit_of_memory(name):
    """The child may hold 1 GB (`convert.MEMORY`); a JPEG is decoded in part, so that it needs a fraction of it."""
    make, content_type, size, most = LARGE[name]

    picture, megabytes = measured(make(), content_type)

    assert picture.size == size
    assert megabytes < most


def test_a_large_photo_is_turned_as_its_camera_said():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6

    picture, _megabytes = measured(files.jpeg((12000, 9000), exif=exif), JPEG)

    assert picture.size == (1536, 2048)


def test_what_is_made_small_in_strips_has_no_seams():
    """Red above, white below, their border inside a strip: every row of the stored picture is one or the other."""
    sent = Image.new("RGB", (7000, 7000), files.RED)
    sent.paste(files.WHITE, (0, 3500, 7000, 7000))
    out = io.BytesIO()
    sent.save(out, "PNG", compress_level=1)

    picture = opened(convert(out.getvalue(), PNG).picture)
    column = [picture.getpixel((1000, row)) for row in range(picture.height)]

    assert picture.size == (2048, 2048)
    assert all(near(pixel, files.RED) for pixel in column[:1016])
    assert all(near(pixel, files.WHITE) for pixel in column[1032:])


def test_pdf_is_pictured_and_counted():
    done = convert(files.pdf(pages=20), PDF)

    assert (done.pages, done.picture) == (20, None)

    thumbnail = opened(done.thumbnail)

    assert max(thumbnail.size) == 320
    assert near(thumbnail.getpixel((100, 100)), files.RED)


def test_pdf_with_a_script_is_pictured_without_running_it():
    assert convert(files.pdf_with_script(), PDF).pages == 1


@pytest.mark.parametrize("name", files.ACTIVE)
def test_a_pdf_that_could_do_more_than_be_read_is_replaced_by_pictures_of_its_pages(name):
    original = files.pdf(pages=2, size=(200, 100), catalogue=files.ACTIVE[name])

    done = convert(original, PDF)
    again = convert(done.picture, PDF)
    page = convert(done.picture, PDF, "2")

    assert (done.pages, again.pages, again.picture) == (2, 2, None)
    assert opened(page.picture).size == (2048, 1024)
    assert near(opened(page.picture).getpixel((1000, 500)), files.RED)


@pytest.mark.parametrize("name", files.PASSIVE)
def test_a_pdf_that_can_only_be_read_stays_as_it_is(name):
    assert convert(files.pdf(catalogue=files.PASSIVE[name]), PDF).picture is None


HOSTILE = {
    "cut jpeg": (lambda: files.jpeg((2000, 2000))[:9000], JPEG, "file_damaged"),
    "cut png": (lambda: files.half_transparent_png()[:-40], PNG, "file_damaged"),
    "cut heic": (lambda: files.heic()[:-100], HEIC, "file_damaged"),
    "webp called jpeg": (files.webp, JPEG, "file_damaged"),
    "huge png": (files.huge_png, PNG, "image_too_large"),
    "png over 60 megapixels": (lambda: files.huge_png(7_800), PNG, "image_too_large"),
    "jpeg over 120 megapixels": (lambda: files.jpeg_header(12_000, 10_001), JPEG, "image_too_large"),
    "lying jpeg": (files.lying_jpeg, JPEG, "image_too_large"),
    "cut pdf": (lambda: files.pdf()[:300], PDF, "file_damaged"),
    "no pdf": (lambda: b"%PDF-1.7 and nothing else", PDF, "file_damaged"),
    "locked pdf": (files.locked_pdf, PDF, "pdf_encrypted"),
    "21 pages": (lambda: files.pdf(pages=21), PDF, "pdf_too_many_pages"),
    "100 000 pages": (lambda: files.pdf(pages=100_000), PDF, "pdf_too_many_pages"),
    "larger than A0": (lambda: files.pdf(size=(3401, 100)), PDF, "pdf_page_too_large"),
    "tree in itself": (files.pdf_tree_in_itself, PDF, "file_damaged"),
    "deep tree": (files.deep_pdf, PDF, "file_damaged"),
    "content bomb": (files.pdf_content_bomb, PDF, "file_too_complex"),
    "object bomb": (files.pdf_object_stream_bomb, PDF, "file_too_complex"),
    "drawing bomb": (files.pdf_endless_drawing, PDF, "file_too_complex"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_files_are_refused_by_code(name):
    make, content_type, problem = HOSTILE[name]

    assert problem_of(make(), content_type) == problem


def test_picture_bomb_in_a_pdf_is_drawn_in_bounded_memory():
    assert convert(files.pdf_picture_bomb(), PDF).pages == 1


def test_pdf_that_lies_about_its_pages_is_counted_by_what_is_there():
    assert convert(files.pdf_that_claims_pages(2_000_000_000), PDF).pages == 1


@pytest.mark.skipif(sys.platform != "linux", reason="finds the child in /proc")
def test_killed_converter_is_no_verdict_on_the_file():
    """SIGKILL from outside (out of memory, an operator) is worth another attempt; the next one succeeds."""
    content = files.pdf()
    verdict = []

    def watched():
        try:
            verdict.append(convert(content, PDF))
        except ConverterFailed as reason:
            verdict.append(str(reason))

    thread = threading.Thread(target=watched)
    thread.start()
    _kill_converter(thread)

    thread.join()

    assert verdict == ["exit -9: "]
    assert isinstance(convert(content, PDF), Converted)


def _kill_converter(thread):
    while thread.is_alive():
        for children in Path("/proc/self/task").glob("*/children"):
            for pid in map(int, children.read_text().split()):
                if b"convert.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGKILL)
                    return
