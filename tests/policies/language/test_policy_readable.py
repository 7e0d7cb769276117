"""A policy in Chinese: every rule of the language said, every figure of the shipped files with its source."""

from datetime import date

import pytest

from policies.language.filing_rules import RuleBook, shipped
from policies.language.loader import Period, Timeline, load_text
from policies.readable import Sentence, Table, case_words, compare, expected_words, readable

NAMES = {"510100": "成都市", "M03900": "高血压", "120000": "天津市", "000000": "全国"}
HEAD = """area: "510100"
name: 成都市医保
effective_from: 2026-01-01
effective_until: {until}
sources: [{{id: S1, title: 甲, publisher: 甲局, year: 2025, grade: A}}, {{id: S2, title: 乙, publisher: 乙网, year: 2024, grade: C}}]
"""
DAY = date(2026, 3, 2)


def name_of(code):
    return NAMES.get(code, code)


def policy(body, until="null"):
    return load_text(HEAD.format(until=until) + body, "x.yaml")


def in_words(body, until="null"):
    file = policy(body, until)
    book = RuleBook({**shipped().timelines, "510100": Timeline((Period(file.effective_from, None, file),))})
    return readable(file, book.rules_for("510100", DAY), name_of)


def section(text, key):
    return next(one for one in text.sections if one.key == key)


def rows(part, title):
    (table,) = [piece for piece in part.pieces if isinstance(piece, Table) and piece.title == title]
    return [row.cells for row in table.rows]


def sentences(part):
    return [piece.text for piece in part.pieces if isinstance(piece, Sentence)]


RICH = """
benefits:
  - id: chronic
    insurance: employee
    care: chronic
    diseases: [M03900]
    when: {person: [active, retired]}
    counter: inpatient
    not_covered: [{when: {level: 3}, reason: 三级医院不支付}]
    not_known: [{when: {travel: unfiled, settlement: manual}}]
    level_as: [{when: {destination: "120000"}, level: 2}]
    first_pay: [{when: {travel: other}, ratio: 0.2, source: S1}, {when: {travel: unfiled}, ratio: 1}]
    deductible:
      period: year
      source: S2
      linked: true
      annual_max: 2000
      amounts:
        - {when: {travel: other}, percent_of_total: 0.2, min: 2000, max: 10000, source: S1}
        - {when: {visit_from: 2}, amount: 400.5}
        - {when: {age_from: 60, age_below: 80}, amount: 0}
      adjust: [{when: {travel: emergency}, times: 1.05}, {when: {referred: true}, add: -100}]
    share:
      base: year
      bands:
        - {upto: 30000, ratios: [{when: {level_from: 1, level_below: 3}, ratio: 0.855}, {ratio: 0.9}]}
        - {upto: null, ratios: [{when: {tier: 2}, ratio: 0.95}]}
      adjust:
        - {when: {travel: referral}, points: -10, min: 0.4}
        - {when: {travel: other}, times: 0.8}
        - {when: {person: retired}, self_times: 0.6, max: 0.97}
    floor: [{when: {travel: referral}, ratio: 0.4}]
    limits: [{when: {disease: M03900}, of: pooled, period: month, amount: 200}]
    annual_cap: {of: pooled, amount: 320000}
supplements:
  - {id: large, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{when: {person: active}, ratio: 0.9}], annual_cap: 300000}
  - id: serious
    insurance: resident
    kind: burden
    fund: serious_illness
    period: stay
    thresholds: [{when: {identity: low_income}, amount: 9000}, {amount: 18000}]
    bands: [{upto: 50000, ratios: [{ratio: 0.6}]}, {upto: null, ratios: [{ratio: 0.7}]}]
    includes: [first_copay]
    excludes_first_pay: true
    care: [inpatient, chronic]
"""


def test_every_rule_of_a_benefit_is_said():
    part = section(in_words(RICH), "benefit:chronic")

    assert part.title == "职工医保 · 门诊慢特病（在职职工或退休人员；高血压）"
    assert sentences(part) == [
        "年度累计与住院合并计算。",
        "起付线在一个医保年度内累计计算。同一疗程转院或者连续住院的，只补足起付线差额。一个医保年度内起付线累计不超过2,000元。",
        "按一个医保年度的费用累计分段，起付线计入分段。",
    ]
    assert {piece.title: [row.cells for row in piece.rows] for piece in part.pieces if isinstance(piece, Table)} == {
        "不予支付": [("三级医院", "不予支付：三级医院不支付")],
        "尚无依据": [("未备案，手工报销", "没有找到规定，不计算待遇")],
        "适用等级": [("就医地为天津市", "按二级医院的标准")],
        "个人先行自付": [("其他临时外出", "政策范围内费用的20%"), ("未备案", "全部由个人负担")],
        "起付线": [
            ("其他临时外出", "总费用的20%，不低于2,000元，不高于10,000元"),
            ("当年第2次及以后住院", "400.50元"),
            ("年满60岁，不满80岁", "不设起付线"),
        ],
        "起付线调整": [
            ("异地急诊抢救", "起付线乘以1.05（提高5%）"),
            ("经基层首诊转诊", "起付线减少100元"),
        ],
        "统筹基金支付比例": [
            ("30,000元以内", "一级医院及以上，三级医院以下", "85.5%"),
            ("30,000元以内", "其他情形", "90%"),
            ("30,000元以上", "二档缴费", "95%"),
        ],
        "支付比例调整": [
            ("异地转诊", "降低10个百分点，不低于40%"),
            ("其他临时外出", "支付比例乘以0.8（降低20%）"),
            ("退休人员", "个人负担比例乘以0.6，不高于97%"),
        ],
        "保底支付": [("异地转诊", "不低于40%")],
        "限额": [("高血压", "每个病种每月统筹基金支付额不超过200元")],
        "年度封顶线": [("所有情形", "每年统筹基金支付额不超过320,000元")],
    }


def test_a_figure_carries_its_own_source_or_its_parents():
    part = section(in_words(RICH), "benefit:chronic")

    (table,) = [piece for piece in part.pieces if isinstance(piece, Table) and piece.title == "起付线"]

    assert [[source.id for source in row.sources] for row in table.rows] == [["S1"], ["S2"], ["S2"]]
    assert table.note == "自上而下，以最先符合的一行为准。没有列出的情形不设起付线。"


def test_what_no_band_names_is_not_known():
    part = section(in_words(RICH), "benefit:chronic")

    (table,) = [piece for piece in part.pieces if isinstance(piece, Table) and piece.title == "统筹基金支付比例"]

    assert table.note == "同一段内自上而下，以最先符合的一行为准。没有列出的情形尚无依据，不计算待遇。"


def test_supplements_are_said():
    text = in_words(RICH)

    large, serious = section(text, "supplement:large"), section(text, "supplement:serious")

    assert large.title == "职工医保 · 大额医疗费用补助"
    assert sentences(large) == ["对超过统筹基金年度封顶线的政策范围内费用，再按比例支付。"]
    assert rows(large, "支付比例") == [("在职职工", "90%")]
    assert rows(large, "年度限额") == [("所有情形", "每年不超过300,000元")]
    assert sentences(serious) == [
        "住院、门诊慢特病：本次就医的个人负担（政策范围内费用减去统筹基金支付）超过起付标准的部分，按比例支付。"
        "乙类项目先行自付也计入个人负担。异地就医先行自付的部分不计入个人负担。"
    ]
    assert rows(serious, "起付标准") == [("低保对象", "9,000元"), ("其他情形", "18,000元")]
    assert rows(serious, "支付比例") == [
        ("起付标准以上50,000元以内", "所有情形", "60%"),
        ("起付标准以上50,000元以上", "所有情形", "70%"),
    ]


UNKNOWN = RICH.replace("annual_cap: {of: pooled, amount: 320000}", "annual_cap: not_known").replace(
    "annual_cap: 300000",
    "annual_cap: [{when: {person: active}, not_known: 没有找到在职职工的年度限额}, {amount: 300000}]",
)


def test_a_cap_that_is_not_known_is_said():
    text = in_words(UNKNOWN)

    assert rows(section(text, "benefit:chronic"), "年度封顶线") == [
        ("所有情形", "没有找到，不按封顶计算：没有找到金额")
    ]
    assert rows(section(text, "supplement:large"), "年度限额") == [
        ("在职职工", "没有找到，不按封顶计算：没有找到在职职工的年度限额"),
        ("其他情形", "每年不超过300,000元"),
    ]


def test_what_is_not_included_is_a_section():
    text = in_words(
        RICH
        + """
not_included:
  - {kind: fund, fund: assistance, reason: 没有找到医疗救助的比例, source: S1}
  - {kind: cap, insurance: employee, reason: 没有找到职工封顶线}
  - {kind: rule, care: [chronic], when: {travel: other}, reason: 没有找到临时外出的规定}
"""
    )

    assert rows(section(text, "not_included"), "未计入") == [
        ("所有情形", "医疗救助", "没有找到医疗救助的比例"),
        ("职工医保", "统筹基金年度封顶线", "没有找到职工封顶线"),
        ("门诊慢特病，其他临时外出", "部分规定", "没有找到临时外出的规定"),
    ]


def test_what_the_sources_say_to_each_question_is_said_in_the_order_of_the_questions():
    text = in_words(
        "checked_on: 2026-11-28\n"
        "questions:\n"
        "  locks: {not_known: 页面没有写}\n"
        "  inside_area: {says: 市内不需要备案, source: [S1, S2]}\n"
    )

    (table,) = section(text, "questions").pieces
    assert [row.cells for row in table.rows] == [
        ("统筹区内就医", "市内不需要备案"),
        ("变更和取消时限", "不详：页面没有写"),
    ]
    assert [[source.id for source in row.sources] for row in table.rows] == [["S1", "S2"], []]
    assert "2026年11月28日与来源核对过。" in sentences(section(text, "general"))


def test_filing_rules_tell_the_files_own_from_those_above():
    text = in_words(
        "filing: {claim: {deadline: {value: 4 months, source: S1}}, types: {other: {lane: {default: instant, source: S2}}}}\n"
    )
    (table,) = [piece for piece in section(text, "filing:rules").pieces if isinstance(piece, Table)]

    marks = {row.cells[0]: (row.mark, [source.id for source in row.sources]) for row in table.rows}

    assert marks["手工报销"][0] == "本文件规定"
    assert "S1" in marks["手工报销"][1]
    assert marks["审核时限"] == ("沿用上级规定", ["N6"])
    assert rows(section(text, "filing:types"), "其他跨省临时外出就医人员")[1] == ("办理", "即时办结。")
    assert "本文件只规定备案，不规定待遇；待遇按上级文件执行。" in sentences(section(text, "general"))


def test_what_is_said_of_students_injuries_newborns_and_childbirth():
    text = in_words(
        "filing:\n"
        "  vacation: {travel: local, needed: false, note: 凭学生证, source: S1}\n"
        "  injury: {direct: false, statement: true, source: S1}\n"
        "  newborns: {direct: false, within: 90 days, source: S2}\n"
    )

    said = dict(rows(section(text, "filing:rules"), "共同规定"))

    assert said["学生假期"] == "学生假期在外就医，不需要备案，按“本地就医”结算。凭学生证。"
    assert said["外伤"] == "外伤须承诺无第三方责任，不直接结算，自费后回参保地报销。"
    assert (
        said["新生儿"]
        == "出生90日内尚无本人编号的新生儿随母亲就医，按母亲的异地就医情形结算，不直接结算，自费后回参保地报销。"
    )
    assert said["生育"] == "没有查到规定，不直接结算；自费后回参保地报销。"


def test_the_general_part():
    assert sentences(section(in_words(RICH, until="2027-01-01"), "general"))[:3] == [
        "适用于成都市的参保人员。",
        "自2026年1月1日起有效，至2027年1月1日前。",
        "医保年度自每年1月1日开始。",
    ]


@pytest.mark.parametrize("area", sorted(shipped().timelines))
def test_every_shipped_policy_is_said_with_its_sources(area):
    for period in shipped().timelines[area].periods:
        file = period.policy
        text = readable(file, shipped().rules_for(area, period.start), name_of)
        expected = [
            "general",
            *(f"benefit:{b.id}" for b in file.benefits or ()),
            *(f"supplement:{s.id}" for s in file.supplements),
            *(["not_included"] if file.not_included else []),
        ]
        answered = ["questions"] if file.questions else []
        assert [one.key for one in text.sections] == [*expected, "filing:types", "filing:rules", *answered]
        for one in text.sections:
            assert one.pieces
            for piece in one.pieces:
                for row in piece.rows if isinstance(piece, Table) else ():
                    assert all(row.cells)
                    assert len(row.cells) == len(piece.columns)
                    silent = piece.title in ("不予支付", "尚无依据", "适用等级", "未计入")
                    known = not row.cells[-1].startswith(("没有找到", "不详："))
                    figure = known and not silent and row.cells[0] != "免备案"
                    assert row.sources or not figure, (file.file, one.title, piece.title, row)


def test_an_example_in_words():
    body = RICH + (
        "examples:\n  - name: x\n    given: {insurance: employee, person: retired, age: 66, care: chronic, disease: M03900, level: 3,"
        " travel: unfiled, visit: 2, cost: {items: [{name: 片, class: B, amount: 31.7, first_copay_ratio: 0.1, limit: 40}]},"
        " year_to_date: {pooled: 4900, chronic_pooled: 100}, account_balance: 50}\n    expect: {pooled: 0, own: 31.70}\n"
    )

    (example,) = policy(body).examples

    assert case_words(example.given, name_of) == (
        "职工医保，退休人员，66岁，门诊慢特病，高血压，三级医院，未备案，当年第2次住院；片（乙类）31.70元，先自付10%，限价40元；"
        "本年度已计统筹基金支付4,900元；本病种统筹支付100元；个人账户余额50元"
    )
    assert expected_words(example.expect) == [("pooled", "统筹基金支付", "0元"), ("own", "个人负担", "31.70元")]


def changed(old, new):
    return {one.title: [(c.about, c.old, c.new) for c in one.changes] for one in compare(in_words(old), in_words(new))}


def test_two_versions_by_rule():
    new = RICH.replace("amount: 400.5", "amount: 500").replace(
        "{when: {travel: referral}, points: -10, min: 0.4}", "{when: {travel: emergency}, points: -10}"
    )

    assert changed(RICH, new) == {
        "职工医保 · 门诊慢特病（在职职工或退休人员；高血压）": [
            ("起付线：当年第2次及以后住院", "400.50元", "500元"),
            ("支付比例调整：异地急诊抢救", "", "降低10个百分点"),
            ("支付比例调整：异地转诊", "降低10个百分点，不低于40%", ""),
        ]
    }
    assert changed(RICH, RICH) == {}


def test_another_order_of_the_same_rules_is_a_change():
    new = RICH.replace(
        "[{when: {travel: other}, ratio: 0.2, source: S1}, {when: {travel: unfiled}, ratio: 1}]",
        "[{when: {travel: unfiled}, ratio: 1}, {when: {travel: other}, ratio: 0.2, source: S1}]",
    )

    (changes,) = changed(RICH, new).values()

    assert changes == [("个人先行自付：先后顺序", "其他临时外出 → 未备案", "未备案 → 其他临时外出")]


def test_a_benefit_that_is_gone_is_told():
    gone = RICH.partition("supplements:")[0]

    changes = changed(RICH, gone)

    assert ("支付比例：在职职工", "90%", "") in changes["职工医保 · 大额医疗费用补助"]
