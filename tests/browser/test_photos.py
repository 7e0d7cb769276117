"""Photos on the phone: made small before they are sent, several at once, one of them tried again, seen in full, turned and cropped."""

from io import BytesIO

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect

from reviews import materials
from reviews.materials import storage
from reviews.models import Material
from tests.browser.acts import choose, open_page, read_notice, sign_in
from tests.factories import enrollment, person
from tests.rivals import wait_until

RED, BLUE = (220, 30, 30), (30, 60, 220)


def halves(size, name="居住证.jpg", **how):
    """Left half red, right half blue, as it is stored."""
    picture = Image.new("RGB", size, BLUE)
    picture.paste(RED, (0, 0, size[0] // 2, size[1]))
    data = BytesIO()
    picture.save(data, "JPEG", **how)
    return {"name": name, "mimeType": "image/jpeg", "buffer": data.getvalue()}


def sent(row):
    """The picture as the phone sent it."""
    return Image.open(BytesIO(storage.read(row.file.name))).convert("RGB")


def near(pixel, wanted):
    return all(abs(is_ - should) <= 12 for is_, should in zip(pixel, wanted, strict=True))


@pytest.fixture
def form(phone):
    owner = enrollment(person("王秀兰"))
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    return phone


def add(phone, *pictures):
    """Choose them, and wait until each is at the server."""
    count = phone.locator(".file").count()
    phone.locator(".adder input").nth(1).set_input_files(list(pictures))
    expect(phone.locator(".file")).to_have_count(count + len(pictures))


def arrived(phone, count):
    expect(phone.get_by_text("正在处理…")).to_have_count(count)


def test_a_photo_of_108_megapixels_is_made_small_and_upright(form):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # a quarter to the right: red above blue

    add(form, halves((12000, 9000), exif=exif))
    arrived(form, 1)

    row = Material.objects.get()
    picture = sent(row)
    assert picture.size == (1920, 2560)
    assert near(picture.getpixel((960, 100)), RED)
    assert near(picture.getpixel((960, 2460)), BLUE)
    assert row.size < 1024 * 1024


def test_two_at_once_of_which_one_is_tried_again(form, watch):
    watch.refusals = {503}
    times = []

    def fails_once(route):
        times.append(route)
        if len(times) == 1:
            return route.fulfill(status=503, body="")
        return route.continue_()

    form.route("**/api/v1/materials/", fails_once)

    add(form, halves((1200, 800), "正面.jpg"), halves((1200, 800), "背面.jpg"))

    expect(form.locator(".file-bad")).to_have_count(1)
    arrived(form, 1)
    assert Material.objects.count() == 1

    form.get_by_role("button", name="重试").click()

    expect(form.locator(".file-bad")).to_have_count(0)
    arrived(form, 2)
    assert sorted(Material.objects.values_list("filename", flat=True)) == ["正面.jpg", "背面.jpg"]


def test_a_photo_is_seen_in_full_turned_and_cropped(form):
    add(form, halves((1200, 800)))
    arrived(form, 1)
    first = Material.objects.get()

    form.get_by_role("button", name="查看大图：居住证.jpg").click()
    dialog = form.get_by_role("dialog", name="居住证.jpg")
    expect(dialog.get_by_role("img")).to_be_visible()
    dialog.get_by_role("button", name="旋转").click()  # red above blue
    expect(dialog.get_by_role("button", name="保存")).to_be_visible()
    dialog.get_by_role("button", name="裁剪").click()
    corner = dialog.get_by_role("button", name="裁剪框右下角")
    for _press in range(25):  # from 95 % up to 45 %: nothing blue is left
        corner.press("ArrowUp")
    dialog.get_by_role("button", name="保存").click()

    expect(dialog).to_be_hidden()
    arrived(form, 1)
    row = Material.objects.get()
    picture = sent(row)
    assert row.pk != first.pk
    assert picture.size == (720, 480)  # 90 % of 800, 40 % of 1200
    assert near(picture.getpixel((10, 10)), RED)
    assert near(picture.getpixel((700, 470)), RED)


def test_a_photo_already_at_the_server_is_turned_there_too(form):
    add(form, halves((1200, 800)))
    arrived(form, 1)
    materials.process(Material.objects.get().pk)
    expect(form.get_by_text("已上传")).to_be_visible()

    form.get_by_role("button", name="查看大图").click()
    dialog = form.get_by_role("dialog", name="居住证.jpg")
    dialog.get_by_role("button", name="旋转").click()
    expect(dialog.get_by_role("button", name="保存")).to_be_visible()
    dialog.get_by_role("button", name="保存").click()

    arrived(form, 1)
    assert sent(Material.objects.get()).size == (800, 1200)


def test_what_is_tapped_while_a_photo_is_turned_is_not_lost(form):
    """Twice to the right, and saved, before the first turn is drawn."""
    add(form, halves((1200, 800)))
    arrived(form, 1)
    form.get_by_role("button", name="查看大图").click()
    dialog = form.get_by_role("dialog", name="居住证.jpg")
    expect(dialog.get_by_role("button", name="旋转")).to_be_enabled()
    before = Material.objects.get()

    dialog.get_by_role("button", name="旋转").evaluate("turn => { turn.click(); turn.click(); }")
    dialog.evaluate("photo => photo.querySelector('.photo-done').click()")

    expect(dialog).to_be_hidden()
    others = Material.objects.exclude(pk=before.pk)
    wait_until(others.exists)
    picture = sent(others.get())
    assert picture.size == (1200, 800)
    assert near(picture.getpixel((100, 400)), BLUE)


def test_the_frame_is_drawn_by_touch(form):
    add(form, halves((1200, 800)))
    arrived(form, 1)
    form.get_by_role("button", name="查看大图").click()
    dialog = form.get_by_role("dialog", name="居住证.jpg")
    dialog.get_by_role("button", name="裁剪").click()
    corner = dialog.get_by_role("button", name="裁剪框左上角").bounding_box()
    shown = dialog.get_by_role("img").bounding_box()

    form.mouse.move(corner["x"] + 22, corner["y"] + 22)
    form.mouse.down()
    form.mouse.move(shown["x"] + shown["width"] * 0.5, shown["y"] + shown["height"] * 0.5, steps=5)
    form.mouse.up()
    dialog.get_by_role("button", name="保存").click()

    expect(dialog).to_be_hidden()
    arrived(form, 1)
    width, height = sent(Material.objects.get()).size
    assert abs(width - 540) <= 12, width  # from the middle to 95 %: 45 % of 1200 × 800
    assert abs(height - 360) <= 12, height


def test_what_the_phone_cannot_read_goes_as_it_is_or_says_how_large_it_is(form):
    """A HEIC that this browser knows nothing of: the server can read it, up to 10 MB; beyond, what helps is said. So of a PDF."""
    heic = b"\0\0\0\x18ftypheic"
    add(form, {"name": "大.heic", "mimeType": "", "buffer": heic + bytes(16 * 1024 * 1024)})

    too_large = form.locator(".file-bad")
    expect(too_large).to_contain_text("这张照片有 16.1 MB，超过 10 MB，这个浏览器又打不开它")
    expect(too_large).to_contain_text("请在相册里另存为 JPG，或截屏后上传截图")
    too_large.get_by_role("button", name="删除").click()
    add(form, {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" + bytes(11 * 1024 * 1024)})
    expect(form.locator(".file-bad")).to_contain_text("文件超过 10 MB，请压缩后再上传。这个文件有 11.1 MB。")
