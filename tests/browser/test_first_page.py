"""What the first page costs a phone that has never been here, and that every page arrives when it is opened."""

import gzip
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.signals import request_started
from playwright.sync_api import expect

from tests.browser.acts import open_page, sign_in, wait_for_the_kept_pages
from tests.factories import enrollment, person, submitted

REQUESTS = 12
BYTES = 100 * 1000
LEAST_COMPRESSED = 200
NOBODY = "00000000-0000-0000-0000-000000000000"
APP = Path(__file__).parents[2] / "mobile" / "static" / "mobile" / "app.js"
ROUTES = re.findall(
    r'\{ pattern: "([^"]*)", page: "[^"]+", module: "[^"]+", title: t\("([^"]+)"\)', APP.read_text("utf-8")
)
STEPS = {"file/select", "file/notice", "file/form", "file/check"}


@contextmanager
def arriving():
    """Every request that reaches the server, whatever part of the browser it comes from."""
    paths: list[str] = []

    def note(environ, **_):
        paths.append(environ["PATH_INFO"])

    request_started.connect(note)
    try:
        yield paths
    finally:
        request_started.disconnect(note)


def compressed(body: bytes, level: int) -> int:
    return len(gzip.compress(body, level)) if len(body) > LEAST_COMPRESSED else len(body)


def weight(response) -> int:
    """What the production server sends: files compressed when they were collected, answers as they leave (`config/static.py`)."""
    level = 9 if "/static/" in response.url else 6
    return compressed(response.body(), level) + response.request.sizes()["responseHeadersSize"]


def first_visit(chromium, url, state=None) -> tuple[list[str], int]:
    """Open the pages on a phone that has nothing of them; return the paths it asked for, and the bytes that came."""
    context = chromium.new_context(locale="zh-CN", storage_state=state)
    page, responses = context.new_page(), {}
    page.on("response", lambda response: responses.setdefault(response.url, response))
    with arriving() as paths:
        page.goto(f"{url}/")
        page.wait_for_load_state("networkidle")
        wait_for_the_kept_pages(page)
        expect(page.locator("#page .skeleton")).to_have_count(0)
    weighs = sum(weight(each) for address, each in responses.items() if address.startswith(url))
    context.close()
    return paths, weighs + compressed(APP.with_name("sw.js").read_bytes(), 6)


@pytest.fixture
def owner(monday):
    return enrollment(person("王秀兰"))


def test_signed_out_it_is_light(chromium, live_server, monday):
    paths, weighs = first_visit(chromium, live_server.url)

    assert len(paths) <= REQUESTS, paths
    assert weighs <= BYTES


def test_signed_in_it_is_light(phone, chromium, live_server, owner):
    sign_in(phone, "王秀兰", owner.person)
    state = phone.context.storage_state()

    paths, weighs = first_visit(chromium, live_server.url, state)

    assert len(paths) <= REQUESTS, paths
    assert weighs <= BYTES


def test_with_a_case_under_review_it_is_light(phone, chromium, live_server, owner):
    """The calendar is asked too. The service worker's script, which the browser fetches by itself when all is there, comes on top."""
    account = sign_in(phone, "王秀兰", owner.person)
    submitted(owner, account=account)
    state = phone.context.storage_state()

    paths, weighs = first_visit(chromium, live_server.url, state)

    asked = [path for path in paths if not path.startswith("/worker.")]

    assert "/api/v1/calendar/2026/" in asked
    assert len(asked) <= REQUESTS, asked
    assert weighs <= BYTES


def test_for_old_people_it_is_light_too(phone, chromium, live_server, owner):
    """Their home and what reads aloud come with it; whom to call is in the overview."""
    sign_in(phone, "王秀兰", owner.person)
    phone.evaluate("localStorage.setItem('yidi.elder', '1')")
    state = phone.context.storage_state()

    paths, weighs = first_visit(chromium, live_server.url, state)

    assert "/pages/elder/" in paths
    assert len(paths) <= REQUESTS, paths
    assert weighs <= BYTES


def test_every_page_arrives_when_it_is_opened(phone, watch, owner):
    """Also of things that are not there, or were not asked for yet: then the page itself says so."""
    watch.refusals = {400, 404}
    sign_in(phone, "王秀兰", owner.person)

    for pattern, title in ROUTES:
        open_page(phone, "#/" + re.sub(r":\w+", NOBODY, pattern.replace(":enrollment", str(owner.pk))))
        expect(phone.get_by_role("heading", level=1, name="为谁备案" if pattern in STEPS else title)).to_be_visible()
        expect(phone.locator("#page > section")).to_be_visible()
        expect(phone.locator("#page .skeleton")).to_have_count(0)
        expect(phone.get_by_text("页面没有打开")).to_have_count(0)

    sheets = phone.locator("link[rel=stylesheet]").evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )

    assert len(sheets) == len(set(sheets)), "what several folders need comes once"
