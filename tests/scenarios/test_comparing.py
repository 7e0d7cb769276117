"""Many bills at once: equal to the engine to the fen, and what a change of policy means, counted by hand."""

import numpy as np
import pytest

from policies.engine import compile_policy, settle
from policies.language.loader import SHIPPED, load_path
from scenarios.bills import bills_of
from scenarios.comparing import AMOUNTS, compare, settle_many
from scenarios.population import generate
from tests.policies.small import LARGE, SERIOUS, case, inpatient

BENEFITS = sorted(path for path in SHIPPED.glob("*.yaml") if "\nbenefits:" in path.read_text("utf-8"))
RICH = inpatient(
    """
level_as: [{when: {travel: other}, level: 2}]
first_pay: [{when: {travel: other}, ratio: 0.125}]
deductible:
  amounts: [{when: {travel: referral}, percent_of_total: 0.2, min: 300, max: 900.5}, {amount: 880}]
  adjust: [{when: {travel: unfiled}, times: 1.055}, {when: {travel: emergency}, add: -80.25}]
  linked: true
  annual_max: 2000
share:
  base: year
  measure: scope
  bands:
    - {upto: 3000, ratios: [{when: {level: 2}, ratio: 0.725}, {ratio: 0.6}]}
    - {upto: 20000, ratios: [{ratio: 0}]}
    - {upto: null, ratios: [{ratio: 0.9}]}
  adjust: [{when: {travel: unfiled}, times: 0.85}, {when: {age_from: 60}, self_times: 0.625}]
floor: [{when: {travel: emergency}, ratio: 0.4}]
limits: [{when: {level: 1}, of: pooled, period: month, amount: 4000}, {when: {level: 0}, of: scope, amount: 9000}]
annual_cap: [{of: pooled, amount: 30000}, {of: scope, amount: 90000}]
""",
    LARGE.rstrip("\n") + SERIOUS.replace("\nsupplements:\n", "\n"),
)


def assert_equal_to_the_engine(file, bills):
    policy = compile_policy(file)
    outcome = settle_many(policy, bills)
    paid = 0
    for i in range(len(bills)):
        result = settle(policy, bills.case(i))
        assert bool(outcome.refused[i]) == (result.refused is not None)
        if result.refused is None:
            paid += 1
            assert {name: int(outcome.amounts[name][i]) for name in AMOUNTS} == {
                name: int(result.amounts[name] * 100) for name in AMOUNTS
            }
    return paid


@pytest.mark.parametrize("path", BENEFITS, ids=lambda path: path.stem)
def test_shipped_policies_in_columns_equal_the_engine(path):
    file = load_path(path)

    assert assert_equal_to_the_engine(file, generate([file], size=400, seed=11)) > 0


@pytest.mark.parametrize("seed", range(5))
def test_everything_the_language_knows_in_columns_equals_the_engine(seed):
    assert assert_equal_to_the_engine(RICH, generate([RICH], size=2000, seed=seed)) > 1000


def test_figures_that_do_not_fit_columns_are_settled_by_the_engine():
    file = inpatient(
        "share: {bands: [{upto: 100.005, ratios: [{ratio: 0.123456789012345678}]}, {upto: null, ratios: [{ratio: 1}]}]}"
    )

    assert assert_equal_to_the_engine(file, generate([file], size=50, seed=1)) == 50


def test_same_seed_same_bills():
    first, second = (generate([RICH], size=100, seed=5) for _ in range(2))

    assert first.profiles == second.profiles
    assert np.array_equal(first.column("total"), second.column("total"))
    assert not np.array_equal(first.column("total"), generate([RICH], size=100, seed=6).column("total"))


def test_no_bills_are_drawn_of_care_of_which_nothing_is_known():
    """重庆's file says of chronic care and of employees' outpatient care only that nothing was found."""
    bills = generate([load_path(SHIPPED / "500000-chongqing-2025.yaml")], size=2000, seed=1)

    drawn = {(facts["insurance"], facts["care"]) for facts in bills.profiles}

    assert drawn == {("employee", "inpatient"), ("resident", "inpatient"), ("resident", "outpatient")}


def test_winners_losers_and_cost_are_counted():
    old = inpatient("not_covered: [{when: {level: 1}}]\nshare: {bands: [{upto: null, ratios: [{ratio: 0.80}]}]}")
    new = inpatient(
        "not_covered: [{when: {level: 0}}]\n"
        "share: {bands: [{upto: null, ratios: [{when: {level: 2}, ratio: 0.90}, {when: {level: 3}, ratio: 0.75}, {ratio: 0.80}]}]}"
    )
    bills = bills_of(
        [
            case(1000, level=3),  # own 200 → 250: 50 more
            case(40000, level=3),  # own 8 000 → 10 000: 2 000 more
            case(3000, level=2),  # own 600 → 300: 300 less
            case(0, level=2),  # nothing, as before
            case(500, level=1),  # newly paid: 400
            case(700, level=0),  # no longer paid: 560
        ]
    )

    result = compare(bills, settle_many(compile_policy(old), bills), settle_many(compile_policy(new), bills))

    assert (result["bills"], result["compared"], result["unchanged"]) == (6, 4, 1)
    assert result["winners"] == {"bills": 1, "yuan": "300.00"}
    assert result["losers"] == {"bills": 2, "yuan": "2050.00"}
    assert result["newly_paid"] == {"bills": 1, "fund": "400.00"}
    assert result["no_longer_paid"] == {"bills": 1, "fund": "560.00"}
    assert result["funds"][0] == {"fund": "fund", "before": "35200.00", "after": "33450.00", "change": "-1750.00"}
    assert {row["label"]: row["bills"] for row in result["histogram"] if row["bills"]} == {
        "少付100至1000元": 1,
        "不变": 1,
        "多付不超过100元": 1,
        "多付1000至5000元": 1,
    }

    level_3 = next(row for row in result["groups"] if row["label"] == "三级医院")
    assert level_3 == {
        "fact": "level", "label": "三级医院", "bills": 2, "winners": 0, "losers": 2,
        "mean_change": "1025.00", "fund_change": "-2050.00",
    }  # fmt: skip
    assert [row["change"] for row in result["most"]["losers"]] == ["2000.00", "50.00"]
    assert [row["change"] for row in result["most"]["winners"]] == ["-300.00"]


@pytest.mark.parametrize("edge", ["100", "1000", "5000"])
def test_a_change_on_an_edge_counts_to_the_smaller_stretch(edge):
    old = inpatient("share: {bands: [{upto: null, ratios: [{ratio: 0}]}]}")
    new = inpatient("share: {bands: [{upto: null, ratios: [{ratio: 1}]}]}")
    bills = bills_of([case(edge)])
    less, more = settle_many(compile_policy(new), bills), settle_many(compile_policy(old), bills)

    for result, word in ((compare(bills, more, less), "少付"), (compare(bills, less, more), "多付")):
        (label,) = [row["label"] for row in result["histogram"] if row["bills"]]
        assert label.startswith(word)
        assert label.endswith(f"{edge}元")
