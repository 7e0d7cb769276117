"""With a keyboard alone: from sign-in to a filing handed in, and always a visible focus."""

import re
from time import monotonic

from playwright.sync_api import expect

from filings.models import Filing
from tests.browser.acts import PATIENCE_MS, open_page, sign_in
from tests.factories import enrollment, institution, person
from tests.settlements.till import till

REACH = 60
SEEN = """() => {
  const one = document.activeElement;
  return getComputedStyle(one).outlineStyle !== "none" || one.closest(".chip, .adder") !== null;
}"""
NAME = """() => {
  const one = document.activeElement;
  return one === document.body ? "" : one.ariaLabel || one.labels?.[0]?.innerText || one.innerText || "";
}"""


def reach(phone, name):
    """Press Tab until the element of this name has the focus, which must be seen; it may still be on its way."""
    deadline = monotonic() + PATIENCE_MS / 1000
    while monotonic() < deadline:
        for _ in range(REACH):
            phone.keyboard.press("Tab")
            if re.search(name, phone.evaluate(NAME)):
                assert phone.evaluate(SEEN), f"{name} has the focus, but nobody sees it"
                return
    raise AssertionError(f"{name} cannot be reached by keyboard")


def press(phone, name, key="Enter"):
    reach(phone, name)
    phone.keyboard.press(key)


def test_filing_by_keyboard_alone(phone):
    owner = enrollment(person("王秀兰"))
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/")

    press(phone, "我要备案")

    expect(phone.get_by_role("heading", name="为谁备案")).to_be_focused()

    press(phone, "重庆市")
    press(phone, "就医地")

    expect(phone.get_by_role("dialog")).to_be_visible()

    press(phone, "北京市")

    expect(phone.get_by_role("radio", name="其他")).to_be_visible()

    reach(phone, "安置退休|长期居住")
    while not phone.get_by_role("radio", name="其他").is_checked():
        phone.keyboard.press("ArrowDown")
    press(phone, "开始备案")
    press(phone, "本人已仔细阅读", "Space")
    press(phone, "我已阅读，开始备案")
    reach(phone, "^联系人")
    phone.keyboard.type("王秀兰")
    reach(phone, "^联系电话")
    phone.keyboard.type("13900000001")
    press(phone, "下一步")
    press(phone, "提交备案")

    expect(phone.get_by_role("heading", name="提交结果")).to_be_visible()
    assert Filing.objects.get().status == "submitted"


def test_the_pages_before_a_visit_by_keyboard_alone(phone):
    owner = enrollment(person("王秀兰"), category="retired")
    institution(name="北京示范医院")
    sign_in(phone, "王秀兰", owner.person)

    press(phone, "能不能直接结算")

    expect(phone.get_by_role("heading", name="能不能直接结算")).to_be_focused()

    press(phone, "就医地")
    press(phone, "^北京市")
    press(phone, "^北京示范医院")

    expect(phone.get_by_role("heading", name="还不能，差 1 项")).to_be_visible()

    press(phone, "参保状态")

    expect(phone.get_by_text("在重庆市参加职工基本医疗保险")).to_be_visible()

    press(phone, "看看能报多少")

    expect(phone.get_by_label("费用总额")).to_be_visible()

    reach(phone, "^费用总额")
    phone.keyboard.type("20000")
    press(phone, "算一算")

    expect(phone.get_by_role("heading", name="最多报 18,164.00 元")).to_be_visible()

    press(phone, "未备案")
    press(phone, "依据")

    expect(phone.locator(".source:visible").first).to_contain_text("重庆市职工医保起付线与报销比例")


def test_bills_by_keyboard_alone(phone):
    """(60 800 − 800) × 50 % = 30 000."""
    of = enrollment(person("王秀兰"), insurance="resident", category="adult")
    at = till(of, institution(name="北京示范医院"))
    at.settle(cost={"total": "60800.00"}, admitted_on="2026-11-01", discharged_on="2026-11-12")
    sign_in(phone, "王秀兰", of.person)

    press(phone, "就医账单")

    expect(phone.get_by_role("heading", name="就医账单")).to_be_focused()

    press(phone, "普通门诊")

    expect(phone.get_by_text("不支付三级医院的普通门诊费用")).to_be_visible()

    press(phone, "北京示范医院")

    expect(phone.get_by_role("heading", name="账单详情")).to_be_focused()

    press(phone, "统筹基金支付")

    expect(phone.get_by_text("怎么算：60000.00 × 50%")).to_be_visible()
