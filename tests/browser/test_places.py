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
