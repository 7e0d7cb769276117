"""Readers' languages: what is marked, how the API and the pages choose, what is told in which words."""

import pytest

from core.languages import harvest


@pytest.mark.parametrize(
    "path", [*harvest.files(harvest.TEMPLATES, "html")], ids=lambda path: path.relative_to(harvest.ROOT).as_posix()
)
def test_every_chinese_text_of_a_template_is_marked(path):
    assert harvest.unmarked_in_template(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "path", [*harvest.files(harvest.SCRIPTS, "js")], ids=lambda path: path.relative_to(harvest.ROOT).as_posix()
)
def test_every_chinese_text_of_a_script_is_marked(path):
    assert harvest.unmarked_in_script(path.read_text("utf-8")) == []
