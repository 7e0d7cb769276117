"""What would I pay? Figures by hand against the shipped files of 重庆 and others (API.md, Before the visit)."""

from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from tests import factories as make
from tests.insured import HOSPITAL
from tests.settlements.till import policies, till

URL = "/api/v1/estimates/"
TRAVELS = ["local", "long_term", "referral", "emergency", "other", "unfiled"]
CHONGQING = {
    "area": "500000", "insurance": "employee", "person": "active", "age": 45, "care": "inpatient", "level": 3,
    "cost": {"total": "20000.00"},
}  # fmt: skip


def ask(client, **changes):
    answer = client.post(URL, {**CHONGQING, **changes})
    assert answer.status_code == 200, answer.json()
    return answer.json()


def some(amounts, *names):
    return tuple(amounts[name] for name in names)


def test_the_figures_of_chongqing_side_by_side(client):
    """880 and 85 % at home and long-term; unfiled 880 × 1.05 = 924.00 and 80 %: (20000 − 924) × 0.80 = 15260.80."""
    answer = ask(client)

    results = answer["results"]

    assert list(results) == TRAVELS

    unfiled = some(results["unfiled"]["amounts"], "total", "scope", "deductible", "pooled", "fund", "own", "cash")
    assert unfiled == ("20000.00", "20000.00", "924.00", "15260.80", "15260.80", "4739.20", "4739.20")
    for travel in ("local", "long_term", "emergency"):
        assert some(results[travel]["amounts"], "deductible", "pooled", "own") == ("880.00", "16252.00", "3748.00")


def test_the_lines_name_sources_that_stand_beside_them(client):
    answer = ask(client)

    policy, lines = answer["policy"], answer["results"]["unfiled"]["lines"]
    named = {source["id"]: source for source in policy["sources"]}

    deductible = next(line for line in lines if line["step"] == "deductible")

    assert (policy["id"], policy["effective_from"]) == ("500000-chongqing-2025", "2025-01-01")
    assert len(policy["sha256"]) == 64
    assert deductible["amount"] == "924.00"
    assert "1.05" in deductible["formula"]
    assert {line["source"] for line in lines} - {None} <= named.keys()
    assert set(named[deductible["source"]]) == {"id", "title", "publisher", "year", "url", "grade"}


def test_the_policy_of_the_day(client):
    assert ask(client, on="2024-12-31")["policy"]["id"] == "500000-chongqing-2022"
    assert ask(client, on="2025-01-01")["policy"]["id"] == "500000-chongqing-2025"


def test_the_best_way_and_what_it_takes(client):
    """南京 (RULES.md §4): 900, then 90 %, unfiled 20 points less: 2810 and 6630; of equals the filing that takes least."""
    answer = ask(client, area="320100")

    best = answer["best"]

    assert (best["travel"], best["own"], best["saves"]) == ("other", "2810.00", "3820.00")
    assert best["takes"] == "就医前办理“其他跨省临时外出就医人员”备案（出院结算前补办也可）。"
    assert (best["lasting"], best["direct"]) == (False, True)
    assert [(way["travel"], way["saves"]) for way in answer["ways"]] == [
        ("other", "3820.00"),
        ("referral", "3820.00"),
        ("long_term", "3820.00"),
        ("unfiled", "0.00"),
    ]


def test_a_way_of_which_no_source_says_what_it_pays_comes_last(client):
    """重庆: no page says what temporary stays are paid (its file)."""
    answer = ask(client)

    assert answer["results"]["other"]["refused"] == "not_known"
    assert "重庆市" in answer["results"]["other"]["reason"]
    assert [(way["travel"], way["saves"]) for way in answer["ways"]] == [
        ("long_term", "991.20"),
        ("unfiled", "0.00"),
        ("other", None),
        ("referral", None),
    ]
    assert (answer["best"]["travel"], answer["best"]["lasting"]) == ("long_term", True)


def test_the_best_way_may_be_for_those_who_live_there_and_says_so(client):
    """杭州 (RULES.md §4): 800, then 82 %; referral 10 % first, other care 20 % first.

    19200 × 18 % + 800 = 4256; 2000 + 800 + 17200 × 18 % = 5896; 4000 + 800 + 15200 × 18 % = 7536.
    """
    ways = [way for way in ask(client, area="330100")["ways"] if way["travel"] != "unfiled"]

    assert [(way["travel"], way["own"], way["lasting"]) for way in ways] == [
        ("long_term", "4256.00", True),
        ("referral", "5896.00", False),
        ("other", "7536.00", False),
    ]
    assert ways[0]["takes"].startswith("适用于在就医地居住或工作3个月以上的人：先办理异地长期居住备案（")
    assert ways[1]["takes"] == "由参保地三级定点医院开具转诊证明，并办理“异地转诊就医人员”备案。"


def test_exempt_places_are_a_way_without_a_filing(client):
    make.institution("H51010100001", place="510100")

    answer = ask(client, institution="H51010100001")

    best = answer["best"]

    assert (best["travel"], best["takes"], best["types"]) == ("long_term", "到成都市就医免备案，无需办理。", [])
    assert best["source"]["title"] == "重庆到四川自2022年8月起免备案"


def test_in_the_insured_area_there_is_one_way(client):
    make.institution("H50000000001", place="500000")

    answer = ask(client, institution="H50000000001")

    assert [way["travel"] for way in answer["ways"]] == ["local"]
    assert answer["best"]["saves"] == "991.20"


def test_the_travel_that_is_stated_is_marked(client):
    assert ask(client, travel="referral")["chosen"] == "referral"
    assert ask(client)["chosen"] is None


@pytest.mark.parametrize(
    ("changed", "attr", "detail"),
    [
        ({"cost": {"total": "99999999999"}}, "cost.total", "不到一百亿元"),
        ({"care": "chronic"}, "disease", "病种编码，如 M03900"),
        ({"care": None}, "care", "care 应为"),
    ],
)
def test_what_is_wrong_says_what_to_write(client, changed, attr, detail):
    answer = client.post(URL, {**CHONGQING, **changed})

    (error,) = answer.json()["errors"]

    assert (answer.status_code, error["attr"]) == (400, attr)
    assert detail in error["detail"]


def test_refusals_carry_their_reason(client):
    """No page says what 重庆 pays employees for outpatient care (its file); nobody knows a price, so nothing is best."""
    answer = ask(client, care="outpatient")

    for travel in TRAVELS:
        assert answer["results"][travel]["refused"] == "not_known"
        assert answer["results"][travel]["reason"] == "没有找到重庆市职工医保普通门诊的待遇"
    assert answer["best"] is None
    assert {way["own"] for way in answer["ways"]} == {None}


def test_what_nobody_stated_is_taken_to_be_another_province_and_said(client):
    assert ask(client)["assumed"] == ["distance"]
    assert ask(client)["facts"]["distance"] == "other_province"
    assert ask(client, destination="500000")["facts"]["distance"] == "same_province"
    assert ask(client, distance="same_province")["assumed"] == []


def test_the_year_so_far_and_the_account(client):
    """The cap of a resident of 8万, 5 000 of it left: 10100 − 100 = 10000 × 80 % = 8000, cut to 5000.00."""
    answer = ask(
        client, insurance="resident", person="adult", level=1, cost={"total": "10100"}, travel="local",
        year_to_date={"pooled": "75000.00"}, account_balance="100.50",
    )  # fmt: skip

    amounts = answer["results"]["local"]["amounts"]

    assert some(amounts, "deductible", "pooled", "own", "account", "cash") == (
        "100.00", "5000.00", "5100.00", "100.50", "4999.50",
    )  # fmt: skip


def test_a_bill_item_by_item(client):
    """C 300 excluded; B 100 over a limit of 80: over 20, first 80 × 0.10 = 8; A 20000: scope 20400 − 328 = 20072."""
    items = [
        {"name": "床位费", "class": "A", "amount": "20000.00"},
        {"class": "B", "amount": "100", "first_copay_ratio": "0.10", "limit": "80.00"},
        {"class": "C", "amount": 300},
    ]

    amounts = ask(client, cost={"items": items})["results"]["local"]["amounts"]

    names = ("total", "excluded", "over_limit", "first_copay", "scope", "pooled")

    assert some(amounts, *names) == ("20400.00", "300.00", "20.00", "8.00", "20072.00", "16313.20")


def test_five_thousand_lines_and_no_more(client):
    item = {"class": "A", "amount": "4.00"}

    assert ask(client, cost={"items": [item] * 5000})["results"]["local"]["amounts"]["total"] == "20000.00"

    refused = client.post(URL, {**CHONGQING, "cost": {"items": [item] * 5001}})
    assert [(e["code"], e["attr"]) for e in refused.json()["errors"]] == [("items_too_many", "cost.items")]


WRONG = {
    "no area": ({"area": None}, "required", "area"),
    "no cost": ({"cost": None}, "required", "cost"),
    "an empty cost": ({"cost": {}}, "required", "cost.total"),
    "no items": ({"cost": {"items": []}}, "required", "cost.items"),
    "a cost that is a number": ({"cost": 20000}, "object_expected", "cost"),
    "a negative amount": ({"cost": {"total": "-1"}}, "money_invalid", "cost.total"),
    "three places": ({"cost": {"total": "1.005"}}, "money_invalid", "cost.total"),
    "a number that is a word": ({"cost": {"total": "NaN"}}, "money_invalid", "cost.total"),
    "true for money": ({"cost": {"total": True}}, "money_invalid", "cost.total"),
    "a number in characters": ({"cost": {"total": "二十"}}, "money_invalid", "cost.total"),
    "a scope below nothing": ({"cost": {"total": "10", "excluded": "11"}}, "scope_negative", "cost"),
    "items that do not add up": (
        {"cost": {"total": "120", "items": [{"class": "A", "amount": "119"}]}}, "items_total", "cost",
    ),
    "an item without an amount": ({"cost": {"items": [{"class": "A"}]}}, "money_invalid", "cost.items.0.amount"),
    "a class there is not": (
        {"cost": {"items": [{"class": "A", "amount": 1}, {"class": "D", "amount": 1}]}},
        "class_invalid", "cost.items.1.class",
    ),
    "a ratio above one": (
        {"cost": {"items": [{"class": "B", "amount": 1, "first_copay_ratio": "1.1"}]}},
        "ratio_invalid", "cost.items.0.first_copay_ratio",
    ),
    "an item that is none": ({"cost": {"items": ["x"]}}, "object_expected", "cost.items.0"),
    "an unknown sum": ({"cost": {"total": 1, "drugs": 1}}, "unknown_field", "cost.drugs"),
    "an unknown fact": ({"weight": 60}, "unknown_field", "weight"),
    "a wrong fact": ({"level": 9}, "fact_invalid", "level"),
    "a fact of the wrong kind": ({"age": "45"}, "fact_invalid", "age"),
    "an unknown sum of the year": ({"year_to_date": {"spent": 1}}, "unknown_field", "year_to_date.spent"),
    "a year that is a list": ({"year_to_date": []}, "object_expected", "year_to_date"),
    "an area that is no code": ({"area": "重庆市"}, "area_invalid", "area"),
    "a day that is none": ({"on": "2026-02-30"}, "date_invalid", "on"),
    "a day out of all calendars": ({"on": "1999-12-31"}, "date_invalid", "on"),
    "no care": ({"care": None}, "fact_invalid", "care"),
    "chronic care without a disease": ({"care": "chronic"}, "required", "disease"),
    "an enrolment that is no id": ({"enrollment": 7}, "code_invalid", "enrollment"),
    "an unknown institution": ({"institution": "H99"}, "does_not_exist", "institution"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "code", "attr"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_bill(client, changes, code, attr):
    answer = client.post(URL, {**CHONGQING, **changes})

    assert answer.status_code == 400
    assert [(error["code"], error["attr"]) for error in answer.json()["errors"]] == [(code, attr)]
    assert all(error["detail"] for error in answer.json()["errors"])


def test_all_that_is_wrong_is_told_at_once(client):
    answer = client.post(URL, {"area": "5", "level": 7, "cost": {"total": "x"}})

    problems = {(error["code"], error["attr"]) for error in answer.json()["errors"]}

    assert problems == {("area_invalid", "area"), ("fact_invalid", "level"), ("money_invalid", "cost.total")}


@pytest.mark.parametrize("body", [[], "x", 3])
def test_a_body_that_is_no_object(client, body):
    answer = client.post(URL, body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "object_expected")


def test_an_area_without_a_policy(client):
    answer = client.post(URL, {**CHONGQING, "area": "520300"})

    error = answer.json()["errors"][0]

    assert (answer.status_code, error["code"], error["attr"]) == (404, "policy_unknown", "area")
    assert "12393" in error["detail"]


def test_an_enrolment_states_who_it_is_for(client, enrolled):
    """56 years old on 2 March 2026; what is stated beside it wins."""
    body = {"enrollment": str(enrolled.pk), "care": "inpatient", "level": 3, "cost": {"total": "20000"}}

    answer = client.post(URL, body).json()
    retired = client.post(URL, {**body, "person": "retired"}).json()

    stated = {"insurance": "employee", "person": "active", "age": 56, "tier": 1, "identity": "none"}

    assert stated.items() <= answer["facts"].items()
    assert answer["results"]["local"]["amounts"]["pooled"] == "16252.00"
    assert retired["results"]["local"]["amounts"]["pooled"] == "18164.00"  # 19120 × 95 %


def test_the_year_of_retirement_counts_where_a_rule_asks_for_it(client, enrolled):
    """上海: 700 a year for who retired before 2001, 1 200 for others; 92 % of the rest."""
    body = {"area": "310000", "insurance": "employee", "person": "retired", "care": "inpatient", "level": 3}
    body |= {"cost": {"total": "10700"}, "on": "2026-03-02"}

    early = client.post(URL, {**body, "retired_year": 2000}).json()["results"]["local"]["amounts"]
    late = client.post(URL, {**body, "retired_year": 2001}).json()["results"]["local"]["amounts"]

    assert (early["deductible"], early["pooled"]) == ("700.00", "9200.00")
    assert (late["deductible"], late["pooled"]) == ("1200.00", "8740.00")  # 9 500 × 92 %


def test_the_birth_date_says_the_age_on_the_day(client):
    """上海, residents, a tertiary hospital: 300, then 60 % below the age of sixty and 70 % from it on."""
    body = {"area": "310000", "insurance": "resident", "care": "inpatient", "level": 3, "cost": {"total": "10300"}}
    body |= {"on": "2026-03-02"}

    def paid(**said):
        return client.post(URL, {**body, **said}).json()["results"]["local"]["amounts"]["pooled"]

    assert paid(person="elder", born_on="1966-03-02") == "7000.00"
    assert paid(person="adult", born_on="1966-03-03") == "6000.00"
    assert paid(person="minor", born_on="2018-06-01") == "6000.00"
    assert paid(person="adult", born_on="1966-03-03", age=60) == "7000.00"  # what is stated wins


RESIDENT = """
filing:
  source: T1
  vacation: {travel: local, needed: false}
benefits:
  - id: resident-inpatient
    insurance: resident
    care: inpatient
    source: T1
    share: {bands: [{upto: null, ratios: [{when: {maternity: true}, ratio: 0.90}, {when: {travel: local}, ratio: 0.80}, {ratio: 0.50}]}]}
"""


def test_a_student_on_vacation_and_childbirth(client):
    """80 % as at home in a vacation, without a filing; 90 % of childbirth, for which no rule of direct settlement is known."""
    student = {"insurance": "resident", "person": "student", "age": 20}

    with policies(RESIDENT):
        on_vacation = ask(client, **student, vacation=True)
        birth = ask(client, **student, maternity=True)

    best = on_vacation["best"]

    assert (best["travel"], best["own"], best["direct"], best["types"]) == ("local", "4000.00", True, [])
    assert best["takes"] == "学生假期在外就医无需备案，可直接就医。"
    assert birth["results"]["other"]["amounts"]["fund"] == "18000.00"
    assert not any(way["direct"] for way in birth["ways"])


NEWBORN = """
filing:
  source: T1
  newborns: {direct: true, travel: long_term, within: 90 days}
benefits:
  - id: resident-inpatient
    insurance: resident
    care: inpatient
    source: T1
    share: {bands: [{upto: null, ratios: [{when: {newborn: true, age_below: 1}, ratio: 0.95}, {ratio: 0.60}]}]}
"""


def test_a_newborn_goes_with_its_mother_as_long_as_the_area_says(client):
    """1 March 2026 is the 90th day after 1 December 2025 (30 + 31 + 28 + 1)."""
    mother = {"area": "500000", "insurance": "resident", "person": "adult"}
    body = {**mother, "care": "inpatient", "level": 3, "cost": {"total": "20000"}, "on": "2026-03-01", "newborn": True}
    make.institution("H50000000001", place="500000")
    at_home = {"institution": "H50000000001", "born_on": "2025-11-30"}

    with policies(NEWBORN):
        in_time = client.post(URL, {**body, "born_on": "2025-12-01"}).json()
        there = client.post(URL, {**body, **at_home}).json()
        refused = [client.post(URL, {**body, "born_on": day}).json() for day in ("2025-11-30", "2026-03-02")]

    assert in_time["results"]["other"]["amounts"]["fund"] == "19000.00"
    assert there["best"]["travel"] == "local"
    errors = [answer["errors"][0] for answer in refused]
    assert [(error["code"], error["attr"]) for error in errors] == [
        ("newborn_late", "born_on"),
        ("born_after_admission", "born_on"),
    ]
    assert "限出生90日内" in errors[0]["detail"]


def test_an_institution_states_where(client):
    make.institution("H11010100009", level=2, sub_class="provincial", specialty="tcm")

    unlevelled = {name: value for name, value in CHONGQING.items() if name != "level"}

    answer = client.post(URL, {**unlevelled, "institution": "H11010100009"}).json()

    stated = {"level": 2, "class": "provincial", "specialty": "tcm", "destination": "110000"}

    assert {**stated, "distance": "other_province"}.items() <= answer["facts"].items()
    assert answer["results"]["long_term"]["amounts"]["deductible"] == "440.00"


def test_the_person_of_somebody_else_does_not_exist(client):
    other = make.enrollment(make.person("李雷"))

    answer = client.post(URL, {**CHONGQING, "enrollment": str(other.pk)})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (404, "enrollment")


def test_one_query_and_nothing_stored(client):
    ask(client)
    before = {model: model._default_manager.count() for model in apps.get_models()}

    with CaptureQueriesContext(connection) as captured:
        ask(client)

    assert len(captured) == 1  # the token with its account
    assert {model: model._default_manager.count() for model in apps.get_models()} == before


def test_four_queries_with_a_person_and_a_hospital(client, enrolled):
    with CaptureQueriesContext(connection) as captured:
        ask(client, enrollment=str(enrolled.pk), institution=HOSPITAL)

    assert len(captured) == 4  # the token, the enrolment, the hospital, the year


def test_what_was_settled_this_year_counts_and_what_is_stated_wins(client, enrolled):
    """重庆, level 3: 880 for the first stay of the year, for the second 10 % less, 792 (its file's own example)."""
    first = ask(client, enrollment=str(enrolled.pk), institution=HOSPITAL)
    with clock.standing_at(make.moment("2026-03-02 12:00")):
        till(enrolled).settle(admitted_on="2026-03-01", discharged_on="2026-03-02")

    later = ask(client, enrollment=str(enrolled.pk), institution=HOSPITAL)
    stated = ask(client, enrollment=str(enrolled.pk), institution=HOSPITAL, visit=1, year_to_date={})

    taken = [each["results"]["long_term"]["amounts"]["deductible"] for each in (first, later, stated)]

    assert taken == ["880.00", "792.00", "880.00"]
    assert [each["recorded"] for each in (first, later, stated)] == [False, True, False]


def test_a_keyed_call_is_answered_again(client):
    first = client.post(URL, CHONGQING, headers={"Idempotency-Key": "k"})

    again = client.post(URL, CHONGQING, headers={"Idempotency-Key": "k"})

    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first.json()


def test_nobody_need_sign_in_for_an_estimate_of_nobody_in_particular(client):
    answer = make.api().post(URL, CHONGQING)

    assert answer.status_code == 200
    assert answer.json() == ask(client)


def test_nobody_estimates_for_an_enrolment_without_signing_in(enrolled):
    answer = make.api().post(URL, {**CHONGQING, "enrollment": str(enrolled.pk)})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "not_authenticated")


def test_without_signing_in_two_hundred_lines_and_no_more(enrolled):
    item = {"class": "A", "amount": "100.00"}

    accepted = make.api().post(URL, {**CHONGQING, "cost": {"items": [item] * 200}})
    refused = make.api().post(URL, {**CHONGQING, "cost": {"items": [item] * 201}})

    assert accepted.json()["results"]["local"]["amounts"]["total"] == "20000.00"
    assert [(e["code"], e["attr"]) for e in refused.json()["errors"]] == [("items_too_many", "cost.items")]


def test_whoever_did_not_sign_in_is_limited_by_address(client, settings):
    settings.LIMITS = {**settings.LIMITS, "estimate": "2/min"}
    asked = [make.api().post(URL, CHONGQING, REMOTE_ADDR="203.0.113.9").status_code for _ in range(3)]

    others = client.post(URL, CHONGQING).status_code

    assert (asked, others) == ([200, 200, 429], 200)


def test_without_an_account_a_key_says_nothing(enrolled):
    answers = [make.api().post(URL, CHONGQING, headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "Idempotent-Replayed" not in answers[1].headers


@pytest.mark.parametrize("area", ["110000", "310000", "330100", "370900", "440100", "510100"])
def test_fund_account_and_cash_make_the_total(client, area):
    answer = ask(client, area=area, tier=1, account_balance="321.09", on=date(2026, 3, 2).isoformat())

    for result in answer["results"].values():
        if "amounts" in result:
            parts = [int(result["amounts"][name].replace(".", "")) for name in ("fund", "account", "cash")]
            assert sum(parts) == 2_000_000


BY_MONTHS = """
benefits:
  - id: employee-inpatient
    insurance: employee
    care: inpatient
    source: T1
    share: {bands: [{upto: null, ratios: [{when: {months_insured_below: 12}, ratio: 0.50}, {ratio: 0.80}]}]}
"""


@pytest.mark.parametrize(("since", "pooled"), [(date(2025, 3, 2), "8000.00"), (date(2025, 3, 3), "5000.00")])
def test_an_estimate_knows_how_long_one_is_insured_as_the_till_does(client, enrolled, since, pooled):
    """On 2 March 2026 twelve whole months of one enrolment, eleven of the other: 80 % and 50 % of 10 000."""
    type(enrolled).objects.filter(pk=enrolled.pk).update(valid_from=since)
    enrolled.refresh_from_db()
    bill = {"enrollment": str(enrolled.pk), "institution": HOSPITAL, "care": "inpatient", "cost": {"total": "10000.00"}}

    with policies(BY_MONTHS), clock.standing_at(make.moment("2026-03-02 12:00")):
        estimated = client.post(URL, bill).json()["results"]["emergency"]["amounts"]["pooled"]
        settled = till(enrolled).settle(admitted_on="2026-03-02", discharged_on="2026-03-02")

    assert (estimated, str(settled.pooled)) == (pooled, pooled)
