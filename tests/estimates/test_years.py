"""How the insurance year stands: what it has come to, what is left of it. Figures by hand from 重庆's and 北京's files."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from estimates.remaining import LEVELS, NextVisit, expected, remaining_for
from policies.engine import Case, compile_policy, settle
from policies.language.examples import Cost
from policies.language.loader import SHIPPED, load_path
from policies.published import compiled, in_force
from tests import factories as make
from tests.policies.small import SERIOUS, inpatient

URL = "/api/v1/settlement-years/"
ZERO = Decimal(0)


def ask(client, **query):
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def care(year, name):
    return next(row for row in year["cares"] if row["care"] == name)


def deductibles(of):
    return {tuple(row["for_levels"]): (row["amount"], row["left"]) for row in of["deductibles"]}


def test_the_running_year_stands_there_before_the_first_bill(client, enrolled):
    (year,) = ask(client)

    assert (year["year"], year["until"], year["current"]) == ("2026-01-01", "2026-12-31", True)
    assert (year["bills"], year["total"], year["own"], year["burden"]) == (0, "0.00", "0.00", "0.00")
    assert (year["person_name"], year["area_name"]) == ("王*兰", "重庆市")
    assert (year["policy"]["id"], year["counters"], year["thresholds"]) == ("500000-chongqing-2025", [], [])


def test_of_chongqing_the_first_stay_costs_by_the_level_of_the_hospital(client, enrolled):
    """CQ1: 880, 440, 200; no file says up to how much an employee is paid."""
    stay = care(ask(client)[0], "inpatient")

    assert deductibles(stay) == {(3,): ("880.00", "880.00"), (2,): ("440.00", "440.00"), (1, 0): ("200.00", "200.00")}
    assert {(row["period"], row["used"]) for row in stay["deductibles"]} == {("admission", "0.00")}
    assert (stay["visit"], stay["caps"], stay["refused"]) == (1, [], "")
    assert (stay["travel"], stay["travel_because"]) == ("local", "home")
    assert stay["deductibles"][0]["source"]["id"] == "CQ1"
    assert stay["deductibles"][2]["levels_label"] == "一级医院、社区（一级以下）"


def test_what_no_source_says_is_said(client, enrolled):
    visits = care(ask(client)[0], "outpatient")

    assert visits["refused"] == "没有找到重庆市职工医保普通门诊的待遇"
    assert (visits["deductibles"], visits["caps"]) == ([], [])


def test_who_lives_elsewhere_is_told_what_counts_there(client, enrolled, account):
    make.approved(enrolled, account, to="110000", filing_type="resident", materials=[papers(account)])

    stay = care(ask(client)[0], "inpatient")

    assert (stay["travel"], stay["travel_label"], stay["travel_because"]) == ("long_term", "异地长期居住", "filing")
    assert deductibles(stay)[(3,)] == ("880.00", "880.00")


def papers(account):
    return make.material(account, "residence_permit").pk


def test_residents_have_caps_and_a_threshold(client, account, enrolled):
    child = make.person("李子涵", born=date(2016, 5, 14))
    make.enrollment(child, insurance="resident", category="minor")
    make.mandate(account, child)

    year = next(row for row in ask(client, person=str(child.pk)))

    stay, visits = care(year, "inpatient"), care(year, "outpatient")

    assert deductibles(stay) == {(3,): ("800.00", "800.00"), (2,): ("300.00", "300.00"), (1, 0): ("100.00", "100.00")}

    (cap,) = stay["caps"]
    assert (cap["kind"], cap["of"], cap["amount"], cap["used"], cap["left"]) == (
        "pooled_cap",
        "pooled",
        "80000.00",
        "0.00",
        "80000.00",
    )

    (illness,) = year["thresholds"]
    assert (illness["fund"], illness["label"], illness["cares"]) == ("serious_illness", "大病保险", ["inpatient"])
    assert (illness["amount"], illness["burden"], illness["left"], illness["cap"]) == (
        "17833.00",
        "0.00",
        "17833.00",
        "200000.00",
    )

    # 重庆 pays outpatient care of residents up to level 2 only, 300 a year
    closed, second, first = visits["deductibles"]
    assert (closed["for_levels"], closed["amount"]) == ([3], None)
    assert closed["reason"] == "重庆市城乡居民医保不支付三级医院的普通门诊费用。"
    assert (second["for_levels"], second["period"], second["amount"]) == ([2], "year", "200.00")
    assert (first["for_levels"], first["amount"]) == ([1, 0], "0.00")
    assert [(row["label"], row["amount"]) for row in visits["caps"]] == [("年度限额", "300.00")]


def test_an_enrolment_that_ended_has_no_running_year(client, enrolled):
    enrolled.valid_until = date(2025, 12, 31)

    enrolled.save()

    assert ask(client) == []


def test_an_area_nobody_knows_the_policy_of_says_so(client, account):
    make.enrollment(make.Person.objects.first(), code="820000")

    year = next(row for row in ask(client) if row["area"] == "820000")

    assert (year["policy"], year["cares"], year["bills"]) == (None, [], 0)
    assert year["reason"].startswith("没有查到该参保地在这一年的待遇政策")


def test_nobody_elses_year(client, enrolled):
    stranger = make.enrollment()

    assert client.get(URL, {"enrollment": str(stranger.pk)}).status_code == 404
    assert client.get(URL, {"person": str(stranger.person_id)}).status_code == 404
    assert {row["enrollment"] for row in ask(client)} == {str(enrolled.pk)}


def test_eight_queries_however_many_they_are(client, account, enrolled):
    """The token with its account; the mandates; the enrolments; the years, their counters, what was settled; filings; recognitions."""
    for _ in range(3):
        another = make.person()
        make.enrollment(another, insurance="resident", category="adult")
        make.mandate(account, another)

    with CaptureQueriesContext(connection) as captured:
        assert len(ask(client)) == 4

    assert len(captured) == 8


def following(file, *, admissions=None, year=None, **facts):
    known = {"insurance": "employee", "care": "inpatient", "travel": "local", **facts}
    sums = {name: Decimal(amount) for name, amount in (year or {}).items()}
    return remaining_for(
        compile_policy(file),
        NextVisit(facts=expected(known, "500000"), admissions=admissions or {}, so_far=lambda _counter: sums),
    )


SHARE = "share: {bands: [{upto: null, ratios: [{ratio: 0.8}]}]}"


def test_a_years_deductible_less_what_it_has_taken():
    """1 000 a year, 600 taken: 400 are left; nothing is left once more was taken than the rule now asks for."""
    file = inpatient(f"deductible: {{period: year, amounts: [{{amount: 1000}}]}}\n{SHARE}")

    (figure,) = following(file, year={"deductible": "600"}).deductibles

    assert (figure.levels, figure.period, figure.amount, figure.used, figure.remaining) == ((), "year", 1000, 600, 400)

    (figure,) = following(file, year={"deductible": "1200"}).deductibles
    assert figure.remaining == 0


def test_the_next_admission_and_what_the_years_deductibles_may_come_to_together():
    """The second stay at a level costs half of 1 000; of 1 300 a year 1 000 are taken, so 300 are left of 500."""
    rule = "{period: admission, annual_max: 1300, amounts: [{when: {visit_at_level: 1}, amount: 1000}, {amount: 500}]}"
    file = inpatient(f"deductible: {rule}\n{SHARE}")

    second, first = following(file, admissions={3: 1}, year={"deductible": "1000"}).deductibles

    assert (second.levels, second.amount, second.remaining) == ((3,), 500, 300)
    assert (first.levels, first.amount, first.remaining) == ((2, 1, 0), 1000, 300)


def test_a_share_of_the_bill_is_no_sum_before_there_is_one():
    rule = "{amounts: [{percent_of_total: 0.2, min: 2000, max: 10000}]}"

    (figure,) = following(inpatient(f"deductible: {rule}\n{SHARE}")).deductibles

    assert (figure.amount, figure.remaining) == (None, None)
    assert figure.reason == "按费用总额的20%计算，最低2000.00元，最高10000.00元。"


def test_what_depends_on_the_class_of_the_hospital_is_not_guessed():
    """Special hospitals cost 2 000 instead of 1 000; the cap is the same at all."""
    rule = "{amounts: [{when: {class: special}, amount: 2000}, {amount: 1000}]}"
    file = inpatient(f"deductible: {rule}\n{SHARE}\nannual_cap: {{of: pooled, amount: 9000}}")

    remaining = following(file, year={"pooled": "9500"})

    (figure,) = remaining.deductibles

    assert (figure.amount, figure.remaining, figure.reason) == (
        None,
        None,
        "因医院类别而不同，就医时才能确定。",
    )
    assert (figure.least, figure.most) == (1000, 2000)

    (cap,) = remaining.ceilings
    assert (cap.amount, cap.used, cap.remaining) == (9000, 9500, 0)


def test_what_depends_on_a_year_of_retirement_that_the_register_lacks_is_not_guessed():
    """Retired before 2001: 700 a year instead of 1 200."""
    early = "{when: {person: retired, retired_year_below: 2001}, amount: 700}"
    file = inpatient(f"deductible: {{amounts: [{early}, {{amount: 1200}}]}}\n{SHARE}")

    (unknown,) = following(file, person="retired").deductibles
    known = [following(file, person="retired", retired_year=year).deductibles[0].amount for year in (2000, 2001)]
    (active,) = following(file, person="active").deductibles

    assert (unknown.least, unknown.most) == (700, 1200)
    assert unknown.reason == "因退休年份而不同，就医时才能确定。"
    assert known == [700, 1200]
    assert active.amount == 1200


def test_where_one_goes_counts_only_away_from_home():
    rule = "{amounts: [{when: {distance: other_province}, amount: 2000}, {amount: 1000}]}"

    file = inpatient(f"deductible: {rule}\n{SHARE}")

    assert following(file).deductibles[0].amount == 1000
    assert following(file, travel="long_term").deductibles[0].reason == ("因就医地而不同，就医时才能确定。")


def test_the_burden_towards_the_next_fund():
    """2 000 before 大病 pays, 1 000 for those on low income; the burden so far is 1 500."""
    file = inpatient(SHARE, SERIOUS)

    (figure,) = following(file, year={"burden": "1500"}).thresholds

    assert (figure.fund, figure.amount, figure.used, figure.remaining) == ("serious_illness", 2000, 1500, 500)

    (figure,) = following(file, year={"burden": "1500"}, identity="low_income").thresholds
    assert (figure.amount, figure.remaining) == (1000, 0)


@pytest.mark.parametrize(("visit", "amount"), [(0, "1300.00"), (1, "650.00"), (2, "650.00")])
def test_of_beijing_the_first_stay_costs_1300_and_every_later_650(visit, amount):
    """BJ1, whatever the level; 500 000 a year."""
    known = {"insurance": "employee", "care": "inpatient", "travel": "local", "person": "active", "age": 45}
    policy = compiled(in_force("110000", date(2026, 3, 2)))
    remaining = remaining_for(
        policy, NextVisit(facts=expected(known, "110000"), admissions={3: visit}, so_far=lambda _counter: {})
    )

    (figure,) = remaining.deductibles

    assert (figure.levels, f"{figure.amount}") == ((), amount)
    assert [(cap.amount, cap.remaining) for cap in remaining.ceilings] == [(500000, 500000)]


SO_FAR = {"scope": 900, "deductible": 150, "pooled": 100, "burden": 5000, "month_deductible": 20, "month_pooled": 40}


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("[0-9]*.yaml")), ids=lambda path: path.stem)
def test_what_is_left_is_what_the_engine_takes_of_the_next_bill(file):
    """Of a bill of ten million, at every level, at home and living elsewhere: all that is left, and no more than that."""
    policy = compile_policy(load_path(file))
    sums = {name: Decimal(amount) for name, amount in SO_FAR.items()}
    for known in every_next(policy.file):
        visit = NextVisit(facts=expected(known, policy.file.area), admissions={3: 1}, so_far=lambda _counter: sums)
        remaining = remaining_for(policy, visit)
        for level in LEVELS:
            given = Case(
                facts=visit.at(level),
                cost=Cost(total=Decimal(10_000_000)),
                year_to_date=sums,
                account_balance=ZERO,
            )
            result = settle(policy, given)
            at_level = [figure for figure in remaining.deductibles if not figure.levels or level in figure.levels]
            if result.refused:
                assert remaining.refused or [figure.reason for figure in at_level] == [result.reason]
                continue
            (deductible,) = at_level
            assert deductible.remaining in (None, result.amounts["deductible"])
            for cap in remaining.ceilings:
                if cap.measure == "pooled" and cap.remaining is not None and (not cap.levels or level in cap.levels):
                    assert result.amounts["pooled"] <= cap.remaining


def every_next(file):
    """Somebody of each category in each insurance and care of a file, at home and with a long-term filing."""
    people = {"employee": ("active", "retired"), "resident": ("minor", "student", "adult", "elder")}
    for benefit in file.benefits or ():
        for category in people[benefit.insurance]:
            for travel in ("local", "long_term"):
                yield {
                    "insurance": benefit.insurance,
                    "care": benefit.care,
                    "person": category,
                    "age": 45,
                    "travel": travel,
                    **({"disease": "M01600", "diseases_recognised": 1} if benefit.care == "chronic" else {}),
                }
