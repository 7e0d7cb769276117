"""The whole way: a citizen files with a photo, a reviewer approves in the admin site, the phone shows it."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from filings.models import Filing
from tests.browser.acts import hand_in, open_page, read_notice, say_contact, upload


@pytest.fixture
def demo(monday):
    call_command("load_reference", verbosity=0)
    call_command("load_demo", verbosity=0)


def test_from_sign_in_to_the_approval_on_the_phone(demo, phone, context, live_server):
    bind_oneself(phone)
    phone.get_by_role("button", name="为其备案").click()
    file_to_beijing_with_a_photo(phone)

    number = phone.locator(".fact", has_text="受理编号").locator("dd").inner_text()

    expect(phone.get_by_text("还有 2 个工作日，11月25日 周三 17:00 前办结")).to_be_visible()

    approve_in_the_admin(context.new_page(), live_server.url, number)

    phone.get_by_role("link", name="查看备案记录").click()

    expect(phone.locator(".status-name")).to_have_text("生效中")
    expect(phone.locator(".status-text")).to_have_text("2026年11月23日 起，长期有效")
    expect(phone.locator(".moment").first).to_contain_text("审核通过")

    open_page(phone, "#/messages")

    expect(phone.get_by_role("link", name=number)).to_be_visible()

    filing = Filing.objects.get(number=number)
    assert (filing.status, filing.destination_id, filing.type) == ("approved", "110000", "resident")
    assert [material.kind for material in filing.materials.all()] == ["residence_permit"]


def bind_oneself(phone):
    phone.get_by_role("link", name="微信登录").click()
    phone.get_by_role("button", name="王秀兰").click()
    phone.get_by_role("button", name="微信登录").click()
    phone.get_by_role("link", name="先绑定参保人").click()
    phone.get_by_label("姓名").fill("王秀兰")
    phone.get_by_label("证件号码").fill("110101195503070028")
    phone.get_by_label("我同意").check()
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_label("验证码", exact=True).fill("000000")
    phone.get_by_role("button", name="完成验证").click()
    expect(phone.get_by_text("1101**********0028")).to_be_visible()


def file_to_beijing_with_a_photo(phone):
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_label("搜索就医地").fill("bj")
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    phone.get_by_role("radio", name="异地长期居住人员").check()
    phone.get_by_role("link", name="开始备案").click()
    read_notice(phone)
    say_contact(phone)
    upload(phone)
    hand_in(phone)


def approve_in_the_admin(office, url, number):
    office.goto(f"{url}/admin/")
    office.get_by_label("用户名").fill("cq-reviewer")
    office.get_by_label("密码").fill("yidi-demo-2026")
    office.get_by_role("button", name="登录").click()
    office.goto(f"{url}/admin/reviews/submission/")
    office.get_by_role("link", name=number).first.click()
    office.get_by_role("radio", name="通过", exact=True).check()
    office.get_by_role("button", name="提交决定").click()
    expect(office.get_by_role("heading", name="这里还没有内容")).to_be_visible()  # the worklist again: nothing waits
