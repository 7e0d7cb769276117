"""What the shipped files of 山东, the south and the west pay once enrolment, filings and hospital are known: 20 000 yuan in scope, level 3.

An example in a policy file states its `travel`; here it is found: what is exempt, and what a long-term filer gets at home.
"""

from datetime import date

import pytest

from core import clock
from policies.language.filing_rules import rules_for
from tests import factories as make
from tests.settlements.quoting import ADULT, EMPLOYEE, quoted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    make.working_calendar()
    with clock.standing_at(make.moment("2026-03-02 10:00")):
        yield


@pytest.mark.parametrize(
    ("home", "person", "place", "travel", "pooled"),
    [
        # 泰安 in 济南: 10 % first; 1 000 and 55 % in the first tier, 800 and 65 % in the second; employees 600 and 86 %
        ("370900", {**ADULT, "tier": 1}, "370100", "other", "9350.00"),
        ("370900", {**ADULT, "tier": 2}, "370100", "other", "11180.00"),
        ("370900", EMPLOYEE, "370100", "other", "14964.00"),
        ("370900", EMPLOYEE, "370900", "local", "16684.00"),
        # 青岛 in 济南: 5 points less; employees 800 and 86 %, residents 800 and 70 %
        ("370200", EMPLOYEE, "370100", "other", "15552.00"),
        ("370200", ADULT, "370100", "other", "12480.00"),
        # 济南's employees lose nothing inside the province: 1 000, then 85 % to 10 000, 88 % above
        ("370100", EMPLOYEE, "370200", "other", "16450.00"),
        # 长沙 inside 湖南: no filing, 10 points less; 1 100, 85 %
        ("430100", EMPLOYEE, "430200", "other", "14175.00"),
        ("430100", ADULT, "430200", "other", "10340.00"),
        # Their pages take nothing off inside the province. 郑州 900, 88 %; 南宁 600, 60 %; 成都 800, 85 % and 2 for the age;
        # 西安 650, then 88 % to 10 000, 91 % above; 西宁 750, 75 %
        ("410100", EMPLOYEE, "410300", "long_term", "16808.00"),
        ("450100", ADULT, "450200", "long_term", "11640.00"),
        ("510100", EMPLOYEE, "510700", "long_term", "16704.00"),
        ("610100", EMPLOYEE, "610300", "long_term", "17328.00"),
        ("630100", EMPLOYEE, "630200", "long_term", "14437.50"),
    ],
)
def test_a_stay_for_which_nothing_was_filed(home, person, place, travel, pooled):
    answer = quoted(home, person, place)

    assert (answer["travel"], answer["amounts"]["pooled"]) == (travel, pooled)


@pytest.mark.parametrize(
    ("home", "person", "place", "kind", "pooled"),
    [
        # Living elsewhere in the province is filed, and paid as at home
        ("370900", {**ADULT, "tier": 1}, "370100", "resident", "10450.00"),
        ("370200", EMPLOYEE, "370100", "resident", "16512.00"),
        ("430100", EMPLOYEE, "430200", "resident", "16065.00"),
        # 长沙: 5 points less for a referral inside the province too
        ("430100", EMPLOYEE, "430200", "referral", "15120.00"),
        # 贵阳: stays elsewhere in 贵州 have a scale of their own (800, 60 %), in another province 1 500, 60 %
        ("520100", ADULT, "520300", "other", "11520.00"),
        ("520100", ADULT, "110000", "other", "11100.00"),
    ],
)
def test_a_stay_that_was_filed(home, person, place, kind, pooled):
    answer = quoted(home, person, place, to=place, kind=kind)

    assert answer["amounts"]["pooled"] == pooled


@pytest.mark.parametrize(
    ("since", "promised", "travel", "pooled"),
    [
        ("2026-01-05", True, "other", "15552.00"),  # before six months, by a promise: 5 points less
        ("2026-01-05", False, "local", "16512.00"),  # with the paper: as at home
        ("2025-09-02", True, "local", "16512.00"),  # six months later: as at home
    ],
)
def test_a_long_term_filer_of_qingdao_back_home(since, promised, travel, pooled):
    answer = quoted("370200", EMPLOYEE, "370200", to="110000", since=since, promised=promised)

    assert (answer["travel"], answer["amounts"]["pooled"]) == (travel, pooled)


def test_an_emergency_of_qinghai_is_a_referral():
    """西宁 in 北京: a referral loses nothing, and an emergency counts as one. 750, 75 %."""
    answer = quoted("630100", EMPLOYEE, "110000", emergency=True)

    assert (answer["travel"], answer["amounts"]["pooled"]) == ("referral", "14437.50")


def test_a_newborn_of_zhengzhou_is_an_emergency():
    """郑州 in 北京, filed as another trip: 2 000, halved for a child; 55 % to 8 000 and 65 % above, 10 points less: 7 000 × 45 % + 12 000 × 55 %."""
    answer = quoted("410100", ADULT, "110000", newborn=True, to="110000", kind="other")

    assert (answer["travel"], answer["amounts"]["pooled"]) == ("emergency", "9750.00")


def test_a_student_of_dongguan_is_filed_for_in_the_vacation():
    rules = rules_for("441900", date(2026, 7, 20))

    assert rules.vacation is not None
    assert (rules.vacation.travel, rules.vacation.needed) == ("long_term", True)
