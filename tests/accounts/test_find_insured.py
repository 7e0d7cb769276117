"""Finding the person for whom an agent acts without a mandate."""

from datetime import date

import pytest

from accounts import services
from accounts.registry import RegisteredEnrollment
from core.errors import NotFound, TooMany
from tests.factories import citizen

WANG = "110101195503070028"


def find(account, name="王秀兰", number=WANG, area="500000", insurance="employee", **more):
    return services.find_insured(name, number, area, insurance, account=account, address="203.0.113.1", **more)


def test_enrolment_in_force_is_found(wang):
    found = find(citizen())

    assert (found.person.id_number, found.area_id, found.insurance) == (WANG, "500000", "employee")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "李雷"},
        {"number": "110101195503070044"},
        {"area": "110000"},
        {"area": "nowhere"},
        {"insurance": "resident"},
    ],
)
def test_whatever_does_not_match_gets_the_same_answer(wang, wrong):
    with pytest.raises(NotFound) as refused:
        find(citizen(), **wrong)

    assert refused.value.code == "not_registered"
    assert refused.value.detail == "没有找到与姓名、证件号码、参保地和险种都相符的参保人，请核对后重试。"


def test_enrolment_in_force_on_the_day_comes_first(insured):
    lapsed = RegisteredEnrollment("500000", "employee", "active", date(2015, 1, 1), date(2020, 12, 31))
    resumed = RegisteredEnrollment("500000", "employee", "active", date(2024, 1, 1))

    insured("王秀兰", WANG, enrollments=[lapsed, resumed])

    assert find(citizen()).valid_from == date(2024, 1, 1)
    assert find(citizen(), on=date(2020, 12, 31)).valid_from == date(2015, 1, 1)
    assert find(citizen(), on=date(2022, 6, 1)).valid_from == date(2024, 1, 1)


def test_lapsed_enrolment_is_found_so_that_the_check_can_say_so(insured):
    lapsed = RegisteredEnrollment("500000", "employee", "active", date(2015, 1, 1), date(2020, 12, 31))

    insured("王秀兰", WANG, enrollments=[lapsed])

    assert find(citizen()).valid_until == date(2020, 12, 31)


@pytest.mark.parametrize("wrong", [{"name": "李雷"}, {"area": "110000"}])
def test_guesses_of_agents_are_limited(wang, settings, wrong):
    settings.LIMITS = settings.LIMITS | {"guess-account": "2/hour"}
    account = citizen()
    for _ in range(2):
        with pytest.raises(NotFound):
            find(account, **wrong)

    with pytest.raises(TooMany):
        find(account)


def test_finding_somebody_is_no_guess(wang, settings):
    settings.LIMITS = settings.LIMITS | {"guess-account": "1/hour", "guess-address": "1/hour"}

    account = citizen()

    assert {find(account).id for _ in range(3)} == {find(account).id}
