"""A real Chromium on the real pages: a phone that notices everything it should never see."""

import os
import shutil
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Request, expect, sync_playwright

from tests.browser.acts import PATIENCE_MS, stand_still
from tests.factories import BEIJING, area, working_calendar

# Playwright keeps an event loop in this thread, by which Django would take these tests for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
WIDTH, HEIGHT = 360, 740
expect.set_options(timeout=PATIENCE_MS)


def _chromium() -> str:
    """The path of an installed Chromium. Without one the tests are skipped; in CI they fail.

    The same engine without a window around it, where that is installed: a page takes half of the processor.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("Browser tests need Chromium: run tests/browser/install.sh as root, or install it yourself.")
    return found


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(), args=FLAGS, env={**os.environ, "LANG": "zh_CN.UTF-8"}
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium):
    """A phone of its own for each test: nothing is remembered from the one before."""
    context = chromium.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, has_touch=True, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@dataclass
class Watch:
    """What the browser reported. `refusals`: statuses of the API that a test provokes on purpose."""

    origin: str
    refusals: set[int] = field(default_factory=set)
    offline: bool = False
    problems: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not self._expected(message.text):
            self.problems.append(f"console: {message.text}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.problems.append(f"request to {request.url}")

    def _expected(self, text: str) -> bool:
        if "Failed to load resource" not in text:
            return False
        return any(f"status of {status}" in text for status in self.refusals) or (self.offline and "net::ERR" in text)


@pytest.fixture
def watch(context, live_server):
    """Fails the test on a script error, a broken content security policy, or a request that leaves the origin."""
    watch = Watch(live_server.url)
    context.on("console", watch.console)
    context.on("request", watch.request)
    context.on("weberror", lambda error: watch.problems.append(f"error: {error.error}"))
    yield watch
    assert watch.problems == []


@pytest.fixture
def monday(transactional_db):
    """A Monday morning on the announced calendar."""
    working_calendar()
    area(BEIJING)
    stand_still("2026-11-23 10:00")


@pytest.fixture
def phone(context, watch, live_server, monday):
    """A phone of 360 px with the pages open."""
    page = context.new_page()
    page.goto(f"{live_server.url}/")
    return page


@pytest.fixture
def desk(chromium, live_server, transactional_db):
    """A large screen to sit down at: `desk(account, address)` opens a page of the staff's site for somebody."""
    watch = Watch(live_server.url, refusals={400, 409, 412})
    opened = []

    def sit_down(account, address):
        context = chromium.new_context(
            viewport={"width": 1360, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", watch.console)
        context.on("request", watch.request)
        context.on("weberror", lambda error: watch.problems.append(f"error: {error.error}"))
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/admin/{address}")
        return page

    yield sit_down
    for context in opened:
        context.close()
    assert watch.problems == []
