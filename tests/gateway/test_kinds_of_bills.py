"""Chronic care, residents and invoices through the interface: sums by hand, and the same bill through our API comes to the same.

Patients of 天津 in 北京, where no filing is needed since 2023 (TJ7), by 天津's own file: special diseases of employees take 1 300
a year first, then 85 % (TJ1); of residents 500 and 45 % at level 3; residents' outpatients 600 and 45 %, stays 500 and 65 % (TJ10).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from chronic.models import Recognition
from core import clock
from settlements.models import Settlement
from tests import factories as make
from tests.gateway.desk import Desk, entry
from tests.gateway.test_amounts import assert_identities
from tests.settlements.proving import assert_books_hold
from tests.settlements.till import Till

DIALYSIS, TIANJIN = "M07801", "120000"
LINES = (("1", "XA", "3000.00"), ("2", "XB", "1000.00"), ("3", "XC", "200.00"))
"""4 200.00, of which XC is the patient's own and 100.00 of XB is paid first: scope 3 900.00."""
DIGITAL = "26112000000012345678"


@pytest.fixture
def place(monday, desk):
    desk.place.chronic = [DIALYSIS]
    desk.place.save()
    return desk.place


def insured(insurance="employee", category="active"):
    return make.enrollment(
        make.person(), code=TIANJIN, insurance=insurance, category=category, account_balance=Decimal("500.00")
    )


def recognise(patient, place):
    draft = make.recognition_draft(patient, DIALYSIS)
    draft.institutions.set([place])
    now = clock.now()
    Recognition.objects.filter(pk=draft.pk).update(
        status="approved", submitted_at=now, due_at=now, valid_from=date(2026, 1, 1)
    )


def by_interface(patient, *, med_type, insutype, **said):
    """2201, 2203, 2204, 2206 and 2207 of the lines: the desk, the visit, what was settled."""
    desk = Desk(patient)
    visit = desk.register(insutype=insutype)
    desk.output("2203", desk.description(visit, med_type=med_type, **said))
    desk.lines(visit, *LINES)
    bill = desk.bill(visit, "4200.00", insutype=insutype, med_type=med_type, acct_used_flag="1")
    quoted, settled = desk.output("2206", bill), desk.output("2207", bill)
    assert_identities(settled["setlinfo"], settled["setldetail"])
    same = {*settled["setlinfo"]} - {"setl_id", "setl_time", "clr_way", "clr_optins", "medins_setl_id"}
    assert {name: quoted["setlinfo"][name] for name in same} == {name: settled["setlinfo"][name] for name in same}
    return desk, visit, settled


def by_api(patient, place, **bill):
    """The same lines of another patient through POST settlements/."""
    items = [{"code": code, "amount": amount} for _sn, code, amount in LINES]
    outpatient = {"admitted_on": "2026-03-02", "discharged_on": None, "emergency": False, "cost": {"items": items}}
    answer = Till(patient, place).post(**{"use_account": True, **outpatient, **bill})
    assert answer.status_code == 201, answer.json()
    return Settlement.objects.get(number=answer.json()["number"])


OWN = {
    "id", "number", "person", "enrollment", "year", "bill_number", "voucher", "filing", "settled_by", "settled_at",
    "discharged_on", "ordinal",
}  # fmt: skip


def assert_alike(ours, theirs):
    """Every column of both entries but what is each one's own; the stored case too, which replays it."""
    names = [field.name for field in Settlement._meta.concrete_fields if field.name not in OWN]
    assert {name: getattr(ours, name) for name in names} == {name: getattr(theirs, name) for name in names}


KINDS = [
    # insurance, category, care, med_type, deductible, fund (on 3 900.00), payer
    ("employee", "active", "chronic", "14", "1300.00", "2210.00", "310100"),  # (3 900 − 1 300) × 85 %
    ("employee", "active", "chronic", "140201", "1300.00", "2210.00", "310100"),
    ("resident", "adult", "chronic", "14", "500.00", "1530.00", "390100"),  # (3 900 − 500) × 45 %
    ("resident", "adult", "outpatient", "11", "600.00", "1485.00", "390100"),  # (3 900 − 600) × 45 %
]


@pytest.mark.parametrize(("insurance", "category", "care", "med_type", "deductible", "fund", "payer"), KINDS)
def test_a_bill_of_each_kind_by_its_areas_rules(place, insurance, category, care, med_type, deductible, fund, payer):
    one, two = (insured(insurance, category) for _each in range(2))
    disease = {"dise_codg": DIALYSIS, "dise_name": "透析"} if care == "chronic" else {}
    if disease:
        recognise(one, place)
        recognise(two, place)

    desk, visit, settled = by_interface(
        one, med_type=med_type, insutype={"employee": "310", "resident": "390"}[insurance], **disease
    )
    theirs = by_api(two, place, care=care, **({"disease": DIALYSIS} if disease else {}))

    info = settled["setlinfo"]
    own = Decimal("4200.00") - Decimal(fund)
    assert {name: info[name] for name in ("medfee_sumamt", "fulamt_ownpay_amt", "preselfpay_amt", "inscp_scp_amt")} == {
        "medfee_sumamt": 4200, "fulamt_ownpay_amt": 200, "preselfpay_amt": 100, "inscp_scp_amt": 3900,
    }  # fmt: skip
    assert (info["act_pay_dedc"], info["hifp_pay"], info["fund_pay_sumamt"], info["psn_part_amt"]) == (
        Decimal(deductible), Decimal(fund), Decimal(fund), own,
    )  # fmt: skip
    assert (info["acct_pay"], info["psn_cash_pay"], info["balc"]) == (500, own - 500, 0)
    assert (info["insutype"], info["med_type"], info["clr_type"]) == (
        "390" if payer[:2] == "39" else "310",
        med_type,
        "11",
    )
    assert [(row["fund_pay_type"], row["fund_payamt"]) for row in settled["setldetail"]] == [
        (payer, Decimal(fund)), ("310200", 500),
    ]  # fmt: skip
    ours = entry(settled)
    assert (ours.care, ours.disease or "", ours.area_id) == (care, DIALYSIS if disease else "", TIANJIN)
    assert_alike(ours, theirs)
    undone = desk.output("2208", desk.undoing(visit, settled))
    assert (undone["setlinfo"]["hifp_pay"], undone["setlinfo"]["balc"]) == (-Decimal(fund), 500)
    assert_books_hold()


def test_a_residents_stay_by_its_areas_rules(place):
    """20 000.00 with a scope of 18 000.00: less 500 it is 17 500, of which the fund bears 65 %: 11 375.00."""
    one, two = insured("resident", "adult"), insured("resident", "adult")
    desk = Desk(one)
    visit = desk.admit(insutype="390", med_type="21")
    desk.lines(visit, ("1", "XA", "18000.00"), ("2", "XZ", "800.00"), ("3", "XC", "1200.00"), infno="2301")
    desk.output("2402", desk.leaving(visit, insutype="390"))

    settled = desk.output("2304", desk.stay_bill(visit, insutype="390"))
    items = [
        {"code": code, "amount": amount} for code, amount in (("XA", "18000.00"), ("XZ", "800.00"), ("XC", "1200.00"))
    ]
    theirs = by_api(
        two, place, care="inpatient", admitted_on="2026-02-20", discharged_on="2026-03-01", cost={"items": items},
        use_account=False,
    )  # fmt: skip

    info = settled["setlinfo"]
    assert (info["act_pay_dedc"], info["hifp_pay"], info["hifmi_pay"], info["psn_part_amt"], info["clr_type"]) == (
        500, 11375, 0, 8625, "21",
    )  # fmt: skip
    assert [row["fund_pay_type"] for row in settled["setldetail"]] == ["390100"]
    assert_identities(info, settled["setldetail"])
    assert_alike(entry(settled), theirs)


def test_a_chronic_bill_without_recognition_is_refused_and_never_paid_as_an_outpatients(place):
    desk = Desk(insured())
    visit = desk.register()
    desk.output("2203", desk.description(visit, med_type="14", dise_codg=DIALYSIS))
    desk.lines(visit, *LINES)

    refused = desk.refusal("2207", desk.bill(visit, "4200.00", med_type="14"))

    assert "认定" in refused
    assert not Settlement.objects.exists()


def test_a_digital_invoice_is_paid_once_in_the_country_by_whatever_way_it_comes(place):
    patient = insured("resident", "adult")
    desk, there = Desk(patient), Desk(patient, "H11010100002")
    first, second, third = (
        desk.outpatient(insutype="390"),
        there.outpatient(insutype="390"),
        desk.outpatient(insutype="390"),
    )
    said = {"insutype": "390", "med_type": "11"}

    settled = desk.output("2207", desk.bill(first, "1200.00", invono=DIGITAL, **said))
    elsewhere = there.refusal("2207", there.bill(second, "1200.00", invono=DIGITAL, **said))
    api = Till(patient, desk.place).post(
        care="outpatient", admitted_on="2026-03-02", discharged_on=None, emergency=False, cost={"total": "10.00"},
        invoice={"code": "0", "number": DIGITAL},
    )  # fmt: skip
    desk.output("2208", desk.undoing(first, settled))
    again = there.output("2207", there.bill(second, "1200.00", invono=DIGITAL, **said))
    own = [
        each.output("2207", each.bill(visit, "1200.00", invono="FP-000001", **said))
        for each, visit in ((desk, first), (desk, third))
    ]

    assert elsewhere == "该发票已经结算或报销，不能重复支付。"
    assert (api.status_code, api.json()["errors"][0]["code"]) == (409, "invoice_paid")
    assert entry(again).invoice == f":{DIGITAL}"
    assert [entry(each).invoice for each in own] == [None, None]
    kept = desk.output("5203", desk.about(third, setl_id=own[1]["setlinfo"]["setl_id"]))["setlinfo"]
    assert kept["invono"] == "FP-000001"
    assert_books_hold()
