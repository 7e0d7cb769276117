"""What a phone keeps of these pages, release by release.

All that the shell brings has an address that names the release, so it never changes and is fetched once:
`/release/DIGEST/lib/api.js`, `/pages/people/?r=DIGEST`. The shell alone is asked for at each visit, and answers that nothing
is new, or names the next release: so no phone ever mixes two.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from posixpath import normpath

from django.conf import settings
from django.templatetags.static import static

PLACE = Path(__file__).parent
STATIC = PLACE / "static" / "mobile"
TEMPLATES = settings.BASE_DIR / "templates" / "mobile"
ENTRY = "app.js"
PAGES = b"export const pages = "
IMPORT = re.compile(r'^import (?:.* from )?"([^"]+)"', re.MULTILINE)
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
    def first(self) -> list[str]:
        """The scripts of the first page, the entry last: named in the shell, so that a phone fetches them all at once."""
        return [*sorted(self.imported_by(ENTRY) - {ENTRY}), ENTRY]

    @cached_property
    def ahead(self) -> dict[str, list[str]]:
        """Each page's module with the scripts and style sheets it needs beyond the first page, for the same reason."""
        pages = [path for path, content in self.scripts.items() if PAGES in content]
        return {
            path.removesuffix(".js"): [
                *(self.base + each for each in sorted(self.imported_by(path) - set(self.first))),
                *sheets_of(PurePosixPath(path).parts[0]),
            ]
            for path in sorted(pages)
        }

    def imported_by(self, path: str) -> set[str]:
        """A script with all that it imports before it runs, directly or through others."""
        found, new = set[str](), {path}
        while new:
            found |= new
            new = {each for one in new for each in self._imports(one)} - found
        return found

    def _imports(self, path: str) -> Iterable[str]:
        named = IMPORT.findall(self.scripts[path].decode())
        return (normpath(PurePosixPath(path).parent / each) for each in named)


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
