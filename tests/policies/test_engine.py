"""The engine step by step, each figure worked out by hand from POLICY.md §2 and §3."""

from decimal import Decimal

import pytest

from policies.engine import WrongInput, compile_policy, settle_as_best
from tests.policies.small import LARGE, SERIOUS, amounts, case, inpatient, policy, settled

PLAIN = "share: {bands: [{upto: null, ratios: [{ratio: 0.80}]}]}"


def test_bill_without_deductible_is_shared_and_adds_up():
    paid = amounts(inpatient(PLAIN), case("1000.05", balance=50), "pooled", "fund", "own", "account", "cash")

    # 1000.05 × 80% = 800.04; own 200.01, 50 of it from the account
    assert paid == {"pooled": "800.04", "fund": "800.04", "own": "200.01", "account": "50.00", "cash": "150.01"}


def test_items_are_split_by_class_limit_and_first_copay():
    items = [("C", "100", 0, None), ("B", "31.77", "0.10", "30"), ("A", "50", 0, "40"), ("B", "33.33", "0.05", None)]

    paid = amounts(inpatient(PLAIN), case(None, items=items), "total", "excluded", "over_limit", "first_copay", "scope")

    # over the limits: 1.77 + 10; first: 30 × 10% = 3.00 and 33.33 × 5% = 1.6665 → 1.67
    assert paid == {
        "total": "215.10",
        "excluded": "100.00",
        "over_limit": "11.77",
        "first_copay": "4.67",
        "scope": "98.66",
    }


def test_items_that_do_not_add_up_are_refused():
    with pytest.raises(WrongInput) as refused:
        settled(inpatient(PLAIN), case("101", items=[("A", "100", 0, None)]))

    assert refused.value.code == "items_total"


def test_costs_outside_the_scope_above_the_total_are_refused():
    with pytest.raises(WrongInput) as refused:
        settled(inpatient(PLAIN), case(100, excluded=60, first_copay=41))

    assert refused.value.code == "scope_negative"


def test_nothing_fits_is_not_covered_and_never_zero():
    result = settled(inpatient(PLAIN), case(100, care="outpatient"))

    assert (result.refused, result.amounts, result.lines) == ("not_covered", {}, ())
    assert result.reason


def test_not_covered_comes_before_not_known_and_both_see_the_replaced_level():
    file = inpatient(
        PLAIN
        + "\nlevel_as: [{when: {travel: other}, level: 2}]"
        + "\nnot_covered: [{when: {level: 2}, reason: 二级不付}]"
        + "\nnot_known: [{when: {travel: [other, unfiled]}, reason: 未知}]"
    )

    assert settled(file, case(travel="other")).reason == "二级不付"
    assert settled(file, case(travel="unfiled")).refused == "not_known"
    assert settled(file, case(travel="local")).refused is None


def test_band_without_a_ratio_for_the_case_is_not_known():
    file = inpatient("share: {bands: [{upto: null, ratios: [{when: {level: 1}, ratio: 0.9}]}]}")

    assert settled(file, case(level=3)).refused == "not_known"


def test_fact_that_is_not_stated_matches_no_rule():
    file = inpatient("share: {bands: [{upto: null, ratios: [{when: {age_from: 60}, ratio: 0.9}, {ratio: 0.8}]}]}")

    assert amounts(file, case(100), "pooled") == {"pooled": "80.00"}
    assert amounts(file, case(100, age=60), "pooled") == {"pooled": "90.00"}
    assert amounts(file, case(100, age=59), "pooled") == {"pooled": "80.00"}


def test_first_pay_comes_before_the_deductible():
    file = inpatient(
        PLAIN + "\nfirst_pay: [{when: {travel: other}, ratio: 0.10}]\ndeductible: {amounts: [{amount: 500}]}"
    )

    paid = amounts(
        file, case("1234.55", travel="other"), "travel_first_pay", "eligible", "deductible", "pooled", "burden"
    )

    # 123.455 → 123.46; 1111.09 − 500 = 611.09 × 80% = 488.872 → 488.87; 1234.55 − 488.87
    assert paid == {
        "travel_first_pay": "123.46",
        "eligible": "1111.09",
        "deductible": "500.00",
        "pooled": "488.87",
        "burden": "745.68",
    }


@pytest.mark.parametrize(
    ("total", "deductible"),
    [("5000", "2000.00"), ("20000", "4000.00"), ("60000", "10000.00")],
)
def test_deductible_as_a_share_of_the_total_has_bounds(total, deductible):
    file = inpatient(PLAIN + "\ndeductible: {amounts: [{percent_of_total: 0.20, min: 2000, max: 10000}]}")

    assert amounts(file, case(total), "deductible") == {"deductible": deductible}


def test_deductible_is_adjusted_in_order_and_never_more_than_is_eligible():
    file = inpatient(
        PLAIN + "\ndeductible: {amounts: [{amount: 880}], adjust: [{when: {travel: unfiled}, times: 1.05}, {add: -24}]}"
    )

    assert amounts(file, case(travel="unfiled"), "deductible") == {"deductible": "900.00"}
    assert amounts(file, case(700, travel="unfiled"), "deductible", "pooled") == {
        "deductible": "700.00",
        "pooled": "0.00",
    }


def test_where_no_amount_matches_there_is_no_deductible_to_adjust():
    file = inpatient(PLAIN + "\ndeductible: {amounts: [{when: {level: 1}, amount: 200}], adjust: [{add: 250}]}")

    assert amounts(file, case(level=1), "deductible") == {"deductible": "450.00"}
    assert amounts(file, case(level=3), "deductible") == {"deductible": "0.00"}


def test_deductible_of_the_year_counts_what_was_taken():
    file = inpatient(PLAIN + "\ndeductible: {period: year, amounts: [{amount: 1500}]}")

    assert amounts(file, case(year={"deductible": 1200}), "deductible") == {"deductible": "300.00"}
    assert amounts(file, case(year={"deductible": 1600}), "deductible") == {"deductible": "0.00"}


def test_deductible_of_the_month_counts_the_months():
    file = inpatient(PLAIN + "\ndeductible: {period: month, amounts: [{amount: 30}]}")

    year = {"deductible": 300, "month_deductible": 20}

    assert amounts(file, case(year=year), "deductible") == {"deductible": "10.00"}


def test_linked_stay_pays_only_what_the_first_did_not_and_the_year_has_a_maximum():
    file = inpatient(PLAIN + "\ndeductible: {amounts: [{amount: 1600}], linked: true, annual_max: 2000}")

    assert amounts(file, case(year={"linked_deductible": 400}), "deductible") == {"deductible": "1200.00"}
    assert amounts(file, case(year={"deductible": 1100}), "deductible") == {"deductible": "900.00"}
    assert amounts(file, case(year={"deductible": 2100}), "deductible") == {"deductible": "0.00"}


BANDS = "bands: [{upto: 3000, ratios: [{ratio: 0.5}]}, {upto: 10000, ratios: [{ratio: 0.8}]}, {upto: null, ratios: [{ratio: 0.9}]}]"


@pytest.mark.parametrize(
    ("base", "measure", "pooled"),
    [
        # total 12 000, deductible 1 000, so 11 000 payable; the year so far: scope 6 000, deductible 500
        ("stay", "scope", "8400.00"),  # from 1 000: 2 000 × .5 + 7 000 × .8 + 2 000 × .9
        ("stay", "payable", "8000.00"),  # from 0: 3 000 × .5 + 7 000 × .8 + 1 000 × .9
        ("year", "scope", "9600.00"),  # from 7 000: 3 000 × .8 + 8 000 × .9
        ("year", "payable", "9450.00"),  # from 5 500: 4 500 × .8 + 6 500 × .9
    ],
)
def test_bands_begin_where_base_and_measure_say(base, measure, pooled):
    file = inpatient(
        f"deductible: {{amounts: [{{amount: 1000}}]}}\nshare: {{base: {base}, measure: {measure}, {BANDS}}}"
    )

    paid = amounts(file, case(12000, year={"scope": 6000, "deductible": 500}), "pooled")

    assert paid == {"pooled": pooled}


def test_rounded_once_not_per_band():
    file = inpatient(
        "share: {measure: payable, bands: [{upto: 0.01, ratios: [{ratio: 0.5}]}, {upto: null, ratios: [{ratio: 0.5}]}]}"
    )

    # 0.005 + 0.005 = 0.01; rounded per band it would be 0.02
    assert amounts(file, case("0.02"), "pooled") == {"pooled": "0.01"}


@pytest.mark.parametrize(
    ("adjust", "pooled"),
    [
        ("{points: -10}, {times: 0.8}", "6000.00"),  # (85 − 10)% × 0.8 = 60%
        ("{self_times: 0.6}", "9100.00"),  # 1 − 15% × 0.6 = 91%
        ("{points: 30}", "10000.00"),  # 115% is 100%
        ("{points: 30, max: 0.95}, {points: 2}", "9700.00"),
        ("{points: -60, min: 0.40}", "4000.00"),
        ("{points: -90}, {points: 10}", "500.00"),  # −5% on the way is no bound: 5%
        ("{when: {age_from: 50}, points: 2}, {when: {age_from: 60}, points: 3}", "8700.00"),  # aged 55
    ],
)
def test_ratio_adjustments_apply_in_order_within_their_bounds(adjust, pooled):
    file = inpatient(f"share: {{bands: [{{upto: null, ratios: [{{ratio: 0.85}}]}}], adjust: [{adjust}]}}")

    assert amounts(file, case(10000, age=55), "pooled") == {"pooled": pooled}


def test_floor_raises_pooled_to_its_share_of_what_is_eligible():
    file = inpatient(
        PLAIN.replace("0.80", "0.30") + "\ndeductible: {amounts: [{amount: 2000}]}\nfloor: [{ratio: 0.40}]"
    )

    # bands: 8 000 × 30% = 2 400; floor: 10 000 × 40% = 4 000
    assert amounts(file, case(10000), "pooled") == {"pooled": "4000.00"}


@pytest.mark.parametrize(
    ("limit", "year", "pooled"),
    [
        ("{of: pooled, amount: 5000}", {"pooled": 1500}, "3500.00"),
        ("{of: pooled, period: month, amount: 700}", {"month_pooled": 100, "pooled": 9000}, "600.00"),
        ("{of: scope, amount: 4000}", {"scope": 1000}, "2400.00"),  # 3 000 × 80%
        ("{of: scope, period: month, amount: 500}", {"month_scope": 100}, "320.00"),
        ("{of: pooled, amount: 5000}", {"pooled": 6000}, "0.00"),
    ],
)
def test_limits_cut_and_what_they_shut_out_is_not_beyond(limit, year, pooled):
    assert amounts(inpatient(f"{PLAIN}\nlimits: [{limit}]"), case(10000, year=year), "pooled", "beyond") == {
        "pooled": pooled,
        "beyond": "0.00",
    }


def test_limit_of_chronic_care_is_the_diseases_own():
    file = policy(
        "benefits: [{id: c, insurance: employee, care: chronic, diseases: [M03900], source: T1,"
        " share: {bands: [{upto: null, ratios: [{ratio: 0.8}]}]}, limits: [{of: pooled, amount: 2000}]}]"
    )

    given = case(1000, care="chronic", disease="M03900", year={"pooled": 9000, "chronic_pooled": 1500})

    assert amounts(file, given, "pooled") == {"pooled": "500.00"}
    assert settled(file, case(1000, care="chronic", disease="M01600")).refused == "not_covered"


CAPPED = (
    "share: {measure: payable, bands: [{upto: 4000, ratios: [{ratio: 0.5}]}, {upto: null, ratios: [{ratio: 0.8}]}]}\n"
)


def test_cap_of_pooled_leaves_beyond_the_scope_from_where_it_is_used_up():
    file = inpatient(CAPPED + "annual_cap: {of: pooled, amount: 5000}")

    # 3 000 left: 4 000 × 50% = 2 000, then 1 250 × 80% = 1 000; 10 000 − 5 250 = 4 750 are beyond
    assert amounts(file, case(10000, year={"pooled": 2000}), "pooled", "beyond") == {
        "pooled": "3000.00",
        "beyond": "4750.00",
    }
    assert amounts(file, case(5250, year={"pooled": 2000}), "pooled", "beyond") == {
        "pooled": "3000.00",
        "beyond": "0.00",
    }
    assert amounts(file, case(700, year={"pooled": 5000}), "pooled", "beyond") == {"pooled": "0.00", "beyond": "700.00"}


def test_beyond_is_lowered_by_what_the_floor_added():
    file = inpatient(
        "share: {bands: [{upto: null, ratios: [{ratio: 0.2}]}]}\nfloor: [{ratio: 0.3}]\nannual_cap: {of: pooled, amount: 1500}"
    )

    # bands: 10 000 × 20% = 2 000, used up at 7 500; the floor makes it 3 000, added 1 000: 2 500 − 1 000
    assert amounts(file, case(10000), "pooled", "beyond") == {"pooled": "1500.00", "beyond": "1500.00"}


def test_cap_of_scope_cuts_before_the_deductible():
    file = inpatient(PLAIN + "\ndeductible: {amounts: [{amount: 1000}]}\nannual_cap: {of: scope, amount: 6000}")

    paid = amounts(file, case(10000, year={"scope": 1000}), "eligible", "beyond", "pooled")

    assert paid == {"eligible": "5000.00", "beyond": "5000.00", "pooled": "3200.00"}


def test_above_the_cap_pays_from_beyond_until_its_own_cap():
    file = inpatient(PLAIN + "\nannual_cap: {of: pooled, amount: 4000}", LARGE)

    # used up at 5 000; beyond 5 000 × 90% = 4 500, at most 3 000 less the 500 paid before
    paid = amounts(file, case(10000, year={"large_amount": 500}), "beyond", "large_amount", "fund", "own")

    assert paid == {"beyond": "5000.00", "large_amount": "2500.00", "fund": "6500.00", "own": "3500.00"}


@pytest.mark.parametrize(
    ("extra", "year", "facts", "paid"),
    [
        # burden 10 000 − 4 000 = 6 000
        ("", {}, {}, "2500.00"),  # above 2 000: 3 000 × .6 + 1 000 × .7
        ("", {}, {"identity": "low_income"}, "3200.00"),  # above 1 000: 3 000 × .6 + 2 000 × .7
        ("", {"burden": 1500}, {}, "3550.00"),  # from 1 500 to 7 500: 3 000 × .6 + 2 500 × .7
        ("", {"burden": 4000}, {}, "4100.00"),  # edges 2 000 to 8 000 above the threshold: 1 000 × .6 + 5 000 × .7
        ("    measure: burden\n", {}, {}, "2700.00"),  # 2 000 to 3 000 × .6, 3 000 to 6 000 × .7
        ("    period: stay\n", {"burden": 9000}, {}, "2500.00"),
        ("    annual_cap: 2600\n", {"serious_illness": 600}, {}, "2000.00"),
        ("    care: [chronic]\n", {}, {}, "0.00"),
        ("    when: {person: retired}\n", {}, {}, "0.00"),
    ],
)
def test_burden_above_the_threshold_is_paid_by_bands(extra, year, facts, paid):
    file = inpatient(PLAIN.replace("0.80", "0.40"), SERIOUS + extra)

    assert amounts(file, case(10000, year=year, **facts), "burden", "serious_illness") == {
        "burden": "6000.00",
        "serious_illness": paid,
    }


def test_burden_may_include_first_copay_and_leave_out_first_pay():
    file = inpatient(
        PLAIN.replace("0.80", "0.50") + "\nfirst_pay: [{ratio: 0.10}]",
        SERIOUS + "    includes: [first_copay]\n    excludes_first_pay: true\n",
    )

    # scope 10 000, first pay 1 000, pooled 4 500, burden 5 500; counted 5 500 − 1 000 + 800 = 5 300, 3 300 above 2 000
    paid = amounts(file, case(10800, first_copay=800), "burden", "serious_illness")

    assert paid == {"burden": "5500.00", "serious_illness": "2010.00"}  # 3 000 × .6 + 300 × .7


def test_first_pay_left_out_of_the_burden_never_lessens_what_is_included():
    file = inpatient(
        "first_pay: [{ratio: 0.5}]\nshare: {bands: [{upto: null, ratios: [{ratio: 0}]}]}",
        """
supplements:
  - {id: one, insurance: employee, kind: burden, fund: large_amount, includes: [first_copay], thresholds: [{amount: 0}],
     ratios: [{ratio: 1}], annual_cap: 1000, source: T1}
  - {id: two, insurance: employee, kind: burden, fund: assistance, includes: [over_limit], excludes_first_pay: true,
     thresholds: [{amount: 0}], ratios: [{ratio: 1}], source: T1}
""",
    )

    given = case(2400, over_limit=400, first_copay=1000, excluded=400)

    # scope 600, first pay 300, burden 600; the first pays 1 000 of 1 600, which leaves nothing of the burden;
    # the second counts 0 (0 − 300, not below) + 400
    assert amounts(file, given, "large_amount", "assistance") == {"large_amount": "1000.00", "assistance": "400.00"}


def test_two_supplements_of_one_fund_share_its_cap_and_the_burden():
    two = LARGE + LARGE.replace("\nsupplements:\n", "").replace("id: large", "id: more").replace("0.9", "0.5")

    file = inpatient(PLAIN + "\nannual_cap: {of: pooled, amount: 7600}", two.replace("3000", "500"))

    # beyond 500: 450, then 250, of which the fund has 50 left
    assert amounts(file, case(10000), "beyond", "large_amount") == {"beyond": "500.00", "large_amount": "500.00"}


def test_account_does_not_pay_abroad_where_the_area_says_so():
    file = policy(
        "account_abroad: false\nbenefits: [{id: s, insurance: employee, care: inpatient, source: T1, "
        "share: {bands: [{upto: null, ratios: [{ratio: 0.8}]}]}}]"
    )

    assert amounts(file, case(1000, balance=500, travel="local"), "account") == {"account": "200.00"}
    assert amounts(file, case(1000, balance=500, travel="other"), "account", "cash") == {
        "account": "0.00",
        "cash": "200.00",
    }


def test_person_with_several_identities_has_the_one_that_pays_most():
    file = inpatient(
        "not_covered: [{when: {identity: disabled}}]\n"
        "share: {bands: [{upto: null, ratios: [{when: {identity: low_income}, ratio: 0.9}, {ratio: 0.8}]}]}"
    )

    given, policy_ = case(1000), compile_policy(file)

    assert settle_as_best(policy_, given, ["none", "disabled", "low_income"]).amounts["fund"] == Decimal("900.00")
    assert settle_as_best(policy_, given, ["disabled"]).refused == "not_covered"
    assert settle_as_best(policy_, given, []).amounts["fund"] == Decimal("800.00")


def test_explanation_shows_figures_rules_and_sources():
    file = inpatient(
        "deductible: {amounts: [{when: {level: 3}, amount: 880}], adjust: [{when: {travel: unfiled}, times: 1.05}]}\n"
        "share: {bands: [{upto: null, ratios: [{when: {level: 3}, ratio: 0.85}]}],"
        " adjust: [{when: {travel: unfiled}, points: -5, source: T1}]}"
    )

    lines = {line.step: line for line in settled(file, case(20000, travel="unfiled")).lines}

    assert lines["deductible"].formula == "880.00（三级医院） × 1.05（未备案）"
    assert lines["band"].formula == "19076.00 × 80%（85%（三级医院） − 5个百分点（未备案，T1）） = 15260.80"
    assert (lines["pooled"].amount, lines["pooled"].source) == (Decimal("15260.80"), "T1")
    assert lines["cash"].formula == "4739.20"


def test_formula_reads_from_left_to_right_as_it_was_calculated():
    file = inpatient(
        "deductible: {amounts: [{amount: 800}], adjust: [{add: 100}, {times: 0.5}]}\n"
        "share: {bands: [{upto: null, ratios: [{ratio: 0.5}]}], adjust: [{points: 10}, {times: 0.5}]}"
    )

    lines = {line.step: line for line in settled(file, case(1450)).lines}

    assert (lines["deductible"].formula, str(lines["deductible"].amount)) == ("(800.00 + 100.00) × 0.5", "450.00")
    assert lines["band"].formula == "1000.00 × 30%（(50% + 10个百分点) × 0.5） = 300.00"
