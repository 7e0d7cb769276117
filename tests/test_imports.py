"""No two files import each other, directly or in a circle: imports for types and inside functions count."""

import tomllib
from pathlib import Path

import grimp

SETTINGS = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))
PACKAGES = SETTINGS["tool"]["importlinter"]["root_packages"]


def in_circles(imports):
    """What stays when every file that imports, or is imported by, none of the rest is taken away, again and again."""
    rest = dict(imports)
    while True:
        imported = set().union(*rest.values())
        remaining = {file: rest[file] & rest.keys() for file in rest if rest[file] & rest.keys() and file in imported}
        if remaining == rest:
            return sorted(remaining)
        rest = remaining


def test_no_files_import_each_other_in_a_circle():
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)

    imports = {file: set(graph.find_modules_directly_imported_by(file)) for file in graph.modules}

    assert len(imports) > 200
    assert in_circles(imports) == []


def test_a_circle_is_seen_and_what_only_hangs_on_it_is_not_blamed():
    imports = {"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": set(), "e": {"a"}}

    assert in_circles(imports) == ["b", "c"]
