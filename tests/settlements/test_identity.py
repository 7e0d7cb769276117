"""Whose bill it is: the code that is bound to the first hospital, name and number instead of it, two insurances at once."""

from decimal import Decimal

import pytest

from accounts import registry
from accounts.models import Message, Voucher
from core import clock
from settlements.adjudication import case_of
from settlements.models import IdentityLookup, InsuranceYear, Settlement
from tests import factories as make
from tests.settlements.proving import assert_books_hold
from tests.settlements.test_settling import refused
from tests.settlements.till import SIMPLE, policies, till

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(SIMPLE):
        yield


@pytest.fixture
def cashier():
    """A till, and a patient whom the register knows and whose daughter may act for her."""
    patient = make.enrollment(make.person("王秀兰", number=make.id_number()))
    person = patient.person
    registry.store(
        registry.RegisterRecord(person.name, person.id_number, enrollments=(registry.as_registered(patient),))
    )
    return till(patient)


def by_identity(cashier, *, path="", key="", **given):
    """The till sends name and number; what is `given` is said otherwise. `bill` are other fields of the bill."""
    said = {
        "name": "王秀兰",
        "id_number": cashier.patient.person.id_number,
        "reason": "手机没电",
        **given.pop("identity", {}),
    }
    bill = {**cashier.bill(voucher="-", **given), "voucher": "", "identity": said}
    headers = {"HTTP_IDEMPOTENCY_KEY": key or f"key-{bill['bill_number']}"}
    return cashier.api.post(f"/api/v1/settlements/{path}", bill, format="json", **headers)


def test_a_patient_without_a_phone_is_settled_by_name_and_number(cashier):
    answer = by_identity(cashier)

    assert answer.status_code == 201

    entry = Settlement.objects.get()
    assert (entry.person_id, entry.voucher) == (cashier.patient.person_id, None)

    looked_up = IdentityLookup.objects.get()
    assert (looked_up.person_id, looked_up.institution_id) == (cashier.patient.person_id, cashier.hospital.code)
    assert (looked_up.account, looked_up.reason) == (cashier.staff, "手机没电")


def test_a_look_up_stays_on_record_when_the_bill_is_refused(cashier):
    answer = by_identity(cashier, emergency=False)

    assert refused(answer) == (409, ["filing"])
    assert not Settlement.objects.exists()
    assert IdentityLookup.objects.count() == 1
    assert Message.objects.filter(kind="looked_up", account=cashier.citizen).count() == 1


def test_the_family_hears_of_a_hospital_once_a_day(cashier):
    daughter = make.citizen(make.person("李梅"))

    make.mandate(daughter, cashier.patient.person)

    for _time in range(3):
        assert by_identity(cashier, path="quote/").status_code == 200
    assert IdentityLookup.objects.count() == 3

    told = Message.objects.filter(kind="looked_up")
    assert set(told.values_list("account", flat=True)) == {cashier.citizen.pk, daughter.pk}
    assert told.count() == 2
    with clock.standing_at(make.moment("2026-03-03 10:00")):
        assert by_identity(cashier, path="quote/").status_code == 200
    assert told.count() == 4

    other = till(cashier.patient, make.institution("H11010100002"))
    assert by_identity(other, path="quote/").status_code == 200
    assert told.filter(account=daughter).count() == 3


def test_looking_people_up_is_throttled(cashier, settings):
    settings.LIMITS = settings.LIMITS | {"identify": "2/hour"}

    answers = [by_identity(cashier, path="quote/") for _time in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert IdentityLookup.objects.count() == 2
    assert cashier.post("quote/").status_code == 200  # the code is no look-up


def test_guesses_are_counted(cashier, settings):
    """A name that does not fit tells nothing, is not on record as a look-up, and after too many nobody is found at all."""
    settings.LIMITS = settings.LIMITS | {"guess-account": "2/hour"}

    wrong = [by_identity(cashier, identity={"name": "王秀"}) for _time in range(2)]

    assert [refused(answer) for answer in wrong] == [(404, ["not_registered"])] * 2
    assert by_identity(cashier).status_code == 429
    assert not IdentityLookup.objects.exists()


@pytest.mark.parametrize("missing", ["name", "id_number", "reason"])
def test_a_look_up_names_the_person_and_the_reason(cashier, missing):
    assert refused(by_identity(cashier, identity={missing: ""})) == (400, ["required"])
    assert not IdentityLookup.objects.exists()


def test_a_code_stays_bound_to_the_hospital_that_read_it_even_if_it_refused(cashier):
    shown = cashier.voucher()

    assert refused(cashier.post(voucher=shown, emergency=False)) == (409, ["filing"])

    voucher = Voucher.objects.get()
    assert (voucher.institution_id, voucher.used_at) == (cashier.hospital.code, None)

    other = till(cashier.patient, make.institution("H11010100002"))
    assert refused(other.post(voucher=shown)) == (409, ["voucher_elsewhere"])
    assert cashier.post(voucher=shown).status_code == 201
    assert refused(cashier.post(voucher=shown, admitted_on="2026-02-01", discharged_on="2026-02-02")) == (
        409,
        ["voucher_used"],
    )


def test_without_code_and_identity_nobody_is_meant(cashier):
    bill = {**cashier.bill(voucher="-"), "voucher": ""}

    answer = cashier.api.post("/api/v1/settlements/", bill, format="json", HTTP_IDEMPOTENCY_KEY="k")

    assert refused(answer) == (400, ["required"])


@pytest.fixture
def doubly_insured():
    """Insured as an employee in 重庆, and as a resident in 成都."""
    person = make.person("王秀兰")
    return make.enrollment(person), make.enrollment(person, code=make.CHENGDU, insurance="resident")


RESIDENTS = """
area: "510100"
name: 测试
effective_from: 2020-01-01
sources: [{id: T1, title: t, publisher: p, year: 2025, grade: A}]
benefits:
  - id: stays
    insurance: resident
    care: inpatient
    source: T1
    share: {bands: [{upto: null, ratios: [{ratio: 0.50}]}]}
"""


def test_of_two_insurances_the_till_chooses_and_each_has_a_year_of_its_own(doubly_insured):
    """重庆: 10 000 less 1 000, 80 %. 成都: half, and it is the first stay of the year there."""
    employee, resident = doubly_insured
    cashier = till(employee)
    february, march = ({"admitted_on": f"2026-0{m}-01", "discharged_on": f"2026-0{m}-02"} for m in (2, 3))

    with policies(SIMPLE, RESIDENTS):
        first = cashier.settle(insured_area="500000", **february)
        second = cashier.settle(insured_area="510100", **march)
        assert_books_hold()

    assert [(row.enrollment, row.pooled) for row in (first, second)] == [(employee, 7200), (resident, 5000)]
    assert case_of(second).facts["visit"] == 1

    years = {row.area_id: (row.insurance, row.entries, row.burden) for row in InsuranceYear.objects.all()}
    assert years == {"500000": ("employee", 1, Decimal(2800)), "510100": ("resident", 1, Decimal(5000))}


def test_of_two_insurances_both_are_named_where_none_was_chosen(doubly_insured):
    answer = till(doubly_insured[0]).post()

    assert refused(answer) == (409, ["enrollment_ambiguous"] * 2)

    told = " ".join(error["detail"] for error in answer.json()["errors"])
    for words in ("insured_area=500000", "insurance=employee", "insured_area=510100", "insurance=resident"):
        assert words in told
    assert not InsuranceYear.objects.exists()


def test_a_stay_overlaps_another_whoever_paid_for_it(doubly_insured):
    cashier = till(doubly_insured[0])

    with policies(SIMPLE, RESIDENTS):
        cashier.settle(insured_area="500000", admitted_on="2026-02-01", discharged_on="2026-02-10")
        again = cashier.post(insured_area="510100", admitted_on="2026-02-05", discharged_on="2026-02-12")

    assert refused(again) == (409, ["stay_overlaps"])


def test_the_insurance_chooses_too_and_what_is_not_there_is_said(doubly_insured):
    cashier = till(doubly_insured[0])

    assert cashier.settle(insurance="employee").enrollment == doubly_insured[0]

    missing = cashier.post(insured_area="110000", admitted_on="2026-02-01", discharged_on="2026-02-02")
    assert refused(missing) == (404, ["not_insured"])


def test_an_insurance_that_has_ended_is_no_candidate(doubly_insured):
    """The one that counts on the day of admission is taken without a question."""
    employee, resident = doubly_insured

    type(resident).objects.filter(pk=resident.pk).update(valid_until="2026-02-28")

    assert till(employee).settle().enrollment == employee
