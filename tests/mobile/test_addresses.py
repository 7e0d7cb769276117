"""Nothing points to a page that is not there: every address on the pages, in their scripts, and behind what the API names."""

import re
from pathlib import Path

from reviews.models import Kind
from reviews.needs import NeedKind

HERE = Path(__file__).parents[2]
STATIC, TEMPLATES = HERE / "mobile" / "static" / "mobile", HERE / "templates" / "mobile"
ADDRESS = re.compile(r'["\'`](#/[^"\'`\s]*)')
"""An address of a page, in a template or a script; what is filled in stands as `${…}`, or is put behind it."""


def patterns() -> list[list[str]]:
    return [found.split("/") for found in re.findall(r'\{ pattern: "([^"]*)"', (STATIC / "app.js").read_text())]


def leads_somewhere(address: str) -> bool:
    """Whether some page has this address; a part that is filled in fits whatever stands there."""
    parts = re.sub(r"\$\{[^}]*\}", ":filled", address.removeprefix("#/")).split("/")

    def fits(pattern: list[str]) -> bool:
        return len(pattern) == len(parts) and all(
            one == other or one.startswith(":") or other == ":filled" for one, other in zip(pattern, parts, strict=True)
        )

    return any(map(fits, patterns()))


def test_every_address_on_the_pages_has_its_page():
    texts = [
        path.read_text() for path in [*STATIC.rglob("*.js"), *TEMPLATES.rglob("*.html")] if "vendor" not in path.parts
    ]
    addresses = {found for text in texts for found in ADDRESS.findall(text) if not found.startswith("#/${FOLDERS")}

    lost = {address for address in addresses if not leads_somewhere(address)}

    assert len(addresses) > 40
    assert lost == set()


def test_everything_a_message_or_a_need_may_be_about_has_its_page():
    """Every kind of submission, and settled bills (`lib/words.js`); and each page that a need opens below it."""
    words = (STATIC / "lib" / "words.js").read_text()
    folders = dict(re.findall(r"(\w+): \"(\w+)\"", re.search(r"const FOLDERS = \{(.*)\};", words)[1]))

    assert {*Kind.values, "settlement"} == folders.keys()
    assert all(leads_somewhere(f"#/{folder}/${{id}}") for folder in folders.values())
    assert leads_somewhere("#/records/${id}/proof")
    assert leads_somewhere("#/chronic/${id}/renew")


def test_every_need_of_the_api_is_headed_at_home():
    home = (STATIC / "home" / "home.js").read_text()
    headed = set(re.findall(r"^  (\w+): \{ name: ", home, re.MULTILINE))

    assert headed == {str(kind) for kind in NeedKind}


def test_telephone_numbers_dial():
    """In templates the hotline stands in a link; in texts that are filled in, `x-dial` makes one of it."""
    for path in TEMPLATES.rglob("*.html"):
        for line in filter(lambda line: "x-dial" not in line, path.read_text().splitlines()):
            assert line.count("12393") == 2 * line.count('href="tel:12393">12393</a>'), (path.name, line)
