"""Agents who act once without a mandate: their own identity in form, the person by name and number."""

from datetime import date

import pytest

from accounts import services
from accounts.models import id_hash
from accounts.registry import RegisteredEnrollment
from regions.errors import Invalid, NotFound, TooMany
from tests.factories import citizen, id_number

WANG = "110101195503070028"
ADULT = "110101195503070028"


def identity(name="李雷", number=ADULT, phone="13900000001"):
    return services.agent_identity(name=name, id_number=number, phone=phone)


def problems(**given):
    with pytest.raises(Invalid) as refused:
        identity(**given)
    return [(problem.code, problem.attr) for problem in refused.value.problems]


@pytest.mark.parametrize("phone", ["13900000001", "023-12345678", "02312345678", "0711-1234567"])
def test_agent_is_taken_as_written(noon, phone):
    agent = identity(name=" 李雷 ", number=" 11010119550307002８", phone=phone)

    assert (agent.name, agent.id_number, agent.phone) == ("李雷", ADULT, phone)
    assert agent.id_hash == id_hash(ADULT)


@pytest.mark.parametrize("name", ["", "李", "123", "<b>", "x" * 51])
def test_agent_without_a_name(noon, name):
    assert problems(name=name) == [("name_invalid", "agent.name")]


@pytest.mark.parametrize("name", ["李雷", "阿依古丽·买买提", "Anna Müller", "欧阳娜娜"])
def test_names_people_have(noon, name):
    assert identity(name=name).name == name


@pytest.mark.parametrize("phone", ["", "139", "12900000001", "139000000012", "abc"])
def test_agent_without_a_telephone(noon, phone):
    assert problems(phone=phone) == [("phone_invalid", "agent.phone")]


def test_agent_with_a_wrong_number(noon):
    assert problems(number="110101195503070027") == [("id_number_invalid", "agent.id_number")]


@pytest.mark.parametrize(("born", "refused"), [(date(2008, 11, 20), False), (date(2008, 11, 21), True)])
def test_agents_are_of_age(noon, born, refused):
    """Eighteen on 20 November 2026 (民法典 art. 17)."""
    number = id_number(born)
    if refused:
        assert problems(number=number) == [("agent_underage", "agent.id_number")]
    else:
        assert identity(number=number).id_number == number


def test_all_problems_are_named_at_once(noon):
    assert problems(name="", number="1", phone="") == [
        ("name_invalid", "agent.name"),
        ("id_number_invalid", "agent.id_number"),
        ("phone_invalid", "agent.phone"),
    ]


# For whom


@pytest.fixture
def wang(insured):
    return insured("王秀兰", WANG)


def find(account, name="王秀兰", number=WANG, area="500000", insurance="employee"):
    return services.find_insured(name, number, area, insurance, account=account, address="203.0.113.1")


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
    assert refused.value.detail == "没有查到参保信息，请核对姓名和身份证号码，或联系参保地经办机构。"


@pytest.mark.parametrize(("start", "end"), [(date(2015, 1, 1), date(2026, 11, 19)), (date(2026, 11, 21), None)])
def test_enrolment_not_in_force_is_not_found(insured, start, end):
    insured("王秀兰", WANG, enrollments=[RegisteredEnrollment("500000", "employee", "active", start, end)])

    with pytest.raises(NotFound):
        find(citizen())


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
