"""The statement (结算单): what it says, worked out by hand; who may read it; that it prints."""

import uuid
from decimal import Decimal

import pypdfium2
import pytest

from accounts.models import Role
from core import clock
from core.errors import WrongState
from regions.models import Agency
from settlements import statement
from settlements.models import Settlement
from settlements.services import reverse
from settlements.statement.tables import percents
from tests import factories as make
from tests.settlements.till import policies, till

pytestmark = pytest.mark.django_db

BANDED = """
benefits:
  - id: employee-inpatient
    insurance: employee
    care: inpatient
    source: T1
    first_pay: [{when: {travel: emergency}, ratio: 0.10}]
    deductible: {amounts: [{amount: 1000}]}
    share: {bands: [{upto: 5000, ratios: [{ratio: 0.80}]}, {upto: null, ratios: [{ratio: 0.90}]}]}
    annual_cap: {of: pooled, amount: 20000}
  - id: employee-chronic
    insurance: employee
    care: outpatient
    source: T1
    share: {bands: [{upto: null, ratios: [{ratio: 0.70}]}]}
supplements:
  - {id: large, insurance: employee, kind: above_cap, fund: large_amount, ratios: [{ratio: 0.90}], source: T1}
"""
"""A tenth first for emergencies elsewhere; 1 000; 80 % to 5 000, 90 % from there; at most 20 000 a year, 90 % of what is beyond."""


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment("2026-03-02 10:00")), policies(BANDED):
        yield


@pytest.fixture
def cashier(_monday):
    patient = make.enrollment(make.person("陈㐂𠮷"), category="retired", account_balance="1000.00")
    Agency.objects.create(area_id=make.CHONGQING, name="重庆市医疗保障事务中心", phone="023-12345678")
    return till(patient)


LARGE = {"total": "30000.00", "excluded": "1200.00", "first_copay": "800.00"}


def seen(settlement, account):
    found = Settlement.objects.one(account, settlement.pk)
    assert found is not None
    return found


def said(cashier, **given):
    return statement.texts(seen(cashier.settle(**given), cashier.staff))


def figures(rows):
    return {row["label"]: row["amount"] for row in rows}


def words(pdf):
    """The text of every page, without blanks: how far apart letters stand is no matter."""
    return ["".join(page.get_textpage().get_text_bounded().split()) for page in pypdfium2.PdfDocument(pdf)]


def test_the_costs_and_the_payments_each_add_up_to_the_total(cashier):
    """30 000 − 1 200 − 800 = 28 000 of scope, a tenth of it first; 25 200 − 1 000 = 24 200 along the bands.

    4 000 × 80 % + 20 200 × 90 % = 21 380, of which the cap lets 20 000 pass: 3 200 + 18 666.67 × 90 %. Beyond it
    24 200 − 22 666.67 = 1 533.33, of which the large-amount fund pays 90 %.
    """
    text = said(cashier, cost=LARGE, use_account=True)

    assert figures(text["costs"]) == {
        "全自费": "1200.00",
        "超限价自费": "0.00",
        "先行自付（部分自负）": "800.00",
        "符合政策范围": "28000.00",
        "费用总额": "30000.00",
    }
    assert figures(text["payments"]) == {
        "统筹基金支付": "20000.00",
        "大额医疗费用补助": "1380.00",
        "大病保险": "0.00",
        "医疗救助": "0.00",
        "公务员医疗补助": "0.00",
        "企业补充医疗保险": "0.00",
        "基金支付合计": "21380.00",
        "个人账户支付": "1000.00",
        "个人现金支付": "7620.00",
    }
    assert figures(text["rules"]) == {
        "异地就医首先自负金额": "2800.00",
        "纳入报销的费用": "25200.00",
        "起付线": "1000.00",
        "起付线以上": "24200.00",
        "超过年度封顶线的费用": "1533.33",
    }


def test_the_bands_say_from_where_to_where_at_which_ratio(cashier):
    assert said(cashier, cost=LARGE)["bands"] == [
        ["1000.00 至 5000.00", "4000.00", "80%", "3200.00"],
        ["5000.00 以上", "20200.00", "90%", "18180.00"],
    ]


def test_the_year_so_far_counts_earlier_bills_and_this_one(cashier):
    cashier.settle(admitted_on="2026-01-05", discharged_on="2026-01-09", cost={"total": "2000.00"})

    text = said(cashier, cost=LARGE)

    assert figures(text["year"]) == {
        "累计医保范围内金额": "27000.00",  # 1 800 + 25 200
        "累计起付线": "2000.00",
        "累计统筹基金支付": "20000.00",  # 640 earlier, 19 360 now: the year's cap
        "累计政策范围内个人负担": "10000.00",  # 2 000 + 28 000 − 20 000
        "累计大额医疗费用补助支付": "2020.00",  # what the bands would have paid beyond the cap: 640 + 21 380 − 20 000
    }


def test_the_picture_shows_who_paid_what_part(cashier):
    shown = said(cashier, cost=LARGE, use_account=True)["who"]

    assert [(part["kind"], part["amount"], part["percent"]) for part in shown] == [
        ("pooled", "20000.00", "66.7"),
        ("others", "1380.00", "4.6"),
        ("account", "1000.00", "3.3"),
        ("cash", "7620.00", "25.4"),
    ]
    assert shown[1]["label"] == "其他基金（大额医疗费用补助）"


def test_shares_are_a_hundred_together_whatever_rounding_leaves():
    thirds = percents([Decimal(1), Decimal(1), Decimal(1)], Decimal(3))

    assert [str(share) for share in thirds] == ["33.4", "33.3", "33.3"]


def test_what_nobody_pays_is_no_part_of_the_picture(cashier):
    shown = said(cashier, cost={"total": "500.00"})["who"]

    assert [(part["kind"], part["percent"]) for part in shown] == [("cash", "100.0")]


def test_it_names_person_place_care_and_policy_in_full(cashier):
    settlement = cashier.settle(cost=LARGE, bill_number="ZY-1")
    text = statement.texts(seen(settlement, cashier.staff))

    known = dict(map(tuple, text["basics"])) | dict(map(tuple, text["wide"]))

    assert known["姓名"] == "陈㐂𠮷"
    assert known["证件号码"] == cashier.patient.person.id_number
    assert (known["参保地"], known["险种"], known["人员类别"]) == ("重庆市", "职工基本医疗保险", "退休人员")
    assert (known["就医地"], known["医疗机构"]) == ("北京市", "示范医院（三级医院）")
    assert (known["就医类别"], known["就医类型"]) == ("住院（急诊）", "异地急诊抢救")
    assert (known["入院日期"], known["出院日期"]) == ("2026年3月1日", "2026年3月2日")
    assert known["备案受理编号"] == settlement.filing.number
    assert known["账单号"] == "ZY-1"
    assert known["待遇政策"] == f"测试（2020年1月1日起执行），版本 test-0，指纹 {settlement.policy_sha256[:12]}"
    assert text["settled_at"] == "2026年3月2日 10:00"
    assert "重庆市医疗保障事务中心（023-12345678）" in text["foot"][1]


def test_an_outpatient_visit_has_a_day_and_no_discharge(cashier):
    home = till(cashier.patient, make.institution("H50000000001", place=make.CHONGQING, outpatient=True))
    bill = {"discharged_on": None, "admitted_on": "2026-03-02", "care": "outpatient", "emergency": False}
    text = said(home, **bill)

    known = dict(map(tuple, text["basics"]))

    assert known["就诊日期"] == "2026年3月2日"
    assert "出院日期" not in known
    assert (known["就医类型"], known["备案受理编号"]) == ("本地就医", "—")
    assert text["heading"] == "基本医疗保险 · 本地直接结算"
    assert text["bands"] == [["起付线以上", "10000.00", "70%", "7000.00"]]


def test_every_line_stands_there_with_its_formula_and_its_source(cashier):
    settlement = cashier.settle(cost=LARGE)

    text = statement.texts(seen(settlement, cashier.staff))

    assert [(line["label"], line["formula"], line["amount"]) for line in text["lines"]] == [
        (label, formula, amount) for _step, label, formula, amount, _source in settlement.lines
    ]

    cited = {line["label"]: line["source"] for line in text["lines"]}
    assert (cited["费用总额"], cited["起付线"]) == ("", "1")
    assert text["sources"] == [{"place": "1", "text": "t。p，2025年。来源等级 A（官方来源）"}]


ITEMS = [
    {"name": "头孢曲松", "class": "A", "amount": "120.00", "limit": "100.00"},
    {"name": "进口支架", "class": "B", "amount": "800.05", "first_copay_ratio": "0.10"},
    {"name": "陪护费", "class": "C", "amount": "60.00"},
]


def test_a_bill_by_items_lists_them(cashier):
    text = said(cashier, cost={"items": ITEMS})

    assert text["items"] == [
        ["1", "头孢曲松", "甲类", "120.00", "0.00", "20.00", "0.00"],
        ["2", "进口支架", "乙类", "800.05", "80.01", "0.00", "0.00"],  # 80.005, half-up
        ["3", "陪护费", "自费", "60.00", "0.00", "0.00", "60.00"],
    ]
    assert figures(text["costs"])["先行自付（部分自负）"] == "80.01"
    assert text["items_note"] == "本次费用按3条明细结算。"


@pytest.mark.parametrize(("count", "listed"), [(200, 200), (201, 0)])
def test_more_than_two_hundred_items_are_only_counted(cashier, count, listed):
    text = said(cashier, cost={"items": [{"name": "针", "class": "A", "amount": "1.00"}] * count})

    assert len(text["items"]) == listed
    assert f"按{count}条明细结算" in text["items_note"]


def test_a_bill_by_sums_has_no_appendix(cashier):
    text = said(cashier)

    assert (text["items"], text["items_note"]) == ([], "")


def test_a_reversed_settlement_says_so_on_every_page(cashier):
    settlement = cashier.settle(cost=LARGE)
    with clock.standing_at(make.moment("2026-03-04 09:30")):
        reverse(cashier.staff, settlement, reason="漏录一笔材料费")
    opposite = Settlement.objects.get(reverses=settlement)

    found = seen(settlement, cashier.staff)

    assert statement.texts(found)["reversal"] == {
        "number": opposite.number,
        "at": "2026年3月4日 09:30",
        "reason": "漏录一笔材料费",
    }

    pages = words(statement.pdf(found))
    assert len(pages) == 2
    assert all("已冲正" in page for page in pages)
    assert opposite.number in pages[0]
    assert "漏录一笔材料费" in pages[0]


def test_the_reversing_entry_has_none_and_names_the_one_that_has(cashier):
    settlement = cashier.settle()
    reverse(cashier.staff, settlement, reason="误收")

    with pytest.raises(WrongState) as refused:
        statement.pdf(Settlement.objects.get(reverses=settlement))

    assert refused.value.code == "no_statement"
    assert settlement.number in refused.value.detail


def test_it_prints_with_rare_characters_and_every_figure(cashier):
    settlement = cashier.settle(cost=LARGE, use_account=True)

    first, second = words(statement.pdf(seen(settlement, cashier.staff)))

    assert "陈㐂𠮷" in first
    for text in (
        settlement.number,
        cashier.patient.person.id_number,
        "异地就医首先自负金额2800.00",
        "21380.00",
        "66.7%",
    ):
        assert text in first
    assert "已冲正" not in first
    for text in ("28000.00×10%", "30000.00−21380.00", "[1]t。p，2025年。"):
        assert text in second.replace("［", "[").replace("］", "]")


def test_names_that_look_like_commands_are_printed_as_they_are(cashier):
    text = said(cashier, cost={"items": [{"name": '#panic("x") $a_b$ *粗* \\', "class": "A", "amount": "9.00"}]})

    assert text["items"][0][1] == '#panic("x") $a_b$ *粗* \\'

    pages = words(statement.set_in_type(statement.TEMPLATE, text))
    assert any('#panic("x")$a_b$*粗*\\' in page for page in pages)


def path(settlement):
    return f"/api/v1/settlements/{settlement.pk}/statement.pdf"


def test_it_is_looked_at_and_kept_by_nobody_on_the_way(cashier):
    settlement = cashier.settle()

    answer = make.api(cashier.citizen).get(path(settlement), headers={"Accept": "application/pdf"})

    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="settlement-{settlement.number}.pdf"'
    assert answer["Cache-Control"] == "private, no-store"


def test_it_is_for_those_who_see_the_settlement(cashier):
    settlement = cashier.settle()
    elsewhere = make.institution("H11010100002")
    allowed = [cashier.citizen, cashier.staff, make.reviewer(), make.supervisor(), make.staff(Role.ADMIN)]

    others = [
        make.citizen(make.person()),
        make.staff(Role.HOSPITAL, institution=elsewhere),
        make.reviewer(make.CHENGDU),
    ]

    assert [make.api(who).get(path(settlement)).status_code for who in allowed] == [200] * 5
    assert [make.api(who).get(path(settlement)).status_code for who in others] == [404] * 3
    assert make.api().get(path(settlement)).status_code == 401


def test_of_the_reversing_entry_and_of_none_there_is_nothing_to_see(cashier):
    settlement = cashier.settle()
    reverse(cashier.staff, settlement, reason="误收")
    opposite = Settlement.objects.get(reverses=settlement)

    none = Settlement(pk=uuid.uuid4())

    assert [cashier.api.get(path(each)).status_code for each in (settlement, opposite, none)] == [200, 404, 404]


def test_it_asks_the_database_as_often_however_many_items(cashier, django_assert_max_num_queries):
    few = cashier.settle(cost={"items": ITEMS}, admitted_on="2026-02-01", discharged_on="2026-02-03")
    many = cashier.settle(cost={"items": ITEMS * 60})
    api = cashier.api
    for settlement in (few, many):
        with django_assert_max_num_queries(5):
            assert api.get(path(settlement)).status_code == 200
