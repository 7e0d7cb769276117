"""What the shipped files of the north and east pay once enrolment, filings and hospital are known: 20 000 yuan in scope, level 3.

An example in a policy file states its `travel`; here it is found: what is exempt, and what a long-term filer gets at home.
"""

import pytest

from core import clock
from tests import factories as make
from tests.settlements.quoting import ADULT, EMPLOYEE, quoted

pytestmark = pytest.mark.django_db

STUDENT = {"insurance": "resident", "category": "student"}


@pytest.fixture(autouse=True)
def _monday():
    make.working_calendar()
    with clock.standing_at(make.moment("2026-03-02 10:00")):
        yield


@pytest.mark.parametrize(
    ("home", "person", "place", "travel", "pooled"),
    [
        # 宁波: 1 200, then 70 % at home, 60 % in the province, 50 % in another one
        ("330200", ADULT, "330200", "local", "13160.00"),
        ("330200", ADULT, "330100", "other", "11280.00"),
        ("330200", ADULT, "310000", "other", "9400.00"),
        # 合肥: 600, then 90 − 20 + 5 %
        ("340100", EMPLOYEE, "340300", "other", "14550.00"),
        # 河北, 内蒙古: the whole province as at home. 石家庄 1 000, 65 %; 呼和浩特 1 000, then 73 % to 10 000, 78 % above
        ("130100", ADULT, "130200", "local", "12350.00"),
        ("150100", ADULT, "150200", "local", "14370.00"),
        # Their pages take nothing off inside the province. 太原 1 000, 60 %; 杭州 800, 70 %; 福州 800, 85 %; 厦门 1 000, 73 %; 南昌 600, 60 %
        ("140100", ADULT, "140200", "long_term", "11400.00"),
        ("330100", ADULT, "330200", "long_term", "13440.00"),
        ("350100", EMPLOYEE, "350200", "long_term", "16320.00"),
        ("350200", ADULT, "350100", "long_term", "13870.00"),
        ("360100", ADULT, "360400", "long_term", "11640.00"),
    ],
)
def test_a_stay_for_which_nothing_was_filed(home, person, place, travel, pooled):
    answer = quoted(home, person, place)

    assert (answer["travel"], answer["amounts"]["pooled"]) == (travel, pooled)


@pytest.mark.parametrize(
    ("filed", "place", "travel", "pooled"),
    [
        ("310000", "310000", "long_term", "13160.00"),  # where the filing leads: as at home
        ("310000", "330200", "other", "11280.00"),  # back home: 10 points less
        ("310000", "330100", "other", "11280.00"),  # elsewhere in the province: 10 points less
        ("330100", "330100", "long_term", "13160.00"),
        ("330100", "330200", "other", "11280.00"),
    ],
)
def test_a_long_term_filer_of_ningbo(filed, place, travel, pooled):
    answer = quoted("330200", ADULT, place, to=filed)

    assert (answer["travel"], answer["amounts"]["pooled"]) == (travel, pooled)


def test_suzhou_does_not_pass_a_sum_off_as_final():
    """20 000 in 苏州: 800, then 90 %. 大病 from 10 000 is not known, and the answer says so."""
    answer = quoted("320500", EMPLOYEE, "320500")

    assert answer["amounts"]["pooled"] == "17280.00"
    assert [(one["kind"], one["fund"]) for one in answer["not_included"]] == [("fund", "serious_illness")]


@pytest.mark.parametrize(
    ("vacation", "travel", "pooled"),
    [
        (False, "other", "11700.00"),  # 19 500 × 75 % × 0.8
        (True, "long_term", "14625.00"),  # 19 500 × 75 %
    ],
)
def test_a_student_of_suzhou_at_home_or_at_school_is_not_reduced(vacation, travel, pooled):
    answer = quoted("320500", STUDENT, "320100", vacation=vacation, to="320100", kind="other")

    assert (answer["travel"], answer["amounts"]["pooled"]) == (travel, pooled)


@pytest.mark.parametrize(
    ("home", "person", "place", "pooled"),
    [
        ("320500", EMPLOYEE, "320100", "13824.00"),  # 苏州: 800, then 90 % × 0.8
        ("220100", ADULT, "220200", "6615.00"),  # 长春: 1 100, then 55 − 20 %
    ],
)
def test_a_temporary_stay_in_the_province_is_reduced_where_no_page_exempts_it(home, person, place, pooled):
    answer = quoted(home, person, place, to=place, kind="other")

    assert (answer["travel"], answer["amounts"]["pooled"]) == ("other", pooled)
