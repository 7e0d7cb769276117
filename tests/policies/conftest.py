"""Places to find; an insured person of 重庆 on the Monday morning of the tests, and who asks for them."""

from tests.insured import account, client, enrolled, monday, recognised, two_areas  # noqa: F401 - fixtures
from tests.places import api, areas, make_area, make_institution  # noqa: F401 - fixtures
