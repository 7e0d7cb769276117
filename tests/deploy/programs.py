"""Programs of others, by which what is in deploy/ is tried: there, or the test is skipped and says what to install."""

import os
import shutil

import pytest


def program(name: str, package: str) -> pytest.MarkDecorator:
    """Skip where the program is missing."""
    return pytest.mark.skipif(found(name) is None, reason=f"no {name} on the path: apt-get install {package}")


def found(name: str) -> str | None:
    return shutil.which(name, path=os.environ["PATH"] + os.pathsep + "/usr/sbin")
