"""People who apply, the rules of their area, on the Monday morning of the tests."""

from tests.chronic.applying import account, enrolled, human, monday, quarterly, rules, trusting  # noqa: F401 - fixtures
