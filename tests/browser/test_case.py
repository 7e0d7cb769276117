"""The case on one screen: findings, data, scans and decision in sight; the scans by mouse and keyboard; who else is there."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import expect

from reviews import materials, services
from reviews.models import Event, Material, Presence
from tests import factories as make
from tests.reviews import material_files as files
from tests.rivals import wait_until

IN_SIGHT = """(names) => names.filter((name) => {
  const box = document.querySelector(name).getBoundingClientRect();
  return box.top < 0 || box.left < 0 || box.bottom > innerHeight + 1 || box.right > innerWidth + 1;
})"""
PARTS = [".yd-found", ".yd-data", ".yd-scans", ".yd-stage", ".yd-tools", "#decision", "#decision .yd-primary"]


def scan(case, content, name):
    uploaded = materials.receive(case.applicant, SimpleUploadedFile(name, content), "residence_permit")
    Material.objects.filter(pk=uploaded.pk).update(submission=case)
    return materials.process(uploaded.pk)


@pytest.fixture
def zhang():
    return make.reviewer(name="张敏")


@pytest.fixture
def case(monday, zhang):
    """A filing in 张敏's hands, with a photo and a paper of three pages."""
    case = make.submitted()
    scan(case, files.jpeg((1600, 1000)), "居住证.jpg")
    scan(case, files.pdf(3), "合同.pdf")
    services.assign(case, reviewer=zhang)
    return case


def address(case):
    return f"reviews/submission/{case.pk}/change/"


def shown(page):
    """The picture in the viewer once it is drawn: its words, and how it is drawn."""
    picture = page.locator(".yd-stage img")
    expect(picture).to_be_visible()
    return picture.get_attribute("alt"), picture.evaluate("one => one.style.transform")


def turn_over(page):
    """To the next page, by its key; what it is."""
    with page.expect_response("**/page/*/"):
        page.keyboard.press("ArrowRight")
    return shown(page)[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)], ids=str)
def test_everything_a_decision_needs_is_on_one_screen(desk, case, zhang, size, theme):
    page = desk(zhang, address(case))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("theme => localStorage.setItem('adminTheme', JSON.stringify(theme))", theme)
    page.reload()
    shown(page)

    assert page.evaluate(IN_SIGHT, PARTS) == []
    assert page.locator("html").evaluate("one => one.classList.contains('dark')") == (theme == "dark")

    page.mouse.wheel(0, 4000)

    expect(page.locator("#decision .yd-primary")).to_be_in_viewport()


def test_the_scans_are_read_by_mouse_and_keyboard(desk, case, zhang):
    page = desk(zhang, address(case))
    words, fitting = shown(page)

    assert words == "居住证 1 / 1"

    page.locator(".yd-stage").hover()
    page.mouse.wheel(0, -400)
    zoomed = shown(page)[1]
    page.mouse.down()
    page.mouse.move(700, 500)
    page.mouse.up()

    assert len({fitting, zoomed, shown(page)[1]}) == 3

    page.keyboard.press("0")

    assert shown(page)[1] == fitting

    assert [turn_over(page), turn_over(page)] == ["居住证 1 / 3", "居住证 2 / 3"]

    with page.expect_response("**/turn/"):
        page.keyboard.press("]")

    assert "rotate(90deg)" in shown(page)[1]
    assert page.locator("[name=action]:checked").count() == 0

    page.reload()
    shown(page)

    assert [turn_over(page), turn_over(page)] == ["居住证 1 / 3", "居住证 2 / 3"]
    assert "rotate(90deg)" in shown(page)[1]
    assert Event.objects.filter(submission=case, verb="open_material").count() == 3  # the photo twice, the paper once


def test_arrows_on_a_chosen_outcome_are_the_forms_own(desk, case, zhang):
    page = desk(zhang, address(case))
    shown(page)
    page.get_by_label("通过", exact=True).check()
    page.keyboard.press("ArrowRight")

    expect(page.get_by_label("不予通过")).to_be_checked()
    expect(page.locator(".yd-tools output")).to_have_text("1 / 4")


def test_whoever_only_looks_sees_masked_data_and_opens_a_scan_by_a_click(desk, case):
    page = desk(make.reviewer(), address(case))

    expect(page.get_by_text("点选材料查看（将留痕）")).to_be_visible()
    assert case.person.id_number not in page.content()
    assert not Event.objects.filter(submission=case, verb="open_material").exists()

    page.locator("[data-scan]").first.click()
    shown(page)

    assert Event.objects.filter(submission=case, verb="open_material").count() == 1


def test_two_at_one_case_hear_of_each_other_and_of_taking_over(desk, monday, zhang):
    case, li = make.submitted(), make.reviewer(name="李强")
    first = desk(zhang, address(case))
    first.get_by_label("不予通过").check()
    first.get_by_label("理由（申请人可见）").fill("居住证已过期")
    second = desk(li, address(case))

    expect(second.get_by_text("张敏 正在办理，")).to_be_visible()

    second.get_by_role("button", name="由我承办").click()
    expect(second.get_by_text("已由您承办")).to_be_visible()
    first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(first.locator("#news")).to_have_text("李强 已于 10:00 接手此件，您填写的内容仍在本页。")
    expect(first.locator("#presence")).to_contain_text("李强 正在办理")
    expect(first.get_by_label("理由（申请人可见）")).to_have_value("居住证已过期")

    second.get_by_label("通过", exact=True).check()
    second.get_by_role("button", name="提交决定", exact=True).click()
    expect(second.get_by_text("已审核通过")).to_be_visible()
    first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(first.locator("#news")).to_contain_text("李强 已于 10:00 作出决定：通过")


def test_leaving_the_page_lets_the_case_go(desk, monday, zhang):
    case = make.submitted()
    page = desk(zhang, address(case))

    expect(page.locator("#decision")).to_be_visible()
    assert Presence.objects.get().account == zhang

    page.goto(page.url.partition("/admin/")[0] + "/admin/")

    wait_until(lambda: not Presence.objects.exists())


def test_the_question_mark_shows_every_key(desk, case, zhang):
    page = desk(zhang, address(case))
    page.keyboard.press("?")

    help = page.get_by_role("dialog", name="快捷键")
    expect(help).to_be_visible()
    for text in ("Ctrl + Enter", "J / K", "1–9", "← / →", "[ / ]"):
        expect(help.get_by_text(text, exact=True)).to_be_visible()
