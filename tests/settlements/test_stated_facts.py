"""Facts that a rule may ask for, stated by the register, the institution or the till: through enrolment, institution and quote."""

import pytest

from tests import factories as make
from tests.settlements.till import till

pytestmark = pytest.mark.django_db


def test_an_early_retirement_lowers_the_deductible_of_shanghai(monday):
    """700 instead of 1 200 for who retired before 2001 (policies/data/310000-shanghai-2025.yaml); 92 % of the rest."""
    fields = {"code": "310000", "category": "retired", "insurance": "employee"}
    early = make.enrollment(make.person("沈美娟"), retired_year=2000, **fields)
    late = make.enrollment(make.person("徐俊杰"), retired_year=2001, **fields)

    quotes = [till(of).post("quote/", cost={"total": "10700.00"}).json()["amounts"] for of in (early, late)]

    assert [(quote["deductible"], quote["pooled"]) for quote in quotes] == [
        ("700.00", "9200.00"),
        ("1200.00", "8740.00"),
    ]
