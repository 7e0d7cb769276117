"""A hospital issues a referral in the admin, the patient shows it on the phone, another hospital verifies it."""

import pypdfium2
import pytest
from playwright.sync_api import expect

from accounts import registry
from accounts.registry import RegisterRecord, as_registered
from referrals.models import Referral
from regions.models import County
from tests.browser.acts import open_page, sign_in
from tests.factories import BEIJING, CHONGQING, enrollment, institution, person, staff

PASSWORD = "a-long-demo-password-7"


@pytest.fixture
def patient(monday):
    someone = person("王秀兰")
    enrolled = enrollment(someone)
    registry.store(
        RegisterRecord(someone.name, someone.id_number, someone.phone, enrollments=(as_registered(enrolled),))
    )
    institution("H11010100001", place=BEIJING, name="北京示范医院")
    County.objects.create(code="110105", name="朝阳区", parent_id=BEIJING, pool_id=BEIJING)
    return someone


@pytest.fixture
def desk(chromium, live_server, patient):
    """The hospital's staff, signed in to the admin on a large screen."""
    at = institution("H50000000001", place=CHONGQING, name="重医附一院", issues_referrals=True)
    account = staff("hospital", institution=at)
    account.set_password(PASSWORD)
    account.save()
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("[name=username]").fill(account.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").first.click()
    yield page
    context.close()
    assert problems == []


def test_issued_shown_and_verified(desk, phone, patient, context, live_server, tmp_path):
    desk.get_by_role("link", name="转诊").first.click()
    desk.get_by_role("link", name="开具转诊").click()
    desk.get_by_label("姓名", exact=True).fill("王秀兰")
    desk.get_by_label("证件号码").fill(patient.id_number)

    desk.locator("#diagnosis").press_sequentially("pajinsen")

    expect(desk.locator("#diagnosis-list option").first).to_have_attribute("value", "G20 帕金森病")

    desk.locator("#diagnosis").press("ArrowDown")
    desk.locator("#diagnosis-list").press("Enter")

    expect(desk.locator("#diagnosis")).to_have_value("G20 帕金森病")

    desk.get_by_label("病情摘要").fill("药物控制不佳，拟行脑深部电刺激评估。")
    desk.locator("#destination").press_sequentially("朝阳")
    desk.locator("#destination-list").select_option("北京市朝阳区（110000 北京市）")
    desk.locator("#destination-list").press("Enter")

    expect(desk.locator("#destination")).to_have_value("110000 北京市")

    desk.locator("#receiver").press_sequentially("北京")

    expect(desk.locator("#receiver-list option")).to_have_attribute("value", "H11010100001 北京示范医院")

    desk.locator("#receiver").fill("H11010100001 北京示范医院")
    desk.get_by_label("医师姓名").fill("赵明")
    desk.get_by_label("医师职称").select_option("chief")
    desk.get_by_role("button", name="开具转诊").click()

    expect(desk.get_by_role("link", name="打印转诊证明")).to_be_visible()

    referral = Referral.objects.get()

    sign_in(phone, "王秀兰", patient)
    open_page(phone, "#/records")
    phone.get_by_role("link", name="转诊证明").click()
    phone.get_by_role("link", name="北京市 · 转诊").click()

    expect(phone.get_by_role("img", name="转诊证明验证二维码")).to_be_visible()
    assert phone.get_by_role("img", name="转诊证明验证二维码").evaluate("picture => picture.naturalWidth > 100")
    expect(phone.get_by_text("到北京市就医按“异地转诊”直接结算")).to_be_visible()

    with phone.expect_download() as download:
        phone.get_by_role("button", name="下载转诊证明").click()
    download.value.save_as(tmp_path / "paper.pdf")

    assert "北京示范医院" in pypdfium2.PdfDocument(tmp_path / "paper.pdf")[0].get_textpage().get_text_range()

    guest = context.new_page()
    guest.goto(f"{live_server.url}/r/")
    guest.get_by_label("验证码").fill(phone.locator(".show-text").inner_text())
    guest.get_by_role("button", name="验证").click()

    expect(guest.get_by_text("本转诊证明真实有效")).to_be_visible()
    expect(guest.get_by_text("王*兰")).to_be_visible()

    desk.get_by_label("撤销原因").fill("患者决定在本地治疗")
    desk.get_by_role("button", name="撤销转诊").click()

    expect(desk.get_by_text("患者决定在本地治疗")).to_be_visible()

    guest.reload()

    expect(guest.get_by_text("本转诊证明不能使用")).to_be_visible()

    open_page(phone, "#/referrals")
    open_page(phone, f"#/referrals/{referral.pk}")

    expect(phone.locator(".status-name")).to_have_text("已撤销")
    expect(phone.get_by_role("img", name="转诊证明验证二维码")).to_have_count(0)
