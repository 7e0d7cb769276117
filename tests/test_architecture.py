"""docs/architecture.md leads a newcomer to files: each one that it names is there."""

import re

from django.conf import settings

TEXT = (settings.BASE_DIR / "docs/architecture.md").read_text("utf-8")


def test_every_file_and_folder_it_names_exists():
    names = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", TEXT))

    assert len(names) > 50
    assert {name for name in names if not (settings.BASE_DIR / name).exists()} == set()
