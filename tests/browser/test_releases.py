"""The pages are fetched once; a new release reaches a phone whole, at its next opening."""

import shutil
from contextlib import contextmanager

import pytest
from django.core.signals import request_started
from playwright.sync_api import expect

from mobile import release
from tests.browser.acts import open_page, wait_for_the_kept_pages

MARK = "\ndocument.documentElement.dataset.{name} = 'second';\n"
ONLY = """async (digest) => {
  const named = ({ url }) => url.match(/release.(\\w+)/)?.[1] ?? url.match(/[?]r=(\\w+)/)?.[1] ?? digest;
  const kept = async () => (await (await caches.open("yidi-pages")).keys()).map(named);
  while ((await kept()).some((each) => each !== digest)) await new Promise((go) => setTimeout(go, 50));
}"""


@contextmanager
def asked():
    """What reaches the server, but the API; and whether it was only asked if something changed."""
    found: list[tuple[str, bool]] = []

    def note(environ, **_):
        if not environ["PATH_INFO"].startswith("/api/"):
            found.append((environ["PATH_INFO"], "HTTP_IF_NONE_MATCH" in environ))

    request_started.connect(note)
    try:
        yield found
    finally:
        request_started.disconnect(note)


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Put a release in the place of the one before: two of its scripts say so."""

    def publish():
        place = tmp_path / "mobile"
        shutil.copytree(release.STATIC, place)
        for name in ("app", "coverage/coverage"):
            with (place / f"{name}.js").open("a") as script:
                script.write(MARK.format(name=name[:3]))
        second = release.read(place)
        monkeypatch.setattr(release, "current", lambda: second)
        return second

    return publish


@pytest.fixture
def visited(phone):
    """A phone that opened a page which comes by itself, and was closed."""
    open_page(phone, "#/coverage")
    expect(phone.locator("#page > section")).to_be_visible()
    wait_for_the_kept_pages(phone)
    phone.close()


def opened(context, live_server, hash_="#/coverage"):
    page = context.new_page()
    page.goto(f"{live_server.url}/{hash_}")
    expect(page.locator("#page > section")).to_be_visible()
    return page


def marks(page):
    return page.evaluate("({ ...document.documentElement.dataset })")


def test_a_second_visit_asks_only_whether_the_shell_still_stands(visited, context, live_server):
    with asked() as found:
        page = opened(context, live_server)
        wait_for_the_kept_pages(page)
        page.wait_for_timeout(1000)  # whatever else it might ask for

    assert found == [("/", True)]


def test_a_new_release_reaches_the_phone_at_its_next_opening(visited, context, live_server, watch, publish):
    second = publish()

    page = opened(context, live_server)

    assert {"app", "cov"} <= marks(page).keys()

    wait_for_the_kept_pages(page)
    page.evaluate(ONLY, second.digest)  # nothing of the release before is kept

    watch.offline = True
    context.set_offline(True)
    page.reload()
    expect(page.locator("#page > section")).to_be_visible()

    assert {"app", "cov"} <= marks(page).keys()


def test_a_page_left_open_takes_the_new_release_when_it_needs_a_part_of_it(phone, watch, publish):
    expect(phone.locator("#page > section")).to_be_visible()
    wait_for_the_kept_pages(phone)
    publish()
    watch.refusals = {404}

    open_page(phone, "#/coverage")

    expect(phone.get_by_role("heading", level=1, name="查得到的待遇")).to_be_visible()
    expect(phone.locator("#page > section")).to_be_visible()
    assert {"app", "cov"} <= marks(phone).keys()


def test_without_a_network_the_pages_opened_before_are_there(visited, context, live_server, watch):
    watch.offline = True
    context.set_offline(True)

    page = opened(context, live_server)

    expect(page.get_by_text("当前没有网络")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="查得到的待遇")).to_be_visible()
