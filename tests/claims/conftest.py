"""People who claim, on the Monday morning of the tests."""

from tests.claims.claiming import account, enrolled, human, monday  # noqa: F401 - fixtures
