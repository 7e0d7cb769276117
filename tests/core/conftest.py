"""Places to find, and a client without a token."""

from tests.insured import monday  # noqa: F401 - a fixture
from tests.places import api, areas, make_area, make_institution  # noqa: F401 - fixtures
