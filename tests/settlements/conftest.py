"""An insured person of 重庆 on the Monday morning of the tests, and who asks for them."""

from tests.insured import account, client, enrolled, monday, recognised, two_areas  # noqa: F401 - fixtures
