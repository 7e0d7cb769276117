"""The published pairs of messages, S3 to S8, with invented persons: what is sent as clients send it, amounts worked by hand.

The policy is the one behind the samples: outpatients 50 % from the first yuan, stays 85 % above 1 600.
"""

import json
from decimal import Decimal

import pytest

from core import clock
from tests import factories as make
from tests.gateway.desk import Desk
from tests.policies.cataloguing import listed
from tests.settlements.till import policies

POLICY = """
benefits:
  - id: outpatient
    insurance: employee
    care: outpatient
    source: T1
    share: {bands: [{upto: null, ratios: [{ratio: 0.50}]}]}
  - id: inpatient
    insurance: employee
    care: inpatient
    source: T1
    deductible: {amounts: [{amount: 1600}]}
    share: {bands: [{upto: null, ratios: [{ratio: 0.85}]}]}
"""
DRUG, OWN = "XEXAMPLE0000000000000001", "XEXAMPLE0000000000000002"


@pytest.fixture
def hospital(db):
    """The hospital of the samples on 20 November 2026, with somebody of 重庆 who may be treated in 北京."""
    make.working_calendar()
    with clock.standing_at(make.moment("2026-11-20 09:40")), policies(POLICY):
        listed(f"{DRUG} B 0.1", f"{OWN} C", "XA A", "XZ B 1")
        desk = Desk(make.enrollment(make.person("示例甲"), account_balance=Decimal("321.50")), insuplc_admdvs="500102")
        with clock.standing_at(make.moment("2026-11-02 10:00")):
            make.approved(desk.patient, desk.citizen, to=make.BEIJING)
        yield desk


def sent(text, desk, **said):
    """A sample's input, with what is this patient's own put in place."""
    said = {"psn_no": desk.psn_no, **said}
    return json.loads(text, object_hook=lambda row: {name: said.get(name, value) for name, value in row.items()})


S3 = """{"data":{"psn_no":"","insutype":"310","begntime":"2026-11-20 09:00:00","mdtrt_cert_type":"01","mdtrt_cert_no":"",
"ipt_otp_no":"MZ261120-12","atddr_no":"D110000000001","dr_name":"示例医生","dept_code":"A03","dept_name":"内科","caty":"A03"}}"""
S4 = """{"feedetail":{"feedetl_sn":"1","mdtrt_id":"","psn_no":"","chrg_bchno":"B1","rx_circ_flag":"0",
"fee_ocur_time":"2026-11-20 09:20:00","med_list_codg":"XEXAMPLE0000000000000001","medins_list_codg":"YP001",
"det_item_fee_sumamt":"100.00","cnt":"2","pric":"50","bilg_dept_codg":"A03","bilg_dept_name":"内科",
"bilg_dr_codg":"D110000000001","bilg_dr_name":"示例医生"}}"""
S4_OWN = S4.replace('"1"', '"2"').replace(DRUG, OWN).replace("100.00", "20.00")
S5 = """{"data":{"psn_no":"","mdtrt_cert_type":"01","mdtrt_cert_no":"","med_type":"11","medfee_sumamt":"120.00",
"psn_setlway":"01","mdtrt_id":"","chrg_bchno":"B1","insutype":"310","acct_used_flag":"0","invono":"",
"fulamt_ownpay_amt":"20.00","overlmt_selfpay":"0","preselfpay_amt":"10.00","inscp_scp_amt":"90.00"}}"""
S6 = """{"mdtrtinfo":{"psn_no":"","insutype":"310","coner_name":"示例乙","tel":"","begntime":"2026-11-10 10:00:00",
"mdtrt_cert_type":"02","mdtrt_cert_no":"","med_type":"21","ipt_no":"ZY2611-0371","medrcdno":"BL0371",
"atddr_no":"D110000000001","chfpdr_name":"示例医生","adm_diag_dscr":"肺炎","adm_dept_codg":"A03","adm_dept_name":"内科",
"adm_bed":"12","dscg_maindiag_code":"J18.900","dscg_maindiag_name":"肺炎"},"diseinfo":[{"psn_no":"","diag_type":"1",
"maindiag_flag":"1","diag_srt_no":"1","diag_code":"J18.900","diag_name":"肺炎","diag_dept":"内科",
"dise_dor_no":"D110000000001","dise_dor_name":"示例医生","diag_time":"2026-11-10 10:00:00"}]}"""
S7 = """{"data":{"psn_no":"","mdtrt_cert_type":"02","mdtrt_cert_no":"","med_type":"21","medfee_sumamt":20000.00,
"psn_setlway":"01","mdtrt_id":"","insutype":"310","acct_used_flag":"0","invono":"","mid_setl_flag":"0",
"fulamt_ownpay_amt":0,"overlmt_selfpay":0,"preselfpay_amt":0,"inscp_scp_amt":0}}"""


def test_s3_to_s5_and_s8_an_outpatient(hospital):
    code = hospital.code()
    registered = hospital.output("2201", sent(S3, hospital, mdtrt_cert_no=code))["data"]
    said = {"mdtrt_id": registered["mdtrt_id"], "mdtrt_cert_no": code}
    hospital.output(
        "2203A", hospital.description(registered["mdtrt_id"], med_type="11", begntime="2026-11-20 09:00:00")
    )
    (line,) = hospital.output("2204", sent(S4, hospital, **said))["result"]
    hospital.output("2204", sent(S4_OWN, hospital, **said))
    message = hospital.message("2207A", sent(S5, hospital, **said), msgid="H11010100001202611200940000012")
    settled = json.loads(hospital.post(message).content, parse_float=Decimal)

    assert registered == {"mdtrt_id": said["mdtrt_id"], "psn_no": hospital.psn_no, "ipt_otp_no": "MZ261120-12"}
    assert (line["preselfpay_amt"], line["inscp_scp_amt"], line["selfpay_prop"]) == (10, 90, Decimal("0.1"))
    expected = {
        "mdtrt_id": said["mdtrt_id"], "psn_no": hospital.psn_no, "psn_name": "示例甲", "insutype": "310",
        "setl_time": "2026-11-20 09:40:00", "mdtrt_cert_type": "01", "med_type": "11", "medfee_sumamt": 120,
        "fulamt_ownpay_amt": 20, "overlmt_selfpay": 0, "preselfpay_amt": 10, "inscp_scp_amt": 90, "act_pay_dedc": 0,
        "hifp_pay": 45, "pool_prop_selfpay": Decimal("0.5"), "cvlserv_pay": 0, "hifes_pay": 0, "hifmi_pay": 0,
        "hifob_pay": 0, "hifdm_pay": 0, "maf_pay": 0, "oth_pay": 0, "fund_pay_sumamt": 45, "psn_part_amt": 75,
        "acct_pay": 0, "psn_cash_pay": 75, "hosp_part_amt": 0, "balc": Decimal("321.50"), "acct_mulaid_pay": 0,
        "medins_setl_id": "H11010100001202611200940000012", "clr_optins": "110000", "clr_way": "1", "clr_type": "11",
        "exp_content": None,
    }  # fmt: skip
    assert settled["err_msg"] is None
    info = settled["output"]["setlinfo"]
    assert {name: info[name] for name in expected} == expected
    (row,) = settled["output"]["setldetail"]
    assert (row["fund_pay_type"], row["fund_pay_type_name"]) == ("310100", "职工基本医疗保险统筹基金")
    assert (row["inscp_scp_amt"], row["fund_payamt"]) == (90, 45)

    recalled = hospital.send("2601", hospital.recall(message))
    assert (recalled["infcode"], recalled["err_msg"], recalled["output"]) == (0, None, None)


def test_s6_and_s7_a_stay(hospital):
    number = hospital.patient.person.id_number
    visit = hospital.output("2401", sent(S6, hospital, mdtrt_cert_no=number))["result"]["mdtrt_id"]
    at = {"fee_ocur_time": "2026-11-12 09:00:00"}
    hospital.lines(visit, ("1", "XA", "18000"), ("2", "XZ", "800"), ("3", OWN, "1200"), infno="2301", **at)
    hospital.output("2402", hospital.leaving(visit, endtime="2026-11-20 09:00:00"))

    answer = hospital.output("2304", sent(S7, hospital, mdtrt_cert_no=number, mdtrt_id=visit))

    expected = {
        "medfee_sumamt": 20000, "fulamt_ownpay_amt": 1200, "preselfpay_amt": 800, "inscp_scp_amt": 18000,
        "act_pay_dedc": 1600, "hifp_pay": 13940, "fund_pay_sumamt": 13940, "psn_part_amt": 6060, "acct_pay": 0,
        "psn_cash_pay": 6060, "clr_type": "21", "pool_prop_selfpay": Decimal("0.85"),
    }  # fmt: skip
    assert {name: answer["setlinfo"][name] for name in expected} == expected
    assert [(row["fund_pay_type"], row["fund_payamt"]) for row in answer["setldetail"]] == [("310100", 13940)]


def test_s8_a_refusal_says_what_to_do(hospital):
    other = Desk(insuplc_admdvs="500000")
    visit = other.register(begntime="2026-11-20 09:00:00")
    other.lines(visit, ("1", "XA", "1200.00"))

    answer = other.send("2207", other.bill(visit, "1200.00", med_type="11"))

    assert (answer["infcode"], answer["inf_refmsgid"], answer["output"]) == (-1, None, None)
    assert "备案" in answer["err_msg"]
