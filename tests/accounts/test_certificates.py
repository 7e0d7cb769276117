"""Certificates other than the 18-digit ID number: their forms, who is found by them, a newborn beside its mother."""

from datetime import date

import pytest

from accounts import services
from accounts.certificate import Certificate, from_key, read_certificate
from accounts.models import Account, Mandate, Person, Role, hash_sought, hidden_number
from accounts.registry import RegisteredEnrollment, RegisterRecord, store
from core.errors import Invalid
from tests import factories
from tests.accounts.test_persons import WANG, error
from tests.factories import api, citizen

pytestmark = pytest.mark.django_db

PASSPORT = {"kind": "passport", "country": "DEU", "number": "C01X00T47"}
BIRTH = {"kind": "birth", "number": "Z500000026"}


def bind(account, certificate, *, name="安娜", relation="self", **more):
    body = {"name": name, "certificate": certificate, "relation": relation, "consent": True} | more
    return api(account).post("/api/v1/persons/", body)


@pytest.fixture
def registered(noon):
    """Put somebody with a certificate into the register, insured in Chongqing since the day of birth."""
    factories.area(factories.CHONGQING)

    def put(name, certificate, born, **more):
        covered = RegisteredEnrollment(factories.CHONGQING, "resident", "adult", born)
        record = RegisterRecord(
            name,
            certificate["number"],
            certificate_kind=certificate["kind"],
            certificate_country=certificate.get("country", ""),
            birth_date=born,
            enrollments=(covered,),
            **more,
        )
        store(record)
        return record

    return put


# The forms: what is typed, and its normal form; sources in accounts/certificate.py


@pytest.mark.parametrize(
    ("kind", "typed", "country", "number"),
    [
        ("id_card", "110101 19550307 0028", "", WANG),
        ("residence_permit", "810000199006150029", "", "810000199006150029"),
        ("foreigner", "931840198804120017", "", "931840198804120017"),
        # 13·7+14·3+30·1+3·7+1·3+0·1+0·7+7·3+9·1+0·7+5·3+0·1+3·7+1·3 = 256, so the check digit is 6
        ("foreigner", "deu 3100 790503 16", "", "DEU310079050316"),
        ("passport", "c01x00t47", "DE", "C01X00T47"),
        ("passport", "EA-1234567", "CHN", "EA-1234567"),
        ("travel_permit", "Ｈ12345678（03）", "", "H12345678"),
        ("travel_permit", "M1234567801", "", "M12345678"),
        ("travel_permit", "01234567", "", "01234567"),
        ("birth", "z 500000026", "", "Z500000026"),
    ],
)
def test_each_kind_has_its_form(noon, kind, typed, country, number):
    read = read_certificate(kind, typed, country)

    assert (read.kind, read.number) == (kind, number)
    assert from_key(read.key) == read


@pytest.mark.parametrize(
    ("kind", "typed", "country", "code", "attr"),
    [
        ("id_card", "810000199006150029", "", "certificate_invalid", "certificate.number"),
        ("id_card", "110101195503070027", "", "id_number_invalid", "certificate.number"),
        ("residence_permit", WANG, "", "certificate_invalid", "certificate.number"),
        ("residence_permit", "810000199006150028", "", "id_number_invalid", "certificate.number"),
        ("foreigner", "DEU310079050317", "", "certificate_invalid", "certificate.number"),
        ("foreigner", "DEU310079133216", "", "certificate_invalid", "certificate.number"),
        ("foreigner", "QQQ310079050316", "", "certificate_invalid", "certificate.number"),
        ("foreigner", "931840198804120018", "", "id_number_invalid", "certificate.number"),
        ("passport", "C01X00T47", "", "country_required", "certificate.country"),
        ("passport", "C01X00T47", "XYZ", "country_unknown", "certificate.country"),
        ("passport", "K01234567", "HKG", "country_unknown", "certificate.country"),
        ("passport", "护照", "DEU", "certificate_invalid", "certificate.number"),
        ("birth", "500000026", "", "certificate_invalid", "certificate.number"),
        ("birth", "Z500000026", "CHN", "country_needless", "certificate.country"),
        ("travel_permit", "K12345678", "", "certificate_invalid", "certificate.number"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(noon, kind, typed, country, code, attr):
    with pytest.raises(Invalid) as refused:
        read_certificate(kind, typed, country)

    (problem,) = refused.value.problems
    assert (problem.code, problem.attr) == (code, attr)


# Binding


def test_a_foreigner_is_bound_by_passport_and_shown_masked(registered):
    registered("安娜", PASSPORT, date(1987, 9, 14), sex="female", phone="13900000042")
    account = citizen()

    asked = bind(account, {"kind": "passport", "country": "de", "number": "c01x00t47"})
    api(account).post(f"/api/v1/persons/{asked.json()['id']}/verify/", {"code": "000000"})
    (shown,) = api(account).get("/api/v1/persons/").json()["results"]

    assert shown["certificate"] == {"kind": "passport", "country": "DEU", "number": "C0*****47"}
    assert (shown["id_number"], shown["birth_date"]) == ("C0*****47", "1987-09-14")

    person = Person.objects.get()
    assert (person.sex, person.certificate) == ("female", Certificate("passport", "C01X00T47", "DEU"))


def test_the_same_number_of_another_country_is_another_person(registered):
    registered("安娜", PASSPORT, date(1987, 9, 14), sex="female", phone="13900000042")
    registered("安娜", PASSPORT | {"country": "USA"}, date(1990, 1, 1), sex="female", phone="13900000043")

    bind(citizen(), PASSPORT)
    bind(citizen(), PASSPORT | {"country": "USA"})
    unknown = bind(citizen(), PASSPORT | {"country": "FRA"})

    assert [*Person.objects.order_by("birth_date").values_list("birth_date__year", flat=True)] == [1987, 1990]
    assert error(unknown) == (404, "not_registered")


def test_one_certificate_and_no_more(registered):
    neither = bind(citizen(), None)
    both = bind(citizen(), PASSPORT, id_number=WANG)

    assert error(both) == (400, "certificate_twice")
    assert neither.status_code == 400


# A newborn


def newborn(registered, mother=WANG):
    registered("王之子", BIRTH, date(2026, 11, 5), sex="male", mother=mother)


def bound_mother(wang):
    account = citizen()
    services.bind_person(account, name="王秀兰", id_number=WANG, relation="self", consent=True)
    services.verify(account, Person.objects.get().pk, "000000")
    return account


def test_a_newborn_is_bound_at_once_beside_its_mother(wang, registered):
    newborn(registered)
    account = bound_mother(wang)

    answer = bind(account, BIRTH, name="王之子", relation="child")

    assert answer.json()["mandate"]["status"] == "active"
    child = Mandate.objects.get(person__certificate_kind="birth")
    assert (child.proof, child.valid_until) == ("register", date(2042, 11, 4))


def test_a_newborn_is_not_bound_where_the_mother_is_not(wang, registered):
    newborn(registered)

    answer = bind(citizen(), BIRTH, name="王之子", relation="child")

    assert error(answer) == (409, "mother_not_bound")
    assert not Mandate.objects.exists()


def test_a_newborn_of_another_mother_is_not_bound(wang, registered):
    newborn(registered, mother="500000199507220045")

    assert error(bind(bound_mother(wang), BIRTH, name="王之子", relation="child")) == (409, "mother_not_bound")


def test_a_child_is_not_known_twice_before_its_two_certificates_are_merged(wang, registered):
    newborn(registered)
    account = bound_mother(wang)
    bind(account, BIRTH, name="王之子", relation="child")
    number = factories.id_number(date(2026, 11, 5))
    covered = RegisteredEnrollment(factories.CHONGQING, "resident", "minor", date(2026, 11, 5))
    store(RegisterRecord("王小明", number, born_as="birth::Z500000026", enrollments=(covered,)))

    body = {"name": "王小明", "id_number": number, "relation": "child", "consent": True}
    answer = api(account).post("/api/v1/persons/", body)

    assert error(answer) == (409, "merge_pending")
    assert Person.objects.filter(birth_date=date(2026, 11, 5)).count() == 1


# Staff


def test_whoever_decides_is_known_by_any_certificate(registered):
    registered("安娜", PASSPORT, date(1987, 9, 14), sex="female")
    person = services.find_registered("安娜", read_certificate(**PASSPORT), account=citizen())
    colleague = Account.objects.create_staff("anna", "x", role=Role.ADMIN)

    colleague.identify(person.certificate)

    assert colleague.identity_hash == person.id_hash


@pytest.mark.parametrize(
    ("typed", "is_a_certificates"),
    [
        ("20561399", True),  # there is no 39th day: of a permit
        ("2026 1121", False),  # of a day, as a case's number begins
        ("J20261121", False),
        ("20260302", True),  # of a day too, but somebody has this permit
    ],
)
def test_a_search_by_a_permits_number_is_not_taken_for_one_by_a_cases(registered, typed, is_a_certificates):
    owner = Person(name="林怡君", birth_date=date(1990, 1, 1))
    owner.certify(read_certificate("travel_permit", "20260302"))
    owner.save()

    hidden = hidden_number(typed)

    assert hidden.startswith("id:") == is_a_certificates
    assert (hash_sought(typed) != "") == is_a_certificates
