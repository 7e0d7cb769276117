"""Family: an adult agrees on his own phone, sees who acts for him, and ends it; a wrong number is refused at its place."""

from datetime import date

import pytest
from playwright.sync_api import expect

from accounts import registry
from accounts.models import Person
from accounts.registry import RegisteredEnrollment, RegisterRecord
from tests.browser.acts import open_page, sign_in
from tests.factories import CHONGQING, area

HUSBAND = "500000195308190017"


@pytest.fixture
def registered(monday):
    covered = RegisteredEnrollment(area(CHONGQING).code, "employee", "retired", date(2013, 9, 1))
    registry.store(RegisterRecord("李国强", HUSBAND, phone="13900000002", enrollments=(covered,)))


@pytest.fixture
def other_phone(chromium, watch, live_server):
    """A second phone, the husband's."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{live_server.url}/")
    yield page
    context.close()


def bind(phone, relation, number=HUSBAND):
    open_page(phone, "#/family/add")
    phone.get_by_role("radio", name=relation).check(force=True)
    phone.get_by_label("姓名").fill("李国强")
    phone.get_by_label("证件号码").fill(number)
    phone.get_by_label("我同意").check()
    phone.get_by_role("button", name="下一步").click()


def test_an_adult_agrees_in_his_own_account_and_ends_it_there(registered, phone, other_phone):
    sign_in(phone, "王秀兰")

    bind(phone, "配偶")

    expect(phone.get_by_text("李*强（配偶）")).to_be_visible()  # as she typed it
    expect(phone.locator("#page")).not_to_contain_text("重庆市")  # nothing more of him is shown before he agreed
    expect(phone.locator("#page")).not_to_contain_text("0017")

    account = sign_in(other_phone, "李国强", Person.objects.get())
    open_page(other_phone, "#/family")
    other_phone.get_by_role("button", name="同意", exact=True).click()
    other_phone.get_by_role("dialog").get_by_role("button", name="同意").click()

    expect(other_phone.get_by_text("有效", exact=True)).to_be_visible()

    phone.reload()

    expect(phone.get_by_text("李*强（配偶）")).to_be_visible()

    other_phone.get_by_role("button", name="收回授权").click()
    other_phone.get_by_role("dialog").get_by_role("button", name="收回授权").click()

    expect(other_phone.get_by_text("没有人申请或持有您的代办授权")).to_be_visible()

    phone.reload()

    expect(phone.get_by_text("还没有绑定参保人")).to_be_visible()
    assert account.mandates.active().count() == 1


def test_a_number_with_a_wrong_check_digit_is_refused_at_its_field(registered, phone, watch):
    sign_in(phone, "王秀兰")
    watch.refusals = {400}
    bind(phone, "本人", number=HUSBAND[:-1] + "8")

    field = phone.locator(".field-bad")

    expect(field).to_contain_text("校验位不正确")
    expect(field.get_by_label("证件号码")).to_be_focused()


def test_oneself_is_proved_by_the_code(registered, phone, watch):
    sign_in(phone, "李国强")
    bind(phone, "本人")
    watch.refusals = {400}
    phone.get_by_label("验证码", exact=True).fill("111111")

    phone.get_by_role("button", name="完成验证").click()

    expect(phone.locator(".field-bad")).to_contain_text("验证码不正确")

    phone.get_by_label("验证码", exact=True).fill("000000")
    phone.get_by_role("button", name="完成验证").click()

    expect(phone.get_by_text("重庆市 · 职工医保（退休）")).to_be_visible()


def test_a_foreigner_is_bound_by_passport(monday, phone):
    """The kind and the country are chosen; what is missing is said at its place; the rest is as with an ID number."""
    covered = RegisteredEnrollment(area(CHONGQING).code, "employee", "active", date(2020, 1, 1))
    passport = {"certificate_kind": "passport", "certificate_country": "DEU", "birth_date": date(1987, 9, 14)}
    record = RegisterRecord("安娜", "C01X00T47", phone="13900000042", sex="female", enrollments=(covered,), **passport)
    registry.store(record)
    sign_in(phone, "安娜")
    open_page(phone, "#/family/add")

    phone.get_by_label("证件类型").select_option("护照")
    phone.get_by_label("姓名").fill("安娜")
    phone.get_by_label("证件号码").fill("c01x00t47")
    phone.get_by_label("我同意").check()
    phone.get_by_role("button", name="下一步").click()

    expect(phone.locator("[data-error='certificate.country']")).to_have_text("请选择签发护照的国家。")

    phone.get_by_label("签发国家").select_option("德国")
    phone.get_by_role("button", name="下一步").click()

    expect(phone.get_by_role("button", name="重新获取")).to_be_visible()
    assert Person.objects.get().certificate.key == "passport:DEU:C01X00T47"
