"""The small mini-program: it carries the client as it is, and its pages work against the running API under WeChat's simulator library."""

from datetime import date

import pytest

from accounts.models import Consent
from accounts.registry import RegisteredEnrollment, RegisterRecord, store
from filings.models import Filing
from tests.browser.acts import stand_still
from tests.clients.conftest import CLIENTS
from tests.factories import BEIJING, CHONGQING, area, working_calendar


def test_the_mini_program_carries_the_client_as_it_is():
    client = (CLIENTS / "typescript/client.ts").read_text()

    carried = (CLIENTS / "miniprogram/lib/client.ts").read_text()

    assert carried == client.replace('from "./schema"', 'from "../../typescript/schema"'), "run: make client"


@pytest.fixture
def monday(transactional_db):
    """A Monday morning; 王秀兰 is insured in 重庆, and the register knows her telephone."""
    working_calendar()
    for code in (BEIJING, CHONGQING):
        area(code)
    stand_still("2026-11-23 10:00")
    enrollment = RegisteredEnrollment(CHONGQING, "employee", "retired", date(2015, 1, 1))
    store(RegisterRecord("王秀兰", "110101195503070028", phone="13900000001", enrollments=(enrollment,)))


def test_its_pages_work_against_the_running_api(node, monday, live_server, settings):
    settings.WECHAT_TEMPLATES = {"default": "TPL"}

    node("node", "--test", "tests/pages.test.js", YIDI_API=live_server.url, YIDI_TODAY="2026-11-23")

    assert Filing.objects.count() == 1
    assert Consent.objects.get().left == 1
