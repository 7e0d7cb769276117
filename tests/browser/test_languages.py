"""The pages in English and in traditional Chinese: chosen on the first page, kept, every word of ours in it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import open_page, sign_in
from tests.factories import enrollment, person

OURS = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture
def owner(monday):
    return enrollment(person("王秀兰"))


def test_english_is_chosen_and_kept(phone, watch, owner):
    account = sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/me")

    with phone.expect_response("**/account/"):
        phone.get_by_role("button", name="English").click()

    expect(phone.get_by_role("heading", level=1, name="Me")).to_be_visible()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    account.refresh_from_db()
    assert account.language == "en"

    phone.reload()

    expect(phone.get_by_role("heading", level=1, name="Me")).to_be_visible()


def test_traditional_chinese(phone, watch, monday):
    open_page(phone, "#/signin")

    phone.get_by_role("button", name="繁體").click()

    expect(phone.get_by_role("heading", level=1, name="登錄")).to_be_visible()
    expect(phone.get_by_text("先備案，再就醫，出院直接結算")).to_be_visible()


def test_what_is_signed_is_shown_in_chinese_with_a_translation_beside_it(phone, watch, owner):
    """The notice and the commitment of a filing: the Chinese, marked as Chinese, and a translation that says it is one."""
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/me")
    with phone.expect_response("**/account/"):
        phone.get_by_role("button", name="English").click()
    expect(phone.get_by_role("heading", level=1, name="Me")).to_be_visible()
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="Place of care").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    phone.locator("[name=type][value=resident]").check()
    phone.get_by_role("link", name="Start filing").click()

    notice = phone.locator(".notice")
    expect(notice.locator(".translation")).to_contain_text("Translation for reading only; the Chinese text counts.")
    expect(notice.locator(".translation")).to_contain_text("1. Who it is for\nThose who live elsewhere.")
    expect(notice.locator(".translation [lang=zh-Hans]").first).to_have_text("重庆市")
    expect(notice.locator("> .notice-text[lang=zh-Hans]")).to_contain_text("一、适用人群")

    phone.locator("[name=read]").check()
    phone.locator(".footer .weui-btn").click()
    phone.locator(".chip", has_text="commitment").locator("input").check(force=True)

    promise = phone.locator(".promise")
    expect(promise.locator("> [lang=zh-Hans]")).to_contain_text("本人承诺：所填信息真实有效")
    expect(promise).to_contain_text("Translation for reading only; the Chinese text counts.")


def test_a_policy_is_read_in_english_and_its_own_words_are_marked(phone, watch, monday):
    phone.context.add_cookies([{"name": "yidi_language", "value": "en", "url": phone.url}])
    phone.reload()
    open_page(phone, "#/policies/500000-chongqing-2025")

    phone.locator("summary", has_text="Employee insurance").filter(has_text="Inpatient").first.click()
    expect(phone.locator("details[open] .policy-when", has_text="Level 3 hospital").first).to_be_visible()

    phone.locator("summary", has_text="Questions and answers").click()

    answer = phone.locator("details[open] .policy-gives [lang=zh-Hans]").first
    expect(answer).to_be_visible()
    assert OURS.search(answer.inner_text())
