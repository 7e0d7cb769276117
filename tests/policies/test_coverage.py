"""What we know before anyone trusts a figure: `GET policies/coverage/`, by small files whose answers are plain to see."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from policies import coverage as coverages
from policies import published, publishing
from policies.coverage import coverage
from policies.language.loader import load_text
from policies.language.terms import CARES, INSURANCES, TRAVELS
from tests.policies.policy_texts import keeper

HEAD = """\
area: "370900"
name: 泰安市基本医疗保险
effective_from: 2020-01-01
checked_on: 2026-11-28
sources:
  - {id: A1, title: 待遇表, publisher: 某局, grade: A}
  - {id: B1, title: 报道, publisher: 某报, grade: B}
  - {id: C1, title: 便民页, publisher: 某站, grade: C}
  - {id: D1, title: 不可靠, publisher: 某站, grade: D}
benefits:
"""
STAY = """\
  - id: stay
    insurance: employee
    care: inpatient
    not_known:
      - {when: {level_below: 3, travel: [local, long_term]}, reason: 没有找到三级以下医院的标准, source: D1}
      - {when: {travel: unfiled}, reason: 没有找到未备案的标准。}
      - {when: {travel: emergency, distance: same_province}, reason: 没有找到省内急诊的标准}
    not_covered: [{when: {travel: other}, reason: 临时外出不予报销。, source: B1}]
    first_pay: [{when: {travel: referral}, ratio: 0.10, source: C1}]
    deductible: {amounts: [{amount: 600, source: A1}]}
    share:
      bands: [{upto: null, ratios: [{ratio: 0.86, source: A1}]}]
      adjust: [{when: {person: retired, travel: emergency}, points: 2, source: B1}]
"""
CHRONIC = """\
  - id: chronic
    insurance: employee
    care: chronic
    diseases: [M03900]
    share: {bands: [{upto: null, ratios: [{ratio: 0.7, source: A1}]}]}
  - {id: others, insurance: employee, care: chronic, not_known: [{reason: 没有找到其他病种的标准}], share: {bands: [{upto: null, ratios: []}]}}
"""
ADDRESS = "/api/v1/policies/coverage/"


def known_of(benefits: str, care: str = "inpatient", travel: str = "local"):
    policy = load_text(HEAD + benefits, "file.yaml")
    (row,) = [one for one in coverage(policy) if (one.insurance, one.care, one.travel) == ("employee", care, travel)]
    return row


def rows(response) -> list[dict]:
    assert response.status_code == 200, response.content
    return response.json()["results"]


@pytest.fixture
def taian(db, two_areas):
    text = HEAD + STAY
    publishing.publish_file(load_text(text, "370900-new.yaml"), text)
    published.refresh()


def test_every_insurance_care_and_way_has_its_row():
    found = [(row.insurance, row.care, row.travel) for row in coverage(load_text(HEAD + STAY, "file.yaml"))]

    assert found == [(insurance, care, travel) for insurance in INSURANCES for care in CARES for travel in TRAVELS]


def test_known_is_what_has_an_answer_in_every_case():
    row = known_of(STAY, travel="referral")

    assert (row.known, row.cases, row.known_cases) == (True, 12, 12)  # two persons, three levels, two distances
    assert (row.known_for, row.reason) == ((), "")


def test_known_in_some_cases_says_in_which_and_why_not_in_others():
    row = known_of(STAY, travel="local")

    assert (row.known, row.cases, row.known_cases) == (False, 6, 2)
    assert (row.known_for, row.reason) == (("三级医院",), "没有找到三级以下医院的标准")


def test_known_outside_the_province_only():
    row = known_of(STAY, travel="emergency")

    assert (row.known_cases, row.known_for, row.reason) == (6, ("跨省异地",), "没有找到省内急诊的标准")


def test_known_in_no_case_says_why():
    row = known_of(STAY, travel="unfiled")

    assert (row.known, row.known_cases, row.grade) == (False, 0, None)
    assert row.reason == "没有找到未备案的标准"


def test_not_covered_is_an_answer():
    row = known_of(STAY, travel="other")

    assert (row.known, row.grade, row.reason) == (True, "B", "临时外出不予报销")


def test_the_grade_is_of_the_weakest_source_that_decides_what_is_known():
    grades = {travel: known_of(STAY, travel=travel).grade for travel in ("local", "referral", "emergency")}

    assert grades == {"local": "A", "referral": "C", "emergency": "B"}  # D1 only says what is not known


def test_what_the_answers_leave_out_is_listed_once():
    missing = "not_included: [{kind: fund, fund: serious_illness, care: [inpatient], reason: 没有找到大病的标准}]\n"

    stay, disease = (known_of(STAY + CHRONIC + missing, care=care) for care in ("inpatient", "chronic"))

    assert stay.not_included == (("fund", "serious_illness", "没有找到大病的标准"),)
    assert disease.not_included == ()


def test_a_disease_that_is_known_is_named():
    row = known_of(CHRONIC, care="chronic")

    assert row.known_for == ("高血压",)
    assert row.known_cases * 10 == row.cases  # of ten diseases one


def test_what_a_text_answers_is_asked_once(monkeypatch):
    policy = load_text(HEAD + STAY + "# of this test\n", "file.yaml")
    first = coverage(policy)
    monkeypatch.setattr(coverages, "compile_policy", lambda file: pytest.fail("compiled again"))

    again = coverage(policy)

    assert again is first


def test_the_rows_of_an_area(api, taian):
    found = rows(api.get(f"{ADDRESS}?area=370900&insurance=employee&care=inpatient&travel=local"))

    assert found == [
        {
            "area": "370900",
            "area_name": "泰安市基本医疗保险",
            "insurance": "employee",
            "care": "inpatient",
            "travel": "local",
            "known": False,
            "cases": 6,
            "known_cases": 2,
            "known_for": ["三级医院"],
            "reason": "没有找到三级以下医院的标准",
            "grade": "A",
            "not_included": [],
            "checked_on": "2026-11-28",
            "policy": "370900-new",
        }
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 36),
        ("&insurance=resident", 18),
        ("&care=inpatient", 12),
        ("&travel=other", 6),
        ("&known=true", 2 + 18 + 12),  # employees' stays by referral and temporary; nothing else is covered at all
        ("&known=false", 4),
    ],
)
def test_rows_are_filtered(api, taian, query, count):
    assert api.get(f"{ADDRESS}?area=370900{query}").json()["count"] == count


def test_every_area_with_benefits_has_its_rows(api, two_areas):
    areas = {
        policy.file.area for policy in published.counting() if policy.holds(date(2026, 3, 2)) and policy.file.benefits
    }

    answer = api.get(f"{ADDRESS}?page_size=100").json()

    assert answer["count"] == 36 * len(areas)
    assert answer["next"]


def test_a_city_without_a_file_has_its_provinces(api, two_areas):
    text = (HEAD + STAY).replace('"370900"', '"510000"')
    publishing.publish_file(load_text(text, "510000-new.yaml"), text)
    published.refresh()

    found = rows(api.get(f"{ADDRESS}?area=510700&page_size=1"))

    assert [(row["area"], row["policy"]) for row in found] == [("510700", "510000-new")]


def test_an_area_of_which_nothing_is_known_has_no_rows(api, db):
    assert rows(api.get(f"{ADDRESS}?area=999999")) == []


def test_areas_are_found_by_name_pinyin_and_initials(api, two_areas):
    for text in ("成都", "chengdu", "cd"):
        assert {row["area_name"] for row in rows(api.get(f"{ADDRESS}?q={text}&page_size=100"))} == {"成都市"}
    assert rows(api.get(f"{ADDRESS}?q=没有这个地方")) == []


def test_a_page_is_one_query(api, two_areas, django_assert_num_queries):
    with django_assert_num_queries(1):
        api.get(f"{ADDRESS}?care=inpatient")


def test_whoever_has_the_answer_need_not_get_it_again(api, two_areas):
    first = api.get(f"{ADDRESS}?area=510100")

    again = api.get(f"{ADDRESS}?area=510100", HTTP_IF_NONE_MATCH=first["ETag"])

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize("query", ["care=dental", "travel=abroad", "insurance=none", "known=perhaps"])
def test_what_cannot_be_asked_is_refused(api, db, query):
    response = api.get(f"{ADDRESS}?{query}")

    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, query.split("=")[0])


PAGE = reverse("admin:policies_policyversion_coverage")


@pytest.fixture
def desk():
    """An administrator's browser."""
    client = Client()
    client.force_login(keeper(role="admin", area=None), backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_staff_see_every_area_in_one_table(two_areas, desk):
    answer = desk.get(PAGE)

    lines = answer.context["lines"]
    assert {len(line.cells) for line in lines} == {18}
    assert "成都市" in shown(answer)


def test_staff_find_an_area_and_why_something_is_not_known(two_areas, desk):
    text = (HEAD + STAY).replace('"370900"', '"510100"')
    publishing.publish_file(load_text(text, "510100-new.yaml"), text)
    published.refresh()

    answer = desk.get(f"{PAGE}?q=成都&insurance=employee")

    (line,) = answer.context["lines"]
    assert [(cell.look, cell.grade) for cell in line.cells[:6]] == [
        ("some", "A"),
        ("some", "A"),
        ("all", "C"),
        ("some", "B"),
        ("none", "B"),
        ("unknown", ""),
    ]
    assert "2026-11-28" in shown(answer)
    assert ("住院：本地就医、异地长期居住", "没有找到三级以下医院的标准", "三级医院") in [
        (reason.what, reason.why, reason.only) for reason in line.reasons
    ]


def test_staff_are_told_why_nothing_is_found(two_areas, desk):
    assert "没有找到“无名市”：没有这个统筹区，或者没有一份政策文件写到它的待遇。" in shown(desk.get(f"{PAGE}?q=无名市"))


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("supervisor", 200), ("reviewer", 403), ("citizen", 302)])
def test_who_keeps_policies_sees_the_table(two_areas, role, status):
    client = Client()
    client.force_login(keeper(role=role), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(PAGE).status_code == status


def test_the_list_of_versions_leads_to_the_table(two_areas, desk):
    assert PAGE in shown(desk.get(reverse("admin:policies_policyversion_changelist")))
