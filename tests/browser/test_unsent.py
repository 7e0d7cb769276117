"""Forms that the server has nothing of before they are sent are not lost either: kept on the phone, unreadable to anyone else, and gone when they have to be."""

import re
from datetime import date

import pytest
from knox.models import AuthToken
from playwright.sync_api import expect

from accounts import registry
from accounts.models import Person
from accounts.registry import RegisteredEnrollment, RegisterRecord
from claims import payments, refusals
from core import clock
from filings.models import Filing, Proof
from reviews import services
from reviews.models import Material
from reviews.services import Actor
from tests import factories as make
from tests.browser.acts import STORED, choose, held, open_page, read_notice, say_contact, sign_in, upload
from tests.rivals import wait_until

NUMBER = "500000195308190017"
ZHENGZHOU = "410100"
SHANGHAI = "310000"
FOUND = "上次填写、还没有提交的内容已放回这里。"
DAY_SECONDS = 24 * 3600
FORGET = """async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  await Promise.all(names.map((name) => new Promise((done) => Object.assign(indexedDB.deleteDatabase(name), { onsuccess: done }))));
}"""
NAMES = "async () => (await indexedDB.databases()).map(({ name }) => name)"


@pytest.fixture
def registered(monday):
    covered = RegisteredEnrollment(make.area(make.CHONGQING).code, "employee", "retired", date(2013, 9, 1))
    registry.store(RegisterRecord("李国强", NUMBER, phone="13900000002", enrollments=(covered,)))


def say_whom(phone):
    open_page(phone, "#/family/add")
    phone.get_by_role("radio", name="配偶").check(force=True)
    phone.get_by_label("姓名").fill("李国强")
    phone.get_by_label("证件号码").fill(NUMBER)
    phone.get_by_label("我同意").check()


def expect_whom(phone, name="李国强", number=NUMBER):
    expect(phone.get_by_label("姓名")).to_have_value(name)
    expect(phone.get_by_label("证件号码")).to_have_value(number)


def kept(phone):
    """Until what was typed last is on the phone."""
    wait_until(lambda: len(phone.evaluate(STORED)["entries"]) > 1)
    return phone.evaluate(STORED)


def test_whom_one_binds_is_there_again_after_leaving_and_a_reload_until_it_is_sent(phone, registered):
    sign_in(phone, "王秀兰")
    say_whom(phone)
    open_page(phone, "#/help")
    expect(phone.get_by_role("heading", level=1)).to_have_text("常见问题")
    open_page(phone, "#/family/add")

    expect_whom(phone)
    expect(phone.get_by_role("radio", name="配偶")).to_be_checked()
    expect(phone.get_by_text(FOUND)).to_be_visible()

    kept(phone)
    phone.reload()

    expect_whom(phone)
    expect(phone.get_by_label("我同意")).not_to_be_checked()

    phone.get_by_label("我同意").check()
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("李*强（配偶）")).to_be_visible()
    phone.reload()
    open_page(phone, "#/family/add")

    expect_whom(phone, "", "")
    expect(phone.get_by_text(FOUND)).to_have_count(0)
    assert Person.objects.count() == 1


def test_what_is_kept_of_it_is_sealed_by_a_key_nobody_can_take(phone, registered):
    sign_in(phone, "王秀兰")
    say_whom(phone)

    expect_sealed(phone, NUMBER, "李国强")

    assert "key false" in phone.evaluate(STORED)["entries"]


def expect_sealed(phone, *texts):
    """None of what was typed can be read where the phone keeps it."""
    found = kept(phone)
    for text in texts:
        assert text not in found["open"]
        assert all(text.encode().decode("latin1") not in entry for entry in found["entries"])


@pytest.fixture
def unanswered(phone, watch):
    """Nothing that is written reaches the server."""
    watch.refusals = {503}
    lost = {"POST", "PATCH"}

    def answer(route):
        if route.request.method in lost:
            route.fulfill(status=503, body="<html>")
        else:
            route.fallback()

    return lambda: phone.route(re.compile("/api/v1/(filings|recognitions|claims)/"), answer)


def test_a_draft_that_the_server_has_not_is_sealed_and_found_again(phone, monday, unanswered):
    of = make.enrollment(make.person("王秀兰"))
    sign_in(phone, "王秀兰", of.person)
    unanswered()
    open_page(phone, "#/file")
    choose(phone, "北京市", "其他")
    read_notice(phone)
    say_contact(phone, "王小妹", "13900000077")
    phone.get_by_label("就医地住址").fill("幸福路77号")
    expect(phone.get_by_text("还没有保存")).to_be_visible()

    expect_sealed(phone, "王小妹", "13900000077", "幸福路77号")
    phone.reload()

    expect(phone.get_by_label("联系人", exact=True)).to_have_value("王小妹")
    expect(phone.get_by_label("联系电话")).to_have_value("13900000077")
    expect(phone.get_by_label("就医地住址")).to_have_value("幸福路77号")

    open_page(phone, "#/file")

    expect(phone.locator(".card-draft")).to_contain_text("只存在本机")


def test_a_disease_somebody_applies_with_is_sealed_and_found_again(phone, monday, unanswered):
    make.diseases()
    of = make.enrollment(make.person("王秀兰"))
    sign_in(phone, "王秀兰", of.person)
    unanswered()
    open_page(phone, f"#/chronic/apply/{of.pk}")
    phone.get_by_label("病种").select_option("M01600")
    phone.get_by_label("确诊日期").fill("2026-10-12")
    expect(phone.get_by_text("还没有保存")).to_be_visible()

    expect_sealed(phone, "M01600", "2026-10-12")
    phone.reload()

    expect(phone.get_by_label("病种")).to_have_value("M01600")
    expect(phone.get_by_label("确诊日期")).to_have_value("2026-10-12")


def test_the_care_somebody_thinks_of_is_sealed_and_found_again(phone, monday):
    make.diseases()
    of = make.enrollment(make.person("王秀兰"))
    sign_in(phone, "王秀兰", of.person)
    open_page(phone, "#/direct")
    phone.get_by_role("radio", name="门诊慢特病").check(force=True)
    phone.get_by_label("病种").select_option("M01600")

    expect_sealed(phone, "M01600")
    phone.reload()

    expect(phone.get_by_label("病种")).to_have_value("M01600")


def test_it_is_thrown_away_on_purpose_alone(phone, registered):
    sign_in(phone, "王秀兰")
    say_whom(phone)
    kept(phone)
    phone.reload()
    phone.get_by_role("button", name="清空重填").click()
    phone.get_by_role("dialog").get_by_role("button", name="再想想").click()

    expect_whom(phone)

    phone.get_by_role("button", name="清空重填").click()
    phone.get_by_role("dialog").get_by_role("button", name="清空").click()

    expect_whom(phone, "", "")
    expect(phone.get_by_text(FOUND)).to_have_count(0)

    phone.reload()

    expect_whom(phone, "", "")


def sign_in_again(phone, name):
    phone.get_by_placeholder("也可以输入任意名字").fill(name)
    phone.get_by_role("button", name="微信登录").click()


def send_as_the_sign_in_runs_out(phone):
    """The token goes while the request is on its way, not before: what the page asks by itself would end at the sign-in first."""
    with held(phone, "**/api/v1/persons/", "POST") as sent:
        phone.get_by_role("button", name="下一步").click()
        sent()
        AuthToken.objects.all().delete()


def test_a_sign_in_that_ran_out_loses_nothing_and_shows_nobody_else(phone, watch, registered):
    watch.refusals = {401}
    sign_in(phone, "王秀兰")
    say_whom(phone)
    kept(phone)
    send_as_the_sign_in_runs_out(phone)
    expect(phone.get_by_text("登录已过期，请重新登录")).to_be_visible()
    sign_in_again(phone, "王秀兰")

    expect_whom(phone)

    phone.get_by_label("我同意").check()
    send_as_the_sign_in_runs_out(phone)
    expect(phone.get_by_text("登录已过期，请重新登录")).to_be_visible()
    sign_in_again(phone, "张三")

    expect_whom(phone, "", "")
    expect(phone.get_by_text(FOUND)).to_have_count(0)

    open_page(phone, "#/me")
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()
    sign_in_again(phone, "王秀兰")
    expect(phone.get_by_role("link", name="我要备案")).to_be_visible()
    open_page(phone, "#/family/add")

    expect_whom(phone, "", "")  # it went when somebody else signed in


def test_signing_out_asks_first_and_leaves_nothing(phone, registered):
    sign_in(phone, "王秀兰")
    say_whom(phone)
    kept(phone)
    open_page(phone, "#/me")
    phone.get_by_role("button", name="退出登录").click()

    expect(phone.get_by_role("dialog", name="还有内容没有保存")).to_be_visible()

    phone.get_by_role("dialog").get_by_role("button", name="仍然退出").click()

    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()
    assert phone.evaluate("Object.keys(localStorage).length + sessionStorage.length") == 0
    assert phone.evaluate(NAMES) == []


def test_after_seven_days_it_is_gone(phone, registered):
    sign_in(phone, "王秀兰")
    say_whom(phone)
    kept(phone)
    phone.clock.set_fixed_time(phone.evaluate("Date.now() / 1000") + 7 * DAY_SECONDS + 1)
    phone.reload()

    expect(phone.get_by_label("姓名")).to_have_value("")
    wait_until(lambda: phone.evaluate("Object.keys(localStorage).every((name) => !name.includes('written'))"))
    wait_until(lambda: phone.evaluate(NAMES) == [])


def test_a_change_half_chosen_is_there_again(phone, monday):
    make.area(SHANGHAI)
    enrolled = make.enrollment(make.person("王秀兰"), category="retired")
    account = sign_in(phone, "王秀兰", enrolled.person)
    old = make.submitted(enrolled, account=account, to=SHANGHAI, type="other")
    services.approve(old, reviewer=make.reviewer())
    open_page(phone, f"#/records/{old.pk}/change")
    phone.get_by_role("button", name="新的就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    expect(phone.get_by_role("button", name="新的就医地")).to_contain_text("北京市")
    phone.get_by_label("新的结束日期").fill("2027-03-01")
    kept(phone)
    phone.reload()

    expect(phone.get_by_role("button", name="新的就医地")).to_contain_text("北京市")
    expect(phone.get_by_label("新的结束日期")).to_have_value("2027-03-01")

    phone.get_by_role("button", name="下一步").click()

    expect(phone.get_by_role("heading", name="北京市 · 其他临时外出")).to_be_visible()

    open_page(phone, f"#/records/{old.pk}/change")

    expect(phone.get_by_text("已有一份没有提交的变更")).to_be_visible()
    expect(phone.get_by_role("button", name="新的就医地")).to_contain_text("不变")


def test_papers_that_lift_a_lock_are_there_again(phone, watch, monday):
    watch.refusals = {404}  # the paper of the filing has no picture
    of = make.enrollment(make.person("王秀兰"), code=ZHENGZHOU)
    account = sign_in(phone, "王秀兰", of.person)
    filing = make.draft(of, account=account, type="resident")
    make.material(account, submission=filing)
    services.submit(filing, actor=Actor.of(account, of.person))
    services.approve(filing, reviewer=make.reviewer(ZHENGZHOU))
    until = date(2027, 5, 20)
    Filing.objects.filter(pk=filing.pk).update(change_locked_until=until, cancel_locked_until=until)
    open_page(phone, f"#/records/{filing.pk}/lift")
    upload(phone)
    phone.get_by_label("原因").fill("已回郑州居住")
    kept(phone)
    phone.reload()

    expect(phone.get_by_label("原因")).to_have_value("已回郑州居住")
    expect(phone.get_by_text("已上传")).to_be_visible()

    phone.get_by_role("button", name="提交材料，取消备案").click()
    phone.get_by_role("dialog").get_by_role("button", name="取消备案").click()

    expect(phone.locator(".status-name")).to_have_text("已取消")
    assert Material.objects.filter(submission=filing, kind="other").exists()


@pytest.fixture
def promised(phone, watch, monday):
    watch.refusals = {404}
    make.area(SHANGHAI)
    of = make.enrollment(make.person("王秀兰"))
    account = sign_in(phone, "王秀兰", of.person)
    promise = {"kind": "residence_permit", "signed_name": "王秀兰"}
    return make.approved(of, account, to=SHANGHAI, filing_type="resident", commitment=promise)


def test_a_proof_is_kept_by_the_server_as_it_is_chosen(phone, promised):
    """Another phone finds it too: home and the filing lead to it."""
    open_page(phone, f"#/records/{promised.pk}/proof")
    upload(phone)
    expect(phone.get_by_text("已自动保存")).to_be_visible()
    assert Proof.objects.get().status == "draft"
    phone.evaluate(FORGET)
    open_page(phone, f"#/records/{promised.pk}")
    phone.get_by_role("link", name="继续补交承诺材料").click()

    expect(phone.get_by_text("已上传")).to_be_visible()

    open_page(phone, "#/")
    phone.get_by_role("link", name="还没有提交").click()

    expect(phone.get_by_text("已上传")).to_be_visible()

    phone.get_by_role("button", name="提交材料").click()

    expect(phone.get_by_text("补交的材料审核中")).to_be_visible()
    assert Proof.objects.get().status == "submitted"


def test_a_proof_that_was_begun_is_thrown_away_on_purpose(phone, promised):
    open_page(phone, f"#/records/{promised.pk}/proof")
    upload(phone)
    expect(phone.get_by_text("已自动保存")).to_be_visible()
    phone.get_by_role("button", name="放弃草稿").click()
    phone.get_by_role("dialog").get_by_role("button", name="放弃").click()

    expect(phone.get_by_role("link", name="补交承诺材料", exact=True)).to_be_visible()
    assert Proof.objects.get().status == "withdrawn"


def test_another_account_for_a_claim_is_there_again(phone, watch, monday):
    watch.refusals = {404}
    make.institution("H11010100001", place=make.BEIJING, name="北京示范医院")
    of = make.enrollment(make.person("王秀兰"))
    account = sign_in(phone, "王秀兰", of.person)
    claim = services.submit(make.claim_draft(of, account=account), actor=Actor.of(account, of.person))
    for _stage in range(2):
        services.approve(claim, reviewer=make.reviewer())
    payer = make.finance()
    batch = payments.mark_paid(payments.export(payer), payer, paid_on=clock.today())
    refusals.refuse(batch, payer, line=batch.lines.get().pk, code="account_closed", on=clock.today())
    open_page(phone, f"#/claims/{claim.pk}")
    phone.get_by_label("银行账号").fill("6222020200112233446")
    kept(phone)
    phone.reload()

    expect(phone.get_by_label("银行账号")).to_have_value("6222020200112233446")
