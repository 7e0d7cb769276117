"""What somebody chose to read without a network: there, dated, unreadable to anyone else, and gone when it has to be."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import open_page, sign_in, wait_for_the_kept_pages
from tests.factories import CHONGQING, draft, institution, submitted
from tests.referrals import issuing

WEEK_MS = 7 * 24 * 3600 * 1000
ENTRIES = """async () => {
  const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
  if (!(await indexedDB.databases()).some(({ name }) => name === "yidi")) return null;
  const found = await done(indexedDB.open("yidi"));
  const store = found.transaction("kept").objectStore("kept");
  const [key, last] = await Promise.all([done(store.get("key")), done(store.get("last"))]);
  found.close();
  return { type: key?.algorithm.name, extractable: key?.extractable, sealed: last && new TextDecoder().decode(last.sealed) };
}"""
OPENED = """async () => {
  const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
  const found = await done(indexedDB.open("yidi"));
  const store = found.transaction("kept").objectStore("kept");
  const [key, { iv, sealed }] = await Promise.all([done(store.get("key")), done(store.get("last"))]);
  found.close();
  const { id } = JSON.parse(localStorage.getItem("yidi.account"));
  const cipher = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(id) };
  return new TextDecoder().decode(await crypto.subtle.decrypt(cipher, key, sealed));
}"""


@pytest.fixture
def referral(monday):
    """Two people of Chongqing, one with a referral in force and a filing under review."""
    institution()
    return issuing.issued(issuing.insured(CHONGQING))


@pytest.fixture
def family(phone, referral):
    """Signed in, for oneself and for a daughter who has a filing of her own."""
    daughter = issuing.insured(CHONGQING, name="李晓梅")
    account = sign_in(phone, "王秀兰", referral.person, daughter)
    submitted(daughter.enrollments.get(), account=account, to="310000")
    draft(referral.person.enrollments.get(), account=account)
    return account


def turn_on(phone):
    open_page(phone, "#/me")
    phone.get_by_role("switch", name="离线查看").check()
    expect(phone.get_by_text("已保存，没有网络时也能查看")).to_be_visible()
    wait_for_the_kept_pages(phone)


def without_network(context, watch):
    watch.offline = True
    context.set_offline(True)


def test_a_referral_shows_its_code_without_a_network_and_the_living_page_with_one(
    phone, context, watch, referral, family
):
    turn_on(phone)
    without_network(context, watch)
    phone.reload()

    open_page(phone, f"#/referrals/{referral.pk}")

    expect(phone.get_by_role("img", name="转诊证明验证二维码")).to_be_visible()
    expect(phone.get_by_text("最后更新于 2026年11月23日 10:00，保存到 2026年11月30日 10:00")).to_be_visible()
    expect(phone.get_by_text("此后可能已被撤销或到期")).to_be_visible()
    expect(phone.locator(".show-text")).to_have_text("-".join(re.findall("....", referral.verification_code)))

    open_page(phone, "#/records")

    expect(phone.get_by_role("link", name="上海市")).to_contain_text("李*梅")

    context.set_offline(False)

    expect(phone.get_by_role("heading", level=1, name="备案记录")).to_be_visible()
    expect(phone.locator("#page a.card").first).to_be_visible()


def test_what_is_kept_is_sealed_by_a_key_nobody_can_take_and_tells_no_illness(phone, referral, family):
    turn_on(phone)

    entries, text = phone.evaluate(ENTRIES), phone.evaluate(OPENED)
    kept = json.loads(text)

    assert (entries["type"], entries["extractable"]) == ("AES-GCM", False)
    assert not re.search("王|number", entries["sealed"])
    assert [row["id"] for row in kept["referrals"]] == [str(referral.pk)]
    assert sorted(row["destination_name"] for row in kept["filings"]) == ["上海市", "北京市"]  # the referral made one
    assert not re.search("C34|肺|diagnos|summary|reason|enrollment|insurance|id_number|materials|events", text)


def test_it_goes_with_the_switch_the_session_the_person_and_the_week(phone, context, watch, referral, family):
    turn_on(phone)
    open_page(phone, "#/family")
    phone.get_by_role("button", name="解除绑定").last.click()
    phone.get_by_role("dialog").get_by_role("button", name="解除绑定").click()
    expect(phone.get_by_text("已解除")).to_be_visible()
    expect_kept(phone, {str(referral.person_id)})

    open_page(phone, "#/me")
    phone.get_by_role("switch", name="离线查看").uncheck()

    expect_nothing(phone)

    turn_on(phone)
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()

    expect_nothing(phone)

    sign_in(phone, "王秀兰")
    turn_on(phone)
    without_network(context, watch)
    phone.clock.set_fixed_time(phone.evaluate("Date.now()") + WEEK_MS + 1000)
    open_page(phone, "#/kept")

    expect(phone.get_by_text("本机没有保存可以离线查看的内容")).to_be_visible()
    expect_nothing(phone)


def expect_kept(phone, persons):
    """Whose cases are kept, once the phone has done its work."""
    for _ in range(50):
        kept = json.loads(phone.evaluate(OPENED))
        if {row["person"] for row in [*kept["filings"], *kept["referrals"]]} == persons:
            return
        phone.wait_for_timeout(100)
    raise AssertionError(kept)


def expect_nothing(phone):
    for _ in range(50):
        if not (phone.evaluate(ENTRIES) or {}).get("sealed"):
            return
        phone.wait_for_timeout(100)
    raise AssertionError("still kept")
