"""What a phone keeps of these pages, release by release.

All that the shell brings has an address that names the release, so it never changes and is fetched once:
`/release/DIGEST/app.js`, `/pages/people/?r=DIGEST`. The shell alone is asked for at each visit, and answers that nothing
is new, or names the next release: so no phone ever mixes two.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.templatetags.static import static

from mobile.parcels import ENTRY, Parcels

PLACE = Path(__file__).parent
STATIC = PLACE / "static" / "mobile"
TEMPLATES = settings.BASE_DIR / "templates" / "mobile"
PAGES = b"export const pages = "
SHEET = re.compile(r"{% static '([^']+\.css)' %}")


@dataclass(frozen=True)
class Release:
    """The scripts by their path, under the digest of all that makes up the pages."""

    digest: str
    scripts: dict[str, bytes]

    @property
    def base(self) -> str:
        """Where its scripts lie."""
        return f"/release/{self.digest}/"

    @cached_property
    def plan(self) -> Parcels:
        """How its scripts are laid together."""
        return Parcels(self.scripts)

    @cached_property
    def parcels(self) -> dict[str, bytes]:
        """What a phone fetches, by its path below the base."""
        return self.plan.laid_out()

    @cached_property
    def first(self) -> list[str]:
        """The parcels of the first page, the entry last: named in the shell, so that a phone fetches them all at once."""
        entry, *others = self.plan.needed_by(ENTRY)
        return [*others, entry]

    @cached_property
    def ahead(self) -> dict[str, list[str]]:
        """Each module that is fetched when it is needed: its parcel, then the parcels and style sheets that come with it, for the same reason."""
        pages = {path for path, content in self.scripts.items() if PAGES in content}
        return {
            path.removesuffix(".js"): [
                *(self.base + each for each in self.plan.needed_by(path) if each not in self.first),
                *(sheets_of(PurePosixPath(path).parts[0]) if path in pages else []),
            ]
            for path in sorted(pages | self.plan.fetched_later)
        }


def sheets_of(folder: str) -> list[str]:
    """The addresses of the style sheets a folder's templates bring."""
    return [static(name) for name in SHEET.findall((TEMPLATES / folder / "index.html").read_text("utf-8"))]


@cache
def current() -> Release:
    """The release this process serves."""
    return read(STATIC)


def read(place: Path) -> Release:
    """The release made of the scripts and style sheets that lie here."""
    found = [path for path in sorted(place.rglob("*.js")) if path.name != "sw.js"]
    scripts = {path.relative_to(place).as_posix(): path.read_bytes() for path in found}
    sheets = sorted(place.rglob("*.css"))
    told = [*PLACE.glob("*.py"), *TEMPLATES.rglob("*.html"), *(settings.BASE_DIR / "locale").rglob("*.mo")]
    digest = hashlib.sha256(repr(settings.SANDBOX).encode())
    for content in [*scripts.values(), *(path.read_bytes() for path in [*sheets, *sorted(told)])]:
        digest.update(hashlib.sha256(content).digest())
    return Release(digest.hexdigest()[:12], scripts)
