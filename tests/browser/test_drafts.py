"""Writing is never lost: several drafts side by side, kept as one types, offered again, and over in every tab once one is handed in."""

from contextlib import contextmanager
from datetime import date

import pytest
from playwright.sync_api import expect

from chronic.models import Recognition
from claims.models import Claim
from filings.models import Filing
from reviews import services
from reviews.services import Actor
from tests.browser.acts import choose, held, open_page, read_notice, say_contact, sealed, sign_in, upload
from tests.factories import (
    BEIJING,
    area,
    claim_draft,
    diseases,
    draft,
    enrollment,
    institution,
    person,
    recognition_draft,
    reviewer,
    submitted,
)
from tests.rivals import wait_until

SHANGHAI = "310000"
SAVED = "已自动保存"


@pytest.fixture
def enrolled(monday):
    area(SHANGHAI)
    return enrollment(person("王秀兰"), category="retired")


@contextmanager
def another_tab(phone):
    """The same phone, the same sign-in, a tab of its own."""
    tab = phone.context.new_page()
    tab.goto(phone.url.split("#")[0])
    yield tab
    tab.close()


def begin(phone, place="北京市", name="王小妹"):
    """A filing half written, until the server has it."""
    open_page(phone, "#/file")
    expect(phone.get_by_role("heading", name="为谁备案")).to_be_visible()
    choose(phone, place, "其他")
    read_notice(phone)
    phone.get_by_label("联系人", exact=True).fill(name)
    expect(phone.get_by_text(SAVED)).to_be_visible()


def sign_out(phone):
    open_page(phone, "#/me")
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()


def test_several_drafts_stand_side_by_side_and_outlive_signing_out(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    begin(phone, "北京市", "王小妹")
    begin(phone, "上海市", "王大哥")

    sign_out(phone)

    assert phone.evaluate("Object.keys(localStorage).length + sessionStorage.length") == 0

    phone.get_by_placeholder("也可以输入任意名字").fill("王秀兰")
    phone.get_by_role("button", name="微信登录").click()
    phone.get_by_role("link", name="我要备案").click()

    expect(phone.locator(".card-draft")).to_have_count(2)
    expect(phone.locator(".card-draft").first).to_contain_text("上海市")

    phone.get_by_role("button", name="继续填写 北京市").click()

    expect(phone.get_by_label("联系人", exact=True)).to_have_value("王小妹")

    open_page(phone, "#/file")
    phone.get_by_role("button", name="放弃 上海市").click()
    phone.get_by_role("dialog").get_by_role("button", name="再想想").click()

    assert Filing.objects.filter(status="draft").count() == 2

    phone.get_by_role("button", name="放弃 上海市").click()
    phone.get_by_role("dialog").get_by_role("button", name="放弃").click()

    expect(phone.locator(".card-draft")).to_have_count(1)
    assert Filing.objects.get(status="draft").destination_id == BEIJING


def test_choosing_somebody_leaves_what_is_half_filled(phone, enrolled):
    daughter = enrollment(person("李子涵"))
    sign_in(phone, "王秀兰", enrolled.person, daughter.person)
    begin(phone, "北京市", "王小妹")

    open_page(phone, "#/file")
    phone.locator("#page .choice").nth(1).click()

    expect(phone.locator(".fact", has_text="参保人")).to_contain_text("李*涵")

    open_page(phone, "#/file")

    expect(phone.locator(".card-draft")).to_contain_text("北京市")
    assert Filing.objects.get().contact_name == "王小妹"


def test_what_never_reached_the_server_is_offered_again_too(phone, enrolled, watch):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "其他")
    read_notice(phone)
    watch.refusals = {503}
    phone.route("**/api/v1/filings/", lambda route: route.fulfill(status=503, body="<html>"))
    phone.get_by_label("联系人", exact=True).fill("王小妹")

    expect(phone.get_by_text("还没有保存")).to_be_visible()

    phone.unroute("**/api/v1/filings/")
    open_page(phone, "#/file")
    phone.locator("#page .group .choice").first.click()
    open_page(phone, "#/file")

    # leaving the form tried once more, and now the server has it
    expect(phone.locator(".card-draft")).to_have_count(1)

    phone.get_by_role("button", name="继续填写 北京市").click()

    expect(phone.get_by_label("联系人", exact=True)).to_have_value("王小妹")


def test_a_draft_whose_answer_was_lost_is_not_made_twice(phone, enrolled, watch):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "其他")
    read_notice(phone)
    watch.offline = True

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    phone.route("**/api/v1/filings/", lose_the_answer)
    phone.get_by_label("联系人", exact=True).fill("王小妹")
    expect(phone.get_by_text("没有网络，内容先存在本机")).to_be_visible()
    phone.unroute("**/api/v1/filings/")

    phone.get_by_label("联系电话").fill("13900000077")
    expect(phone.get_by_text(SAVED)).to_be_visible()

    assert [(each.contact_name, each.contact_phone) for each in Filing.objects.all()] == [("王小妹", "13900000077")]


def test_what_is_saved_for_the_first_time_is_sent_once(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    written = []
    phone.on("request", lambda asked: "/api/v1/filings/" in asked.url and written.append(asked.method))

    begin(phone)

    assert written == ["POST"]


def test_a_change_and_another_draft_do_not_replace_what_is_written(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    other = draft(enrolled, account=account, to=SHANGHAI)
    old = submitted(enrolled, account=account, to=SHANGHAI, type="other")
    services.approve(old, reviewer=reviewer())
    begin(phone, "北京市", "王小妹")

    open_page(phone, f"#/records/{other.pk}")
    phone.get_by_role("button", name="继续填写").click()
    expect(phone.get_by_label("联系人", exact=True)).to_have_value("测试员")
    open_page(phone, f"#/records/{old.pk}/change")
    phone.get_by_label("新的结束日期").fill("2027-03-01")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_role("heading", name="上海市 · 其他临时外出")).to_be_visible()
    open_page(phone, "#/file")

    expect(phone.locator(".card-draft")).to_have_count(3)

    open_page(phone, f"#/records/{old.pk}/change")

    expect(phone.get_by_text("已有一份没有提交的变更")).to_be_visible()


def test_what_one_tab_hands_in_is_over_in_the_other(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    begin(phone)
    filing = Filing.objects.get()
    with another_tab(phone) as tab:
        open_page(tab, f"#/records/{filing.pk}/edit")
        expect(tab.get_by_label("联系人", exact=True)).to_have_value("王小妹")
        phone.get_by_label("联系电话").fill("13900000001")
        phone.get_by_role("button", name="下一步：核对").click()

        phone.get_by_role("button", name="提交备案").click()

        expect(tab.locator(".status-name")).to_have_text("审核中")
        expect(tab.get_by_role("button", name="继续填写")).to_have_count(0)

        open_page(tab, "#/file")

        expect(tab.locator("#page .choice").first).to_be_visible()
        expect(tab.locator(".card-draft")).to_have_count(0)

        open_page(tab, f"#/records/{filing.pk}/edit")

        expect(tab.locator(".status-name")).to_have_text("审核中")

    assert list(filing.events.values_list("verb", flat=True)).count("submit") == 1


def test_two_tabs_that_hand_in_at_once_hand_in_once(phone, enrolled, watch):
    watch.refusals = {409, 412}
    sign_in(phone, "王秀兰", enrolled.person)
    begin(phone)
    phone.get_by_label("联系电话").fill("13900000001")
    phone.get_by_role("button", name="下一步：核对").click()
    expect(phone.get_by_role("button", name="提交备案")).to_be_enabled()
    filing = Filing.objects.get()
    with another_tab(phone) as tab:
        open_page(tab, f"#/records/{filing.pk}/edit")
        expect(tab.get_by_label("联系电话")).to_have_value("13900000001")
        tab.evaluate("window.dispatchEvent = () => true")  # this tab does not hear of the other
        tab.get_by_role("button", name="下一步：核对").click()
        expect(tab.get_by_role("button", name="提交备案")).to_be_enabled()
        filing.refresh_from_db()
        phone.reload()
        expect(phone.get_by_role("button", name="提交备案")).to_be_enabled()
        phone.get_by_role("button", name="提交备案").click()
        expect(phone.get_by_role("link", name="查看备案记录")).to_be_visible()

        tab.get_by_role("button", name="提交备案").click()

        expect(tab.locator(".status-name")).to_have_text("审核中")

    assert list(filing.events.values_list("verb", flat=True)).count("submit") == 1


def test_two_tabs_that_write_the_same_draft_ask_which_is_to_stay(phone, enrolled, watch):
    watch.refusals = {412}
    sign_in(phone, "王秀兰", enrolled.person)
    begin(phone)
    filing = Filing.objects.get()
    with another_tab(phone) as tab:
        open_page(tab, f"#/records/{filing.pk}/edit")
        tab.get_by_label("就医地住址").fill("上海路1号")
        expect(tab.get_by_text(SAVED)).to_be_visible()

        phone.get_by_label("就医地住址").fill("北京路2号")

        expect(phone.get_by_text("这份内容在另一处有改动")).to_be_visible()

        phone.get_by_role("button", name="用另一处的内容").click()

        expect(phone.get_by_label("就医地住址")).to_have_value("上海路1号")

        tab.get_by_label("联系人", exact=True).fill("王大哥")
        wait_until(lambda: Filing.objects.get().contact_name == "王大哥")
        phone.get_by_label("就医地住址").fill("北京路3号")
        phone.get_by_role("button", name="用这里的内容").click()
        expect(phone.get_by_text(SAVED)).to_be_visible()

    filing.refresh_from_db()

    assert (filing.address, filing.contact_name) == ("北京路3号", "王小妹")


def test_files_are_kept_with_the_draft(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    say_contact(phone)
    upload(phone)

    wait_until(lambda: Filing.objects.filter(materials__isnull=False).exists())

    sign_out(phone)
    phone.get_by_placeholder("也可以输入任意名字").fill("王秀兰")
    phone.get_by_role("button", name="微信登录").click()
    phone.get_by_role("link", name="我要备案").click()
    phone.get_by_role("button", name="继续填写 北京市").click()

    expect(phone.locator(".file")).to_have_count(1)


@pytest.fixture
def listed(enrolled):
    diseases()
    institution("H11010100001", place=BEIJING, name="北京示范医院", chronic=["M01600"])
    return enrolled


def test_the_chronic_form_survives_a_reload_and_signing_out(phone, listed):
    sign_in(phone, "王秀兰", listed.person)
    open_page(phone, f"#/chronic/apply/{listed.pk}")
    phone.get_by_label("病种").select_option("M01600")
    with sealed(phone):
        phone.get_by_label("确诊日期").fill("2026-10-12")
    phone.reload()

    expect(phone.get_by_label("病种")).to_have_value("M01600")
    expect(phone.get_by_label("确诊日期")).to_have_value("2026-10-12")

    phone.get_by_role("button", name="确诊医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()

    expect(phone.get_by_text(SAVED)).to_be_visible()

    sign_out(phone)

    assert phone.evaluate("Object.keys(localStorage).length") == 0

    phone.get_by_placeholder("也可以输入任意名字").fill("王秀兰")
    phone.get_by_role("button", name="微信登录").click()
    expect(phone.get_by_role("link", name="我要备案")).to_be_visible()
    open_page(phone, "#/chronic")
    phone.locator("a.card", has_text="糖尿病").click()
    phone.get_by_role("button", name="继续填写").click()

    expect(phone.get_by_label("确诊日期")).to_have_value("2026-10-12")
    expect(phone.get_by_role("button", name="确诊医院")).to_contain_text("北京示范医院")
    assert Recognition.objects.get().status == "draft"


def test_two_applications_for_one_person_stand_side_by_side(phone, listed):
    sign_in(phone, "王秀兰", listed.person)
    for disease in ("M01600", "M03900"):
        open_page(phone, f"#/chronic/apply/{listed.pk}")
        expect(phone.get_by_label("病种")).to_have_value("")
        phone.get_by_label("病种").select_option(disease)
        phone.get_by_label("确诊日期").fill("2026-10-12")
        expect(phone.get_by_text(SAVED)).to_be_visible()
        open_page(phone, "#/chronic")
        expect(phone.locator("a.card").first).to_be_visible()

    expect(phone.locator("a.card")).to_have_count(2)


def test_a_claim_is_kept_by_the_server_as_one_types(phone, listed):
    sign_in(phone, "王秀兰", listed.person)
    open_page(phone, f"#/claims/apply/{listed.pk}")
    phone.get_by_label("费用总额").fill("20000")
    phone.get_by_label("银行账号").fill("6222020200112233446")
    phone.get_by_label("没有直接结算的原因").fill("住院前没有备案")

    expect(phone.get_by_text(SAVED)).to_be_visible()

    sign_out(phone)
    phone.get_by_placeholder("也可以输入任意名字").fill("王秀兰")
    phone.get_by_role("button", name="微信登录").click()
    expect(phone.get_by_role("link", name="我要备案")).to_be_visible()
    open_page(phone, "#/claims")
    phone.locator("a.card").click()
    phone.get_by_role("button", name="继续填写").click()

    expect(phone.get_by_label("费用总额")).to_have_value("20000")
    expect(phone.get_by_text("****3446")).to_be_visible()
    assert Claim.objects.get().reason == "住院前没有备案"


def test_signing_out_asks_while_the_server_has_not_all(phone, enrolled, watch):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "其他")
    read_notice(phone)
    watch.refusals = {503}
    phone.route("**/api/v1/filings/", lambda route: route.fulfill(status=503, body="<html>"))
    phone.get_by_label("联系人", exact=True).fill("王小妹")
    open_page(phone, "#/me")
    phone.get_by_role("button", name="退出登录").click()

    expect(phone.get_by_role("dialog", name="还有内容没有保存")).to_be_visible()

    phone.get_by_role("dialog").get_by_role("button", name="再想想").click()
    open_page(phone, "#/file")

    expect(phone.locator(".card-draft")).to_contain_text("只存在本机")

    open_page(phone, "#/me")
    phone.get_by_role("button", name="退出登录").click()
    phone.get_by_role("dialog").get_by_role("button", name="仍然退出").click()

    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()
    assert phone.evaluate("Object.keys(localStorage).length + sessionStorage.length") == 0


def test_a_claim_thrown_away_in_one_tab_is_over_in_the_other(phone, listed, watch):
    watch.refusals = {404}  # documents that tests make have no thumbnails
    account = sign_in(phone, "王秀兰", listed.person)
    claim = claim_draft(listed, account=account)
    open_page(phone, f"#/claims/{claim.pk}/edit")
    expect(phone.get_by_label("费用总额")).to_have_value("20000")
    with another_tab(phone) as tab:
        open_page(tab, f"#/claims/{claim.pk}")
        tab.get_by_role("button", name="放弃草稿").click()
        tab.get_by_role("dialog").get_by_role("button", name="放弃草稿").click()

        expect(phone.locator(".status-name")).to_have_text("已撤回")
        expect(phone.get_by_role("button", name="继续填写")).to_have_count(0)


def test_a_renewal_that_was_begun_is_gone_on_with(phone, listed, watch):
    watch.refusals = {404}  # documents that tests make have no thumbnails
    account = sign_in(phone, "王秀兰", listed.person)
    old = services.submit(recognition_draft(listed, account=account), actor=Actor.of(account, listed.person))
    services.approve(old, reviewer=reviewer())
    services.approve(old, reviewer=reviewer())
    Recognition.objects.filter(pk=old.pk).update(valid_from=date(2026, 9, 1), renew_by=date(2026, 11, 30))
    open_page(phone, f"#/chronic/{old.pk}/renew")
    phone.get_by_role("button", name="添加医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()
    expect(phone.get_by_text(SAVED)).to_be_visible()

    open_page(phone, f"#/chronic/{old.pk}/renew")

    expect(phone.get_by_role("heading", level=1, name="修改申请")).to_be_visible()
    expect(phone.locator(".file-words", has_text="北京示范医院")).to_be_visible()
    assert Recognition.objects.get(predecessor=old.pk).status == "draft"


def test_an_answer_that_comes_late_stays_with_its_own_filing(phone, enrolled):
    daughter = enrollment(person("李子涵"))
    sign_in(phone, "王秀兰", enrolled.person, daughter.person)
    begin(phone, "北京市", "王小妹")
    with held(phone, "**/api/v1/filings/*/", "PATCH") as sent:
        phone.get_by_label("就医地住址").fill("北京路1号")
        sent()
        open_page(phone, "#/file")
        phone.locator("#page .group .choice").nth(1).click()
        phone.get_by_role("button", name="就医地").click()
        phone.get_by_label("搜索就医地").fill("上海市")
        phone.get_by_role("dialog").get_by_role("button", name="上海市").click()
        phone.get_by_role("radio", name="其他").check()
        phone.get_by_role("link", name="开始备案").click()
        read_notice(phone)
    wait_until(lambda: Filing.objects.earliest("created_at").address == "北京路1号")

    phone.get_by_label("联系人", exact=True).fill("王大哥")
    expect(phone.get_by_text(SAVED)).to_be_visible()

    first, second = Filing.objects.order_by("created_at")
    assert (first.person, first.destination_id, first.contact_name) == (enrolled.person, BEIJING, "王小妹")
    assert (second.person, second.destination_id, second.contact_name) == (daughter.person, SHANGHAI, "王大哥")
    assert (first.address, second.address) == ("北京路1号", "")


def test_another_place_of_a_draft_is_saved_without_another_word(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    begin(phone, "北京市", "王小妹")
    open_page(phone, "#/file/select")
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_label("搜索就医地").fill("上海市")
    phone.get_by_role("dialog").get_by_role("button", name="上海市").click()
    phone.get_by_role("radio", name="其他").check()
    phone.get_by_role("link", name="开始备案").click()
    read_notice(phone)

    expect(phone.get_by_text(SAVED)).to_be_visible()

    filing = Filing.objects.get()
    assert (filing.destination_id, filing.contact_name) == (SHANGHAI, "王小妹")


def test_a_form_that_was_left_saves_and_leaves_the_page_that_is_open_alone(phone, listed):
    sign_in(phone, "王秀兰", listed.person)
    open_page(phone, f"#/chronic/apply/{listed.pk}")
    phone.get_by_label("病种").select_option("M01600")
    open_page(phone, "#/file")
    expect(phone.get_by_role("heading", level=1)).to_have_text("为谁备案")

    wait_until(lambda: Recognition.objects.filter(status="draft").exists())
    phone.wait_for_timeout(500)

    assert phone.url.endswith("#/file")


def test_a_copy_older_than_what_the_server_has_asks_which_is_to_stay(phone, listed, watch):
    watch.refusals = {503, 404}
    account = sign_in(phone, "王秀兰", listed.person)
    claim = claim_draft(listed, account=account)
    open_page(phone, f"#/claims/{claim.pk}/edit")
    expect(phone.get_by_label("费用总额")).to_have_value("20000")
    phone.route("**/api/v1/claims/*/", lambda route: route.fulfill(status=503, body="<html>"))
    phone.get_by_label("没有直接结算的原因").fill("在这里写的")
    expect(phone.get_by_text("还没有保存")).to_be_visible()
    phone.unroute("**/api/v1/claims/*/")
    Claim.objects.filter(pk=claim.pk).update(version=claim.version + 1)

    phone.reload()

    expect(phone.get_by_text("这份内容在另一处有改动")).to_be_visible()

    phone.get_by_role("button", name="用这里的内容").click()
    expect(phone.get_by_text(SAVED)).to_be_visible()

    assert Claim.objects.get().reason == "在这里写的"


def test_signing_out_in_one_tab_signs_out_the_other(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    begin(phone)
    with another_tab(phone) as tab:
        sign_out(tab)

        expect(phone.get_by_role("button", name="微信登录")).to_be_visible()
        assert phone.evaluate("Object.keys(localStorage).length + sessionStorage.length") == 0
