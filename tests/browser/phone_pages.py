"""`make screenshots`: every page of the phone, by the tour: as a phone of 375 px shows it, for docs/phone.md; whole, and at 1280 px, to look at.

Run as `pytest tests/browser/phone_pages.py`; the name keeps it out of the ordinary run. The states of each page, its dark and its
doubled type are kept by `SHOTS=folder pytest tests/browser/test_looks.py`.
"""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.acts import sign_in
from tests.browser.everything import furnish, patient
from tests.browser.looking import COUNTED, Eye
from tests.browser.tour import ROUTES, TOUR

ROOT = Path(__file__).parents[2]
DOCUMENT, SHOWN = ROOT / "docs" / "phone.md", ROOT / "docs" / "phone"
LOOKED_AT = ROOT / "test-results" / "pages"
SMALL, WIDE = {"width": 375, "height": 740}, {"width": 1280, "height": 800}
AFTER_ACTS = {"direct", "guide"}
"""Pages that show what they are for once something was chosen there."""


class Guide(Eye):
    """Goes the tour without looking for faults."""

    def look(self, name: str) -> None:
        self.settle()


def named(pattern: str) -> str:
    return re.sub(r"\W+", "-", pattern).strip("-") or "home"


def take(page: Page, name: str) -> None:
    """The open page: its first screen, and the whole of it in both widths."""
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    shown = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    shown.save(SHOWN / f"{name}.webp", lossless=True, quality=100, method=6)
    for size in (WIDE, SMALL):
        page.set_viewport_size(size)
        page.screenshot(path=LOOKED_AT / str(size["width"]) / f"{name}.png", full_page=True, animations="disabled")


@pytest.fixture
def family(chromium, monday, live_server):
    """A phone with the pages open, for somebody who is in the register."""
    context = chromium.new_context(viewport=SMALL, has_touch=True, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.add_init_script(COUNTED)
    page.emulate_media(reduced_motion="reduce")
    owner = patient()
    page.goto(f"{live_server.url}/")
    yield page, owner
    context.close()


def test_every_page(family):
    page, owner = family
    SHOWN.mkdir(exist_ok=True)
    eye, names, taken = Guide(page), {}, []

    for part, routes in TOUR.items():
        if part != "guest" and not names:
            names = furnish(sign_in(page, "王秀兰", owner), owner)
        for pattern, stops in routes.items():
            eye.open(stops[-1 if part == "guest" else 0].address.format_map(names))
            if pattern not in AFTER_ACTS:
                take(page, named(pattern))
            for act in stops[0].acts:
                act(eye, pattern)
            if pattern in AFTER_ACTS:
                take(page, named(pattern))
            taken.append(pattern)

    assert sorted(taken) == sorted(set(ROUTES))
    assert {named(each) for each in taken} == set(
        re.findall(r'src="phone/([\w-]+)\.webp"', DOCUMENT.read_text("utf-8"))
    )
