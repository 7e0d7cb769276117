"""`make screenshots`: every page of the staff's site, as somebody is led to it, at 1280×720: docs/desk.md, which this writes.

Run as `pytest tests/browser/desk_pages.py`; the name keeps it out of the ordinary run. Both lights and what axe says are kept by
`SHOTS=folder pytest tests/browser/test_desk_looks.py`.
"""

import re
from io import BytesIO
from itertools import groupby
from pathlib import Path

from django.apps import apps
from PIL import Image
from playwright.sync_api import Page

from accounts.models import Role
from regions.models import Institution
from tests import factories as make
from tests.browser.everything import furnish, patient
from tests.browser.test_desk_looks import SIZE, Walk

DOCS = Path(__file__).parents[2] / "docs"
SHOWN = DOCS / "desk"
HEAD = """# The staff's site in pictures

Every page at 1280×720, as `make screenshots` takes it for whoever is led to it first: administrator, supervisor, reviewer, finance,
hospital. The data are those of the phone's pictures (`tests/browser/everything.py`); all persons are invented. What one does on these
pages stands in [staff.md](staff.md).
"""
ENTRY = '<td width="33%" valign="top"><img src="desk/{name}.webp" width="300" alt="{title}"><br><b>{title}</b><br><code>{path}</code></td>'
ACROSS = 3


class Camera(Walk):
    """Takes each page instead of looking for faults."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.who = ""
        self.taken: dict[str, tuple[str, str]] = {}

    def _look(self, page: Page, name: str) -> None:
        first = name == "/admin/"
        words = re.findall(r"[a-z]+", name.removeprefix("/admin/")) if not first else ["start", self.who]
        title = page.title().split(" | ")[0]
        self.taken["-".join(words)] = (f"{title}（{Role(self.who).label}）" if first else title, name)
        picture = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        picture.save(SHOWN / f"{'-'.join(words)}.webp", quality=60, method=6)


def test_every_page(monday, desk, live_server):
    owner = patient()
    furnish(make.citizen(owner), owner)
    hospital = make.staff(Role.HOSPITAL, institution=Institution.objects.get(pk="H11010100001"))
    staff = [make.staff(Role.ADMIN), make.supervisor(), make.reviewer(), make.finance(), hospital]
    SHOWN.mkdir(exist_ok=True)
    for old in SHOWN.glob("*.webp"):
        old.unlink()
    camera = Camera(live_server.url)

    for account in staff:
        page = desk(account, "")
        page.set_viewport_size(SIZE)
        camera.who = account.role
        camera.go(page)

    (DOCS / "desk.md").write_text(HEAD + "".join(sections(camera.taken)))
    assert camera.faults == []
    assert len(camera.taken) == len(camera.seen) - 1 + len(staff)


def sections(taken):
    """The pages of one app after the other, three in a row."""
    for label, entries in groupby(
        sorted(taken.items(), key=lambda entry: (part(entry[1][1]), entry[1][1])), lambda entry: part(entry[1][1])
    ):
        cells = [ENTRY.format(name=name, title=title, path=path) for name, (title, path) in entries]
        rows = "\n".join(
            "<tr>\n" + "\n".join(cells[at : at + ACROSS]) + "\n</tr>" for at in range(0, len(cells), ACROSS)
        )
        yield f"\n## {heading(label)}\n\n<table>\n{rows}\n</table>\n"


def part(path):
    """Whose page it is: an app's label, or nothing for the site's own."""
    found = re.match(r"/admin/(\w+)/", path)
    return found[1] if found and found[1] in apps.app_configs else ""


def heading(label):
    return apps.get_app_config(label).verbose_name if label else "首页与登录安全"
