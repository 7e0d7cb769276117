"""A stay as a hospital's system makes it, from 2401 to 2305 and all of it undone; amounts worked by hand (desk.py)."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Message
from core import clock
from gateway.call import Refused
from gateway.models import FeeLine, KnownPerson, Visit
from gateway.proof import Proof
from gateway.transfers import left_stay, note_transfer
from gateway.visits import opened
from referrals.models import Referral
from settlements.models import IdentityLookup, Settlement
from tests import factories as make
from tests.gateway.desk import Desk
from tests.policies.cataloguing import listed
from tests.settlements.proving import assert_books_hold

SUMS = {"medfee_sumamt": 20000, "fulamt_ownpay_amt": 1200, "preselfpay_amt": 800, "inscp_scp_amt": 18000,
        "act_pay_dedc": 1000, "hifp_pay": 13600, "pool_prop_selfpay": Decimal("0.8"), "fund_pay_sumamt": 13600,
        "psn_part_amt": 6400, "acct_pay": 0, "psn_cash_pay": 6400}  # fmt: skip


def test_a_whole_stay_is_settled_and_undone_to_its_admission(desk):
    visit = desk.admit(mdtrt_cert_type="02", mdtrt_cert_no=desk.patient.person.id_number)
    desk.output("2403", {"adminfo": {"mdtrt_id": visit, "psn_no": desk.psn_no, "adm_bed": "13"}, "diseinfo": []})
    desk.lines(visit, ("1", "XA", "18000.00"), ("2", "XZ", "800.00"), ("3", "XC", "1200.00"), infno="2301")
    quoted = desk.output("2303", desk.stay_bill(visit))
    desk.output("2402", desk.leaving(visit))

    settled = desk.output("2304", desk.stay_bill(visit, fulamt_ownpay_amt=0, overlmt_selfpay=0, preselfpay_amt=0))

    assert {name: settled["setlinfo"][name] for name in SUMS} == SUMS
    assert {name: quoted["setlinfo"][name] for name in SUMS} == SUMS
    stored = Settlement.objects.get()
    assert (stored.bill_number, stored.care, str(stored.admitted_on), str(stored.discharged_on)) == (
        visit, "inpatient", "2026-02-20", "2026-03-01",
    )  # fmt: skip
    refused = [
        desk.refusal("2301", {"feedetail": [desk.line(visit, "4", "XA", "1")]}),
        desk.refusal("2302", {"data": [desk.about(visit, feedetl_sn="1")["data"]]}),
        desk.refusal("2402", desk.leaving(visit, endtime="2026-03-01 16:00:00")),
        desk.refusal("2405", desk.about(visit)),
        desk.refusal("2404", desk.about(visit)),
        desk.refusal("2304", desk.stay_bill(visit)),
    ]
    assert refused == ["该就诊已结算，请先撤销结算"] * 6

    undone = desk.output("2305", desk.undoing(visit, settled))

    assert {name: undone["setlinfo"][name] for name in ("medfee_sumamt", "hifp_pay", "psn_cash_pay")} == {
        "medfee_sumamt": -20000, "hifp_pay": -13600, "psn_cash_pay": -6400,
    }  # fmt: skip
    assert desk.refusal("2305", desk.undoing(visit, settled)) == "该结算已经冲正，请勿重复操作"
    assert desk.refusal("2404", desk.about(visit)) == "该就诊已办理出院，请先撤销出院（2405）"
    assert desk.output("2405", desk.about(visit)) is None
    assert desk.refusal("2404", desk.about(visit)) == "该就诊已有费用明细，请先撤销费用明细（2302）"
    assert desk.output("2302", {"data": desk.about(visit, feedetl_sn="0000")["data"]}) is None
    assert desk.output("2404", desk.about(visit)) is None
    assert desk.refusal("2402", desk.leaving(visit)) == "该就诊已撤销，请重新登记"
    assert not FeeLine.objects.exists()
    assert_books_hold()


def test_an_admission_by_number_is_on_record_and_told(desk):
    desk.admit(mdtrt_cert_type="02", mdtrt_cert_no=desk.patient.person.id_number)

    assert IdentityLookup.objects.get().person == desk.patient.person
    assert Message.objects.get(account=desk.citizen).kind == "looked_up"
    another = desk.refusal("2401", desk.admission(mdtrt_cert_type="02", mdtrt_cert_no=make.id_number()))
    assert another == "就诊凭证与人员编号不是同一人，请重新读取人员信息（1101）"


def test_a_stay_is_settled_by_its_visits_proof_days_after_the_code_expired(desk, monday):
    visit = desk.stay(begntime="2026-02-20 10:00:00")

    settled = desk.output("2304A", desk.stay_bill(visit, mdtrt_cert_no="MEXPIRED"))

    assert settled["setlinfo"]["hifp_pay"] == 13600


def test_nobody_lies_in_two_hospitals(desk):
    visit = desk.admit()
    other = Desk(desk.patient, "H11010100002")

    elsewhere = other.refusal("2401", other.admission())
    here = desk.refusal("2401", desk.admission())
    desk.output("2402", desk.leaving(visit))
    moved = other.admit(begntime="2026-03-01 16:00:00")
    back = desk.refusal("2405", desk.about(visit))

    assert elsewhere == "该患者正在示范医院1住院，请先办理出院（2402）后再入院"
    assert here == "该患者正在本院住院，请先办理出院（2402）后再入院"
    assert Visit.objects.get(number=moved).status == "open"
    assert back == "该患者正在示范医院2住院，请先办理出院（2402）后再入院"


def test_a_refund_gives_back_what_its_line_was_parted_into(desk):
    visit = desk.admit()
    desk.lines(visit, ("1", "XB", "0.24", "24"), ("2", "XL", "60.00", "5"), infno="2301")

    (part,) = desk.lines(visit, ("3", "XB", "-0.05", "-5"), infno="2301", init_feedetl_sn="1", pric="0.01")
    (whole,) = desk.lines(visit, ("4", "XL", "-60.00", "-5"), infno="2301", init_feedetl_sn="2", pric="12")
    too_much = desk.refusal(
        "2301", {"feedetail": [desk.line(visit, "5", "XB", "-0.20", count="-19", init_feedetl_sn="1")]}
    )
    unknown = desk.refusal(
        "2301", {"feedetail": [desk.line(visit, "6", "XB", "-0.20", count="-1", init_feedetl_sn="9")]}
    )
    alone = desk.refusal("2301", {"feedetail": [desk.line(visit, "7", "XB", "-0.20", count="-1")]})
    kept = desk.refusal("2302", {"data": [desk.about(visit, feedetl_sn="1")["data"]]})
    desk.output("2402", desk.leaving(visit))
    settled = desk.output("2304", desk.stay_bill(visit, "0.19"))

    # 10 % of 0.24 is 0.02, of the 0.19 left 0.02 again: the refund gives nothing of it back
    assert [part[name] for name in ("preselfpay_amt", "inscp_scp_amt")] == [0, Decimal("-0.05")]
    assert [whole[name] for name in ("overlmt_amt", "inscp_scp_amt")] == [-10, -50]
    assert "超过原明细1未退的数量或金额" in too_much
    assert "没有查到明细6的原费用流水号9" in unknown
    assert "init_feedetl_sn" in alone
    assert kept == "明细1已有退费明细3，请先撤销退费明细"
    assert settled["setlinfo"]["preselfpay_amt"] == Decimal("0.02")
    assert settled["setlinfo"]["medfee_sumamt"] == Decimal("0.19")


def test_a_refund_goes_by_its_line_whatever_the_catalogue_of_its_own_day_says(desk):
    """XB is charged in February; since March it is listed without a class, so that nobody could split it by itself."""
    visit = desk.admit()
    desk.lines(visit, ("1", "XB", "100.00"), infno="2301", fee_ocur_time="2026-02-21 09:00:00")
    listed("XB - - - 2026-03-01")

    other = desk.line(visit, "2", "XA", "-100.00", count="-1", init_feedetl_sn="1")
    refused = desk.refusal("2301", {"feedetail": [other]})
    (back,) = desk.lines(visit, ("2", "XB", "-100.00", "-1"), infno="2301", init_feedetl_sn="1")

    assert refused == "退费明细2的医疗目录编码与原明细1不同，请核对"
    assert [back[name] for name in ("preselfpay_amt", "inscp_scp_amt")] == [-10, -90]


@pytest.mark.parametrize(
    ("otherwise", "sentence"),
    [
        ({"mid_setl_flag": "1"}, "不支持中途结算，请出院后结算"),
        ({}, "请先办理出院（2402）再结算"),
        ({"dscgtime": "2026-02-19"}, "出院时间早于入院时间（2026-02-20），请核对"),
        ({"dscgtime": "2026-03-03"}, "出院时间不能晚于今天，请核对"),
    ],
)
def test_a_stay_is_settled_when_it_is_over(desk, otherwise, sentence):
    visit = desk.admit()
    desk.lines(visit, ("1", "XA", "20000.00"), infno="2301")

    refused = desk.refusal("2304", desk.stay_bill(visit, **otherwise))

    assert refused == sentence
    assert Visit.objects.get().status == "open"


def test_the_settlement_itself_may_say_when_the_stay_ended(desk):
    visit = desk.admit()
    desk.lines(visit, ("1", "XA", "2000.00"), infno="2301")

    settled = desk.output("2304", desk.stay_bill(visit, "2000.00", dscgTime="2026-03-01"))

    assert settled["setlinfo"]["hifp_pay"] == 800  # 80 % of 1 000
    assert Visit.objects.get().status == "discharged"


def test_the_same_admission_under_a_new_msgid_gives_the_same_visit(desk):
    sent = desk.admission()

    first, again = (desk.output("2401", sent)["result"]["mdtrt_id"] for _time in range(2))
    changed = desk.refusal("2401", {**sent, "mdtrtinfo": {**sent["mdtrtinfo"], "adm_bed": "14"}})

    assert first == again
    assert "已登记过就诊" in changed
    assert Visit.objects.count() == 1


def test_an_admission_found_again_is_not_handed_out_when_it_was_just_undone(desk):
    number = desk.admit()
    found = Proof(desk.known, opened=Visit.objects.get(number=number))
    desk.output("2404", desk.about(number))
    call = SimpleNamespace(institution=desk.place, found=found, record=SimpleNamespace())

    with transaction.atomic(), pytest.raises(Refused) as refused:
        opened(call, {}, own_number="ZY1", inpatient=True)

    assert refused.value.code == "visit_just_changed"


@pytest.mark.parametrize("med_type", ["22", "52", "61", "11", "2199"])
def test_other_kinds_of_stay_are_refused_at_once(desk, med_type):
    refused = desk.refusal("2401", desk.admission(med_type=med_type))

    assert refused in ("该医疗类别不支持异地直接结算", "医疗类别11与住院就诊不符，请核对")
    assert not Visit.objects.exists()


@pytest.mark.parametrize(("good_until", "deductible", "fund"), [("2026-03-01", 0, 800), ("2026-02-28", 500, 400)])
def test_a_stay_that_another_hospital_was_named_for_continues_the_first(desk, good_until, deductible, fund):
    other, first = Desk(desk.patient, "H11010100002"), desk.stay()
    make.working_calendar()
    make.institution("H50000000001", place=make.CHONGQING, issues_referrals=True)
    at_home = Desk(desk.patient, "H50000000001")
    number = at_home.output("2501A", at_home.referring(other.place))["result"]["trt_dcla_detl_sn"]
    call = SimpleNamespace(institution=desk.place, now=clock.now(), record=SimpleNamespace())
    with transaction.atomic():
        stay = left_stay(call, first, desk.psn_no)
        assert stay is not None
        note_transfer(call, stay, other.place.code, number)
    Referral.objects.update(status="approved", valid_from="2026-02-01", valid_until=good_until)
    desk.output("2304", desk.stay_bill(first))
    second = other.admit(begntime="2026-03-01 18:00:00")
    other.lines(second, ("1", "XA", "1000.00"), infno="2301")

    settled = other.output("2304", other.stay_bill(second, "1000.00", dscgtime="2026-03-02"))

    # a second stay has 500 to bear; the first bore 1 000 already, which counts while the referral is good on the first day
    assert (settled["setlinfo"]["act_pay_dedc"], settled["setlinfo"]["hifp_pay"]) == (deductible, fund)
    continues = Settlement.objects.get(bill_number=second).continues
    assert (continues and continues.bill_number) == (None if deductible else first)


def test_an_open_visit_stands_for_the_proof_of_identity(desk):
    KnownPerson.objects.update(proved_at=timezone.now() - timedelta(hours=25))
    asked = {"data": {"psn_no": desk.psn_no}}

    late = desk.refusal("5301", asked)
    with_number = desk.refusal(
        "2401", desk.admission(mdtrt_cert_type="02", mdtrt_cert_no=desk.patient.person.id_number)
    )
    desk.admit()
    found = desk.output("5301", asked)

    assert late == with_number == "该人员的身份核实已超过24小时，请先读取人员信息（1101）"
    assert found == {"feedetail": []}
