"""What is typed and pasted on the phone: mended as in the API, all that is missing at once, gone as soon as it is mended."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from accounts.models import Mandate
from tests.browser.acts import choose, open_page, read_notice, sign_in
from tests.browser.test_family import HUSBAND, registered  # noqa: F401 - a fixture
from tests.factories import enrollment, person

TABLE = json.loads((Path(__file__).parents[1] / "core" / "typed_texts.json").read_text("utf-8"))
MENDED = """async (cases) => {
  const { src } = [...document.scripts].find((each) => each.src.includes("/release/"));
  const { lib_text: text } = await import(src.replace(/[^/]+$/, "lib.js"));
  const functions = { ...text, person_name: text.personName };
  return cases.map(([kind, typed]) => functions[kind](typed));
}"""
PASTE = """([field, text]) => {
  field.focus();
  document.execCommand("insertText", false, text);
}"""


def paste(phone, label, text):
    phone.evaluate(PASTE, [phone.get_by_label(label).element_handle(), text])


@pytest.mark.usefixtures("registered")
class TestBinding:
    def test_everything_missing_is_told_at_once_and_goes_as_it_is_mended(self, phone):
        sign_in(phone, "王秀兰")
        open_page(phone, "#/family/add")

        phone.get_by_role("button", name="下一步").click()

        told = phone.locator("#page .field-error:not(:empty)")
        expect(told).to_have_text(["请填写姓名，与参保登记一致。", "请填写身份证号码。", "请阅读并勾选同意。"])
        expect(phone.get_by_label("姓名")).to_be_focused()

        phone.get_by_label("姓名").fill("李国强")

        expect(told).to_have_text(["请填写身份证号码。", "请阅读并勾选同意。"])

        phone.get_by_label("证件号码").fill(HUSBAND[:-1])

        expect(told.first).to_have_text("身份证号码应为18位，已填写17位。")

        phone.get_by_label("证件号码").press_sequentially(HUSBAND[-1])
        phone.get_by_label("我同意").check()

        expect(told).to_have_count(0)
        expect(phone.locator("#page .alert")).to_have_count(0)

    def test_a_number_pasted_with_blanks_and_invisible_characters_is_whole(self, phone):
        sign_in(phone, "王秀兰")
        open_page(phone, "#/family/add")
        phone.get_by_role("radio", name="配偶").check(force=True)

        paste(phone, "姓名", "\u202d李 国\u200b强\u202c")
        paste(phone, "证件号码", "\ufeff" + " ".join(HUSBAND) + "\u00a0")
        phone.get_by_label("我同意").check()

        expect(phone.get_by_label("姓名")).to_have_value("李国强")
        expect(phone.get_by_label("证件号码")).to_have_value(HUSBAND)

        phone.get_by_role("button", name="下一步").click()

        expect(phone.get_by_text("李*强（配偶）")).to_be_visible()  # as she typed it
        assert Mandate.objects.get().person.id_number == HUSBAND

    def test_a_code_too_short_is_told_at_its_field(self, phone):
        sign_in(phone, "李国强")
        open_page(phone, "#/family/add")
        phone.get_by_label("姓名").fill("李国强")
        phone.get_by_label("证件号码").fill(HUSBAND)
        phone.get_by_label("我同意").check()
        phone.get_by_role("button", name="下一步").click()
        phone.get_by_label("验证码").fill("00 00")

        phone.get_by_role("button", name="完成验证").click()

        expect(phone.locator(".field-bad")).to_contain_text("请填写短信中的 6 位数字。")

        phone.get_by_label("验证码").fill("000 000")

        expect(phone.locator(".field-bad")).to_have_count(0)

        phone.get_by_role("button", name="完成验证").click()

        expect(phone.get_by_text("李*强（本人）")).to_be_visible()


def test_the_phone_mends_as_the_api_does(phone):
    """The same table as `tests/core/test_typed_texts.py`."""
    cases = [(kind, typed, mended) for kind, each in TABLE.items() for typed, mended in each]

    found = phone.evaluate(MENDED, [[kind, typed] for kind, typed, _mended in cases])

    assert [(kind, typed, text) for (kind, typed, _m), text in zip(cases, found, strict=True)] == cases


def test_a_telephone_is_shown_as_it_is_sent_and_an_unread_notice_is_told(phone):
    owner = enrollment(person("王秀兰"))
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")

    phone.get_by_role("button", name="我已阅读，开始备案").click()

    expect(phone.get_by_role("alert")).to_have_text("请先阅读告知书，再勾选已阅读。")
    expect(phone.get_by_label("本人已仔细阅读备案告知书")).to_be_focused()

    read_notice(phone)
    paste(phone, "联系电话", "+86 139-0000-0001\u200b")
    phone.get_by_label("联系人", exact=True).click()

    expect(phone.get_by_label("联系电话")).to_have_value("13900000001")
