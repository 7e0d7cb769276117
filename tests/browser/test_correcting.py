"""Correction and change do what is asked; the page before a filing is handed in, and the one after it, show what is there."""

import pytest
from playwright.sync_api import expect

from filings.models import Filing
from reviews import materials, services
from reviews.models import Material
from tests.browser.acts import choose, hand_in, open_page, photo, read_notice, say_contact, sealed, sign_in, upload
from tests.factories import BEIJING, area, enrollment, institution, person, reviewer, submitted

SHANGHAI = "310000"


@pytest.fixture
def enrolled(monday):
    area(SHANGHAI)
    institution("H11010100001", place=BEIJING, name="北京示范医院")
    return enrollment(person("王秀兰"), category="retired")


def returned(enrolled, account, *fields):
    filing = submitted(enrolled, account=account)
    return services.return_for_correction(filing, reviewer=reviewer(), reason="请更正后重新提交。", fields=[*fields])


def pick_place(phone, name):
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name=name).click()


def test_place_type_and_days_are_corrected(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = returned(enrolled, account, "destination", "type", "starts_on")

    open_page(phone, f"#/records/{filing.pk}")
    phone.get_by_role("button", name="去补正").click()

    expect(phone.get_by_text("请补正：就医地、备案类型。请更正后重新提交。")).to_be_visible()
    expect(phone.get_by_role("radio", name="其他")).to_be_checked()

    pick_place(phone, "上海市")
    phone.get_by_role("radio", name="异地长期居住人员").check()
    phone.get_by_role("link", name="开始备案").click()
    read_notice(phone)

    expect(phone.get_by_label("开始日期")).to_be_focused()

    phone.get_by_label("开始日期").fill("2026-11-25")
    phone.get_by_label("结束日期").fill("2027-11-24")
    phone.get_by_role("radio", name="个人承诺").check(force=True)
    phone.get_by_label("承诺人签名").fill("王秀兰")
    hand_in(phone)

    filing = Filing.objects.get()

    assert (filing.status, filing.round, filing.type, filing.destination_id) == ("submitted", 2, "resident", SHANGHAI)
    assert (str(filing.starts_on), str(filing.ends_on)) == ("2026-11-25", "2027-11-24")


def test_what_was_marked_opens_one_after_another(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = returned(enrolled, account, "contact_phone", "address")

    open_page(phone, f"#/records/{filing.pk}/edit")

    expect(phone.get_by_label("联系电话")).to_be_focused()
    expect(phone.get_by_text("第 1 处，共 2 处")).to_be_visible()

    phone.get_by_role("button", name="下一处").click()

    expect(phone.get_by_label("就医地住址")).to_be_focused()

    phone.get_by_role("button", name="下一处").click()

    expect(phone.get_by_label("联系电话")).to_be_focused()


def test_a_correction_that_is_half_written_survives_a_reload_and_signing_out(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = returned(enrolled, account, "contact_phone")
    open_page(phone, f"#/records/{filing.pk}/edit")
    with sealed(phone):
        phone.get_by_label("联系电话").fill("13900000044")
    phone.reload()

    expect(phone.get_by_label("联系电话")).to_have_value("13900000044")

    phone.get_by_label("就医地住址").fill("建国路9号")
    expect(phone.get_by_text("已自动保存")).to_be_visible()
    filing.refresh_from_db()

    assert (filing.status, filing.address) == ("returned", "建国路9号")


def test_another_type_carries_everything_over(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    old = submitted(enrolled, account=account, address="建国路9号")
    services.approve(old, reviewer=reviewer())

    open_page(phone, f"#/records/{old.pk}")
    phone.get_by_role("button", name="变更备案").click()
    phone.get_by_label("备案类型").select_option(label="改为异地长期居住")
    phone.get_by_role("button", name="下一步").click()
    read_notice(phone)

    expect(phone.get_by_role("heading", name="北京市 · 异地长期居住")).to_be_visible()
    expect(phone.get_by_label("联系人", exact=True)).to_have_value("测试员")
    expect(phone.get_by_label("就医地住址")).to_have_value("建国路9号")

    phone.get_by_role("radio", name="个人承诺").check(force=True)
    phone.get_by_label("承诺人签名").fill("王秀兰")
    hand_in(phone)

    new = Filing.objects.exclude(pk=old.pk).get()

    assert (new.type, new.status, new.predecessor_id, new.address) == ("resident", "submitted", old.pk, "建国路9号")


def test_the_check_page_shows_each_file_and_leads_back_to_each_line(phone, enrolled, watch):
    watch.refusals = {415}
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    say_contact(phone)
    upload(phone)
    program = {"name": "坏文件.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + bytes(2000)}
    phone.locator(".adder", has_text="相册或文件").first.locator("input").set_input_files(program)
    expect(phone.locator(".file-bad")).to_be_visible()
    phone.get_by_role("button", name="下一步：核对").click()

    expect(phone.locator(".file")).to_have_count(2)
    expect(phone.locator(".file").first).to_contain_text("已上传")
    expect(phone.locator(".file-bad")).to_contain_text("没有上传成功，不会随申请提交")
    expect(phone.locator(".file").first.locator("img")).to_be_visible()

    phone.get_by_role("button", name="修改联系电话").click()

    expect(phone.get_by_label("联系电话")).to_be_focused()

    phone.get_by_label("联系电话").fill("13900000055")
    phone.get_by_role("button", name="下一步：核对").click()

    expect(phone.locator(".fact", has_text="联系电话")).to_contain_text("13900000055")

    phone.get_by_role("button", name="修改就医地", exact=True).click()

    expect(phone.get_by_role("heading", name="选择备案信息")).to_be_visible()


def test_a_filing_made_up_for_names_the_hospital_and_the_day(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "其他")
    read_notice(phone)
    say_contact(phone)
    phone.get_by_text("已经住院？补办备案").click()
    phone.get_by_role("button", name="住院的医院").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京示范医院").click()
    phone.get_by_label("入院日期").fill("2026-11-22")
    phone.get_by_role("button", name="下一步：核对").click()

    expect(phone.locator(".fact", has_text="补办")).to_contain_text("北京示范医院，2026年11月22日入院")

    phone.get_by_role("button", name="提交备案").click()
    phone.get_by_role("link", name="查看备案记录").click()

    expect(phone.locator(".fact", has_text="补办")).to_contain_text("北京示范医院，2026年11月22日入院")


def test_the_last_page_follows_what_became_of_it(phone, enrolled):
    sign_in(phone, "王秀兰", enrolled.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "其他")
    read_notice(phone)
    say_contact(phone)
    hand_in(phone)

    expect(phone.get_by_role("heading", name="已提交，等待审核")).to_be_visible()

    filing = Filing.objects.get()
    services.return_for_correction(filing, reviewer=reviewer(), reason="电话无法接通。", fields=["contact_phone"])
    phone.reload()

    expect(phone.get_by_role("heading", name="已退回，请补正")).to_be_visible()
    expect(phone.locator(".done-text")).to_have_text("电话无法接通。")

    phone.get_by_role("link", name="去补正").click()
    phone.get_by_label("联系电话").fill("13900000066")
    hand_in(phone)
    services.reject(Filing.objects.get(), reviewer=reviewer(), reason="不符合条件。")
    phone.reload()

    expect(phone.get_by_role("heading", name="备案未通过")).to_be_visible()


def test_more_documents_of_a_correction_are_kept_until_it_is_handed_in(phone, enrolled):
    account = sign_in(phone, "王秀兰", enrolled.person)
    filing = returned(enrolled, account, "materials")
    open_page(phone, f"#/records/{filing.pk}/edit")
    expect(phone.locator(".adder", has_text="相册或文件").first).to_be_visible()  # opened, as it was marked
    phone.locator(".adder", has_text="相册或文件").first.locator("input").set_input_files(photo())
    expect(phone.get_by_text("正在处理…")).to_be_visible()
    with sealed(phone):
        for material in Material.objects.filter(status=Material.State.PROCESSING):
            materials.process(material.pk)
        expect(phone.get_by_text("已上传")).to_be_visible()
    phone.reload()

    expect(phone.locator(".file")).to_have_count(1)

    hand_in(phone)

    assert Filing.objects.get().materials.count() == 1
