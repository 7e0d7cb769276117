"""The shell: one page, nothing from outside, nothing inline, light enough for a phone."""

import gzip
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

pytestmark = [pytest.mark.urls("mobile.urls"), pytest.mark.django_db]

STATIC = Path(__file__).parents[2] / "mobile" / "static" / "mobile"
FIRST_PAGE_BYTES = 100 * 1000


class Page(HTMLParser):
    """Collects what a strict content security policy is about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.files: list[str] = []
        self.templates: set[str] = set()
        self.components: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.inline.append(tag)
        address = given.get("src") if tag in ("script", "img") else given.get("href") if tag == "link" else None
        if address:
            self.files.append(address)
        if tag == "template" and "id" in given:
            self.templates.add(given["id"].removeprefix("page-"))
        if given.get("x-data"):
            self.components.add(given["x-data"])


@pytest.fixture
def answer(client):
    return client.get("/")


@pytest.fixture
def later(client):
    return client.get("/visit/")


@pytest.fixture
def parsed(answer, later):
    """All that a phone comes to hold: the shell, and the pages that follow it."""
    return Page(answer.content.decode() + later.content.decode())


def test_policy_allows_only_this_origin_and_nothing_inline(answer, parsed):
    assert answer["Content-Security-Policy"].split("; ") == [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    assert parsed.inline == []


def test_every_file_it_names_is_here(parsed):
    assert parsed.files
    assert [file for file in parsed.files if not finders.find(file.removeprefix("/static/"))] == []


def test_style_sheets_load_nothing():
    addresses = [
        address
        for sheet in STATIC.rglob("*.css")
        for address in re.findall(r"url\(['\"]?([^)'\"]{1,5})", sheet.read_text())
    ]
    assert {address for address in addresses if not address.startswith(("data:", "%23", "#"))} == set()


def test_modules_import_only_files_beside_them():
    for module in STATIC.rglob("*.js"):
        for name in re.findall(r'from\s*"([^"]+)"', module.read_text()):
            assert (module.parent / name).resolve().is_file(), f"{module.name} imports {name}"


def test_every_route_has_its_page_and_every_page_its_component(parsed):
    routed = set(re.findall(r'page: "([^"]+)"', (STATIC / "routes.js").read_text()))
    indexes = "".join((STATIC / folder / "index.js").read_text() for folder in ("pages", "visit"))
    offered = set(re.findall(r"^  (\w+),$", indexes, re.MULTILINE))
    assert routed | {"unreachable"} == parsed.templates
    assert parsed.components == offered


def test_first_page_weighs_less_than_100_kb_compressed(answer):
    first = (path for path in STATIC.rglob("*") if {STATIC / "visit", STATIC / "bills"}.isdisjoint(path.parents))
    files = [path for path in first if path.suffix in (".css", ".js", ".svg")]
    weight = sum(len(gzip.compress(content, 6)) for content in [answer.content, *(path.read_bytes() for path in files)])
    assert weight < FIRST_PAGE_BYTES


def test_vendored_files_are_the_ones_the_readme_names():
    readme = (STATIC / "vendor" / "README.md").read_text()
    for file in [*STATIC.glob("vendor/*.css"), *STATIC.glob("vendor/*.js")]:
        assert f"| `{file.name}` |" in readme
        assert hashlib.sha256(file.read_bytes()).hexdigest() in readme


def test_words_of_the_models_reach_the_page(answer):
    assert '"retiree": "\\u5f02\\u5730\\u5b89\\u7f6e\\u9000\\u4f11\\u4eba\\u5458"' in answer.content.decode()


def test_outside_the_sandbox_no_demo_is_offered(client, settings):
    settings.SANDBOX = False
    text = client.get("/").content.decode()
    assert "110101195503070028" not in text
    assert "请在微信中打开" in text


def test_shell_only_answers_reading(client):
    assert client.post("/").status_code == 405
