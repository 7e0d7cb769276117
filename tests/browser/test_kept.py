"""What somebody chose to read without a network: there, dated, unreadable to anyone else, and gone when it has to be."""

import json
import re
from datetime import date

import pytest
from knox.models import AuthToken
from playwright.sync_api import expect

from accounts.models import Mandate, Person
from core import clock
from tests.browser.acts import open_page, sign_in, wait_for_the_kept_pages
from tests.factories import CHONGQING, draft, institution, mandate, submitted
from tests.referrals import issuing

DAY_SECONDS = 24 * 3600
LOOK = """async () => {
  const done = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
  const opening = indexedDB.open("yidi");
  opening.onupgradeneeded = () => opening.transaction.abort();  // nothing is kept: the look leaves nothing behind
  const found = await done(opening).catch(() => null);
  if (!found) return null;
  const store = found.transaction("kept").objectStore("kept");
  const [key, last] = await Promise.all([done(store.get("key")), done(store.get("last"))]);
  found.close();
  if (!key || !last) return null;
  const { id } = JSON.parse(localStorage.getItem("yidi.account"));
  const cipher = { name: "AES-GCM", iv: last.iv, additionalData: new TextEncoder().encode(id) };
  const opened = new TextDecoder().decode(await crypto.subtle.decrypt(cipher, key, last.sealed));
  return { type: key.algorithm.name, extractable: key.extractable, sealed: new TextDecoder().decode(last.sealed), opened };
}"""
NAMES = "async () => (await indexedDB.databases()).map(({ name }) => name)"


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
    expect(phone.get_by_text("最后更新于 2026年11月23日 10:00（")).to_contain_text("），保存到 2026年11月30日 10:00")
    expect(phone.get_by_text("此后可能已被撤销或到期")).to_be_visible()
    expect(phone.locator(".show-text")).to_have_text("-".join(re.findall("....", referral.verification_code)))

    open_page(phone, "#/records")

    expect(phone.get_by_role("link", name="上海市")).to_contain_text("李*梅")

    context.set_offline(False)

    expect(phone.get_by_role("heading", level=1, name="备案记录")).to_be_visible()
    expect(phone.locator("#page a.card").first).to_be_visible()


def test_what_is_kept_is_sealed_by_a_key_nobody_can_take_and_tells_no_illness(phone, referral, family):
    turn_on(phone)

    found = phone.evaluate(LOOK)
    text = found["opened"]
    kept = json.loads(text)

    assert (found["type"], found["extractable"]) == ("AES-GCM", False)
    assert not re.search("王|number", found["sealed"])
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

    assert phone.evaluate(NAMES) == []

    sign_in(phone, "王秀兰")
    turn_on(phone)
    without_network(context, watch)
    pass_days(phone, 7)
    open_page(phone, "#/kept")

    expect(phone.get_by_text("本机没有保存可以离线查看的内容")).to_be_visible()
    expect_nothing(phone)


def test_it_goes_with_a_mandate_however_that_ends(phone, context, watch, referral, family):
    """By the holder here, by somebody else elsewhere, and on the day it ends by itself, also without a network."""
    daughter = Person.objects.exclude(pk=referral.person_id).get()
    alone, both = {str(referral.person_id)}, {str(referral.person_id), str(daughter.pk)}
    turn_on(phone)
    expect_kept(phone, both)
    open_page(phone, "#/consents")

    phone.get_by_role("button", name="不再代办").last.click()
    phone.get_by_role("dialog").get_by_role("button", name="不再代办").click()

    expect_kept(phone, alone)

    again = mandate(family, daughter)
    phone.reload()
    expect_kept(phone, both)

    Mandate.objects.filter(pk=again.pk).update(status="ended", ended_at=clock.now())
    phone.reload()

    expect_kept(phone, alone)

    mandate(family, daughter, valid_until=date(2026, 11, 25))
    phone.reload()
    expect_kept(phone, both)
    wait_for_the_kept_pages(phone)
    without_network(context, watch)
    pass_days(phone, 3)
    open_page(phone, "#/kept")

    expect(phone.get_by_text("（3天前）")).to_be_visible()
    expect(phone.get_by_role("link", name="北京市").first).to_be_visible()
    expect(phone.get_by_role("link", name="上海市")).to_have_count(0)
    expect_kept(phone, alone)


def test_it_goes_with_the_account(phone, referral, family):
    turn_on(phone)
    open_page(phone, "#/mydata")
    phone.get_by_label("我知道还有事项没有办完").check()

    phone.get_by_role("button", name="注销账户").click()
    phone.get_by_role("dialog").get_by_role("button", name="注销").click()

    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()
    expect_nothing(phone)


def test_it_goes_when_the_session_was_ended_elsewhere(phone, watch, referral, family):
    """Signed out everywhere on another phone, or closed there: this one hears it at its next question."""
    turn_on(phone)
    AuthToken.objects.all().delete()
    watch.refusals = {401}

    open_page(phone, "#/records")

    expect(phone.get_by_text("登录已过期，请重新登录")).to_be_visible()
    expect_nothing(phone)


def pass_days(phone, count):
    """The phone's own clock goes on by as many days, and a moment."""
    phone.clock.set_fixed_time(phone.evaluate("Date.now() / 1000") + count * DAY_SECONDS + 1)


def expect_kept(phone, persons):
    """Whose cases are kept, once the phone has done its work."""
    found = None
    for _ in range(100):
        if found := phone.evaluate(LOOK):
            kept = json.loads(found["opened"])
            if {row["person"] for row in [*kept["filings"], *kept["referrals"]]} == persons:
                return
        phone.wait_for_timeout(100)
    raise AssertionError(found)


def expect_nothing(phone):
    for _ in range(100):
        if not phone.evaluate(NAMES):
            return
        phone.wait_for_timeout(100)
    raise AssertionError("still kept")
