"""Places to find, and a client without a token."""

from tests.places import api, areas, make_area, make_institution  # noqa: F401 - fixtures
