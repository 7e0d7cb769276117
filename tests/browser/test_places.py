"""Choosing a place by its county: it is shown with where it lies, and leads to the pooling area it belongs to."""

from playwright.sync_api import expect

from core.text import spell
from regions.models import County
from tests import factories as make
from tests.browser.acts import open_page, sign_in


def county(code, name, city):
    place = make.area(city)
    County.objects.create(code=code, name=name, parent=place, pool=place, **spell(name)._asdict())


def test_a_county_is_shown_with_its_city_and_chosen_as_its_pooling_area(phone, monday):
    of = make.enrollment(make.person("王秀兰"))
    for code, city in (("110105", "110000"), ("220104", "220100")):
        county(code, "朝阳区", city)
    sign_in(phone, "王秀兰", of.person)
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="就医地").click()

    phone.get_by_label("搜索就医地").fill("朝阳")

    dialog = phone.get_by_role("dialog", name="选择就医地")
    expect(dialog.get_by_role("button", name="朝阳区")).to_contain_text(
        ["北京市 · 备案到北京市", "吉林省 长春市 · 备案到长春市"]
    )

    dialog.get_by_role("button", name="长春市").click()

    expect(phone.get_by_role("button", name="就医地")).to_contain_text("长春市")


def test_back_closes_the_sheet_and_places_chosen_before_stand_above_the_provinces(phone, monday):
    of = make.enrollment(make.person("王秀兰"))
    for code in ("110000", "310000"):
        make.area(code)
    sign_in(phone, "王秀兰", of.person)
    open_page(phone, "#/guide")
    sheet, place = phone.get_by_role("dialog", name="选择就医地"), phone.get_by_role("button", name="就医地")

    place.click()
    expect(sheet).to_be_visible()
    phone.go_back()

    expect(sheet).to_be_hidden()
    expect(phone.get_by_role("heading", level=1, name="去外地看病")).to_be_visible()

    place.click()
    sheet.get_by_role("button", name="上海市").click()

    expect(place).to_contain_text("上海市")

    place.click()

    expect(sheet.get_by_role("group", name="常去的地方").get_by_role("button")).to_have_text(["上海市"])

    sheet.get_by_role("button", name="关闭").click()
    expect(sheet).to_be_hidden()
    phone.get_by_role("link", name="返回").click()

    expect(phone.get_by_role("heading", level=1, name="异地就医备案")).to_be_visible()
    expect(phone.locator("#page .skeleton")).to_have_count(0)


def test_back_answers_a_question_with_no(phone, monday):
    of = make.enrollment(make.person("王秀兰"))
    sign_in(phone, "王秀兰", of.person)
    open_page(phone, "#/family")
    phone.get_by_role("button", name="解除绑定").click()
    expect(phone.get_by_role("dialog")).to_be_visible()

    phone.go_back()

    expect(phone.get_by_role("dialog")).to_be_hidden()
    expect(phone.get_by_text("王*兰（本人）", exact=True)).to_be_visible()
    assert of.person.mandates.get().status == "active"


def test_a_label_stays_in_sight_when_its_field_is_reached(phone, monday):
    """Below the bar, whichever way one comes: here backwards, from the end of the page."""
    sign_in(phone, "王秀兰")
    phone.set_viewport_size({"width": 320, "height": 420})
    open_page(phone, "#/family/add")
    phone.get_by_label("证件号码").wait_for()
    phone.evaluate("scrollTo(0, document.body.scrollHeight)")

    phone.get_by_label("姓名").focus()

    label = phone.locator("label[for]", has_text="姓名").first
    bar = phone.locator(".bar").bounding_box()
    assert label.bounding_box()["y"] >= bar["y"] + bar["height"] - 1
