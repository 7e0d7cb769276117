"""Before anyone is signed in."""

from playwright.sync_api import expect


def test_every_page_but_sign_in_asks_for_a_sign_in_first(phone, live_server):
    phone.goto(f"{live_server.url}/#/records")

    expect(phone.get_by_role("heading", name="登录", exact=True)).to_be_visible()

    phone.get_by_role("button", name="微信登录").click()

    expect(phone.get_by_placeholder("也可以输入任意名字")).to_be_focused()  # the browser says that it is missing
    expect(phone.get_by_role("heading", name="登录", exact=True)).to_be_visible()
