"""The notice says what the rules say."""

from dataclasses import replace
from datetime import date

import pytest

from policies.language.filing_rules import rules_for
from policies.language.terms import FILING_TYPES
from policies.readable.notice import build_notice

DAY = date(2026, 5, 6)
NAMES = {"110000": "北京市", "120000": "天津市", "310000": "上海市"}


def notice(area: str, filing_type: str, name: str = "某市"):
    return build_notice(name, filing_type, rules_for(area, DAY), lambda code: NAMES.get(code, code))


def test_title():
    assert notice("330100", "resident", "杭州市").title == "杭州市异地就医备案告知书（异地长期居住人员）"


@pytest.mark.parametrize(
    ("area", "filing_type", "sentence"),
    [
        ("330100", "resident", "须在就医地居住（或者预计居住）3个月以上。"),
        ("330100", "resident", "下列人员不办理此类备案：少年儿童；非本地户籍的灵活就业人员和个体工商户。"),
        ("330100", "resident", "签署《个人承诺书》即可备案"),
        ("140100", "retiree", "备案可以随时变更或者取消。"),
        ("320500", "retiree", "自备案开始日起60日内不得变更或者取消。"),
        ("320500", "other", "即时办结。"),
        ("320500", "other", "自备案开始日起1年内有效，有效期内可以多次就医。"),
        ("410100", "worker", "以个人承诺方式备案的，自备案开始日起6个月内不得变更或者取消。"),
        ("410100", "referral", "恶性肿瘤放化疗等有效期为1年。"),
        ("210100", "other", "此类就医不需要办理备案"),
        ("210100", "resident", "补齐材料前回参保地就医支付比例降低10个百分点。\n补齐材料后5个工作日内恢复。"),
        ("370100", "worker", "参保地不接受以个人承诺代替材料。"),
        ("370200", "worker", "在此之前回参保地就医按“其他临时外出”结算。"),
        ("370200", "worker", "条件：备案满6个月，或者已提交证明材料"),
        ("430100", "worker", "条件：以个人承诺方式备案的，须补齐材料。在此之前回参保地就医不能直接结算。"),
        (
            "430100",
            "worker",
            "单位派出证明、异地工作单位证明或者工作合同（任选其一）（可先签署个人承诺书，之后补齐）。",
        ),
        ("330100", "worker", "（任选其一）（可以用个人承诺书代替）。"),
        ("370400", "other", "参保地医保线上渠道：即时办结。"),
        ("150100", "referral", "须由主任及以上医师出具意见。"),
        ("150100", "referral", "转诊证明的开具时间不得超过3个月。"),
        ("150100", "referral", "医疗机构开具转诊后即视为完成备案"),
        ("420100", "emergency", "请在入院后2个工作日内向参保地经办机构报告。"),
        ("441900", "emergency", "请在入院后10日内、出院结算前向参保地经办机构报告。"),
        ("500000", "emergency", "视同已备案，不需要另行办理。"),
        ("500000", "emergency", "在未联网的医疗机构急诊的，请在入院后5个工作日内向参保地经办机构报告。"),
        ("220100", "other", "请在出院次年年底前向参保地申请手工报销。"),
        ("430100", "resident", "在备案之日起2个月内补齐。"),
        ("430100", "resident", "取消备案，此后2年内不得再以承诺方式备案"),
        ("130100", "other", "到北京市、天津市：住院、普通门诊、门诊慢特病、定点药店购药自2023年02月10日起不需要备案"),
        ("140100", "other", "其余规定根据公开资料整理，以参保地经办机构的解释为准。"),
    ],
)
def test_sentences_of_areas(area, filing_type, sentence):
    assert sentence in notice(area, filing_type).text


def test_what_is_not_needed_is_not_asked_for():
    text = notice("210100", "other").text

    assert [part for part in ("备案材料", "备案有效期", "变更和取消") if f"、{part}\n" in text] == []


def test_a_withdrawn_exemption_is_not_announced():
    rules = rules_for("530100", DAY)

    assert rules.exempt
    assert "免备案" not in build_notice("昆明市", "other", rules, str, on=DAY).text


def test_proof_for_some_places_only_names_them():
    rules = rules_for("210100", DAY)
    refused = replace(rules, dual_benefit=replace(rules.dual_benefit, before="refused"))

    text = build_notice("沈阳市", "worker", refused, NAMES.__getitem__).text

    assert "条件：备案到北京市、上海市的，以个人承诺方式备案的，须补齐材料。" in text


def test_sections_are_numbered_without_a_gap():
    lines = notice("430100", "referral").text.split("\n")

    numerals = [line.split("、")[0] for line in lines if line[:1] in "一二三四五六七八九十" and "、" in line[:3]]

    assert numerals == ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一"][: len(numerals)]
    assert len(numerals) >= 8


def test_the_same_rules_give_the_same_hash_and_others_another():
    assert notice("430100", "worker").sha256 == notice("430100", "worker").sha256
    assert len({notice("430100", name).sha256 for name in FILING_TYPES}) == 6


@pytest.mark.parametrize("filing_type", FILING_TYPES)
def test_every_notice_is_whole_sentences(filing_type):
    for area in ("110000", "310000", "330200", "350200", "420100", "530100", "620100"):
        for line in notice(area, filing_type).text.split("\n"):
            assert not line or line[-1] == "。" or "、" in line[:3]
            assert "。。" not in line
            assert "None" not in line
