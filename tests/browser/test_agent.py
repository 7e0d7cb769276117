"""代办: who files once for somebody by a letter of authority says who both are; then it goes the same way as for oneself."""

from datetime import date

import pytest
from playwright.sync_api import expect

from accounts import registry
from accounts.registry import RegisteredEnrollment, RegisterRecord
from filings.models import Filing
from tests import factories as make
from tests.browser.acts import hand_in, open_page, read_notice, sealed, sign_in, upload

NUMBER = "110101195503070028"
AGENTS_NUMBER = make.id_number(date(1985, 6, 1))
PASSPORT = "C01X00T47"


@pytest.fixture
def registered(monday):
    covered = RegisteredEnrollment(make.area("500000").code, "employee", "retired", date(2013, 9, 1))
    registry.store(RegisterRecord("王秀兰", NUMBER, phone="13900000001", enrollments=(covered,)))
    foreigner = {"certificate_kind": "passport", "certificate_country": "DEU", "birth_date": date(1980, 5, 1)}
    working = RegisteredEnrollment("500000", "employee", "active", date(2020, 1, 1))
    registry.store(RegisterRecord("安娜·米勒", PASSPORT, **foreigner, enrollments=(working,)))


def say_who(phone, name="王秀兰"):
    phone.get_by_label("参保人姓名").fill(name)
    phone.get_by_role("button", name="参保地").click()
    phone.get_by_role("dialog").get_by_role("button", name="重庆市").click()
    phone.get_by_label("我的姓名").fill("张经理")
    phone.get_by_label("我的证件号码").fill(f" {AGENTS_NUMBER} ")
    phone.get_by_label("我的电话").fill("13800000002")
    phone.get_by_role("button", name="就医地").click()
    phone.get_by_role("dialog").get_by_role("button", name="北京市").click()


def written_down(phone):
    return phone.evaluate("JSON.stringify([localStorage, sessionStorage])")


def test_an_employer_promises_the_papers_as_one_does_for_oneself(phone, watch, registered):
    """The type, its papers, the notice and the commitment are those of 为谁备案; nothing of who is named lies open on the phone."""
    sign_in(phone, "张经理")
    open_page(phone, "#/agent")
    phone.get_by_role("button", name="下一步：选择备案类型").click()
    expect(phone.get_by_text("请选择在哪里参保。")).to_be_visible()
    expect(phone.get_by_text("请上传参保人签名的授权委托书")).to_be_visible()

    say_who(phone)
    phone.get_by_label("参保人证件号码").fill(f" {NUMBER} ")
    phone.get_by_label("参保人证件号码").press("Tab")
    with sealed(phone):
        upload(phone)
    expect(phone.get_by_text("请上传参保人签名的授权委托书")).to_have_count(0)
    phone.reload()

    expect(phone.get_by_label("参保人姓名")).to_have_value("王秀兰")  # what was typed stays
    expect(phone.get_by_label("参保人证件号码")).to_have_value(NUMBER)
    expect(phone.get_by_label("我的证件号码")).to_have_value(AGENTS_NUMBER)
    expect(phone.get_by_role("button", name="就医地")).to_contain_text("北京市")
    expect(phone.get_by_text("已上传")).to_be_visible()

    kept = written_down(phone)
    assert "王秀兰" not in kept
    phone.get_by_role("button", name="下一步：选择备案类型").click()
    phone.get_by_role("radio", name="异地长期居住").check()
    phone.get_by_role("link", name="开始备案").click()
    read_notice(phone)
    phone.get_by_text("个人承诺，稍后补交").click()
    phone.get_by_label("承诺人签名").fill("王秀兰")
    expect(phone.get_by_text("已自动保存")).to_be_visible()
    kept += written_down(phone)
    hand_in(phone)

    filing = Filing.objects.get()
    assert (filing.mandate_id, filing.agent.relation, filing.status) == (None, "employer", "submitted")
    assert (filing.type, filing.filed_by, filing.commitment.signed_name) == ("resident", "commitment", "王秀兰")
    assert filing.materials.get().kind == "letter_of_authority"
    assert NUMBER not in kept
    assert AGENTS_NUMBER not in kept


def test_a_foreigner_is_named_by_passport_and_the_draft_is_gone_on_with(phone, watch, registered):
    watch.refusals = {404}
    sign_in(phone, "张经理")
    open_page(phone, "#/agent")
    say_who(phone, "安娜·米勒")
    phone.get_by_label("参保人证件类型").select_option("passport")
    phone.get_by_label("参保人护照的签发国家").select_option("DEU")
    phone.get_by_label("参保人证件号码").fill("C01X00T48")
    upload(phone)
    phone.get_by_role("button", name="下一步：选择备案类型").click()
    expect(phone.get_by_text("没有找到与姓名、证件号码、参保地和险种都相符的参保人")).to_be_visible()

    phone.get_by_label("参保人证件号码").fill(PASSPORT)
    phone.get_by_role("button", name="下一步：选择备案类型").click()
    expect(phone.get_by_role("heading", level=1, name="选择备案信息")).to_be_visible()
    open_page(phone, "#/file")
    phone.get_by_role("button", name="继续填写").click()

    expect(phone.get_by_role("heading", level=1, name="备案告知书")).to_be_visible()
    assert Filing.objects.get().agent.name == "张经理"
