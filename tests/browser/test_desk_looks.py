"""Every page of the staff's site that somebody is led to, at 1280×720, light and dark: nothing beyond the edge, nothing that axe finds.

Pages are found by following the site's own links, one of each kind: a new page is looked at as soon as something leads to it.
`SHOTS=folder` keeps their pictures.
"""

import os
import re
from urllib.parse import urldefrag, urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from accounts.models import Role
from regions.models import Institution
from tests import factories as make
from tests.browser.everything import furnish, patient
from tests.browser.looking import AXE, LOOKS, OF_COLOUR

SIZE = {"width": 1280, "height": 720}
LINKS = "() => [...document.querySelectorAll('a[href]')].map((link) => link.href)"
DARK = """async () => {
  const still = new CSSStyleSheet();
  still.replaceSync("* { transition: none !important }");  // else colours are read on their way
  document.adoptedStyleSheets = [still];
  document.documentElement.classList.add("dark");
  for (const _ of "..") await new Promise(requestAnimationFrame);
}"""
NO_PAGE = re.compile(r"/(export|logout|jsi18n|scan|file)\b|\.(pdf|csv|xlsx|zip)$|/r/")
ONE_OF_A_KIND = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)[\w-]+(?=/(change|history|delete)/)|(?<=/)[\d-]+(?=/)")


def kind(address: str) -> str:
    return ONE_OF_A_KIND.sub("…", urlsplit(address).path)


class Walk:
    """Follows the links of one site for one person after the other; a kind of page is looked at once."""

    def __init__(self, origin: str) -> None:
        self.site = f"{origin}/admin/"
        self.faults: list[str] = []
        self.seen: set[str] = set()

    def go(self, page: Page) -> None:
        waiting = [self.site, *self._links(page)]
        self.seen.discard(kind(self.site))
        while waiting:
            address = waiting.pop(0)
            if kind(address) in self.seen:
                continue
            self.seen.add(kind(address))
            answer = page.goto(address)
            assert answer is not None
            if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
                self.faults.append(f"{address}: {answer.status} {answer.headers.get('content-type')}")
                continue
            self._look(page, kind(address))
            waiting += self._links(page)

    def _links(self, page: Page) -> list[str]:
        found = [urldefrag(link).url for link in page.evaluate(LINKS)]
        return [link for link in found if link.startswith(self.site) and not NO_PAGE.search(urlsplit(link).path)]

    def _look(self, page: Page, name: str) -> None:
        page.evaluate(AXE_SCRIPT)
        self._keep(
            name, "light", [*page.evaluate(LOOKS, ["edges"]), *page.evaluate(AXE, {"only": None, "without": []})]
        )
        self._shoot(page, name, "light")
        page.evaluate(DARK)
        self._keep(name, "dark", page.evaluate(AXE, {"only": OF_COLOUR, "without": []}))
        self._shoot(page, name, "dark")

    def _keep(self, name: str, how: str, found: list[str]) -> None:
        self.faults += [f"{name} [{how}]: {fault}" for fault in found]

    def _shoot(self, page: Page, name: str, how: str) -> None:
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{re.sub(r'[^a-z…]+', '-', name).strip('-')}~{how}.png")


def test_every_page_is_readable(monday, desk, live_server):
    owner = patient()
    furnish(make.citizen(owner), owner)
    hospital = make.staff(Role.HOSPITAL, institution=Institution.objects.get(pk="H11010100001"))
    staff = [make.staff(Role.ADMIN), make.supervisor(), make.reviewer(), make.finance(), hospital]
    walk = Walk(live_server.url)

    for account in staff:
        page = desk(account, "")
        page.set_viewport_size(SIZE)
        walk.go(page)

    assert "\n".join(walk.faults) == ""
