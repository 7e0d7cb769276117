"""Places to find, people who keep their policies, and a draft of one of them."""

import pytest

from policies import publishing
from tests.insured import monday, two_areas  # noqa: F401 - fixtures
from tests.places import api, areas, make_area  # noqa: F401 - fixtures
from tests.policies.policy_texts import keeper, policy_text


@pytest.fixture
def people(two_areas):  # noqa: F811
    """Two supervisors of the same area: what one uploads the other may publish."""
    return keeper(number=1), keeper(number=2)


@pytest.fixture
def draft(people):
    return publishing.upload(policy_text(), by=people[0])
