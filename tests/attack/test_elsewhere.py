"""The list of attacks that other folders show names tests that are there."""

import re

import pytest

from config.environment import BASE_DIR
from tests.attack.elsewhere import ELSEWHERE


@pytest.mark.parametrize("test", [test for tests in ELSEWHERE.values() for test in tests.values()])
def test_it_is_there(test):
    path, _, name = test.partition("::")
    text = (BASE_DIR / "tests" / path).read_text()

    assert not name or re.search(rf"^(async )?def {name}\(", text, re.MULTILINE)
