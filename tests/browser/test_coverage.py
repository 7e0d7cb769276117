"""查得到的待遇: what is known of an area, before anyone trusts a figure; open to whoever has not signed in."""

import pytest
from playwright.sync_api import expect

from policies import published, publishing
from policies.language.loader import load_text
from regions.models import Area
from tests.browser.acts import open_page, sign_in
from tests.factories import CHENGDU, area, enrollment, person
from tests.policies.test_coverage import HEAD, STAY

OMITTED = "not_included: [{kind: fund, fund: serious_illness, insurance: employee, reason: 没有找到大病的标准}]\n"


@pytest.fixture
def chengdu(monday):
    """A file of which all answers are plain: see tests/policies/test_coverage.py."""
    area(CHENGDU)
    text = (HEAD + STAY + OMITTED).replace('"370900"', f'"{CHENGDU}"')
    publishing.publish_file(load_text(text, "510100-new.yaml"), text)
    published.refresh()
    yield
    published.stand_on(published.ground())


def cell(phone, travel, care):
    row = phone.locator(".known-row", has=phone.get_by_role("heading", name=travel, exact=True))
    return row.locator(".known-cell", has=phone.get_by_text(care, exact=True))


def test_an_area_is_found_without_signing_in(phone, chengdu):
    open_page(phone, "#/signin")
    phone.get_by_role("link", name="不登录也能查").click()
    phone.get_by_role("link", name="查得到的待遇").click()
    expect(phone.get_by_role("heading", level=1, name="查得到的待遇")).to_be_visible()
    phone.get_by_role("button", name="请选择在哪里参保").click()
    phone.get_by_label("搜索参保地").fill("成都")
    phone.get_by_role("dialog").get_by_role("button", name="成都市").click()

    expect(cell(phone, "本地就医", "住院")).to_contain_text("部分查得到")
    expect(cell(phone, "本地就医", "住院")).to_contain_text("A 级依据")
    expect(cell(phone, "异地转诊", "住院")).to_contain_text("C 级依据")
    expect(cell(phone, "其他临时外出", "住院")).to_contain_text("不报销")
    expect(cell(phone, "未备案", "住院")).to_contain_text("查不到")
    expect(phone.get_by_text("2026年11月28日核对")).to_be_visible()


def test_what_is_not_known_says_why_and_what_is(phone, chengdu):
    open_page(phone, f"#/coverage/{CHENGDU}")

    why = phone.locator(".known-why", has_text="住院：本地就医、异地长期居住")

    expect(why).to_contain_text("没有找到三级以下医院的标准。")
    expect(why).to_contain_text("查得到的是：三级医院。")
    expect(phone.get_by_text("大病保险：没有找到大病的标准。")).to_be_visible()


def test_the_other_insurance_is_one_tap_away(phone, chengdu):
    open_page(phone, f"#/coverage/{CHENGDU}")
    expect(cell(phone, "异地转诊", "住院")).to_contain_text("查得到")

    phone.locator("label.chip", has_text="居民医保").click()

    expect(cell(phone, "异地转诊", "住院")).to_contain_text("不报销")


def test_an_area_of_which_nothing_is_known_says_why(phone, monday):
    Area.objects.create(code="998800", name="无名市", level="city", pools_at="city")

    open_page(phone, "#/coverage/998800")

    expect(phone.get_by_text("没有找到无名市的待遇政策，所以能不能报、报多少，这里都不知道。")).to_be_visible()
    expect(phone.locator(".known-row")).to_have_count(0)


def test_every_area_with_a_file_is_listed(phone, chengdu):
    open_page(phone, "#/coverage")

    phone.get_by_role("link", name="成都市").click()

    expect(phone.get_by_role("button", name="成都市")).to_be_visible()


def test_the_estimate_leads_to_what_is_known(phone, monday):
    sign_in(phone, "王秀兰", enrollment(person("王秀兰")).person)
    open_page(phone, "#/estimate")
    phone.get_by_label("费用总额").fill("20000")
    phone.get_by_role("button", name="算一算").click()

    phone.get_by_role("link", name="这里的待遇哪些查得到").click()

    expect(phone.get_by_role("button", name="重庆市")).to_be_visible()
    expect(cell(phone, "本地就医", "住院")).to_contain_text("查得到")
