"""What the tests of scenarios share."""

from tests.monday import monday  # noqa: F401 - a fixture
