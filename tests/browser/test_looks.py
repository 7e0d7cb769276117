"""Every page at 360 px, in normal and in doubled type: nothing beyond the edge, everything readable, no picture without words."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from reviews import services
from settlements.services import reverse
from tests.browser.acts import choose, open_page, pick_hospital, read_notice, say_contact, sign_in
from tests.factories import CHONGQING, area, draft, enrollment, institution, person, reviewer, submitted
from tests.settlements.till import till

LOOKS = (Path(__file__).parent / "looks.js").read_text()
UNNAMED = """() => [...document.querySelectorAll(".phone button, .phone a, .phone input, .phone select, dialog[open] button")]
  .filter((one) => one.checkVisibility() && !(one.innerText || one.ariaLabel || one.labels?.length || one.getAttribute("aria-label")))
  .map((one) => one.outerHTML)"""


@pytest.fixture(params=["100%", "200%"])
def sized_phone(phone, request):
    """The phone with the type its owner has set."""
    phone.add_init_script(
        f"addEventListener('DOMContentLoaded', () => {{ document.documentElement.style.fontSize = '{request.param}' }})"
    )
    phone.reload()
    return phone


def faults(phone, heading):
    """What is wrong with the page of this heading, once it stands."""
    expect(phone.get_by_role("heading", level=1, name=heading)).to_be_visible()
    expect(phone.locator("#page .skeleton")).to_have_count(0)
    return [f"{heading}: {fault}" for fault in [*phone.evaluate(LOOKS), *phone.evaluate(UNNAMED)]]


def test_every_page_is_readable(sized_phone):
    phone, found = sized_phone, []
    found += faults(phone, "异地就医备案")
    open_page(phone, "#/signin")
    found += faults(phone, "登录")
    owner = enrollment(person("王秀兰"))
    account = sign_in(phone, "王秀兰", owner.person)
    waiting, returned = (
        submitted(owner, account=account),
        submitted(enrollment(owner.person, code="110000"), account=account, to="500000"),
    )
    services.return_for_correction(
        returned, reviewer=reviewer("110000"), reason="照片不清楚。", fields=["contact_phone"]
    )
    draft(owner, account=account)
    addresses = {
        "#/": "异地就医备案",
        "#/family": "家庭成员",
        "#/family/add": "添加参保人",
        "#/records": "备案记录",
        f"#/records/{waiting.pk}": "备案详情",
        f"#/records/{returned.pk}": "备案详情",
        "#/messages": "消息",
        "#/me": "我的",
        "#/file": "为谁备案",
        f"#/records/{returned.pk}/edit": "填写备案信息",
    }

    for address, heading in addresses.items():
        open_page(phone, address)
        found += faults(phone, heading)

    assert found == []


def test_every_step_is_readable(sized_phone):
    phone, found = sized_phone, []
    owner = enrollment(person("王秀兰"), category="retired")
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="就医地").click()
    found += faults(phone, "选择备案信息")
    phone.keyboard.press("Escape")
    expect(phone.get_by_role("dialog")).to_be_hidden()
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    phone.go_back()
    found += faults(phone, "选择备案信息")
    phone.go_forward()
    found += faults(phone, "备案告知书")
    read_notice(phone)
    say_contact(phone)
    found += faults(phone, "填写备案信息")
    phone.get_by_role("radio", name="个人承诺").check(force=True)
    phone.get_by_label("承诺人签名").fill("王秀兰")
    phone.get_by_role("button", name="下一步：核对").click()
    found += faults(phone, "核对并提交")
    phone.get_by_role("button", name="提交备案").click()

    found += faults(phone, "提交结果")

    assert found == []


def test_every_page_before_a_visit_is_readable(sized_phone):
    phone, found = sized_phone, []
    institution(name="北京大学第三附属示范医院")
    sign_in(phone, "王秀兰", enrollment(person("王秀兰"), category="retired").person)
    open_page(phone, "#/direct")
    found += faults(phone, "能不能直接结算")

    pick_hospital(phone, "北京市", "北京大学第三附属示范医院")

    expect(phone.locator(".verdict")).to_be_visible()

    for condition in phone.locator(".condition.tone-good summary").all():
        condition.click()
    found += faults(phone, "能不能直接结算")
    phone.get_by_role("link", name="看看能报多少").click()
    phone.get_by_label("参保人").select_option("不选人，按参保地估算")
    phone.get_by_role("button", name="不指定医院").click()
    phone.get_by_text("知道其中不能报销的部分？").click()
    found += faults(phone, "能报多少")
    phone.locator("label.chip", has_text="按清单逐项填").click()
    phone.locator("label.chip", has_text="乙类").click()
    found += faults(phone, "能报多少")
    phone.get_by_label("参保人").select_option(index=0)
    phone.locator("label.chip", has_text="只填总额").click()
    phone.get_by_label("费用总额").fill("1234567.89")
    phone.get_by_label("个人账户余额").fill("20000")
    phone.get_by_role("button", name="算一算").click()

    expect(phone.locator(".bar-row")).to_have_count(6)

    found += faults(phone, "估算结果")
    for summary in (".bar-row > summary", ".sources > summary"):
        for each in phone.locator(summary).all():
            each.click()
    found += faults(phone, "估算结果")

    assert found == []


def test_what_is_known_is_readable(sized_phone):
    phone, found = sized_phone, []
    area(CHONGQING)
    open_page(phone, "#/coverage")
    found += faults(phone, "查得到的待遇")

    phone.get_by_role("link", name="重庆市").click()

    expect(phone.locator(".known-cell")).to_have_count(18)

    found += faults(phone, "查得到的待遇")

    assert found == []


def test_every_page_of_bills_is_readable(sized_phone):
    phone, found = sized_phone, []
    of = enrollment(person("王秀兰"), insurance="resident", category="adult")
    at = till(of, institution(name="北京大学第三附属示范医院", outpatient=True))
    stay = {"admitted_on": "2026-11-01", "discharged_on": "2026-11-12"}
    undone = at.settle(cost={"total": "1234567.89", "excluded": "34567.89"}, **stay)
    reverse(at.staff, undone, reason="漏录一笔材料费")
    at.settle(cost={"total": "1234567.89", "first_copay": "34567.89"}, **stay)
    child = enrollment(person("李子涵"))

    account = sign_in(phone, "王秀兰", of.person, child.person)

    assert account.mandates.count() == 2

    open_page(phone, "#/bills")

    expect(phone.locator("a.card")).to_have_count(2)

    phone.locator(".reach > summary").last.click()
    for each in phone.locator(".sources > summary").all():
        each.click()
    found += faults(phone, "就医账单")
    phone.get_by_role("button", name="李*涵").click()

    expect(phone.get_by_text("这一年还没有直接结算的账单。")).to_be_visible()

    found += faults(phone, "就医账单")
    phone.get_by_role("button", name="王*兰").click()
    for index in range(2):
        phone.locator("a.card").nth(index).click()
        expect(phone.locator(".status-name")).to_be_visible()
        for each in phone.locator(".sheet-row > summary").all():
            each.click()
        found += faults(phone, "账单详情")
        phone.go_back()

    assert found == []


def test_large_type_is_one_tap_away_and_remembered(phone):
    sign_in(phone, "王秀兰")
    before = phone.locator("#page-title").evaluate("title => parseFloat(getComputedStyle(title).fontSize)")
    open_page(phone, "#/me")
    phone.get_by_role("switch", name="大字版").check()
    phone.reload()

    after = phone.locator("#page-title").evaluate("title => parseFloat(getComputedStyle(title).fontSize)")

    assert after == before * 1.25
