"""The demo file: what it may say, what is refused and how it is named, and what the project's own holds."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from accounts.demo_checks import Known, check
from accounts.demo_file import LAYOUT, PROJECT_DEMO, DemoFile, parse, project_sign_ins
from accounts.id_number import read_id_number
from policies.language.text import PolicyError
from regions import reference

TODAY = date(2026, 11, 21)
AREAS = {row.code: row for row in reference.areas()}
WANG = '{name: 王秀兰, id_number: "110101195503070028", enrollments: [%s]}'
ENROLLED = '{area: "500000", insurance: employee, category: retired, from: 2015-01-01}'


def pool_of(row: reference.AreaRow) -> str:
    if row.level == "pool" or row.level == row.pools_at:
        return row.code
    return row.parent if row.pools_at == "province" else ""


def known(*registered: str) -> Known:
    return Known(
        pools={code: pool_of(row) for code, row in AREAS.items()},
        diseases=frozenset(row.code for row in reference.diseases()),
        institutions=frozenset(row.code for row in reference.institutions()),
        is_registered=set(registered).__contains__,
        today=TODAY,
    )


def read(text: str) -> DemoFile:
    file = parse(text, name="demo.yaml")
    check(file, known(), name="demo.yaml")
    return file


def refused(text: str) -> list[tuple[str, str]]:
    """The entry and the code of every problem of a file."""
    with pytest.raises(PolicyError) as refusal:
        read(text)
    return [(problem.key, problem.code) for problem in refusal.value.problems]


def person(*enrollments: str, more: str = "") -> str:
    return f"persons: [{WANG % ', '.join(enrollments)}{more}]"


def test_the_line_of_the_contract_is_read_as_it_stands():
    # API.md, "The demo file", first person.
    file = read(
        """
persons:
  - {name: 王秀兰, id_number: "110101195503070028", phone: "13900000001", identity: none, guardian_of: [],
     enrollments: [{area: "500000", insurance: employee, category: retired, tier: 1, from: 2015-01-01, until: null, account_balance: 0}]}
"""
    )
    (wang,) = file.persons

    (enrollment,) = wang.enrollments

    assert (wang.name, wang.id_number, wang.phone, wang.identity) == (
        "王秀兰",
        "110101195503070028",
        "13900000001",
        "none",
    )
    assert (enrollment.area, enrollment.insurance, enrollment.category, enrollment.tier) == (
        "500000",
        "employee",
        "retired",
        1,
    )
    assert (enrollment.valid_from, enrollment.valid_until) == (date(2015, 1, 1), None)
    assert enrollment.account_balance == Decimal(0)


def test_every_list_is_optional():
    assert read("persons: []") == DemoFile()
    assert read("agencies: []\nstaff: []") == DemoFile()


def test_the_layout_shown_in_the_help_is_itself_a_valid_file():
    file = read(LAYOUT)

    assert [len(section) for section in (file.persons, file.institutions, file.agencies, file.staff)] == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("people: []", "people", "key_unknown"),
        (person(ENROLLED, more=", {name: 李雷}"), "persons[1].id_number", "key_missing"),
        (
            person(ENROLLED).replace('"110101195503070028"', "110101195503070028"),
            "persons[0].id_number",
            "code_unquoted",
        ),
        (person(ENROLLED.replace('"500000"', "500000")), "persons[0].enrollments[0].area", "code_unquoted"),
        (person(ENROLLED).replace("070028", "070027"), "persons[0].id_number", "id_number_invalid"),
        (person(ENROLLED).replace("19550307", "19550229"), "persons[0].id_number", "id_number_invalid"),
        (
            person(ENROLLED).replace("name: 王秀兰", "name: 王秀兰, phone: 13900000001"),
            "persons[0].phone",
            "code_unquoted",
        ),
        (person(ENROLLED).replace("name: 王秀兰", "name: 王秀兰, colour: red"), "persons[0].colour", "key_unknown"),
        (person(ENROLLED).replace("name: 王秀兰", "name: 王秀兰, name: 王"), "persons[0].name", "key_duplicate"),
        (person(ENROLLED.replace("500000", "999999")), "persons[0].enrollments[0].area", "area_unknown"),
        (person(ENROLLED.replace("500000", "510000")), "persons[0].enrollments[0].area", "area_not_pooling"),
        (person(ENROLLED.replace("500000", "460100")), "persons[0].enrollments[0].area", "area_not_pooling"),
        (person(ENROLLED.replace("500000", "810000")), "persons[0].enrollments[0].area", "area_not_pooling"),
        (person(ENROLLED.replace("employee", "rural")), "persons[0].enrollments[0].insurance", "value_unknown"),
        (person(ENROLLED.replace("retired", "pensioner")), "persons[0].enrollments[0].category", "value_unknown"),
        (person(ENROLLED.replace("2015-01-01", "2015-02-30")), "persons[0].enrollments[0].from", "date_invalid"),
        (person(ENROLLED.replace("2015-01-01", "soon")), "persons[0].enrollments[0].from", "date_invalid"),
        (person(ENROLLED.replace("2015-01-01", "1955-03-06")), "persons[0].enrollments[0].from", "before_birth"),
        (person(ENROLLED.replace("}", ", until: 2014-12-31}")), "persons[0].enrollments[0].until", "dates_reversed"),
        (person(ENROLLED.replace("}", ", tier: 0}")), "persons[0].enrollments[0].tier", "number_invalid"),
        (
            person(ENROLLED.replace("}", ", retired_year: 1899}")),
            "persons[0].enrollments[0].retired_year",
            "number_invalid",
        ),
        (
            person(ENROLLED.replace("}", ", account_balance: -1}")),
            "persons[0].enrollments[0].account_balance",
            "amount_negative",
        ),
        (person(ENROLLED, ENROLLED), "persons[0].enrollments[1]", "enrollment_overlaps"),
        (person(ENROLLED, more=", " + WANG % ENROLLED), "persons[1].id_number", "duplicate"),
        (
            person(ENROLLED).replace("name: 王秀兰", 'name: 王秀兰, guardian_of: ["500000202610200055"]'),
            "persons[0].guardian_of[0]",
            "person_unknown",
        ),
        (
            person(ENROLLED).replace("name: 王秀兰", 'name: 王秀兰, guardian_of: ["110101195503070028"]'),
            "persons[0].guardian_of[0]",
            "guardian_of_self",
        ),
        ('institutions: [{code: H1, name: 甲, area: "110000", level: 3}]', "institutions[0].code", "text_invalid"),
        (
            'institutions: [{code: H11010100001, name: 甲, area: "110000", level: 4}]',
            "institutions[0].level",
            "number_invalid",
        ),
        (
            'institutions: [{code: H11010100001, name: 甲, area: "510000", level: 3}]',
            "institutions[0].area",
            "area_unknown",
        ),
        (
            'institutions: [{code: H11010100001, name: 甲, area: "110000", level: 3, open: {chronic: [M07800]}}]',
            "institutions[0].open.chronic[0]",
            "disease_unknown",
        ),
        (
            f'institutions: [{{code: H11010100001, name: 甲, area: "110000", level: 3, grade: {"甲" * 21}}}]',
            "institutions[0].grade",
            "text_invalid",
        ),
        ('agencies: [{area: "510000", name: 甲}]', "agencies[0].area", "area_not_pooling"),
        ('staff: [{username: a, password: b, role: chief, area: "500000"}]', "staff[0].role", "value_unknown"),
        ("staff: [{username: a, password: b, role: reviewer}]", "staff[0].area", "workplace_wrong"),
        ("staff: [{username: a, password: b, role: hospital}]", "staff[0].institution", "workplace_wrong"),
        ('staff: [{username: a, password: b, role: admin, area: "500000"}]', "staff[0].area", "workplace_wrong"),
        (
            "staff: [{username: a, password: b, role: hospital, institution: H99999999999}]",
            "staff[0].institution",
            "institution_unknown",
        ),
        (
            "staff: [{username: a, password: b, role: admin}, {username: a, password: c, role: admin}]",
            "staff[1].username",
            "duplicate",
        ),
    ],
)
def test_a_wrong_entry_is_refused_by_name(text, key, code):
    assert (key, code) in refused(text)


def test_everything_wrong_is_reported_at_once_with_its_line():
    text = 'persons:\n  - {name: 甲, id_number: "1"}\nagencies:\n  - {area: "000000", name: 乙}\n'

    with pytest.raises(PolicyError) as refusal:
        read(text)

    assert [str(problem).split(": ")[:2] for problem in refusal.value.problems] == [
        ["demo.yaml:2", "persons[0].id_number"],
        ["demo.yaml:4", "agencies[0].area"],
    ]


def test_an_id_number_or_password_never_stands_in_a_message():
    text = person(ENROLLED).replace("070028", "070027") + "\nstaff: [{username: a, password: [hidden], role: admin}]"

    with pytest.raises(PolicyError) as refusal:
        read(text)

    assert "110101195503070027" not in str(refusal.value)
    assert "hidden" not in str(refusal.value)


def test_a_ward_may_be_in_the_register_already():
    text = person(ENROLLED).replace("name: 王秀兰", 'name: 王秀兰, guardian_of: ["500000202610200055"]')
    check(parse(text, name="x"), known("500000202610200055"), name="x")


def test_an_area_pooled_by_its_province_names_the_province():
    with pytest.raises(PolicyError, match='请写 "460000"'):
        read(person(ENROLLED.replace("500000", "460100")))


@pytest.fixture(scope="module")
def demo() -> DemoFile:
    return read(PROJECT_DEMO.read_text("utf-8"))


def test_the_projects_demo_covers_what_it_should(demo):
    enrollments = [entry for one in demo.persons for entry in one.enrollments]

    assert len(demo.persons) >= 30
    assert len({entry.area for entry in enrollments}) >= 12
    assert {entry.category for entry in enrollments} == {"active", "retired", "minor", "student", "adult", "elder"}
    assert {entry.insurance for entry in enrollments} == {"employee", "resident"}
    assert {one.identity for one in demo.persons} == {"none", "low_income", "extreme_poor", "civil_servant"}

    in_force = [
        len({entry.area for entry in one.enrollments if not entry.valid_until or entry.valid_until >= TODAY})
        for one in demo.persons
    ]

    assert Counter(in_force) == {0: 1, 1: len(demo.persons) - 2, 2: 1}  # one lapsed, one insured in two areas


def test_the_projects_demo_has_families_with_a_newborn(demo):
    numbered = [one for one in demo.persons if one.id_number]
    born = {one.id_number: read_id_number(one.id_number, today=TODAY).birth_date for one in numbered}
    wards = {number for one in demo.persons for number in one.guardian_of}
    without_number = [one for one in demo.persons if one.certificate and one.certificate.kind == "birth"]

    assert any((TODAY - born[number]).days < 60 for number in wards)
    assert [one.mother in born and (TODAY - one.birth_date).days < 60 for one in without_number] == [True]
    assert {number for number, day in born.items() if TODAY.year - day.year < 16} <= wards


def test_the_projects_demo_is_invented(demo):
    for index, one in enumerate(demo.persons):
        number = one.id_number or (one.certificate.number if len(one.certificate.number) == 18 else "")
        assert index == 0 or not number or number[2:6] == "0000"  # no county: no real number has it
        assert one.phone in ("", f"139000000{index + 1:02d}")


def test_the_projects_demo_starts_with_the_person_of_the_contract(demo):
    wang = demo.persons[0]

    assert (wang.name, wang.id_number, wang.phone) == ("王秀兰", "110101195503070028", "13900000001")

    (enrollment,) = wang.enrollments

    assert (enrollment.area, enrollment.category, enrollment.valid_from) == ("500000", "retired", date(2015, 1, 1))


def test_the_projects_demo_has_staff_for_its_areas(demo):
    by_role = {role: Counter(one.area for one in demo.staff if one.role == role) for role in ("reviewer", "supervisor")}

    assert by_role["reviewer"]["500000"] >= 2
    assert len(set(by_role["reviewer"]) & set(by_role["supervisor"])) >= 6
    assert [one.username for one in demo.staff if one.role == "admin"] == ["admin"]
    assert any(one.institution == "H11010100001" for one in demo.staff)


def test_a_reviewer_of_the_demo_is_insured_in_their_own_area(demo):
    insured = {(one.id_number, entry.area) for one in demo.persons for entry in one.enrollments}

    assert [one.username for one in demo.staff if (one.id_number, one.area) in insured] == ["cq-reviewer2"]


def test_sign_ins_to_show_first():
    first = project_sign_ins()

    assert [one.role for one in first] == ["citizen", "reviewer", "supervisor", "finance", "hospital", "admin"]
    assert (first[0].name, first[0].id_number, first[0].place) == ("王秀兰", "110101195503070028", "500000")
    assert [one.username for one in first[1:]] == ["cq-reviewer", "cq-supervisor", "cq-finance", "bj-hospital", "admin"]
    assert {one.password for one in first[1:]} == {"yidi-demo-2026"}
