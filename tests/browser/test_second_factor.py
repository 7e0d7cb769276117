"""Setting up the second factor and signing in with it, in a real browser."""

import re

import pytest
from django_otp_webauthn.models import WebAuthnCredential
from playwright.sync_api import expect

from accounts.models import Authenticator, StaffSession
from accounts.security.sessions import SessionStore
from claims.models import PaymentBatch
from core import clock
from tests import factories as make
from tests.accounts.second_factor import code_of, enrolled, invited

PASSWORD = "correct horse battery"


@pytest.fixture
def reviewer(transactional_db):
    account = make.reviewer(name="张敏")
    account.set_password(PASSWORD)
    account.save()
    return account


def test_set_up_then_signed_in_with(desk, reviewer):
    page = desk(reviewer, "security/")
    page.get_by_role("link", name="绑定动态验证码").click()
    expect(page.get_by_role("img", name="供验证器应用扫描的二维码")).to_be_visible()
    page.get_by_text("无法扫码？手工输入密钥").click()
    expect(page.locator("#secret")).to_be_visible()
    page.get_by_label("动态验证码").fill(code_of(reviewer, confirmed=False))
    page.get_by_role("button", name="确认绑定").click()
    expect(page.locator(".yd-codes code")).to_have_count(10)
    recovery = page.locator(".yd-codes code").first.inner_text()
    page.get_by_role("link", name="已保存，继续").click()
    expect(page.get_by_text("已绑定")).to_be_visible()

    page.context.clear_cookies()
    page.reload()
    page.get_by_label("用户名").fill(reviewer.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="第二重验证")).to_be_visible()
    Authenticator.objects.update(last_t=-1)
    page.get_by_label("动态验证码").fill(code_of(reviewer))
    page.get_by_role("button", name="确认").click()

    expect(page.locator("#content").get_by_role("heading", name="登录安全")).to_be_visible()
    expect(page.get_by_text("本设备")).to_be_visible()
    assert recovery not in page.content()


def test_where_it_is_required_the_code_handed_over_comes_first(desk, reviewer, settings, live_server):
    settings.SECOND_FACTOR = "required"
    supervisor = make.supervisor()
    enrolled(supervisor)
    Authenticator.objects.update(last_t=-1)
    page = desk(supervisor, "reviews/submission/staff/")
    row = page.get_by_role("row").filter(has_text="张敏")
    row.locator("summary").click()
    row.get_by_label("动态验证码").fill(code_of(supervisor))
    row.get_by_role("button", name="发放绑定码").click()
    expect(page.get_by_text("请核对本人后当面交给对方")).to_be_visible()
    handed = page.locator(".yd-codes code").inner_text()
    page.get_by_role("link", name="已交给本人，返回").click()
    expect(page.get_by_text(handed)).to_have_count(0)

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/login/")
    page.get_by_label("用户名").fill(reviewer.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("img", name="供验证器应用扫描的二维码")).to_have_count(0)
    page.get_by_label("绑定码").fill(handed)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_role("img", name="供验证器应用扫描的二维码")).to_be_visible()
    page.get_by_label("动态验证码").fill(code_of(reviewer, confirmed=False))
    page.get_by_role("button", name="确认绑定").click()

    expect(page.locator(".yd-codes code")).to_have_count(10)
    expect(page.get_by_text("发放绑定码")).to_be_visible()  # the owner is told who did it


# Passkeys, answered by Chromium's virtual authenticator


@pytest.fixture
def passkeys_here(settings, live_server):
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [live_server.url]
    settings.OTP_WEBAUTHN_RP_ID = "localhost"


def fingerprint(page):
    """A reader of fingerprints in the machine, on which a finger always lies."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    reader = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": reader})


def sign_in(page, account, live_server):
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/login/?next=/admin/security/")
    page.get_by_label("用户名").fill(account.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def forget_the_factor(account):
    """The factor was given longer ago than it counts."""
    for row in StaffSession.objects.filter(account=account):
        store = SessionStore(row.session_key)
        store["second_factor_at"] = 0
        store.save()


def test_a_passkey_as_the_first_factor_then_signed_in_with_and_asked_again(
    desk, reviewer, settings, live_server, passkeys_here
):
    page = desk(make.staff("admin"), "login/")
    settings.SECOND_FACTOR = "required"
    fingerprint(page)
    sign_in(page, reviewer, live_server)
    page.get_by_label("绑定码").fill(invited(reviewer))
    page.get_by_role("button", name="继续").click()
    page.get_by_role("link", name="改用通行密钥（指纹、人脸或安全钥匙）").click()
    page.get_by_label("名称").fill("办公电脑")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.locator(".yd-codes code")).to_have_count(10)
    page.get_by_role("link", name="已保存，继续").click()
    expect(page.get_by_role("row").filter(has_text="办公电脑")).to_contain_text("—")

    sign_in(page, reviewer, live_server)
    page.get_by_role("button", name="用通行密钥验证").click()
    expect(page.get_by_role("row").filter(has_text="办公电脑")).not_to_contain_text("—")
    expect(page.get_by_text("审核后台，通行密钥").first).to_be_visible()
    assert WebAuthnCredential.objects.get().sign_count > 0

    forget_the_factor(reviewer)
    page.get_by_role("link", name="添加通行密钥").click()
    expect(page.get_by_role("heading", name="再次验证")).to_be_visible()
    page.get_by_role("button", name="用通行密钥验证").click()
    expect(page.get_by_role("heading", name="添加通行密钥")).to_be_visible()
    page.get_by_label("名称").fill("同一台")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.get_by_text("没有完成")).to_be_visible()  # the browser knows that this device has one
    assert WebAuthnCredential.objects.count() == 1


def test_before_money_leaves_the_passkey_is_asked_on_a_page_of_its_own(desk, live_server, passkeys_here):
    payer = make.finance()
    payer.set_password(PASSWORD)
    payer.save()
    batch = PaymentBatch.objects.create(
        number="ZF1", area_id=payer.area_id, made_by=payer, made_at=clock.now(), count=0, total=0
    )
    page = desk(payer, "security/")
    fingerprint(page)
    page.get_by_role("link", name="添加通行密钥").click()
    page.get_by_label("名称").fill("财务室")
    page.get_by_role("button", name="添加通行密钥").click()
    expect(page.locator(".yd-codes code")).to_have_count(10)
    forget_the_factor(payer)
    page.goto(f"{live_server.url}/admin/claims/paymentbatch/{batch.pk}/change/")
    page.get_by_role("link", name="用通行密钥验证").first.click()
    page.get_by_role("button", name="用通行密钥验证").click()

    expect(page).to_have_url(re.compile("/paymentbatch/"))
    expect(page.get_by_role("link", name="用通行密钥验证")).to_have_count(0)
