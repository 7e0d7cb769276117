"""What is refused at a glance, and under which name the rest comes in."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import Refusal
from reviews.materials import intake
from tests.reviews import material_files as files

LIMIT = 10 * 1024 * 1024
PICTURES = ["image/heic", "image/jpeg", "image/png", "image/webp"]


def admit(content, name="照片.jpg", size=None):
    return intake.admit(io.BytesIO(content), size=len(content) if size is None else size, name=name)


def refusal(content, **how):
    with pytest.raises(Refusal) as refused:
        admit(content, **how)
    (problem,) = refused.value.problems
    assert problem.attr == "file"
    return refused.value.status, problem.code


ACCEPTED = {
    "jpeg": (files.jpeg, "image/jpeg", (640, 480)),
    "progressive jpeg": (lambda: files.jpeg((123, 45), progressive=True), "image/jpeg", (123, 45)),
    "phone": (files.jpeg_of_a_phone, "image/jpeg", (300, 200)),
    "cmyk": (files.cmyk_jpeg, "image/jpeg", (80, 60)),
    "png": (files.half_transparent_png, "image/png", (80, 60)),
    "lossy webp": (files.webp, "image/webp", (80, 60)),
    "moving webp": (files.moving_webp, "image/webp", (80, 60)),
    "heic": (lambda: files.heic((128, 96)), "image/heic", (128, 96)),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_pictures_are_known_by_content_and_measured_by_header(name):
    make, content_type, size = ACCEPTED[name]

    content = make()

    assert admit(content, name="whatever.exe").content_type == content_type
    assert intake.size_of(content_type, io.BytesIO(content)) == size


def test_lossless_webp_is_measured():
    out = io.BytesIO()

    Image.new("RGB", (81, 61)).save(out, "WEBP", lossless=True)

    assert intake.size_of("image/webp", out) == (81, 61)


def test_pdf_is_known_by_content():
    assert admit(files.pdf(), name="发票.pdf") == intake.Admitted("application/pdf", "发票.pdf")


@pytest.mark.parametrize("name", files.PROGRAMS)
def test_renamed_program_is_refused(name):
    assert refusal(files.PROGRAMS[name], name="照片.jpg") == (415, "file_type_unsupported")


def test_size_is_bounded_to_the_byte():
    picture = files.jpeg()

    assert admit(picture, size=LIMIT).content_type == "image/jpeg"
    assert refusal(picture, size=LIMIT + 1) == (413, "file_too_large")
    assert refusal(b"") == (400, "file_empty")


def test_pixels_are_bounded_by_the_header_alone():
    assert refusal(files.huge_png(20_000)) == (413, "image_too_large")
    assert refusal(files.lying_jpeg()) == (413, "image_too_large")
    assert refusal(files.heic_header(12_000, 10_001)) == (413, "image_too_large")
    assert admit(files.heic_header(12_000, 10_000)).content_type == "image/heic"
    assert admit(files.jpeg_header(12_000, 10_000)).content_type == "image/jpeg"
    assert refusal(files.jpeg_header(12_000, 10_001)) == (413, "image_too_large")
    assert admit(files.png_header(8_000, 7_500)).content_type == "image/png"
    assert refusal(files.png_header(8_000, 7_501)) == (413, "image_too_large")


@pytest.mark.parametrize(
    ("content", "size", "told"),
    [
        (files.png_header(8_000, 7_501), 1, "图片有 8000 × 7501（6001 万像素），这种格式的上限是 6000 万像素。"),
        (files.heic_header(12_000, 10_001), 1, "图片有 12000 × 10001（1.21 亿像素），这种格式的上限是 1.2 亿像素。"),
        (b"", LIMIT + 1, "文件有 10.1 MB，超过上限 10 MB，"),
        (b"", 16 * 1024 * 1024, "文件有 16.0 MB，超过上限 10 MB，"),
    ],
    ids=["png", "heic", "a little too many bytes", "16 MB"],
)
def test_a_refusal_says_how_large_it_is_and_how_large_it_may_be(content, size, told):
    with pytest.raises(Refusal) as refused:
        admit(content, size=size)

    assert refused.value.detail.startswith(told)


@pytest.mark.parametrize("length", [3, 12, 24])
def test_picture_that_ends_within_its_header_is_refused(length):
    assert refusal(files.jpeg()[:length]) == (400, "file_damaged")


@pytest.mark.parametrize("filler", [b"\xff", b"\x00", b"\xff\x01", b"\xff\xfe\x00\x02"])
def test_jpeg_of_nothing_but_markers_is_given_up_at_once(filler):
    endless = b"\xff\xd8\xff" + filler * (LIMIT // len(filler))

    began = time.process_time()

    assert refusal(endless, size=LIMIT) == (400, "file_damaged")
    assert time.process_time() - began < 0.5


@given(st.sampled_from(PICTURES), st.binary(max_size=300), st.booleans())
def test_headers_of_anything_are_read_or_called_damaged(content_type, noise, after_a_true_start):
    start = {"image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF0000WEBPVP8"}
    content = start.get(content_type, b"\x00\x00\x00\x10ftypheic") * after_a_true_start + noise

    try:
        width, height = intake.size_of(content_type, io.BytesIO(content))
    except intake.Damaged:
        return

    assert min(width, height) >= 1


@pytest.mark.parametrize(
    ("given_name", "content_type", "shown"),
    [
        ("身份证.jpg", "image/jpeg", "身份证.jpg"),
        ("身份证.JPEG", "image/jpeg", "身份证.jpeg"),
        ("../../etc/passwd.png", "image/png", "passwd.png"),
        ("C:\\Users\\王\\发票.pdf", "application/pdf", "发票.pdf"),
        ("a/b\x00c\r\n.jpg", "image/jpeg", "bc.jpg"),
        ("photo\u202egpj.exe", "image/jpeg", "photogpj.jpg"),
        ("zero\u200bwidth\ufeff.jpg", "image/jpeg", "zerowidth.jpg"),
        ("setup.exe", "image/jpeg", "setup.jpg"),
        ("report 2026.11.21", "application/pdf", "report 2026.11.pdf"),
        ("3.5 版本说明文件", "application/pdf", "3.5 版本说明文件.pdf"),
        ('<img src="x">.jpg', "image/jpeg", "_img src=_x__.jpg"),
        ("..", "image/png", "材料.png"),
        ("", "image/heic", "材料.heic"),
        (".jpg", "image/jpeg", "材料.jpg"),
        ("IMG_1", "image/heic", "IMG_1.heic"),
    ],
)
def test_names_are_made_harmless(given_name, content_type, shown):
    assert intake.shown_name(given_name, content_type) == shown


@given(st.text(max_size=300), st.sampled_from(sorted(intake.SUFFIXES)))
def test_no_name_escapes(given_name, content_type):
    shown = intake.shown_name(given_name, content_type)

    assert shown.endswith(intake.SUFFIXES[content_type])
    assert 5 <= len(shown) <= 120
    assert not set(shown) & set('/\\<>:"|?*\x00\n\u202e')
    assert shown.isprintable()


def test_download_is_named_by_what_is_stored():
    assert intake.download_name("IMG_1.heic", "image/jpeg") == "IMG_1.jpg"
    assert intake.download_name("发票.pdf", "application/pdf") == "发票.pdf"
