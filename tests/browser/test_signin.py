"""Before anyone is signed in."""

from playwright.sync_api import expect


def test_every_page_but_sign_in_asks_for_a_sign_in_first(phone, live_server):
    phone.goto(f"{live_server.url}/#/records")

    expect(phone.get_by_role("heading", name="登录", exact=True)).to_be_visible()
    expect(phone.get_by_role("button", name="微信登录")).to_be_disabled()
