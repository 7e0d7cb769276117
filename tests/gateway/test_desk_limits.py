"""What a hospital may look up: its operators share one account, and one of them does not hold up the others."""

import pytest
from django.core.cache import cache

from accounts import registry
from accounts.limits import GUESSING_ACCOUNT, GUESSING_HOSPITAL
from accounts.models import Account
from gateway.models import KnownPerson
from tests import factories as make
from tests.gateway.desk import HOSPITAL

BUSY = "操作过于频繁，请稍后再试。"
NOBODY = "没有查到参保信息，请核对姓名和证件号码，或联系参保地经办机构。"


@pytest.fixture(autouse=True)
def limits(settings):
    """Few enough for a test: 2 misses of an operator, 4 of a hospital; 1 look-up of an operator."""
    cache.clear()
    few = {"guess-operator": "2/hour", "guess-hospital": "4/hour", "guess-person": "100/hour", "identify": "0/hour"}
    settings.LIMITS = {**settings.LIMITS, **few}
    return settings.LIMITS


def by_number(desk, name="王秀兰", number=None):
    number = number or desk.patient.person.id_number
    return {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": number, "psn_cert_type": "01", "psn_name": name}}


def registered(desk):
    person = desk.patient.person
    rows = (registry.as_registered(desk.patient),)
    registry.store(registry.RegisterRecord(person.name, person.id_number, enrollments=rows))


def test_an_operator_who_misses_holds_up_neither_the_others_nor_the_hospital_before_its_own_limit(desk):
    registered(desk)
    strangers = [make.person("示例乙").id_number for _each in range(4)]

    first = [desk.refusal("1101", by_number(desk, "误", number), opter="1") for number in strangers[:3]]
    second = desk.output("1101", by_number(desk), opter="2")
    rest = [desk.refusal("1101", by_number(desk, "误", number), opter="2") for number in strangers[2:]]
    third = desk.refusal("1101", by_number(desk), opter="3")

    assert first == [NOBODY, NOBODY, BUSY]
    assert second["baseinfo"]["psn_name"] == "王秀兰"
    assert rest == [NOBODY, NOBODY]
    assert third == BUSY


def test_what_finds_its_person_or_is_refused_by_a_limit_is_no_miss(desk, limits):
    registered(desk)
    limits["guess-hospital"] = "1/hour"

    found = [desk.send("1101", by_number(desk), opter=str(each))["infcode"] for each in range(5)]
    GUESSING_HOSPITAL.spend(account := interface(desk))
    refused = desk.refusal("1101", by_number(desk))
    GUESSING_HOSPITAL.refund(account)

    assert found == [0] * 5
    assert refused == BUSY
    assert desk.send("1101", by_number(desk))["infcode"] == 0


def test_one_person_is_not_guessed_by_operators_who_change_their_names(desk, limits):
    limits.update({"guess-hospital": "100/hour", GUESSING_ACCOUNT.name: "3/hour"})

    told = [desk.refusal("1101", by_number(desk, "误"), opter=str(each)) for each in range(4)]

    assert told == [NOBODY] * 3 + [BUSY]


def test_a_visit_by_number_spends_no_look_up_where_1101_identified_its_patient(desk, limits):
    registered(desk)
    limits["identify-operator"] = "1/hour"
    desk.output("1101", by_number(desk))

    visit = desk.register(mdtrt_cert_type="02", mdtrt_cert_no=desk.patient.person.id_number)

    assert visit
    assert desk.refusal("1101", by_number(desk)) == BUSY
    assert KnownPerson.objects.get().means == "identity"


def interface(desk):
    return Account.objects.get(username=f"interface-{HOSPITAL.lower()}").pk
