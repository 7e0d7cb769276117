"""代办: an employer files once for somebody by a letter of authority; what is missing is said at its field."""

from datetime import date

import pytest
from playwright.sync_api import expect

from accounts import registry
from accounts.registry import RegisteredEnrollment, RegisterRecord
from filings.models import Filing
from tests import factories as make
from tests.browser.acts import open_page, sign_in, upload

NUMBER = "110101195503070028"


@pytest.fixture
def registered(monday):
    covered = RegisteredEnrollment(make.area("500000").code, "employee", "retired", date(2013, 9, 1))
    registry.store(RegisterRecord("王秀兰", NUMBER, phone="13900000001", enrollments=(covered,)))


def test_an_employer_files_once_by_a_letter_of_authority(phone, watch, registered):
    watch.refusals = {400, 404}
    sign_in(phone, "张经理")
    open_page(phone, "#/agent")
    phone.get_by_role("button", name="提交备案").click()
    expect(phone.get_by_text("请选择在哪里参保。")).to_be_visible()
    expect(phone.get_by_text("请上传参保人签名的授权委托书")).to_be_visible()

    phone.get_by_label("参保人姓名").fill("王秀兰")
    phone.get_by_label("参保人证件号码").fill(f" {NUMBER} ")
    phone.get_by_role("button", name="参保地").click()
    phone.get_by_role("dialog").get_by_role("button", name="重庆市").click()
    phone.get_by_label("我的姓名").fill("张经理")
    phone.get_by_label("我的证件号码").fill(make.id_number(date(1985, 6, 1)))
    phone.get_by_label("我的电话").fill("13800000002")
    upload(phone)
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()
    phone.get_by_label("联系人", exact=True).fill("张经理")
    phone.get_by_label("联系电话").fill("13800000002")
    phone.locator("summary", has_text="告知书").click()
    expect(phone.locator(".notice-body")).to_contain_text("适用人群")
    phone.reload()  # what was typed stays
    expect(phone.get_by_label("参保人姓名")).to_have_value("王秀兰")
    phone.get_by_label("已阅读告知书").check()
    phone.get_by_role("button", name="提交备案").click()

    expect(phone.get_by_role("heading", level=1, name="备案详情")).to_be_visible()
    filing = Filing.objects.get()
    assert (filing.mandate_id, filing.agent.relation, filing.status) == (None, "employer", "submitted")
