"""The shell: one page, nothing from outside, nothing inline, light enough for a phone."""

import gzip
import hashlib
import re
import shutil
from graphlib import TopologicalSorter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from mobile import release
from mobile.parcels import Parcels
from mobile.views import FOLDERS, SHEETS, STYLES, STYLES_ADDRESS

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
        self.classes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.inline.append(tag)
        address = given.get("src") if tag in ("script", "img") else given.get("href") if tag == "link" else None
        if address and not address.startswith("data:"):
            self.files.append(address)
        self.classes.update((given.get("class") or "").split())
        if tag == "template" and "id" in given:
            self.templates.add(given["id"].removeprefix("page-"))
        if given.get("x-data"):
            self.components.add(given["x-data"])


@pytest.fixture
def answer(client):
    return client.get("/")


@pytest.fixture
def shell(answer):
    return Page(answer.content.decode())


@pytest.fixture
def folders(client):
    """What comes to the phone when a page of each folder is opened."""
    return {folder: Page(client.get(f"/pages/{folder}/").content.decode()) for folder in FOLDERS}


@pytest.fixture
def whole(shell, folders):
    """All that a phone can come to hold."""
    return [shell, *folders.values()]


def scripts(*, whole=False):
    """Our own modules by their path; `whole`: the vendored ones too."""
    paths = [path for path in STATIC.rglob("*.js") if path.name != "sw.js" and (whole or path.parent.name != "vendor")]
    return {path.relative_to(STATIC).as_posix(): path.read_text() for path in paths}


def imports(name, text):
    """The paths of the modules that a module imports before it runs."""
    found = re.findall(r'^import (?:.* from )?"([^"]+)"', text, re.MULTILINE)
    return {((STATIC / name).parent / each).resolve().relative_to(STATIC).as_posix() for each in found}


def imported_by(name):
    """All that a module brings with it, itself included."""
    texts, brought, new = scripts(), set(), {name}
    while new:
        brought |= new
        new = {each for one in new for each in imports(one, texts.get(one, ""))} - brought
    return brought


def routes():
    """Page and module of each address; those of the shell have none."""
    return re.findall(r'\{ pattern: "[^"]*", page: "([^"]+)"(?:, module: "([^"]+)")?', (STATIC / "app.js").read_text())


def offered(text):
    """The components a module registers."""
    return set(re.search(r"^export const pages = \{ (.*) \};$", text, re.MULTILINE)[1].split(", "))


def ruled(text):
    """The classes a style sheet has rules for."""
    return set(re.findall(r"\.(-?[a-zA-Z][\w-]*)(?=[^{}]*\{)", text))


def test_policy_allows_only_this_origin_and_nothing_inline(answer, whole):
    assert answer["Content-Security-Policy"].split("; ") == [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    assert [page.inline for page in whole if page.inline] == []


def test_every_file_it_names_is_here(whole, client):
    files = {file for page in whole for file in page.files}

    ours = {file for file in files if file.startswith(release.current().base)}
    missing = [file for file in files - {STYLES_ADDRESS} - ours if not finders.find(file.removeprefix("/static/"))]

    assert ours
    assert missing == []
    assert [file for file in ours if client.get(file).status_code != 200] == []
    assert client.get(STYLES_ADDRESS).content.decode() == STYLES


def test_style_sheets_load_nothing():
    addresses = [
        address
        for sheet in STATIC.rglob("*.css")
        for address in re.findall(r"url\(['\"]?([^)'\"]{1,5})", sheet.read_text())
    ]

    assert {address for address in addresses if not address.startswith(("data:", "%23", "#"))} == set()


def test_modules_import_only_files_beside_them():
    for name, text in scripts().items():
        for imported in imports(name, text):
            assert (STATIC / imported).is_file(), f"{name} imports {imported}"


def test_no_two_modules_import_each_other_in_a_circle():
    graph = {name: imports(name, text) for name, text in scripts().items()}

    TopologicalSorter(graph).prepare()  # raises CycleError


def parcels():
    """What each parcel is made of: a line in it names each module; what others wrote comes as it is."""
    found = {
        path: set(re.findall(r"^const (\w+) = \(\(\) => \{$", text.decode(), re.MULTILINE))
        for path, text in release.current().parcels.items()
    }
    found["app.js"].add("app")
    return found | {path: {name_of(path)} for path in found if path.startswith("vendor/")}


def name_of(path):
    return re.sub(r"\W", "_", path.removesuffix(".js"))


def brought_by(*fetched):
    """The modules that come with these parcels, and with what those import; the parcels too."""
    laid, modules, seen, new = release.current().parcels, set(), set(), set(fetched)
    while new:
        seen |= new
        modules = modules.union(*(parcels()[each] for each in new))
        texts = "\n".join(laid[each].decode() for each in new if not each.startswith("vendor/"))
        new = set(re.findall(r'^import .* from "\./([^"]+)";', texts, re.MULTILINE)) - seen
    return modules, seen


def test_every_module_is_in_one_parcel():
    laid = [module for modules in parcels().values() for module in modules]

    assert sorted(laid) == sorted(map(name_of, scripts(whole=True)))


def test_the_first_page_imports_what_the_shell_names_and_nothing_else(shell):
    base = release.current().base
    named = {file.removeprefix(base) for file in shell.files if file.startswith(base)}

    modules, fetched = brought_by("app.js")

    assert fetched == named
    assert modules == set(map(name_of, imported_by("app.js")))


def test_the_shell_names_ahead_what_each_page_needs(client, folders):
    """So that nothing comes one after another: the parcels with every script a page's module imports, every style sheet of its folder."""
    now = release.current()
    _, first = brought_by("app.js")

    for module in {module for _, module in routes() if module}:
        own = now.ahead[module][0].removeprefix(now.base)
        modules, fetched = brought_by(own)
        sheets = {file for file in folders[module.partition("/")[0]].files if file.endswith(".css")}
        assert set(now.ahead[module]) == {now.base + each for each in fetched - first} | sheets, module
        assert name_of(module) in parcels()[own]
        assert modules >= set(map(name_of, imported_by(f"{module}.js"))), module


def test_a_page_is_fetched_in_one_go():
    """Six at once is what a browser asks one server for: the templates, and what the shell names ahead."""
    assert {module: len(named) for module, named in release.current().ahead.items() if len(named) + 1 > 6} == {}


@pytest.mark.parametrize("line", ["export default 1;", "await started;"])
def test_what_the_parcels_do_not_know_is_refused(line):
    with pytest.raises(ValueError, match=re.escape(f"a/b.js: {line}")):
        Parcels({"app.js": b'import "./a/b.js";\n', "a/b.js": f"{line}\n".encode()}).laid_out()


def test_every_page_has_the_stores_it_names(client):
    """A module that registers a store comes with each page whose template asks it."""
    texts = scripts()
    registered = {name: set(re.findall(r'^Alpine\.store\("(\w+)"', text, re.MULTILINE)) for name, text in texts.items()}
    registered["app.js"] = set(re.findall(r"^  (\w+): \w+Store,$", texts["app.js"], re.MULTILINE))

    for page, module in set(routes()):
        text = client.get(f"/pages/{module.partition('/')[0]}/" if module else "/").content.decode()
        template = text.partition(f'<template id="page-{page}">')[2].partition('<template id="p')[0]
        here = set().union(
            *(registered.get(name, set()) for name in imported_by("app.js") | imported_by(f"{module}.js"))
        )
        assert set(re.findall(r"\$store\.(\w+)", template)) <= here, page


def test_every_route_has_its_page_and_every_page_its_component(shell, folders):
    texts = scripts()
    brought = {folder: set() for folder in FOLDERS}

    for page, module in set(routes()):
        folder = module.partition("/")[0]
        assert page in (folders[folder] if module else shell).templates
        if module:
            brought[folder] |= offered(texts[f"{module}.js"])

    assert {page for page, module in routes() if not module} | {"loading", "unreachable"} == shell.templates
    assert shell.components == {"frame", "homePage", "signinPage"}
    assert {folder: page.components for folder, page in folders.items()} == brought

    of_routes = {page for page, module in routes() if module}
    assert {each for page in folders.values() for each in page.templates} == of_routes | {
        "places",
        "elder-bar",
        "elder-turn",
    }


def test_every_page_comes_with_the_style_sheets_it_needs(shell, folders):
    """A rule that stands in some sheet is in one of those the page loads."""
    sheets = {path.relative_to(STATIC).as_posix(): ruled(path.read_text()) for path in STATIC.rglob("*.css")}
    first = set().union(*(sheets[sheet] for sheet in SHEETS))

    anywhere = set().union(*sheets.values())

    assert shell.classes & anywhere <= first

    for folder, page in folders.items():
        loaded = first.union(*(sheets[file.removeprefix("/static/mobile/")] for file in page.files))
        assert page.classes & anywhere <= loaded, f"{folder} lacks {page.classes & anywhere - loaded}"


def test_first_page_weighs_less_than_100_kb_compressed(answer):
    """All but what the API says; `tests/browser/test_first_page.py` counts that too."""
    now = release.current()
    files = [(STATIC / "sw.js").read_bytes(), *(now.parcels[each] for each in now.first)]

    weight = sum(len(gzip.compress(content, 6)) for content in [answer.content, STYLES.encode(), *files])

    assert weight < FIRST_PAGE_BYTES


def test_the_style_sheets_of_the_first_page_are_kept_for_good(client):
    assert "immutable" in client.get(STYLES_ADDRESS)["Cache-Control"]
    assert client.get("/shell.0123456789ab.css").status_code == 404


def test_what_is_the_same_for_everybody_comes_compressed_to_who_takes_it(client, answer):
    now = release.current()
    worker = re.search(r'data-worker="([^"]+)"', answer.content.decode())[1]
    for address in (STYLES_ADDRESS, worker, now.base + now.first[0]):
        plain = client.get(address)
        packed = client.get(address, headers={"Accept-Encoding": "br, gzip"})

        assert gzip.decompress(packed.content) == plain.content
        assert packed["Content-Encoding"] == "gzip"
        assert not plain.has_header("Content-Encoding")
        assert "Accept-Encoding" in plain["Vary"]
        assert "Accept-Encoding" in packed["Vary"]
        assert plain["Cache-Control"] == packed["Cache-Control"]


def test_the_service_worker_has_an_address_of_what_it_says(client, answer):
    """So that a phone asks for it once, and takes another one with the first shell that names it."""
    address = re.search(r'data-worker="([^"]+)"', answer.content.decode())[1]

    assert "immutable" in client.get(address)["Cache-Control"]
    assert client.get(address).content == (STATIC / "sw.js").read_bytes()
    assert client.get("/worker.0123456789ab.js").status_code == 404


def test_what_belongs_to_a_release_is_kept_for_good_under_its_name_and_only_there(client):
    """Two servers may answer while a release is rolled out: either gives what it has, and a phone keeps only what is as it says."""
    base = release.current().base

    ours, other = client.get(f"{base}app.js"), client.get("/release/0123456789ab/app.js")
    pages = client.get("/pages/people/", {"r": release.current().digest})

    assert "immutable" in ours["Cache-Control"]
    assert "immutable" in pages["Cache-Control"]
    assert other["Cache-Control"] == "no-store"
    assert other.content == ours.content
    assert client.get("/pages/people/", {"r": "0123456789ab"}).status_code == 404
    assert client.get(f"{base}../views.py").status_code == 404


def test_a_shell_that_still_stands_costs_a_question(client, answer):
    again = client.get("/", HTTP_IF_NONE_MATCH=answer["ETag"])

    assert (again.status_code, again.content) == (304, b"")


def test_whatever_changes_makes_another_release(tmp_path):
    place = tmp_path / "mobile"
    shutil.copytree(STATIC, place)
    before = release.read(place)
    with (place / "people" / "people.css").open("a") as sheet:
        sheet.write("/* */")

    after = release.read(place)

    assert before == release.current()
    assert after.digest != before.digest


def test_pages_nobody_wrote_are_not_there(client):
    assert client.get("/pages/shell/").status_code == 404


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
