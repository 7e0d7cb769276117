"""What an area has and its file does not know: `not_included` and caps that are not known, as they are read and as answers list them."""

import pytest

from policies.language.loader import load_text
from policies.language.omissions import Omission, omissions_text
from policies.language.text import PolicyError
from tests.policies.small import HEAD, LARGE, SERIOUS, amounts, case, inpatient, policy, settled

HALF = "share: {bands: [{upto: null, ratios: [{ratio: 0.5}]}]}"
CAPPED = HALF + "\nannual_cap: "


def listed(file, **given):
    return settled(file, case(10000, **given)).not_included


def not_included(*entries):
    return "not_included:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries)


def test_what_is_not_included_is_listed_and_changes_nothing():
    entries = not_included("kind: fund, fund: serious_illness, insurance: employee, reason: 没有找到分段, source: T1")

    file = inpatient(HALF, entries)

    assert listed(file) == (("fund", "serious_illness", "没有找到分段"),)
    assert amounts(file, case(10000), "pooled", "serious_illness", "own") == {
        "pooled": "5000.00",
        "serious_illness": "0.00",
        "own": "5000.00",
    }


def test_a_file_that_leaves_nothing_out_lists_nothing():
    assert listed(inpatient(HALF)) == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"travel": "other", "person": "retired"}, ["其他临时外出", "住院", "退休"]),
        ({"travel": "local", "person": "active"}, ["住院"]),
        ({"travel": "other"}, ["其他临时外出", "住院"]),
    ],
)
def test_an_entry_is_listed_where_it_holds(given, expected):
    file = inpatient(
        HALF,
        not_included(
            "kind: rule, when: {travel: other}, reason: 其他临时外出",
            "kind: rule, care: [inpatient], reason: 住院",
            "kind: cap, when: {person: retired}, reason: 退休",
        ),
    )

    assert [omission.reason for omission in listed(file, **given)] == expected


def test_an_entry_for_the_level_meets_the_level_the_case_is_settled_by():
    entries = not_included("kind: rule, when: {level: 3}, reason: 三级", "kind: rule, when: {level: 1}, reason: 一级")
    file = inpatient(HALF + "\nlevel_as: [{when: {travel: other}, level: 3}]", entries)

    omissions = listed(file, level=1, travel="other")

    assert [omission.reason for omission in omissions] == ["三级"]


def test_the_same_twice_is_listed_once():
    entries = not_included(
        "kind: fund, fund: assistance, reason: 没有找到比例",
        "kind: fund, fund: assistance, care: [inpatient], reason: 没有找到比例",
    )

    assert listed(inpatient(HALF, entries)) == (("fund", "assistance", "没有找到比例"),)


def test_a_refusal_lists_nothing():
    entries = not_included("kind: rule, reason: 没有找到")
    file = inpatient(HALF + "\nnot_known: [{when: {travel: other}}]", entries)

    refusal = settled(file, case(travel="other"))

    assert (refusal.refused, refusal.not_included) == ("not_known", ())


@pytest.mark.parametrize(
    ("cap", "reason"),
    [
        ("not_known", "没有找到金额"),
        ("{not_known: 没有找到职工封顶线}", "没有找到职工封顶线"),
        ("[{when: {travel: local}, not_known: 没有找到本地}, {of: pooled, amount: 100}]", "没有找到本地"),
        ("[{of: pooled, not_known: 没有找到统筹封顶}]", "没有找到统筹封顶"),
        ("[{of: pooled, not_known: 没有找到}, {of: scope, not_known: 没有找到}]", "没有找到"),
    ],
)
def test_a_cap_that_is_not_known_is_not_applied_but_listed(cap, reason):
    file = inpatient(CAPPED + cap)

    assert listed(file) == (("cap", None, reason),)
    assert amounts(file, case(10000), "pooled", "beyond") == {"pooled": "5000.00", "beyond": "0.00"}


def test_where_the_cap_is_known_it_counts():
    """Of pooled 100 the bands alone use up at 200; the other 9800 are beyond."""
    file = inpatient(CAPPED + "[{when: {travel: local}, not_known: 没有找到本地}, {of: pooled, amount: 100}]")

    assert listed(file, travel="other") == ()
    assert amounts(file, case(10000, travel="other"), "pooled", "beyond") == {"pooled": "100.00", "beyond": "9800.00"}


def test_a_cap_of_scope_counts_beside_one_of_pooled_that_is_not_known():
    file = inpatient(CAPPED + "[{of: pooled, not_known: 没有找到}, {of: scope, amount: 6000}]")

    assert listed(file) == (("cap", None, "没有找到"),)
    assert amounts(file, case(10000), "eligible", "pooled") == {"eligible": "6000.00", "pooled": "3000.00"}


def test_a_cap_that_is_not_known_keeps_out_both_where_it_names_neither():
    file = inpatient(
        CAPPED + "[{when: {travel: local}, not_known: 没有找到}, {of: pooled, amount: 10}, {of: scope, amount: 10}]"
    )

    assert amounts(file, case(10000), "eligible", "pooled") == {"eligible": "10000.00", "pooled": "5000.00"}


def test_a_funds_cap_that_is_not_known():
    """Beyond the cap of 1000 are 8000: 90 % of them, without the 3000 that the fund's cap would leave."""
    known = inpatient(CAPPED + "{of: pooled, amount: 1000}", LARGE)
    unknown = inpatient(
        CAPPED + "{of: pooled, amount: 1000}", LARGE.replace("annual_cap: 3000", "annual_cap: not_known")
    )

    assert amounts(known, case(10000), "large_amount") == {"large_amount": "3000.00"}
    assert amounts(unknown, case(10000), "large_amount") == {"large_amount": "7200.00"}
    assert listed(unknown) == (("cap", "large_amount", "没有找到金额"),)


def test_the_cap_of_a_fund_that_does_not_apply_is_not_listed():
    retired = "when: {person: retired}, annual_cap: not_known"
    file = inpatient(HALF, LARGE.replace("annual_cap: 3000", retired))

    assert listed(file, person="active") == ()


def test_a_fund_known_for_some_may_be_omitted_for_the_others():
    low_income = SERIOUS.replace("    source: T1\n", "    source: T1\n    when: {identity: low_income}\n", 1)
    low_income = low_income.replace(", {amount: 2000}", "")
    others = not_included("kind: fund, fund: serious_illness, when: {identity: none}, reason: 没有找到普通人员的")

    file = inpatient(HALF, low_income + others)

    assert listed(file) == (("fund", "serious_illness", "没有找到普通人员的"),)
    assert listed(file, identity="low_income") == ()


def test_a_fund_whose_threshold_is_known_for_some_only():
    """Nothing says from where on it pays for the others: the supplement does not apply to them, so it may be omitted there."""
    thresholds = SERIOUS.replace(", {amount: 2000}", "")
    others = not_included("kind: fund, fund: serious_illness, when: {identity: none}, reason: 没有找到普通人员的")

    file = inpatient(HALF, thresholds + others)

    assert listed(file) == (("fund", "serious_illness", "没有找到普通人员的"),)


def test_a_fund_of_the_other_insurance_may_be_omitted():
    file = policy(
        "benefits:\n"
        + "".join(
            f"  - {{id: {who}, insurance: {who}, care: inpatient, source: T1, {HALF}}}\n"
            for who in ("employee", "resident")
        )
        + LARGE
        + not_included("kind: fund, fund: large_amount, insurance: resident, reason: 没有找到居民大额")
    )

    assert listed(file, insurance="resident") == (("fund", "large_amount", "没有找到居民大额"),)
    assert listed(file) == ()


def test_a_fund_that_is_a_supplement_for_the_same_cases_is_refused_with_both_lines():
    text = (
        HEAD
        + f"benefits:\n  - {{id: stay, insurance: employee, care: inpatient, source: T1, {HALF}}}\n"
        + LARGE.lstrip("\n")
        + not_included("kind: fund, fund: large_amount, reason: 没有找到")
    )

    with pytest.raises(PolicyError) as refused:
        load_text(text, "file.yaml")

    (problem,) = refused.value.problems
    assert (problem.line, problem.key, problem.code) == (11, "not_included[0]", "fund_known")
    assert problem.expected == "第 9 行的 large 已写明这项基金对同样情形的支付，不能又说没有计入"


def test_a_cap_that_is_not_known_needs_no_source_in_shipped_files():
    """Its figure is not there; a figure beside it still needs one."""
    text = HEAD.replace("    ", "") + (
        "benefits:\n  - id: stay\n    insurance: employee\n    care: inpatient\n    share:\n      source: T1\n"
        "      bands: [{upto: null, ratios: [{ratio: 0.5}]}]\n    annual_cap: not_known\n"
    )

    assert load_text(text, "file.yaml", shipped=True).benefits[0].annual_cap[0].amount is None


def test_omissions_read_as_one_sentence():
    fund = Omission("fund", "serious_illness", "没有找到职工大病保险的分段")
    cap, funds_cap = Omission("cap", None, "没有找到金额"), Omission("cap", "assistance", "没有找到金额")
    rule = Omission("rule", None, "没有找到学生的规定")

    assert omissions_text([]) == ""
    assert omissions_text([fund]) == "未计入：大病保险（没有找到职工大病保险的分段）。实际个人负担可能更低。"
    assert omissions_text([cap, funds_cap]) == (
        "未计入：统筹基金年度封顶线（没有找到金额）；医疗救助年度封顶线（没有找到金额）。实际个人负担可能更高。"
    )
    assert omissions_text([fund, rule]) == (
        "未计入：大病保险（没有找到职工大病保险的分段）；部分规定（没有找到学生的规定）。实际个人负担可能与此不同。"
    )
