"""Every refusal of the loader, from one small file with one thing changed: the code, the key, and the line are right."""

import pytest

from policies.language.loader import load_text
from policies.language.text import PolicyError, Problem

GOOD = """\
area: "500000"
name: 重庆市基本医疗保险
effective_from: 2022-01-01
effective_until: null
sources:
  - {id: CQ1, title: 待遇表, publisher: 某市医保局, year: 2022, grade: A}
filing:
  types:
    referral: {validity: 12 months, source: CQ1}
benefits:
  - id: employee-inpatient
    insurance: employee
    care: inpatient
    first_pay: [{when: {travel: other}, ratio: 0.20, source: CQ1}]
    deductible:
      period: admission
      amounts:
        - {when: {travel: other}, percent_of_total: 0.20, min: 2000, max: 10000, source: CQ1}
        - {when: {level: 3}, amount: 880, source: CQ1}
        - {amount: 200, source: CQ1}
      adjust: [{when: {travel: unfiled}, times: 1.05, source: CQ1}]
    share:
      base: stay
      measure: scope
      bands:
        - {upto: 30000, ratios: [{when: {level: 3}, ratio: 0.85, source: CQ1}, {ratio: 0.90, source: CQ1}]}
        - {upto: null, ratios: [{ratio: 0.95, source: CQ1}]}
      adjust: [{when: {person: retired, age_from: 60}, points: 2, source: CQ1}]
    limits: [{of: pooled, period: year, amount: 2000, source: CQ1}]
    annual_cap: {of: pooled, amount: 320000, source: CQ1}
supplements:
  - id: serious-illness
    insurance: employee
    kind: burden
    fund: serious_illness
    thresholds: [{when: {identity: low_income}, amount: 9000, source: CQ1}, {amount: 18000, source: CQ1}]
    bands: [{upto: null, ratios: [{ratio: 0.60, source: CQ1}]}]
year_starts: "01-01"
examples:
  - name: first stay
    given: {insurance: employee, care: inpatient, level: 3, travel: local, cost: {total: 20000}}
    expect: {deductible: 880.00}
"""


def problems_of(text: str, *, shipped: bool = False) -> list[Problem]:
    with pytest.raises(PolicyError) as refused:
        load_text(text, "file.yaml", shipped=shipped)
    return refused.value.problems


def test_the_file_all_cases_start_from_is_good():
    policy = load_text(GOOD, "file.yaml", shipped=True)

    assert policy.area == "500000"
    assert [benefit.id for benefit in policy.benefits] == ["employee-inpatient"]


BENEFIT = "benefits[0]"
OMITTED = "not_included[0]"


def after_the_head(entry):
    """The file with one entry of `not_included` on the line after the area's."""
    return "name: 重庆市基本医疗保险\n", f"name: 重庆市基本医疗保险\nnot_included: [{entry}]\n", 1


CASES = {
    # the text
    "duplicate key": (
        "care: inpatient\n",
        "care: inpatient\n    care: inpatient\n",
        1,
        f"{BENEFIT}.care",
        "key_duplicate",
    ),
    "octal number": ("amount: 880", "amount: 0880", 0, f"{BENEFIT}.deductible.amounts[1].amount", "number_ambiguous"),
    "base-60 number": (
        "amount: 880",
        "amount: 14:40",
        0,
        f"{BENEFIT}.deductible.amounts[1].amount",
        "number_ambiguous",
    ),
    "hexadecimal number": (
        "amount: 880",
        "amount: 0x370",
        0,
        f"{BENEFIT}.deductible.amounts[1].amount",
        "number_ambiguous",
    ),
    "number with underscores": (
        "amount: 320000",
        "amount: 320_000",
        0,
        f"{BENEFIT}.annual_cap.amount",
        "number_ambiguous",
    ),
    "number with an exponent": (
        "amount: 880",
        "amount: 8e2",
        0,
        f"{BENEFIT}.deductible.amounts[1].amount",
        "number_ambiguous",
    ),
    "yes for true": ("effective_until: null", "account_abroad: yes", 0, "account_abroad", "boolean_ambiguous"),
    "off for a word": ("period: admission", "period: off", 0, f"{BENEFIT}.deductible.period", "boolean_ambiguous"),
    "on as a key": ("      base: stay", "      on: stay", 0, f"{BENEFIT}.share", "boolean_ambiguous"),
    "impossible date": ("2022-01-01", "2022-02-30", 0, "effective_from", "date_invalid"),
    "alias": ("sources:", "sources: &all", 0, "", "alias"),
    "tag": ("name: 重庆", "name: !!str 重庆", 0, "", "tag"),
    "two documents": ("year_starts:", "---\nyear_starts:", 0, "", "syntax"),
    "broken YAML": ("fund: serious_illness", "fund: [serious_illness", 1, "", "syntax"),
    # keys and codes
    "unknown key of the file": ("year_starts:", "year_start:", 0, "year_start", "key_unknown"),
    "unknown key of a rule": ("min: 2000", "least: 2000", 0, f"{BENEFIT}.deductible.amounts[0].least", "key_unknown"),
    "missing key": ("    kind: burden\n", "", -2, "supplements[0].kind", "key_missing"),
    "area as a number": ('"500000"', "500000", 0, "area", "code_unquoted"),
    "area with five digits": ('"500000"', '"50000"', 0, "area", "code_invalid"),
    "destination as a number": (
        "when: {level: 3}, amount",
        "when: {destination: 120000}, amount",
        0,
        f"{BENEFIT}.deductible.amounts[1].when.destination",
        "code_unquoted",
    ),
    "text for a sum": ("amount: 880", "amount: much", 0, f"{BENEFIT}.deductible.amounts[1].amount", "type_wrong"),
    "year that does not start every year": ('"01-01"', '"02-29"', 0, "year_starts", "date_invalid"),
    # figures
    "ratio above one": (
        "ratio: 0.85",
        "ratio: 85",
        0,
        f"{BENEFIT}.share.bands[0].ratios[0].ratio",
        "ratio_out_of_range",
    ),
    "ratio below zero": (
        "ratio: 0.85",
        "ratio: -0.1",
        0,
        f"{BENEFIT}.share.bands[0].ratios[0].ratio",
        "ratio_out_of_range",
    ),
    "negative sum": ("amount: 880", "amount: -880", 0, f"{BENEFIT}.deductible.amounts[1].amount", "amount_negative"),
    "too many points": ("points: 2", "points: 200", 0, f"{BENEFIT}.share.adjust[0].points", "points_out_of_range"),
    "bounds crossed": ("max: 10000", "max: 1000", 0, f"{BENEFIT}.deductible.amounts[0].max", "bounds_crossed"),
    "sum and percentage": (
        "min: 2000, max: 10000",
        "amount: 1",
        0,
        f"{BENEFIT}.deductible.amounts[0]",
        "keys_conflict",
    ),
    "adjustment without a figure": (", times: 1.05", "", 0, f"{BENEFIT}.deductible.adjust[0]", "keys_conflict"),
    "unordered bands": (
        "- {upto: null, ratios: [{ratio: 0.95, source: CQ1}]}",
        "- {upto: 30000, ratios: [{ratio: 0.95, source: CQ1}]}\n        - {upto: null, ratios: [{ratio: 1, source: CQ1}]}",
        0,
        f"{BENEFIT}.share.bands[1].upto",
        "bands_unordered",
    ),
    "last band with an end": (
        "upto: null, ratios: [{ratio: 0.95",
        "upto: 50000, ratios: [{ratio: 0.95",
        0,
        f"{BENEFIT}.share.bands[1].upto",
        "last_band_closed",
    ),
    "open band before the last": ("upto: 30000", "upto: null", 0, f"{BENEFIT}.share.bands[0].upto", "bands_unordered"),
    "period that ends before it begins": (
        "effective_until: null",
        "effective_until: 2021-01-01",
        -3,
        "",
        "period_empty",
    ),
    # facts
    "unknown fact": (
        "when: {level: 3}, amount",
        "when: {planet: 3}, amount",
        0,
        f"{BENEFIT}.deductible.amounts[1].when.planet",
        "fact_unknown",
    ),
    "bound on a fact without order": (
        "age_from: 60",
        "person_from: 60",
        0,
        f"{BENEFIT}.share.adjust[0].when.person_from",
        "fact_unknown",
    ),
    "unknown value": (
        "when: {level: 3}, amount",
        "when: {level: 4}, amount",
        0,
        f"{BENEFIT}.deductible.amounts[1].when.level",
        "value_unknown",
    ),
    "unknown word": (
        "travel: unfiled",
        "travel: unfilled",
        0,
        f"{BENEFIT}.deductible.adjust[0].when.travel",
        "value_unknown",
    ),
    "unknown fact in an example": (
        "level: 3, travel: local",
        "levl: 3, travel: local",
        0,
        "examples[0].given.levl",
        "fact_unknown",
    ),
    "unknown amount in an example": (
        "{deductible: 880.00}",
        "{deductable: 880.00}",
        0,
        "examples[0].expect.deductable",
        "value_unknown",
    ),
    "example without its costs": (", cost: {total: 20000}", "", 0, "examples[0].given.cost", "key_missing"),
    # rules that can never be reached
    "after a rule without condition": (
        "        - {amount: 200, source: CQ1}\n",
        "        - {amount: 200, source: CQ1}\n        - {when: {level: 1}, amount: 100, source: CQ1}\n",
        1,
        f"{BENEFIT}.deductible.amounts[3]",
        "unreachable",
    ),
    "against its benefit": (
        "when: {travel: other}, ratio: 0.20",
        "when: {care: outpatient}, ratio: 0.20",
        0,
        f"{BENEFIT}.first_pay[0]",
        "unreachable",
    ),
    "adjustment against itself": (
        "age_from: 60",
        "age_from: 60, age_below: 50",
        0,
        f"{BENEFIT}.share.adjust[0]",
        "unreachable",
    ),
    # sources
    "unknown source": (
        "ratio: 0.85, source: CQ1",
        "ratio: 0.85, source: CQ9",
        0,
        f"{BENEFIT}.share.bands[0].ratios[0].source",
        "source_unknown",
    ),
    "unknown grade": ("grade: A", "grade: E", 0, "sources[0].grade", "value_unknown"),
    # supplements and filing
    "burden without threshold": (
        "    thresholds: [{when: {identity: low_income}, amount: 9000, source: CQ1}, {amount: 18000, source: CQ1}]\n",
        "",
        -4,
        "supplements[0].thresholds",
        "key_missing",
    ),
    "threshold on what pays above the cap": ("kind: burden", "kind: above_cap", -2, "supplements[0]", "keys_conflict"),
    "unknown filing type": ("    referral: {", "    transfer: {", 0, "filing.types.transfer", "key_unknown"),
    "unknown filing key": ("validity: 12 months", "valid: 12 months", 0, "filing.types.referral.valid", "key_unknown"),
    "a span without its unit": (
        "validity: 12 months",
        "validity: 12",
        0,
        "filing.types.referral.validity",
        "span_invalid",
    ),
    "unknown filing section": (
        "  types:\n    referral: {validity: 12 months, source: CQ1}",
        "  lanes: {referral: review}",
        0,
        "filing.lanes",
        "key_unknown",
    ),
}

CASES |= {
    # what the file does not know
    "omitted fund without its name": (
        *after_the_head("{kind: fund, reason: 没有找到}"),
        f"{OMITTED}.fund",
        "key_missing",
    ),
    "omitted rule with a fund": (
        *after_the_head("{kind: rule, fund: assistance, reason: 没有找到}"),
        f"{OMITTED}.fund",
        "keys_conflict",
    ),
    "omission of an unknown kind": (
        *after_the_head("{kind: ratio, reason: 没有找到}"),
        f"{OMITTED}.kind",
        "value_unknown",
    ),
    "omission without a reason": (*after_the_head("{kind: rule}"), f"{OMITTED}.reason", "key_missing"),
    "omission with an empty reason": (
        *after_the_head('{kind: rule, reason: ""}'),
        f"{OMITTED}.reason",
        "reason_invalid",
    ),
    "reason with a full stop": (
        *after_the_head("{kind: rule, reason: 没有找到。}"),
        f"{OMITTED}.reason",
        "reason_invalid",
    ),
    "omission by an unknown source": (
        *after_the_head("{kind: rule, reason: 没有找到, source: CQ9}"),
        f"{OMITTED}.source",
        "source_unknown",
    ),
    "omission for an insurance without benefits": (
        *after_the_head("{kind: rule, insurance: resident, reason: 没有找到}"),
        OMITTED,
        "unreachable",
    ),
    "omission for care without benefits": (
        *after_the_head("{kind: rule, care: [outpatient], reason: 没有找到}"),
        OMITTED,
        "unreachable",
    ),
    "omission against itself": (
        *after_the_head("{kind: rule, insurance: employee, when: {insurance: resident}, reason: 没有找到}"),
        OMITTED,
        "unreachable",
    ),
    "omission of a fund that is a supplement": (
        *after_the_head("{kind: fund, fund: serious_illness, reason: 没有找到}"),
        OMITTED,
        "fund_known",
    ),
    "omission of a fund that is a supplement for some of these": (
        *after_the_head("{kind: fund, fund: serious_illness, when: {identity: [none, orphan]}, reason: 没有找到}"),
        OMITTED,
        "fund_known",
    ),
    "cap both known and not": (
        "amount: 320000, source",
        "amount: 320000, not_known: 没有找到, source",
        0,
        f"{BENEFIT}.annual_cap[0]",
        "keys_conflict",
    ),
    "cap of nothing": (
        "{of: pooled, amount: 320000",
        "{amount: 320000",
        0,
        f"{BENEFIT}.annual_cap[0].of",
        "key_missing",
    ),
    "cap by an unknown word": (
        "{of: pooled, amount: 320000, source: CQ1}",
        "unknown",
        0,
        f"{BENEFIT}.annual_cap[0]",
        "type_wrong",
    ),
    "cap behind one that is not known": (
        "annual_cap: {of: pooled, amount: 320000, source: CQ1}",
        "annual_cap: [{not_known: 没有找到}, {of: pooled, amount: 320000, source: CQ1}]",
        0,
        f"{BENEFIT}.annual_cap[1]",
        "unreachable",
    ),
    "cap not known behind both": (
        "annual_cap: {of: pooled, amount: 320000, source: CQ1}",
        "annual_cap: [{of: pooled, amount: 1, source: CQ1}, {of: scope, amount: 1, source: CQ1}, {not_known: 没有找到}]",
        0,
        f"{BENEFIT}.annual_cap[2]",
        "unreachable",
    ),
    # dates
    "quoted date that does not exist": ("2022-01-01", '"2022-02-30"', 0, "effective_from", "date_invalid"),
    "quoted date that is not whole": ("2022-01-01", '"2022-1-1"', 0, "effective_from", "date_invalid"),
    "quoted text for a date": ("2022-01-01", '"年初"', 0, "effective_from", "type_wrong"),
}


@pytest.mark.parametrize(("old", "new", "offset", "key", "code"), CASES.values(), ids=CASES.keys())
def test_one_thing_wrong_is_refused_at_its_place(old, new, offset, key, code):
    assert old in GOOD

    changed = GOOD.replace(old, new, 1)
    line = GOOD[: GOOD.index(old)].count("\n") + 1 + offset

    problems = problems_of(changed)

    assert [(p.file, p.line, p.key, p.code) for p in problems] == [("file.yaml", line, key, code)]
    assert problems[0].expected


def test_a_figure_without_source_is_refused_in_shipped_files_only():
    bare = GOOD.replace("ratio: 0.85, source: CQ1", "ratio: 0.85")

    assert load_text(bare, "file.yaml").benefits
    assert [(p.line, p.key, p.code) for p in problems_of(bare, shipped=True)] == [
        (26, "benefits[0].share.bands[0].ratios[0].ratio", "source_missing")
    ]


def test_a_bare_figure_takes_its_parents_source():
    parent = GOOD.replace(", source: CQ1", "").replace(
        "    care: inpatient\n", "    care: inpatient\n    source: CQ1\n"
    )
    parent = parent.replace("fund: serious_illness\n", "fund: serious_illness\n    source: CQ1\n")

    parent = parent.replace("  types:\n", "  source: CQ1\n  types:\n")

    assert load_text(parent, "file.yaml", shipped=True).benefits[0].source == "CQ1"


def test_all_that_is_wrong_is_told_at_once():
    bad = GOOD.replace("ratio: 0.85", "ratio: 85").replace("amount: 880", "amount: 0880").replace('"500000"', "500000")

    bad = bad.replace("fund: serious_illness", "fund: lottery").replace("validity: 12 months", "validity: long")

    assert [(p.line, p.code) for p in problems_of(bad)] == [
        (1, "code_unquoted"),
        (9, "span_invalid"),
        (19, "number_ambiguous"),
        (26, "ratio_out_of_range"),
        (35, "value_unknown"),
    ]


def test_two_entries_with_one_id():
    twice = GOOD.replace(
        "supplements:",
        "supplements:\n  - {id: serious-illness, insurance: resident, kind: above_cap, "
        "fund: large_amount, ratios: [{ratio: 0.9}]}",
    )

    assert [(p.key, p.code) for p in problems_of(twice)] == [("supplements[1].id", "id_duplicate")]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words"])
def test_a_file_that_is_no_mapping(text):
    assert {p.code for p in problems_of(text)} == {"type_wrong"}


def test_endless_nesting_is_refused_before_it_is_built():
    assert [p.code for p in problems_of("a: " + "[" * 200_000)] == ["too_deep"]


def test_an_oversized_file_is_refused():
    assert [p.code for p in problems_of("# " + "x" * 1_000_000)] == ["too_large"]
