"""Scripts laid together, so that a phone fetches a page in one go instead of module by module.

The sources stay small modules that import each other. What a phone gets are parcels: `app.js` with all that the first page needs, one for
each folder of pages, and `lib.js` with what several folders share. In a parcel each module is a function that runs once and gives what the
module exports, under the module's own name (`lib_drafts`); so a module is the same one, whoever imports it. What others wrote (`vendor/`)
stays by itself. A script fetches a module of another parcel by `later("lib/keeping")` (lib/parts.js).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import PurePosixPath
from posixpath import normpath

ENTRY, SHARED, VENDOR = "app.js", "lib", "vendor"
IMPORT = re.compile(r'^import (?:(\w+|\{[^}]*\}) from )?"([^"]+)";$', re.MULTILINE)
LATER = re.compile(r'\blater\("([^"]+)"\)')
EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function)\b)", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:const|class|function) (\w+)", re.MULTILINE)
AGAIN = re.compile(r"^export \{ ([\w, ]+) \};\n", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export|await)\b.*", re.MULTILINE)
"""What is not known here; and who waits at the top would wait for ever for a parcel that imports its own."""
EXPLAINED = re.compile(r"^ */\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)


class Parcels:
    """Which module goes into which parcel, in the order in which they run; and the parcels themselves by their path."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self.texts = {path: content.decode() for path, content in sources.items()}
        self.imports = {
            path: [_beside(path, name) for _, name in IMPORT.findall(text)] for path, text in self.texts.items()
        }
        self.first = self.imported_by(ENTRY)
        self.place = {path: self._place_of(path) for path in self.texts}
        self.members: dict[str, list[str]] = {}
        for path in TopologicalSorter(self.imports).static_order():
            self.members.setdefault(self.place[path], []).append(path)

    def imported_by(self, path: str) -> set[str]:
        """A module with all that it imports before it runs, directly or through others."""
        found, new = set[str](), {path}
        while new:
            found |= new
            new = {each for one in new for each in self.imports[one]} - found
        return found

    def needed_by(self, path: str) -> list[str]:
        """The parcels that a module needs, its own first."""
        own, found = self.place[path], set[str]()
        new = {own}
        while new:
            found |= new
            imported = {each for parcel in new for member in self.members[parcel] for each in self.imports[member]}
            new = {self.place[each] for each in imported} - found
        return [own, *sorted(found - {own})]

    @property
    def fetched_later(self) -> set[str]:
        """The modules that scripts fetch when they need them, beside the pages."""
        return {f"{name}.js" for text in self.texts.values() for name in LATER.findall(text)}

    def laid_out(self) -> dict[str, bytes]:
        """Every parcel by its path."""
        return {parcel: self._parcel(paths).encode() for parcel, paths in self.members.items()}

    def _place_of(self, path: str) -> str:
        folder = _folder(path)
        if folder == VENDOR:
            return path
        if path in self.first:
            return ENTRY
        users = {_folder(each) for each in self.texts if path in self.imported_by(each)}
        return f"{folder if users == {folder} else SHARED}.js"

    def _parcel(self, paths: list[str]) -> str:
        if _folder(paths[0]) == VENDOR:
            return self.texts[paths[0]]
        outside = {each for path in paths for each in self.imports[path]} - {*paths}
        heads = [self._import(each) for each in sorted(outside)]
        bodies = [self._body(path) if path == ENTRY else self._closed(path) for path in paths]
        given = ", ".join(name_of(path) for path in paths if path != ENTRY)
        return "\n".join([*heads, *bodies, f"export {{ {given} }};\n"])

    def _import(self, path: str) -> str:
        """A module of another parcel of the same release, under its name."""
        name, parcel = name_of(path), self.place[path]
        return f'import {f"* as {name}" if parcel == path else f"{{ {name} }}"} from "./{parcel}";'

    def _body(self, path: str) -> str:
        """The module without its explanations and exports, what it imports taken from where that stands. Raises ValueError for what is not known."""
        text = EXPLAINED.sub("", self.texts[path])
        text = EXPORT.sub("", AGAIN.sub("", IMPORT.sub(lambda found: _taken(path, found), text)))
        if left := LEFT.search(text):
            raise ValueError(f"{path}: {left[0]}")
        return text

    def _closed(self, path: str) -> str:
        """The module as a function that gives what it exports."""
        text = self.texts[path]
        names = EXPORTED.findall(text) + [name for found in AGAIN.findall(text) for name in found.split(", ")]
        return f"const {name_of(path)} = (() => {{\n{self._body(path)}\nreturn {{ {', '.join(names)} }};\n}})();"


def name_of(path: str) -> str:
    """What a module is called in its parcel: lib/drafts.js → lib_drafts."""
    return re.sub(r"\W", "_", path.removesuffix(".js"))


def _folder(path: str) -> str:
    return PurePosixPath(path).parts[0]


def _beside(path: str, name: str) -> str:
    return normpath(PurePosixPath(path).parent / name)


def _taken(path: str, found: re.Match[str]) -> str:
    """What was imported, taken from the module's name."""
    wanted, module = found[1], name_of(_beside(path, found[2]))
    if not wanted:
        return ""
    names = wanted.replace(" as ", ": ") if wanted.startswith("{") else f"{{ default: {wanted} }}"
    return f"const {names} = {module};"
