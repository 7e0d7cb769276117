"""The staff's site in a real browser: what its theme's script does to pages of the project's own."""

import pytest

from accounts.models import Role
from tests import factories as make

PAGES = {
    "/admin/policies/policyversion/add/": "政策.yaml",
    "/admin/policies/catalogueversion/add/": "目录.csv",
    "/admin/settlements/reconciliation/import/": "对账单.csv",
}


@pytest.mark.parametrize("address", PAGES)
def test_choosing_a_file_throws_nothing(context, watch, live_server, monday, client, settings, address):
    client.force_login(make.staff(Role.ADMIN), backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])
    desk = context.new_page()
    desk.goto(live_server.url + address)
    field = desk.locator("input[type=file]")

    field.set_input_files({"name": PAGES[address], "mimeType": "text/plain", "buffer": b"x"})

    assert field.evaluate("one => one.files[0].name") == PAGES[address]
