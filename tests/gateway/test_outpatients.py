"""An outpatient's visit as a hospital's system makes it, from 2201 to 2208; amounts worked by hand (desk.py)."""

from decimal import Decimal

import pytest

from accounts.models import Voucher
from gateway.models import FeeLine, Visit, VisitBill
from settlements.models import Settlement
from tests.gateway.desk import Desk, entry
from tests.settlements.proving import assert_books_hold


def test_a_whole_visit_is_settled_and_undone(desk):
    code = desk.code()
    registration = desk.registration(mdtrt_cert_type="01", mdtrt_cert_no=code, ipt_otp_no="MZ1")

    answer = desk.output("2201", registration)["data"]
    visit = answer["mdtrt_id"]

    assert answer == {"mdtrt_id": visit, "psn_no": desk.psn_no, "ipt_otp_no": "MZ1"}
    assert len(visit) == 30
    assert visit.isdecimal()
    assert visit.startswith("110000")

    assert desk.output("2203A", desk.description(visit)) is None
    (one,) = desk.output("2204", {"feedetail": desk.line(visit, "1", "XB", "1000.00", count="2")})["result"]
    assert one == {
        "feedetl_sn": "1", "det_item_fee_sumamt": Decimal("1000.00"), "cnt": Decimal(2), "pric": Decimal(1000),
        "pric_uplmt_amt": Decimal(999999), "selfpay_prop": Decimal("0.1"), "fulamt_ownpay_amt": Decimal(0),
        "overlmt_amt": Decimal(0), "preselfpay_amt": Decimal(100), "inscp_scp_amt": Decimal(900), "chrgitm_lv": "02",
        "med_chrgitm_type": "09", "bas_medn_flag": "0", "hi_nego_drug_flag": "0", "chld_medc_flag": "0",
        "list_sp_item_flag": "0", "lmt_used_flag": "0", "drt_reim_flag": "0", "memo": None,
    }  # fmt: skip
    desk.lines(visit, ("2", "XC", "200.00"))

    quoted = desk.output("2206A", desk.bill(visit, "1200.00"))
    settled = desk.output(
        "2207A",
        desk.bill(
            visit,
            "1200.00",
            mdtrt_cert_no=code,
            fulamt_ownpay_amt="200",
            overlmt_selfpay="0",
            preselfpay_amt="100",
            inscp_scp_amt="900",
        ),
        msgid="M-SETTLE",
    )

    info = settled["setlinfo"]
    assert {name: info[name] for name in SETTLED} == SETTLED
    assert info["medins_setl_id"] == "M-SETTLE"
    assert info["balc"] == 500
    assert {"setl_id": None, "setl_time": None, "clr_way": None, "clr_optins": None}.items() <= quoted[
        "setlinfo"
    ].items()
    assert {name: quoted["setlinfo"][name] for name in SETTLED} == SETTLED
    (row,) = settled["setldetail"]
    assert (row["fund_pay_type"], row["fund_payamt"], row["inscp_scp_amt"]) == ("310100", 350, 900)
    assert "900.00 − " in row["setl_proc_info"] or "起付线" in row["setl_proc_info"]
    stored = Settlement.objects.get()
    assert stored.bill_number == f"{visit}-B1"
    assert (stored.care, stored.emergency, stored.travel) == ("outpatient", True, "emergency")
    assert Voucher.objects.get().used_for == Visit.objects.get().pk

    undone = desk.output("2208", desk.undoing(visit, settled))

    back = undone["setlinfo"]
    assert {name: back[name] for name in SETTLED if name != "pool_prop_selfpay"} == {
        name: -amount for name, amount in SETTLED.items() if name != "pool_prop_selfpay"
    }
    assert back["setl_id"] != info["setl_id"]
    assert entry(undone).reverses == stored
    assert [each["fund_payamt"] for each in undone["setldetail"]] == [-350]
    assert desk.output("2205", desk.about(visit, chrg_bchno="0000")) is None
    assert desk.output("2202", desk.about(visit, ipt_otp_no="MZ1")) is None
    assert not FeeLine.objects.exists()
    assert_books_hold()


SETTLED = {
    "medfee_sumamt": 1200, "fulamt_ownpay_amt": 200, "overlmt_selfpay": 0, "preselfpay_amt": 100, "inscp_scp_amt": 900,
    "act_pay_dedc": 200, "hifp_pay": 350, "pool_prop_selfpay": Decimal("0.5"), "cvlserv_pay": 0, "hifes_pay": 0,
    "hifmi_pay": 0, "hifob_pay": 0, "hifdm_pay": 0, "maf_pay": 0, "oth_pay": 0, "fund_pay_sumamt": 350,
    "psn_part_amt": 850, "acct_pay": 0, "psn_cash_pay": 850, "pdn_cash_pay": 850, "hosp_part_amt": 0,
    "acct_mulaid_pay": 0,
}  # fmt: skip


def test_the_account_pays_first_and_its_balance_is_told_after(desk):
    visit = desk.outpatient()

    settled = desk.output("2207", desk.bill(visit, "1200.00", acct_used_flag="1"))
    undone = desk.output("2208", desk.undoing(visit, settled))

    amounts = [settled["setlinfo"][name] for name in ("psn_part_amt", "acct_pay", "psn_cash_pay", "balc")]
    assert amounts == [850, 500, 350, 0]
    assert [(row["fund_pay_type"], row["fund_payamt"]) for row in settled["setldetail"]] == [
        ("310100", 350),
        ("310200", 500),
    ]
    assert (undone["setlinfo"]["acct_pay"], undone["setlinfo"]["balc"]) == (-500, 500)


def test_a_visit_is_settled_batch_by_batch(desk):
    visit = desk.outpatient()
    desk.lines(visit, ("3", "XA", "300.00"), chrg_bchno="B2")
    first = desk.output("2207", desk.bill(visit, "1200.00"))

    refused = [
        desk.refusal("2204", {"feedetail": [desk.line(visit, "4", "XA", "1.00")]}),
        desk.refusal("2205", desk.about(visit, chrg_bchno="B1")),
        desk.refusal("2207", desk.bill(visit, "1200.00")),
        desk.refusal("2202", desk.about(visit, ipt_otp_no=own_number(visit))),
    ]
    second = desk.output("2207", desk.bill(visit, "300.00", chrg_bchno="B2"))

    assert refused == ["该就诊已结算，请先撤销结算"] * 4
    assert second["setlinfo"]["hifp_pay"] == 150  # the year's 200 are taken already
    assert VisitBill.objects.count() == 2
    later = desk.refusal("2208", desk.undoing(visit, first))
    assert "之后还有结算" in later


def own_number(visit):
    from gateway.visits import said_of

    return said_of(Visit.objects.get(number=visit))["ipt_otp_no"]


def test_lines_sent_again_are_answered_again_and_others_with_their_number_refused(desk):
    visit = desk.register()
    first = desk.lines(visit, ("1", "XB", "10.05"), ("2", "XX9", "3.00"), ("3", "XL", "50.00", "4"))

    again = desk.lines(visit, ("1", "XB", "10.050"), ("2", "XX9", "3"), ("3", "XL", "50", "4.0"))
    other = desk.refusal("2204", {"feedetail": [desk.line(visit, "1", "XB", "10.06")]})
    unknown = desk.refusal("2204", {"feedetail": [desk.line(visit, "4", "XA", "1"), desk.line(visit, "5", "XN", "1")]})

    assert again == first
    parts = [[row[name] for name in PARTS] for row in first]
    assert parts == [
        [0, 0, Decimal("1.01"), Decimal("9.04"), "02"],
        [3, 0, 0, 0, "03"],
        [0, 10, 0, 40, "01"],
    ]
    assert first[1]["memo"] == "目录未收录，按丙类全自费"
    assert first[2]["pric_uplmt_amt"] == 10
    assert other == "明细流水号1已上传而内容不同，请先撤销该明细，或换一个流水号"
    assert unknown.startswith("XN")
    assert "目录中没有类别" in unknown
    assert FeeLine.objects.count() == 3


PARTS = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt", "chrgitm_lv")


def test_what_the_hospital_does_not_approve_is_the_patients_own(desk):
    visit = desk.register()

    (row,) = desk.lines(visit, ("1", "XA", "10.00"), hosp_appr_flag="2")

    assert [row[name] for name in PARTS] == [10, 0, 0, 0, "03"]
    assert row["memo"] == "医院审批不通过，按全自费"


@pytest.mark.parametrize(
    ("otherwise", "sentence"),
    [
        ({"medfee_sumamt": "1200.01"}, "医疗费总额与明细合计不符：上送1200.01，明细1200.00"),
        ({"fulamt_ownpay_amt": "100", "inscp_scp_amt": "1000"}, "医疗费总额与全自费、超限价、先行自付、符合范围之和不符：上送1200.00，合计1100.00"),
        ({"fulamt_ownpay_amt": "300", "inscp_scp_amt": "900"}, "全自费金额与明细合计不符：上送300.00，明细200.00"),
        ({"insutype": "340"}, "险种340不支持异地直接结算"),
        ({"med_type": "51"}, "该医疗类别不支持异地直接结算"),
        ({"med_type": "21"}, "医疗类别21与门诊就诊不符，请核对"),
        ({"mdtrt_cert_type": "03"}, "请扫医保码，或用身份证号码办理"),
        ({"mdtrt_cert_type": "02", "mdtrt_cert_no": "110101195503070028"}, "证件号码与就诊登记的患者不一致，请核对"),
        ({"chrg_bchno": "B9"}, "没有待结算的费用明细，请先上传费用明细（2204）"),
        ({"mdtrt_id": "1"}, "没有查到该就诊（mdtrt_id），请先办理挂号（2201）或入院登记（2401）"),
        ({"psn_no": "1"}, "没有查到该就诊（mdtrt_id），请先办理挂号（2201）或入院登记（2401）"),
        ({"med_type": "14"}, "门诊慢特病请填写病种编码（2203的dise_codg），如M03900"),
    ],
)  # fmt: skip
def test_a_bill_that_contradicts_the_visit_is_refused(desk, otherwise, sentence):
    visit = desk.outpatient()

    refused = desk.refusal("2207", desk.bill(visit, "1200.00", **otherwise))

    assert refused == sentence
    assert not Settlement.objects.exists()


def test_a_hospital_sees_its_own_visits_only(desk):
    visit = desk.outpatient()
    other = Desk(desk.patient, "H11010100002")

    refused = other.refusal("2207", other.bill(visit, "1200.00"))

    assert refused == "没有查到该就诊（mdtrt_id），请先办理挂号（2201）或入院登记（2401）"


def test_who_is_not_eligible_is_told_why(desk):
    visit = desk.outpatient()

    refused = desk.refusal("2207", desk.bill(visit, "1200.00", med_type="11"))

    assert "备案" in refused
    assert len(refused) <= 200
