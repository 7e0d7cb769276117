"""医保码: shown large for oneself and family, renewed by itself, never shown past its end, and read by a hospital."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Mandate, Voucher
from accounts.services import vouchers
from tests.browser.acts import open_page, sign_in
from tests.browser.test_keyboard import press, reach
from tests.factories import enrollment, institution, person
from tests.settlements.till import till

HERE = "H11010100001"
PICTURE = "医保码（二维码）"


@pytest.fixture
def family(monday):
    institution(HERE)
    return enrollment(person("王秀兰"), category="retired").person, enrollment(person("李小明"), code="110000").person


@pytest.fixture
def later(phone):
    """Let so many seconds pass on the phone, with all that happens in them."""
    phone.clock.install()
    return lambda seconds: phone.clock.fast_forward(seconds * 1000)


def picture(phone, name="王*兰"):
    expect(phone.get_by_role("heading", name=name)).to_be_visible()
    shown = phone.get_by_role("img", name=PICTURE)
    expect(shown).to_be_visible()
    return shown


def number(phone):
    """The token in figures, as a hospital would type it."""
    return phone.locator(".code-number p").text_content()


def look_away_and_back(phone):
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_from_home_to_the_hospital_that_reads_it(phone, family):
    sign_in(phone, "王秀兰", *family)
    phone.get_by_role("link", name="医保码").click()

    shown = picture(phone)

    expect(phone.get_by_text("重庆市 · 职工医保（退休）")).to_be_visible()
    expect(phone.get_by_role("timer")).to_contain_text("分")

    box = shown.bounding_box()
    assert box["width"] == box["height"] >= 260

    phone.get_by_text("扫不出来？").click()

    expect(phone.locator(".code-number p")).to_be_visible()

    vouchers.bind(number(phone), HERE)

    assert vouchers.read(number(phone), HERE).person == family[0]


def test_the_picture_is_a_code_of_the_token(phone, family):
    sign_in(phone, "王秀兰", *family)
    with phone.expect_response("**/vouchers/") as answer:
        open_page(phone, "#/code")
    picture(phone)

    shown = phone.locator(".code-picture").evaluate("image => decodeURIComponent(image.src)")

    assert shown == f"data:image/svg+xml;utf8,{answer.value.json()['qr_svg']}"


def test_each_of_the_family_has_a_code_of_their_own(phone, family):
    sign_in(phone, "王秀兰", *family)
    open_page(phone, "#/family")
    phone.get_by_role("link", name="医保码").nth(1).click()

    picture(phone, "李*明")

    expect(phone.get_by_text("北京市 · 职工医保（在职）")).to_be_visible()
    assert vouchers.read(number(phone), HERE).person == family[1]

    phone.locator("label.chip", has_text="王*兰").click()
    picture(phone)

    expect(phone.get_by_text("北京市 · 职工医保")).to_have_count(0)
    assert vouchers.read(number(phone), HERE).person == family[0]


def test_it_is_renewed_before_its_end(phone, family, later):
    sign_in(phone, "王秀兰", *family)
    open_page(phone, "#/code")
    picture(phone)
    first = number(phone)

    later(120)

    expect(phone.get_by_role("timer")).to_contain_text("秒内有效")
    assert number(phone) == first

    later(50)

    expect(phone.locator(".code-number p")).not_to_have_text(first)

    picture(phone)

    assert vouchers.read(first, HERE)
    assert vouchers.read(number(phone), HERE)


def test_who_returns_to_the_page_finds_a_fresh_one(phone, family):
    sign_in(phone, "王秀兰", *family)
    open_page(phone, "#/code")
    picture(phone)
    first = number(phone)

    look_away_and_back(phone)

    expect(phone.locator(".code-number p")).not_to_have_text(first)


def test_a_page_that_was_left_asks_for_no_more(phone, family, later):
    sign_in(phone, "王秀兰", *family)
    open_page(phone, "#/code")
    picture(phone)

    open_page(phone, "#/me")

    expect(phone.get_by_role("button", name="退出登录")).to_be_visible()

    later(170)
    open_page(phone, "#/family")

    expect(phone.get_by_role("link", name="医保码").first).to_be_visible()
    assert Voucher.objects.count() == 1


def test_without_a_network_it_stays_to_its_end_and_comes_back_with_the_network(phone, family, context, watch, later):
    sign_in(phone, "王秀兰", *family)
    watch.offline = True
    open_page(phone, "#/code")
    picture(phone)

    context.set_offline(True)

    expect(phone.get_by_text("当前没有网络")).to_be_visible()

    later(175)
    picture(phone)
    later(10)

    expect(phone.get_by_role("alert")).to_contain_text("网络连接不上")
    expect(phone.locator(".code-picture")).to_have_count(0)
    expect(phone.get_by_text("向医院报姓名和身份证号码")).to_be_visible()

    context.set_offline(False)
    picture(phone)


def test_what_is_refused_is_said_and_tried_again(phone, family, watch):
    sign_in(phone, "王秀兰", *family)
    open_page(phone, "#/code")
    picture(phone)
    phone.locator("label.chip", has_text="李*明").click()
    picture(phone, "李*明")
    watch.refusals = {404}
    Mandate.objects.filter(person=family[0]).update(status="ended")

    phone.locator("label.chip", has_text="王*兰").click()

    expect(phone.get_by_role("alert")).to_contain_text("没有找到该参保人")

    Mandate.objects.filter(person=family[0]).update(status="active")
    phone.get_by_role("button", name="重新加载").click()
    picture(phone)


def test_what_the_till_settles_is_shown_with_a_fresh_code(phone, monday):
    """重庆, a resident at level 3: (20 800 − 800) × 50 % = 10 000."""
    patient = enrollment(person("王秀兰"), insurance="resident", category="adult")
    at = till(patient, institution(name="北京示范医院"))
    sign_in(phone, "王秀兰", patient.person)
    with phone.expect_response(re.compile("messages/.page_size=5")):
        open_page(phone, "#/code")
    picture(phone)

    first = number(phone)

    expect(phone.get_by_role("link", name="查看账单")).to_have_count(0)

    settlement = at.settle(cost={"total": "20800.00"}, admitted_on="2026-11-01", discharged_on="2026-11-12")
    expect(phone.locator(".code-settled")).to_contain_text("医保基金支付10,000.00元")
    expect(phone.locator(".code-number p")).not_to_have_text(first)

    phone.get_by_role("link", name="查看账单").click()

    expect(phone.get_by_text(settlement.number)).to_be_visible()


def test_someone_new_is_told_to_bind_first(phone):
    sign_in(phone, "新用户")

    open_page(phone, "#/code")

    expect(phone.get_by_text("还没有可以出示医保码的参保人")).to_be_visible()
    expect(phone.get_by_role("link", name="添加参保人")).to_be_visible()


def test_by_keyboard_alone(phone, family):
    sign_in(phone, "王秀兰", *family)

    press(phone, "医保码")

    expect(phone.get_by_role("heading", name="医保码")).to_be_focused()

    picture(phone)
    reach(phone, "王")
    phone.keyboard.press("ArrowDown")
    picture(phone, "李*明")
    press(phone, "扫不出来")

    expect(phone.locator(".code-number p")).to_be_visible()
