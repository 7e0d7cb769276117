"""What a policy file says is what the program reads: exact decimals, defaults, and the specification's own sample."""

from datetime import date
from decimal import Decimal

import pytest

from policies.language.facts import Condition
from policies.language.loader import load_text
from policies.language.text import read_text

SPECIFICATION = """\
area: "500000"
name: 重庆市基本医疗保险
effective_from: 2022-01-01
effective_until: null
benefits:
  - id: employee-inpatient
    insurance: employee
    care: inpatient
    diseases: [M03900, M01600]
    when: {person: [active, retired]}
    counter: inpatient
    not_covered: [{when: {level: 3}, reason: 三级医院普通门诊不予支付}]
    not_known: [{when: {travel: [other, unfiled]}}]
    level_as: [{when: {travel: [referral, other]}, level: 3}]
    first_pay: [{when: {travel: other}, ratio: 0.20}]
    deductible:
      period: admission
      amounts:
        - {when: {travel: other}, percent_of_total: 0.20, min: 2000, max: 10000}
        - {when: {level: 3}, amount: 880}
      adjust: [{when: {travel: unfiled}, times: 1.05}]
      linked: true
      annual_max: 2000
    share:
      base: stay
      measure: scope
      bands:
        - {upto: 30000, ratios: [{when: {level: 3}, ratio: 0.85}, {ratio: 0.90}]}
        - {upto: null, ratios: [{ratio: 0.95}]}
      adjust:
        - {when: {travel: referral}, points: -10}
        - {when: {travel: other}, times: 0.8}
        - {when: {person: retired}, self_times: 0.6}
        - {when: {age_from: 50}, points: 2}
    floor: [{when: {travel: referral}, ratio: 0.40}]
    limits: [{when: {disease: M03900}, of: pooled, period: year, amount: 2000}]
    annual_cap: {of: pooled, amount: 320000}
supplements:
  - id: employee-large-amount
    insurance: employee
    kind: above_cap
    fund: large_amount
    when: {person: [active, retired]}
    ratios: [{ratio: 0.90}]
    annual_cap: 300000
  - id: resident-serious-illness
    insurance: resident
    kind: burden
    fund: serious_illness
    period: year
    thresholds: [{when: {identity: low_income}, amount: 9000}, {amount: 18000}]
    bands: [{upto: 50000, ratios: [{ratio: 0.60}]}, {upto: null, ratios: [{ratio: 0.70}]}]
    measure: above
    includes: [first_copay]
    excludes_first_pay: false
    care: [inpatient, chronic]
year_starts: "01-01"
stay_rule: discharge
account_abroad: true
examples:
  - name: not filed, so deductible +5% and ratio −5 points
    given:
      insurance: employee
      person: active
      age: 45
      care: inpatient
      disease: M01600
      level: 3
      travel: unfiled
      visit: 1
      identity: none
      cost: {total: 20000, excluded: 0, over_limit: 0, first_copay: 0}
      year_to_date: {scope: 0, deductible: 0, pooled: 0, beyond: 0, burden: 0, large_amount: 0, serious_illness: 0,
                     assistance: 0, month_scope: 0, month_deductible: 0, month_pooled: 0, chronic_scope: 0,
                     chronic_pooled: 0, linked_deductible: 0}
      account_balance: 0
    expect: {deductible: 924.00, pooled: 15260.80, own: 4739.20}
  - name: item by item
    given:
      insurance: employee
      care: inpatient
      cost: {items: [{name: 药, class: B, amount: 31.77, first_copay_ratio: 0.10, limit: 40}]}
    expect: {refused: not_known}
"""


@pytest.fixture(scope="module")
def policy():
    return load_text(SPECIFICATION, "specification.yaml")


def test_every_key_of_the_specification_is_known(policy):
    benefit = policy.benefits[0]

    assert benefit.when == (Condition("person", ("active", "retired")),)
    assert benefit.not_covered[0].reason == "三级医院普通门诊不予支付"
    assert benefit.level_as[0].level == 3
    assert benefit.deductible.amounts[0].max == Decimal(10000)
    assert benefit.deductible.annual_max == Decimal(2000)
    assert [band.upto for band in benefit.share.bands] == [Decimal(30000), None]
    assert benefit.share.adjust[3].when == (Condition("age", at_least=50),)
    assert [(cap.of, cap.amount) for cap in benefit.annual_cap] == [("pooled", Decimal(320000))]
    assert [cap.amount for cap in policy.supplements[0].annual_cap] == [Decimal(300000)]
    assert policy.supplements[1].includes == ("first_copay",)
    assert policy.examples[0].expect.amounts["pooled"] == Decimal("15260.80")
    assert policy.examples[1].expect.refused == "not_known"
    assert policy.examples[1].given.cost.items[0].catalogue == "B"
    assert (policy.effective_from, policy.effective_until) == (date(2022, 1, 1), None)


def test_defaults_of_keys_left_out():
    policy = load_text(
        'area: "500000"\nname: x\neffective_from: 2022-01-01\nbenefits:\n'
        "  - id: a\n    insurance: employee\n    care: inpatient\n    deductible: {amounts: [{amount: 1}]}\n"
        "    share: {bands: [{upto: null, ratios: [{ratio: 1}]}]}\n    limits: [{of: pooled, amount: 1}]\n"
        "supplements: [{id: b, insurance: employee, kind: burden, fund: assistance, thresholds: [{amount: 1}],"
        " bands: [{upto: null, ratios: [{ratio: 1}]}]}]\n",
        "x.yaml",
    )

    benefit, supplement = policy.benefits[0], policy.supplements[0]

    assert (benefit.deductible.period, benefit.deductible.linked) == ("admission", False)
    assert (benefit.share.base, benefit.share.measure) == ("stay", "scope")
    assert (benefit.limits[0].period, supplement.period, supplement.measure) == ("year", "year", "above")
    assert (policy.year_starts, policy.stay_rule, policy.account_abroad) == ("01-01", "discharge", True)


def test_a_file_without_benefits_says_nothing_of_them():
    policy = load_text('area: "500000"\nname: x\neffective_from: 2022-01-01\n', "x.yaml")

    assert policy.benefits is None


def test_numbers_come_from_their_text():
    root, problems = read_text("a: 0.1\nb: 0.10\nc: 100000000000000000000.01\nd: -0.3\ne: 12", "x.yaml")

    assert problems == []
    assert {name: node.value for name, node in root.mapping.items()} == {
        "a": Decimal("0.1"),
        "b": Decimal("0.10"),
        "c": Decimal("100000000000000000000.01"),
        "d": Decimal("-0.3"),
        "e": 12,
    }
    assert str(root.mapping["b"].value) == "0.10"


def test_quoted_text_stays_text():
    root, problems = read_text("a: '0123'\nb: \"yes\"\nc: '2022-01-01'\nd: 京 ~", "x.yaml")

    assert problems == []
    assert [node.value for node in root.mapping.values()] == ["0123", "yes", "2022-01-01", "京 ~"]


def test_the_hash_is_of_the_text(policy):
    again = load_text(SPECIFICATION, "elsewhere.yaml")

    other = load_text(SPECIFICATION + "# a remark\n", "specification.yaml")

    assert again.sha256 == policy.sha256
    assert other.sha256 != policy.sha256


def test_a_date_may_be_quoted_as_json_writes_it():
    quoted = SPECIFICATION.replace("effective_from: 2022-01-01", 'effective_from: "2022-01-01"')

    policy = load_text(quoted.replace("effective_until: null", "effective_until: '2030-12-31'"), "x.yaml")

    assert (policy.effective_from, policy.effective_until) == (date(2022, 1, 1), date(2030, 12, 31))
