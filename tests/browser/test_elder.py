"""长辈版: entered and left in one tap, four large buttons, one question a page to the end, read aloud; for every eye and hand."""

import json
import os
import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from accounts.models import Account
from filings.models import Filing
from reviews import services
from tests.browser.acts import open_page, pick_hospital, read_notice, sign_in
from tests.factories import enrollment, institution, person, reviewer, submitted
from tests.settlements.till import till

AXE = """async () => {
  const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const options = { resultTypes: ["violations"], preload: false, iframes: false, runOnly: { type: "tag", values } };
  const { violations } = await axe.run(document, { ...options, rules: { "color-contrast-enhanced": { enabled: true } } });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `axe ${id}: ${target.join(" ")} ${any[0]?.message ?? ""}`));
}"""
SIDEWAYS = """() => [...document.querySelectorAll(".phone *")].filter((one) => one.checkVisibility() && !one.closest(".chips-scroll, .visually-hidden")
  && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((one) => `beyond the edge: ${one.className}`)"""
SMALL = """() => {
  const texts = [...document.querySelectorAll(".phone *, dialog[open] *")].filter((one) => one.checkVisibility()
    && !one.closest(".visually-hidden, noscript") && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const small = texts.filter((one) => parseFloat(getComputedStyle(one).fontSize) < 20);
  const pressed = [...document.querySelectorAll(".phone :is(button, .weui-btn, .tab, .choice, .elder-big, .elder-call, summary)")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 59.5);
  return [...small.map((one) => `small type: ${one.textContent.trim()}`), ...pressed.map((one) => `low: ${one.textContent.trim()}`)];
}"""
VOICE = """(() => {
  globalThis.said = [];
  globalThis.silenced = 0;
  const speech = {
    getVoices: () => LANGS.map((lang) => ({ lang })),
    speak: (utterance) => { said.push(utterance.text); globalThis.lastSaid = utterance; },
    cancel: () => { silenced += 1; },
    addEventListener: () => {},
  };
  Object.defineProperty(globalThis, "speechSynthesis", { value: speech });
  globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
})()"""


@pytest.fixture
def owner(monday):
    return enrollment(person("王秀兰"))


@pytest.fixture
def voices():
    return ["en-US", "zh-CN"]


@pytest.fixture
def elder(phone, voices):
    """The phone in the mode, with a voice that notes what it says."""
    phone.add_init_script(VOICE.replace("LANGS", json.dumps(voices)))
    phone.reload()

    def enter(name="王秀兰", *persons):
        account = sign_in(phone, name, *persons)
        phone.get_by_role("button", name="长辈版").click()
        expect(phone.get_by_role("link", name="我的备案")).to_be_visible()
        return account

    return enter


def faults(phone, place):
    """Beyond the edge, too faint, too small or too low, and what axe finds: on small phones and in doubled type."""
    if not phone.evaluate("'axe' in window"):
        phone.evaluate(AXE_SCRIPT)
    found = []
    for width in (375, 320):
        phone.set_viewport_size({"width": width, "height": 740})
        found += [f"{place} {width}: {fault}" for fault in [*phone.evaluate(SIDEWAYS), *phone.evaluate(SMALL)]]
        shoot(phone, f"{place}-{width}")
    found += [f"{place}: {fault}" for fault in phone.evaluate(AXE)]
    phone.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"{place} 200 %: {fault}" for fault in phone.evaluate(SIDEWAYS)]
    shoot(phone, f"{place}-large")
    phone.evaluate("document.documentElement.style.fontSize = ''")
    phone.emulate_media(color_scheme="dark")
    found += [f"{place} dark: {fault}" for fault in phone.evaluate(AXE)]
    shoot(phone, f"{place}-dark")
    phone.emulate_media(color_scheme="light")
    phone.set_viewport_size({"width": 360, "height": 740})
    return found


def shoot(phone, name):
    """Keep a picture, where somebody wants to see it (`SHOTS=folder`)."""
    if folder := os.environ.get("SHOTS"):
        phone.screenshot(path=f"{folder}/elder-{name}.png", full_page=True)


def answer(phone, label, value):
    phone.get_by_label(label, exact=True).fill(value)
    phone.get_by_role("button", name="下一步", exact=True).click()


def go_on(phone, step):
    phone.get_by_role("button", name="下一步", exact=True).click()
    expect(phone.locator(".elder-progress")).to_contain_text(f"第 {step} 步")


def go_to_the_end(phone, answers=None):
    """Past every question that is answered or may stay empty; what is asked meanwhile is answered."""
    expect(phone.locator(".elder-progress")).to_be_visible()
    at, of = map(int, re.findall(r"\d+", phone.locator(".elder-progress").inner_text()))
    for step in range(at, of):
        for label, value in (answers or {}).items():
            if phone.get_by_label(label, exact=True).is_visible():
                phone.get_by_label(label, exact=True).fill(value)
        go_on(phone, step + 1)


def leaf_to_the_end(phone):
    """Through the pages of what is told; the last has nothing after it."""
    expect(phone.locator(".elder-progress")).to_contain_text("页")
    of = int(re.findall(r"\d+", phone.locator(".elder-progress").inner_text())[1])
    for page in range(2, of + 1):
        phone.get_by_role("button", name="下一页", exact=True).click()
        expect(phone.locator(".elder-progress")).to_have_text(f"第 {page} 页，共 {of} 页")


def aloud(phone):
    """What is said when one presses the button."""
    phone.evaluate("said.length = 0")
    phone.get_by_role("button", name="朗读").click()
    expect(phone.get_by_role("button", name="朗读")).to_have_attribute("aria-pressed", "true")
    said = phone.evaluate("said")
    phone.get_by_role("button", name="朗读").click()
    expect(phone.get_by_role("button", name="朗读")).to_have_attribute("aria-pressed", "false")
    return said


def test_it_is_entered_and_left_in_one_tap_and_kept_on_the_phone_and_with_the_account(phone, owner, elder):
    account = elder()

    account.refresh_from_db()
    assert account.elder_mode is True
    for name, heading in [
        ("我要去外地看病", "去外地看病"),
        ("能不能直接结算", "能不能直接结算"),
        ("我的备案", "备案记录"),
        ("医保码", "医保码"),
    ]:
        phone.get_by_role("navigation", name="常用服务").get_by_role("link", name=name).click()
        expect(phone.get_by_role("heading", level=1)).to_have_text(heading)
        open_page(phone, "#/")
    phone.reload()
    expect(phone.locator(".elder-big")).to_have_count(4)
    expect(phone.get_by_role("link", name="打电话问 12393")).to_have_attribute("href", "tel:12393")
    assert faults(phone, "home") == []

    open_page(phone, "#/me")
    phone.get_by_role("switch", name="长辈版").uncheck()

    expect(phone.get_by_role("link", name="我要备案")).to_be_visible()
    expect(phone.locator("html.elder")).to_have_count(0)
    account.refresh_from_db()
    assert account.elder_mode is False
    phone.get_by_role("button", name="长辈版").click()
    phone.get_by_role("button", name="回到标准版").click()
    expect(phone.get_by_role("link", name="我要备案")).to_be_visible()
    assert "yidi.elder" not in phone.evaluate("Object.keys(localStorage)")


def test_a_filing_is_made_with_one_question_a_page_and_everything_that_matters_is_read(phone, owner, elder):
    account, found = elder("王秀兰", owner.person), []
    said = aloud(phone)
    assert "我要去外地看病。" not in said
    assert {"我要去外地看病", "医保码", "打电话问 1 2 3 9 3"} <= set(said)
    phone.get_by_role("navigation", name="常用服务").get_by_role("link", name="我要去外地看病").click()

    # the guided path asks one thing after another
    expect(phone.locator(".elder-progress")).to_have_text("第 1 步")
    expect(phone.get_by_role("button", name="就医地")).to_be_hidden()
    go_on(phone, 2)
    phone.get_by_role("button", name="下一步", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("请先选好")
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_label("搜索就医地").fill("北京市")
    expect(phone.locator("#areas .choices:not([aria-busy=true]) .choice")).to_have_count(1)
    found += faults(phone, "places")
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    go_on(phone, 3)
    found += faults(phone, "guide")
    phone.get_by_role("radio", name="计划好的").check()
    go_on(phone, 4)
    phone.get_by_role("radio", name="自己想去那边看病").check()
    go_on(phone, 5)
    assert "打算待多久？" in aloud(phone)
    phone.get_by_role("radio", name="不到半年").check()
    go_on(phone, 6)
    expect(phone.locator(".guide-answer")).to_be_visible()
    assert "办理“其他临时外出”备案" in aloud(phone)
    phone.get_by_role("link", name="返回").click()
    expect(phone.locator(".elder-progress")).to_have_text("第 5 步")
    go_on(phone, 6)
    phone.get_by_role("button", name="开始备案").click()

    go_on(phone, 2)
    expect(phone.get_by_role("radio", name="其他跨省临时外出就医人员")).to_be_checked()
    found += faults(phone, "select")
    phone.get_by_role("link", name="开始备案").click()
    found += faults(phone, "notice")
    read_notice(phone)

    expect(phone.locator(".elder-progress")).to_contain_text("第 1 步，共")
    expect(phone.get_by_label("开始日期")).to_be_visible()
    expect(phone.get_by_label("联系人", exact=True)).to_be_hidden()
    found += faults(phone, "form")
    go_on(phone, 2)
    go_on(phone, 3)
    phone.get_by_role("button", name="下一步", exact=True).click()
    expect(phone.get_by_role("alert")).to_contain_text("这里还没有填")
    phone.get_by_label("联系人", exact=True).fill("王秀兰")
    phone.get_by_label("联系人", exact=True).press("Enter")
    expect(phone.locator(".elder-progress")).to_contain_text("第 4 步")
    phone.go_back()  # the phone's own way back leads to the question before, and loses nothing
    expect(phone.get_by_label("联系人", exact=True)).to_have_value("王秀兰")
    go_on(phone, 4)
    answer(phone, "联系电话", "13")
    go_to_the_end(phone)
    phone.get_by_role("button", name="下一步：核对").click()

    # what was refused is the question that stands there now, and from there one hands in again
    expect(phone.get_by_label("联系电话")).to_be_visible()
    expect(phone.get_by_label("联系电话")).to_be_focused()
    assert any("电话" in each for each in aloud(phone))
    phone.get_by_label("联系电话").fill("13900000001")
    phone.get_by_role("button", name="下一步：核对").click()
    expect(phone.get_by_text("核对通过，可以提交。")).to_be_visible()
    found += faults(phone, "check")
    phone.get_by_role("button", name="提交备案").click()
    expect(phone.get_by_role("link", name="查看备案记录")).to_be_visible()
    assert "已提交" in "".join(aloud(phone))
    filing = Filing.objects.get()
    assert (filing.applicant_id, filing.contact_phone, filing.status) == (account.pk, "13900000001", "submitted")

    phone.get_by_role("link", name="查看备案记录").click()
    expect(phone.locator(".status")).to_be_visible()
    assert "审核中" in aloud(phone)
    assert not any(filing.number in each for each in aloud(phone))
    found += faults(phone, "record")

    assert "\n".join(found) == ""


def test_the_answer_before_a_visit_is_read_without_numbers_of_anyone(phone, owner, elder):
    institution(name="北京大学第三附属示范医院")
    elder("王秀兰", owner.person)
    open_page(phone, "#/direct")
    go_on(phone, 2)
    pick_hospital(phone, "北京市", "北京大学第三附属示范医院")
    for step in range(3, 8):
        go_on(phone, step)
    expect(phone.locator(".verdict")).to_be_visible()

    said = aloud(phone)

    assert said[0] == "能不能直接结算"
    assert "还不能，差 1 项" in said
    assert faults(phone, "direct") == []

    phone.evaluate("""() => {
      const told = document.querySelector(".verdict-words p");
      told.textContent = "证件 110101195503070028，护照 C01X00T47，掩码 1101**********0028，电话 023-63212345，2026年11月23日，1,234.50元。";
    }""")
    assert "证件 ，护照 ，掩码 ，电话 0 2 3 - 6 3 2 1 2 3 4 5，2026年11月23日，1,234.50元。" in aloud(phone)

    open_page(phone, "#/estimate")
    go_to_the_end(phone, {"费用总额": "20000"})
    phone.get_by_role("button", name="算一算").click()
    expect(phone.locator(".verdict")).to_be_visible()
    said = aloud(phone)
    assert said[0] == "估算结果"
    assert any("重庆市" in each or "报" in each for each in said[1:])
    assert faults(phone, "estimate") == []

    phone.get_by_role("button", name="朗读").click()
    silenced = phone.evaluate("silenced")
    open_page(phone, "#/")
    expect(phone.get_by_role("button", name="朗读")).to_have_attribute("aria-pressed", "false")
    assert phone.evaluate("silenced") == silenced + 1


SHOWN = """() => [...document.querySelectorAll("#page :is(.field, fieldset, .choice, .document, .agree)")]
  .filter((one) => one.checkVisibility() && !one.parentElement.closest(".field, fieldset, .choice, .document, details")).length"""


def test_every_form_shows_one_question_a_page(phone, owner, elder):
    elder("王秀兰", owner.person)

    for address in ("family/add", f"claims/apply/{owner.pk}", f"chronic/apply/{owner.pk}", "agent", "estimate"):
        open_page(phone, f"#/{address}")
        expect(phone.locator(".elder-progress")).to_contain_text("第 1 步，共")
        of = int(re.findall(r"\d+", phone.locator(".elder-progress").inner_text())[1])
        assert of > 2, address
        for step in (1, 2):
            assert phone.evaluate(SHOWN) == 1, (address, step)
            phone.get_by_role("button", name="下一步", exact=True).click()
            if phone.locator(".elder-turn .alert").is_visible():
                phone.get_by_role("button", name="下一步", exact=True).click()


def test_one_need_after_another_stands_first_and_opens_where_it_is_done(phone, owner, elder):
    account = elder("王秀兰", owner.person)
    returned = submitted(owner, account=account)
    services.return_for_correction(returned, reviewer=reviewer(), reason="电话打不通。", fields=["contact_phone"])
    submitted(enrollment(owner.person, code="140100"), account=account, to="120000")
    services.return_for_correction(
        Filing.objects.exclude(pk=returned.pk).get(),
        reviewer=reviewer("140100"),
        reason="日期不对。",
        fields=["starts_on"],
    )
    phone.reload()

    expect(phone.locator(".elder-need")).to_have_count(1)
    expect(phone.locator(".elder-need")).to_contain_text("第 1 件，共 2 件")
    assert "请补正" in aloud(phone)
    assert faults(phone, "needs") == []
    phone.get_by_role("button", name="看下一件").click()
    expect(phone.locator(".elder-need")).to_contain_text("第 2 件，共 2 件")
    phone.get_by_role("link", name="现在去办").click()

    expect(phone.locator(".status")).to_be_visible()
    open_page(phone, f"#/records/{returned.pk}/edit")
    expect(phone.get_by_label("联系电话")).to_be_visible()
    expect(phone.get_by_label("开始日期")).to_be_hidden()
    expect(phone.get_by_role("button", name="下一步：核对")).to_be_visible()


def test_bills_are_turned_four_at_a_time_and_a_bill_part_by_part(phone, owner, elder):
    at = till(owner, institution(name="北京示范医院", outpatient=True))
    for number in range(6):
        day = f"2026-11-0{number + 1}"
        at.settle(bill_number=f"B{number}", cost={"total": f"{number + 1}000.00"}, admitted_on=day, discharged_on=day)
    elder("王秀兰", owner.person)
    open_page(phone, "#/bills")
    bills = phone.locator(".cards .card")

    expect(phone.locator(".year")).to_be_visible()
    expect(bills.first).to_be_hidden()
    leaf_to_the_end(phone)

    expect(bills).to_have_count(4)
    expect(phone.locator("[data-list-page]")).to_have_text("第 1 到 4 条，共 6 条")
    found = faults(phone, "bills")
    phone.get_by_role("button", name="看后面的").click()
    expect(bills).to_have_count(2)
    expect(bills.last).to_contain_text("1,000.00")
    expect(phone.locator("[data-list-page]")).to_be_focused()
    expect(phone.get_by_role("button", name="看后面的")).to_be_hidden()

    bills.last.click()
    expect(phone.locator(".paid")).to_be_visible()
    expect(phone.locator(".sheet-row").first).to_be_hidden()
    found += faults(phone, "bill")
    leaf_to_the_end(phone)
    expect(phone.get_by_role("heading", name="账单信息")).to_be_visible()
    phone.go_back()

    # back where one was
    expect(phone.locator("[data-list-page]")).to_have_text("第 5 到 6 条，共 6 条")
    expect(bills.last).to_be_visible()
    phone.get_by_role("button", name="看前面的").click()
    expect(bills).to_have_count(4)
    assert "\n".join(found) == ""


class TestWithoutAVoice:
    @pytest.fixture
    def voices(self):
        return ["en-US"]

    def test_the_button_is_not_there_and_a_sentence_says_why(self, phone, owner, elder):
        elder()

        expect(phone.get_by_text("不能朗读")).to_be_visible()
        expect(phone.get_by_role("button", name="朗读")).to_be_hidden()


class TestInEnglish:
    @pytest.fixture
    def voices(self):
        return ["zh-CN", "en-GB"]

    def test_it_is_read_in_english(self, phone, owner, elder):
        elder()
        open_page(phone, "#/me")
        phone.get_by_role("button", name="English").click()
        expect(phone.get_by_role("heading", level=1, name="Me")).to_be_visible()
        open_page(phone, "#/")
        expect(phone.locator(".elder-big")).to_have_count(4)
        assert faults(phone, "home in English") == []

        phone.get_by_role("button", name="Read aloud").click()

        assert "Senior mode" not in phone.evaluate("said")
        assert phone.evaluate("lastSaid.lang") == "en-GB"


def test_the_account_brings_the_mode_to_another_phone(phone, owner):
    Account.objects.filter(nickname="王秀兰").delete()
    account = sign_in(phone, "王秀兰", owner.person)
    account.elder_mode = True
    account.save()
    phone.evaluate("localStorage.clear()")
    phone.reload()

    open_page(phone, "#/signin")
    phone.get_by_placeholder("也可以输入任意名字").fill("王秀兰")
    phone.get_by_role("button", name="微信登录").click()

    expect(phone.locator(".elder-big")).to_have_count(4)
