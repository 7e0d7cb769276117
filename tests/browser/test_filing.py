"""Filing on the phone: correction, commitment, what is kept, what is sent once, what need not be filed."""

import pytest
from playwright.sync_api import expect

from filings.models import Filing
from reviews import services
from tests.browser.acts import (
    choose,
    hand_in,
    open_page,
    read_notice,
    say_contact,
    sign_in,
    stand_still,
    upload,
    wait_for_the_kept_pages,
)
from tests.factories import CHENGDU, area, draft, enrollment, person, reviewer, submitted

SHANGHAI = "310000"


@pytest.fixture
def enrolled(monday):
    return enrollment(person("王秀兰"), category="retired")


def test_what_the_reviewer_marked_is_mended_and_reviewed_again(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = submitted(enrolled, account=account)
    services.return_for_correction(
        filing, reviewer=reviewer(), reason="电话无法接通，请更正。", fields=["contact_phone"]
    )

    open_page(phone, f"#/records/{filing.pk}")

    expect(phone.locator(".status")).to_contain_text("电话无法接通，请更正。")
    expect(phone.locator(".marks")).to_have_text("联系电话")

    phone.get_by_role("button", name="去补正").click()

    expect(phone.locator(".field-marked")).to_have_count(1)

    phone.locator(".field-marked").get_by_label("联系电话").fill("13900000022")
    hand_in(phone)

    filing.refresh_from_db()

    assert (filing.status, filing.round, filing.contact_phone) == ("submitted", 2, "13900000022")


def test_a_commitment_stands_in_for_the_document_and_is_to_be_kept(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    say_contact(phone)
    phone.get_by_role("radio", name="个人承诺").check(force=True)
    phone.get_by_label("承诺人签名").fill("王秀兰")
    hand_in(phone)
    filing = Filing.objects.get()
    services.approve(filing, reviewer=reviewer())

    phone.get_by_role("link", name="查看备案记录").click()

    expect(phone.get_by_text("待补材料")).to_be_visible()

    phone.get_by_role("link", name="补交承诺材料").click()
    upload(phone)
    phone.get_by_role("button", name="提交材料").click()

    expect(phone.get_by_text("补交的材料审核中，还有 2 个工作日，11月25日 周三 17:00 前办结")).to_be_visible()


def test_an_injury_is_said_and_its_statement_may_follow_at_the_hospital(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "临时外出")
    read_notice(phone)
    say_contact(phone)

    phone.get_by_label("因外伤就医").check(force=True)

    expect(phone.locator(".document", has_text="外伤无第三方责任承诺书")).to_contain_text("选填")

    phone.get_by_role("button", name="下一步：核对").click()

    expect(phone.get_by_text("也可以在医院结算时签署")).to_be_visible()
    expect(phone.locator(".fact", has_text="就医原因")).to_contain_text("外伤")

    phone.get_by_role("button", name="提交备案").click()

    expect(phone.get_by_role("link", name="查看备案记录")).to_be_visible()
    assert Filing.objects.get().injury


def test_what_is_typed_survives_a_reload_and_an_outage(phone, enrolled, context, watch):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "临时外出")
    read_notice(phone)
    say_contact(phone, "王小妹", "13900000033")
    wait_for_the_kept_pages(phone)

    watch.offline = True

    context.set_offline(True)

    expect(phone.get_by_text("当前没有网络")).to_be_visible()

    phone.get_by_role("button", name="下一步：核对").click()

    expect(phone.get_by_role("alert")).to_have_text("网络连接不上。请检查网络后重试，已填写的内容不会丢失。")

    phone.reload()

    expect(phone.get_by_label("联系人", exact=True)).to_have_value("王小妹")
    expect(phone.get_by_label("联系电话")).to_have_value("13900000033")

    context.set_offline(False)
    hand_in(phone)

    assert [filing.contact_name for filing in Filing.objects.all()] == ["王小妹"]


def test_a_double_click_files_once(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "临时外出")
    read_notice(phone)
    say_contact(phone)
    phone.get_by_role("button", name="下一步：核对").dblclick()

    phone.get_by_role("button", name="提交备案").dblclick()

    expect(phone.get_by_role("link", name="查看备案记录")).to_be_visible()
    verbs = [event.verb for event in Filing.objects.get().events.all()]
    assert [verb for verb in verbs if verb != "amend"] == [
        "create",
        "submit",
    ]  # what was typed may be saved in between, once
    assert verbs.count("amend") <= 1


def test_a_place_that_needs_no_filing_says_so(phone, enrolled):
    area(CHENGDU)
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="四川省").click()

    phone.get_by_role("dialog").get_by_role("button", name="成都市").click()

    expect(phone.get_by_text("重庆市参保人到成都市就医免备案")).to_be_visible()
    expect(phone.get_by_role("link", name="不需要备案")).to_have_attribute("aria-disabled", "true")


def test_a_missing_document_is_named_at_its_place(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    say_contact(phone)

    phone.get_by_role("button", name="下一步：核对").click()

    expect(phone.locator(".field-error", has_text="还缺少")).to_be_visible()


def test_a_draft_is_continued_from_the_records(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = draft(enrolled, account=account)
    open_page(phone, f"#/records/{filing.pk}")

    phone.get_by_role("button", name="继续填写").click()

    expect(phone.get_by_label("联系人", exact=True)).to_have_value("测试员")

    hand_in(phone)
    filing.refresh_from_db()

    assert filing.status == "submitted"


def test_a_filing_in_review_can_be_withdrawn(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = submitted(enrolled, account=account)
    open_page(phone, f"#/records/{filing.pk}")
    phone.get_by_role("button", name="撤回申请").click()
    phone.get_by_role("dialog").get_by_role("button", name="再想想").click()
    phone.get_by_role("button", name="撤回申请").click()

    phone.get_by_role("dialog").get_by_role("button", name="撤回申请").click()

    expect(phone.locator(".status-name")).to_have_text("已撤回")


def test_the_countdown_skips_the_holidays(phone, enrolled):
    stand_still("2026-09-30 10:00")  # the eve of National Day: the 1st to the 7th are free, Saturday the 10th is worked
    phone.reload()
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = submitted(enrolled, account=account)

    open_page(phone, f"#/records/{filing.pk}")

    expect(phone.locator(".status-text")).to_have_text("还有 2 个工作日，10月9日 周五 17:00 前办结")


def test_an_approved_filing_can_be_changed_and_the_old_one_counts_until_then(phone, enrolled):
    area(SHANGHAI)
    account = sign_in(phone, "王秀兰", enrolled.person)
    old = submitted(enrolled, account=account)
    services.approve(old, reviewer=reviewer())
    open_page(phone, f"#/records/{old.pk}")
    phone.get_by_role("button", name="变更备案").click()
    phone.get_by_role("button", name="新的就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="上海市").click()

    phone.get_by_role("button", name="下一步").click()

    expect(phone.get_by_role("heading", name="上海市 · 其他")).to_be_visible()

    hand_in(phone)

    old.refresh_from_db()
    new = Filing.objects.exclude(pk=old.pk).get()

    assert (new.status, new.destination_id, new.predecessor_id) == ("submitted", SHANGHAI, old.pk)
    assert old.status == "approved"


def test_a_temporary_filing_can_be_cancelled_a_locked_one_says_until_when_not(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    temporary = submitted(enrolled, account=account)
    services.approve(temporary, reviewer=reviewer())
    open_page(phone, f"#/records/{temporary.pk}")
    phone.get_by_role("button", name="取消备案").click()

    phone.get_by_role("dialog").get_by_role("button", name="取消备案").click()

    expect(phone.locator(".status-name")).to_have_text("已取消")

    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    say_contact(phone)
    upload(phone)
    hand_in(phone)
    services.approve(Filing.objects.get(type="resident"), reviewer=reviewer())
    phone.get_by_role("link", name="查看备案记录").click()

    expect(phone.get_by_text("按参保地规定，2027年5月22日前（含当日）不能变更或取消。")).to_be_visible()
    expect(phone.get_by_role("button", name="取消备案")).to_have_count(0)
