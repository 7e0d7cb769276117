"""Setting up the second factor and signing in with it, in a real browser."""

import pytest
from playwright.sync_api import expect

from accounts.models import Authenticator
from tests import factories as make
from tests.accounts.second_factor import code_of

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
    expect(page.get_by_role("heading", name="动态验证码")).to_be_visible()
    Authenticator.objects.update(last_t=-1)
    page.get_by_label("动态验证码").fill(code_of(reviewer))
    page.get_by_role("button", name="确认").click()

    expect(page.locator("#content").get_by_role("heading", name="登录安全")).to_be_visible()
    expect(page.get_by_text("本设备")).to_be_visible()
    assert recovery not in page.content()
