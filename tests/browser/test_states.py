"""What the pages say when there is nothing, when something fails, and when the sign-in has run out."""

import pytest
from knox.models import AuthToken
from playwright.sync_api import expect

from tests.browser.acts import choose, open_page, read_notice, sign_in
from tests.factories import draft, enrollment, person, submitted


def test_someone_new_is_told_what_to_do_first(phone):
    sign_in(phone, "新用户")

    expect(phone.get_by_role("link", name="先绑定参保人")).to_be_visible()

    open_page(phone, "#/records")

    expect(phone.get_by_text("还没有备案记录")).to_be_visible()

    open_page(phone, "#/messages")

    expect(phone.get_by_text("还没有消息")).to_be_visible()

    open_page(phone, "#/file")

    expect(phone.get_by_text("还没有可以办理备案的参保人")).to_be_visible()


def test_a_list_that_cannot_be_read_says_so_and_is_tried_again(phone, watch):
    sign_in(phone, "王秀兰")
    watch.refusals = {503}
    phone.route("**/api/v1/filings/*", lambda route: route.fulfill(status=503, body="<html>"))

    open_page(phone, "#/records")

    expect(phone.get_by_role("alert")).to_contain_text("系统暂时出了问题，请稍后重试。")

    phone.unroute("**/api/v1/filings/*")
    phone.get_by_role("button", name="重新加载").click()

    expect(phone.get_by_text("还没有备案记录")).to_be_visible()


def test_after_the_sign_in_ran_out_one_returns_to_the_same_page(phone, watch):
    owner = enrollment(person("王秀兰"))
    account = sign_in(phone, "王秀兰", owner.person)
    filing = submitted(owner, account=account)
    AuthToken.objects.all().delete()
    watch.refusals = {401}

    open_page(phone, f"#/records/{filing.pk}")

    expect(phone.get_by_text("登录已过期，请重新登录")).to_be_visible()

    phone.get_by_placeholder("也可以输入任意名字").fill("王秀兰")
    phone.get_by_role("button", name="微信登录").click()

    expect(phone.get_by_text(filing.number)).to_be_visible()


def test_whoever_signs_in_after_a_sign_in_ran_out_finds_nothing_of_who_was_there_before(phone, watch):
    """What the first wrote stays for them until somebody else comes."""
    owner = enrollment(person("王秀兰"))
    account = sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    expect(phone.get_by_role("radio", name="其他")).to_be_visible()
    AuthToken.objects.all().delete()
    watch.refusals = {401}
    open_page(phone, "#/records")
    expect(phone.get_by_text("登录已过期，请重新登录")).to_be_visible()
    theirs = f"Object.keys(localStorage).filter((name) => name.includes('{account.pk}')).length"
    assert phone.evaluate(theirs) > 0

    phone.get_by_placeholder("也可以输入任意名字").fill("李国强")
    phone.get_by_role("button", name="微信登录").click()

    expect(phone.get_by_role("heading", level=1, name="备案记录")).to_be_visible()
    assert phone.evaluate(theirs) == 0


def test_somebody_elses_filing_does_not_exist(phone, watch):
    filing = submitted()
    sign_in(phone, "王秀兰")
    watch.refusals = {404}

    open_page(phone, f"#/records/{filing.pk}")

    expect(phone.get_by_role("alert")).to_contain_text("没有找到")


def test_signing_out_leaves_nothing_of_a_person_on_the_phone(phone):
    owner = enrollment(person("王秀兰"))
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/file")
    phone.locator("#page .choice").first.click()
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    phone.get_by_role("radio", name="其他").check()
    open_page(phone, "#/me")

    phone.get_by_role("button", name="退出登录").click()
    phone.get_by_role("button", name="仍然退出").click()  # what was chosen is on this phone alone

    expect(phone.get_by_role("button", name="微信登录")).to_be_visible()
    assert phone.evaluate("Object.keys(localStorage)") == []
    assert not AuthToken.objects.exists()


def test_records_are_narrowed_by_status_and_read_page_by_page(phone):
    owner = enrollment(person("王秀兰"))
    account = sign_in(phone, "王秀兰", owner.person)
    under_review = submitted(owner, account=account)
    for _ in range(20):
        draft(owner, account=account)

    open_page(phone, "#/records")

    expect(phone.locator("#page a.card")).to_have_count(20)

    phone.get_by_role("button", name="加载更多").click()

    expect(phone.locator("#page a.card")).to_have_count(21)

    phone.get_by_role("button", name="审核中").click()

    expect(phone.locator("#page a.card")).to_have_count(1)

    phone.locator("#page a.card").click()

    expect(phone.get_by_text(under_review.number)).to_be_visible()


@pytest.mark.parametrize("step", ["select", "notice", "form", "check"])
def test_a_step_that_cannot_be_taken_yet_leads_to_the_first(phone, step):
    sign_in(phone, "王秀兰")

    open_page(phone, f"#/file/{step}")

    expect(phone.get_by_role("heading", name="为谁备案")).to_be_visible()


def test_a_file_that_is_no_document_is_refused_at_its_place_and_can_be_removed(phone, watch):
    owner = enrollment(person("王秀兰"))
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    watch.refusals = {415}
    program = {"name": "居住证.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + bytes(2000)}

    phone.locator(".adder input").first.set_input_files(program)

    expect(phone.locator(".file-bad")).to_contain_text("只能上传 JPEG、PNG、WebP、HEIC 图片或 PDF 文件")

    phone.get_by_role("button", name="删除 居住证.jpg").click()

    expect(phone.locator(".file")).to_have_count(0)


def test_a_file_too_large_is_not_even_sent(phone):
    owner = enrollment(person("王秀兰"))
    sign_in(phone, "王秀兰", owner.person)
    open_page(phone, "#/file")
    choose(phone, "北京市", "异地长期居住人员")
    read_notice(phone)
    huge = {"name": "扫描件.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" + bytes(10 * 1024 * 1024)}

    phone.locator(".adder input").first.set_input_files(huge)

    expect(phone.locator(".file-bad")).to_contain_text("文件超过 10 MB，请压缩后再上传。")
