"""Facts that a rule may ask for, stated by the register, the institution or the till: through enrolment, institution and quote."""

from datetime import date

import pytest

from tests import factories as make
from tests.settlements.till import policies, till

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


RULES = """
filing:
  source: T1
  vacation: {travel: local, needed: false}
  injury: {direct: true, statement: true}
  newborns: {direct: true, travel: long_term, within: 90 days}
  maternity: {direct: true}
"""
CLOSED = """
filing:
  source: T1
  vacation: {travel: local, note: 凭学生证}
  injury: {direct: false, statement: true, note: 外伤须先经参保地调查}
  newborns: {direct: false}
"""
RESIDENT = """
benefits:
  - id: resident-inpatient
    insurance: resident
    care: inpatient
    source: T1
    share:
      bands:
        - upto: null
          ratios:
            - {when: {newborn: true, travel: long_term, age_below: 1}, ratio: 0.95}
            - {when: {maternity: true}, ratio: 0.90}
            - {when: {injury: true, no_third_party: true}, ratio: 0.70}
            - {when: {travel: local, vacation: true}, ratio: 0.80}
            - {ratio: 0.60}
"""


@pytest.fixture
def student(monday):
    """A student of 重庆 at a till in 北京."""
    of = make.enrollment(make.person("李同学"), insurance="resident", category="student")
    return till(of)


def filed(at, account=None, **given):
    """An approved temporary filing for 北京, from the day of the bill."""
    return make.approved(at.patient, account, to=make.BEIJING, starts_on=date(2026, 3, 1), **given)


def stay(at, **stated):
    """What a planned stay of 10 000 yuan is answered: what the fund pays, or every code of the refusal."""
    answer = at.post("quote/", emergency=False, **stated)
    body = answer.json()
    return body["amounts"]["fund"] if answer.status_code == 200 else [error["code"] for error in body["errors"]]


def test_a_student_on_vacation_is_paid_as_at_home(student):
    with policies(RULES + RESIDENT):
        assert stay(student, vacation=True) == "8000.00"
        assert stay(student) == ["filing"]


def test_on_vacation_nobody_but_a_student(monday):
    adult = till(make.enrollment(make.person("李雷"), insurance="resident", category="adult"))

    with policies(RULES + RESIDENT):
        assert stay(adult, vacation=True) == ["filing"]


def test_where_a_vacation_needs_a_filing_the_filing_settles_as_at_home(student):
    with policies(CLOSED + RESIDENT):
        unfiled = stay(student, vacation=True)
        filed(student)

        assert unfiled == ["filing"]
        assert stay(student, vacation=True) == "8000.00"
        assert stay(student) == "6000.00"


def test_an_injury_is_settled_once_no_third_party_is_liable(student):
    with policies(RULES + RESIDENT):
        filed(student)

        assert stay(student, injury=True) == ["injury_statement"]
        assert stay(student, injury=True, no_third_party=True) == "7000.00"


def test_the_statement_may_come_with_the_filing(student):
    with policies(RULES + RESIDENT):
        account = make.citizen(student.patient.person)
        filed(student, account, injury=True, materials=[make.material(account, "injury_statement").pk])

        assert stay(student, injury=True) == "7000.00"


def test_what_is_not_settled_directly_says_to_claim(student):
    with policies(CLOSED + RESIDENT):
        filed(student)

        answer = student.post("quote/", emergency=False, injury=True, no_third_party=True)
        newborn, birth = stay(student, newborn=True), stay(student, maternity=True)

    (error,) = answer.json()["errors"]

    assert (answer.status_code, error["code"]) == (409, "injury")
    assert error["detail"].startswith(
        "重庆市的外伤不跨省直接结算。外伤须先经参保地调查。请先自费就医，再持票据回参保地申请手工报销。"
    )
    assert (newborn, birth) == (["newborn"], ["maternity"])


def test_a_newborn_under_its_mother_and_childbirth(student):
    with policies(RULES + RESIDENT):
        filed(student)

        assert stay(student, newborn=True) == "9500.00"
        assert stay(student, maternity=True) == "9000.00"


def test_the_term_of_newborns_is_counted_from_the_birth_to_the_admission(student):
    """The stay begins on 1 March 2026, the 90th day after 1 December 2025 (30 + 31 + 28 + 1) and the 91st after 30 November."""
    with policies(RULES + RESIDENT):
        filed(student)

        assert stay(student, newborn=True, born_on="2025-12-01") == "9500.00"
        assert stay(student, newborn=True, born_on="2025-11-30") == ["newborn"]
        assert stay(student, newborn=True, born_on="2026-03-02") == ["born_after_admission"]


def test_childbirth_is_a_stay(student):
    answer = student.post("quote/", care="outpatient", discharged_on=None, maternity=True)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "maternity_inpatient")


def test_the_eligibility_names_what_is_stated_and_what_to_do(student):
    client = make.api(make.citizen(student.patient.person))
    asked = {"enrollment": student.patient.pk, "institution": student.hospital.code, "care": "inpatient"}

    with policies(RULES + RESIDENT):
        on_vacation = client.get("/api/v1/eligibility/", {**asked, "vacation": "true"}).json()
        injured = client.get("/api/v1/eligibility/", {**asked, "vacation": "true", "injury": "true"}).json()

    assert (on_vacation["direct"], on_vacation["travel"]) == (True, "local")
    failed = [condition for condition in injured["conditions"] if not condition["met"]]
    assert [condition["code"] for condition in failed] == ["injury_statement"]
    assert "签署外伤无第三方责任承诺书" in failed[0]["remedy"]


PHARMACY = """
filing:
  source: T1
  exempt: [{to: [country], care: [pharmacy], travel: long_term}]
benefits:
  - id: employee-chronic
    insurance: employee
    care: chronic
    source: T1
    share:
      bands:
        - upto: null
          ratios:
            - {when: {institution_kind: pharmacy}, ratio: 0.75}
            - {when: {institution_kind: hospital}, ratio: 0.60}
  - {id: employee-inpatient, insurance: employee, care: inpatient, source: T1, share: {bands: [{upto: null, ratios: [{ratio: 0.60}]}]}}
"""


@pytest.fixture
def account():
    return make.citizen()


@pytest.fixture
def pharmacy(monday, recognised):
    """A patient whose high blood pressure is recognised, at a pharmacy in 北京 that is open for its drugs."""
    shop = make.institution(
        "P11010100001", name="示范大药房", kind="pharmacy", level=0, inpatient=False, chronic=["M03900"]
    )
    at = till(hospital=shop)
    make.diseases()
    recognised()
    return at


def drugs(at, disease="M03900", **given):
    return stay(at, care="chronic", disease=disease, discharged_on=None, cost={"total": "400.00"}, **given)


def test_the_till_of_a_pharmacy_settles_the_drugs_of_the_diseases_it_is_open_for(pharmacy):
    """Pharmacies are exempt from filing here, hospitals are not; 75 % of 400 yuan."""
    hospital = till(pharmacy.patient, make.institution("H11010100009", chronic=["M03900"]))

    with policies(PHARMACY):
        assert drugs(pharmacy) == "300.00"
        assert drugs(pharmacy, "M01600") == ["institution_disease"]
        assert drugs(hospital) == ["filing"]


def test_an_exemption_of_chronic_care_is_not_one_of_pharmacies(pharmacy):
    with policies(PHARMACY.replace("care: [pharmacy]", "care: [chronic]")):
        assert drugs(pharmacy) == ["filing"]


def test_nobody_lies_in_a_pharmacy_not_even_at_home(pharmacy):
    at_home = make.institution("P50000000001", place=make.CHONGQING, kind="pharmacy", level=0, inpatient=False)

    with policies(PHARMACY):
        assert stay(pharmacy) == ["institution"]
        assert stay(till(pharmacy.patient, at_home)) == ["institution"]
