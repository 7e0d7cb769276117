"""The Monday morning of the tests."""

from tests.monday import monday  # noqa: F401 - a fixture
