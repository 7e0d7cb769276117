"""How I am reached: switched off and on under 我的; staff see what did not arrive."""

from playwright.sync_api import expect

from accounts.models import Account, Channel, Delivery, DeliveryStatus
from reviews import services
from tests import factories as make
from tests.browser.acts import sign_in


def test_text_messages_are_switched_off_and_stay_so(phone):
    sign_in(phone, "wang", make.person(phone="13900000001"))
    phone.get_by_role("link", name="我的").click()
    phone.get_by_role("link", name="消息通知").click()

    expect(phone.get_by_text("139****0001")).to_be_visible()

    with phone.expect_response("**/account/notifications/"):
        phone.get_by_role("switch", name="短信通知").click()

    expect(phone.get_by_text("已保存")).to_be_visible()

    phone.reload()

    expect(phone.get_by_role("switch", name="短信通知")).not_to_be_checked()
    expect(phone.locator("#by-wechat")).to_be_checked()
    assert Account.objects.get(nickname="wang").by_sms is False


def test_a_supervisor_sends_again_what_did_not_arrive(desk, monday):
    filing = make.submitted()
    services.approve(filing, reviewer=make.reviewer())
    message = filing.applicant.messages.get()
    Delivery.objects.create(message=message, channel=Channel.SMS, status=DeliveryStatus.FAILED, error="status 500")

    page = desk(make.staff("supervisor"), "accounts/delivery/?status__exact=failed")

    expect(page.get_by_role("cell", name=filing.number)).to_be_visible()

    page.locator("input[name=_selected_action]").first.check()
    page.locator("select[name=action]").select_option("send_again")
    page.get_by_role("button", name="执行").click()

    expect(page.get_by_text("1 条消息将重新发送。")).to_be_visible()
    assert Delivery.objects.get().status == DeliveryStatus.WAITING
