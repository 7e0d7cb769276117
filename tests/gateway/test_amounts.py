"""setlinfo and setldetail of whatever the engine comes to: every identity of the interface holds to the fen, reversed too."""

import json
from decimal import Decimal

from accounts.models import Enrollment
from core import clock
from gateway.amounts import number_of, setl_id_of, setldetail, setlinfo
from policies.engine import WrongInput, settle
from settlements.adjudication import columns
from settlements.models import AMOUNTS, Settlement
from tests import factories as make
from tests.policies.comparing import generated
from tests.settlements.till import Till

FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay", "hifdm_pay")
BALANCE = Decimal("999999999.00")


def assert_identities(info, detail):
    """What holds of every settlement, quote and reversal."""
    parts = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
    assert info["medfee_sumamt"] == sum(info[name] for name in parts)
    assert info["fund_pay_sumamt"] == sum(info[name] for name in FUNDS)
    assert info["medfee_sumamt"] == info["fund_pay_sumamt"] + info["psn_part_amt"] + info["hosp_part_amt"]
    assert info["psn_part_amt"] == info["acct_pay"] + info["psn_cash_pay"]
    assert info["pdn_cash_pay"] == info["psn_cash_pay"]
    paid = info["fund_pay_sumamt"] + info["acct_pay"] + info["hosp_part_amt"]
    assert sum(row["fund_payamt"] for row in detail) == paid
    assert len({row["fund_pay_type"] for row in detail}) == len(detail) >= 1
    assert all(row["inscp_scp_amt"] == info["inscp_scp_amt"] for row in detail)
    assert all(len(row["setl_proc_info"] or "") <= 4000 for row in detail)
    assert 0 <= info["pool_prop_selfpay"] < 10


def entry_of(case, result):
    """The entry of a settled case, not stored, and what would reverse it."""
    of = Enrollment(account_balance=BALANCE)
    said = {"insurance": case.facts["insurance"], "care": case.facts["care"], "travel": "long_term", "enrollment": of}
    entry = Settlement(number="J20260302-00000087-5", care_area_id="110000", **said, **columns(case, result))
    negative = {name: -getattr(entry, name) for name in AMOUNTS}
    return entry, Settlement(number="J20260302-00000088-3", reverses=entry, **said, **negative)


def test_every_settlement_keeps_the_identities():
    """Given 1 600 bills of the engine's under 80 random policies, then each that is paid, and what reverses it."""
    told = 0
    for _policy, compiled, case in generated(2000, policies=80):
        try:
            result = settle(compiled, case)
        except WrongInput:
            continue
        if result.refused:
            continue
        for entry in entry_of(case, result):
            info = setlinfo(entry, number="1", med_type="11", msgid="M", certificate="01")
            detail = setldetail(entry)
            assert_identities(info, detail)
            assert info["balc"] == BALANCE - entry.account
            if entry.reverses is None and entry.travel_first_pay:
                told += str(entry.travel_first_pay) in setldetail(entry)[0]["setl_proc_info"] or not entry.pooled
    assert told > 20


def test_a_setl_id_leads_back_to_its_settlement():
    for number in ("J20260302-00000087-5", "J20261231-123456789-1"):
        setl_id = setl_id_of(Settlement(number=number, care_area_id="110000"))

        assert len(setl_id) == 30
        assert setl_id.isdecimal()
        assert number_of(setl_id) == number
    assert [number_of(text) for text in ("", "1", "x" * 30, "1" * 6 + "0" * 24, "１" * 30)] == [""] * 5


def settled_by_api(desk, visit, items):
    """The same stay of another patient by POST settlements/."""
    other = Till(make.enrollment(make.person("李秀兰"), account_balance=Decimal("500.00")), desk.place)
    answer = other.post(
        admitted_on="2026-02-20",
        discharged_on="2026-03-01",
        cost={"items": items},
        use_account=True,
        bill_number=visit + "-",
    )
    assert answer.status_code == 201, answer.json()


def test_the_same_bill_by_our_api_and_by_the_interface_gives_the_same_entry(desk):
    """A stay with lines of every kind by code, one of them in no list."""
    visit = desk.admit()
    lines = [("1", "XA", "15000.01"), ("2", "XB", "3000.35"), ("3", "XL", "120.00", "9"), ("4", "XC", "88.00")]
    desk.lines(visit, *lines, ("5", "XU", "12.00"), infno="2301")
    desk.output("2402", desk.leaving(visit))
    info = desk.output("2304", desk.stay_bill(visit, "18220.36", acct_used_flag="1"))
    assert_identities(info["setlinfo"], info["setldetail"])
    items = [{"code": code, "amount": amount, "quantity": "".join(units) or "1"} for _sn, code, amount, *units in lines]

    settled_by_api(desk, visit, [*items, {"code": "XU", "amount": "12.00"}])

    ours, theirs = Settlement.objects.order_by("settled_at", "pk")
    differ = {"id", "number", "person", "enrollment", "year", "bill_number", "voucher", "filing", "settled_by"}
    names = [field.name for field in Settlement._meta.concrete_fields if field.name not in differ]
    assert {name: getattr(ours, name) for name in names} == {name: getattr(theirs, name) for name in names}
    assert json.loads(ours.case)["cost"]["items"][-1][-2:] == ["XU", "目录未收录，按丙类全自费"]
    assert "目录未收录XU（1项），按丙类全自费" in str(ours.lines)
    assert clock.today() == ours.settled_on


def test_setlinfo_of_a_quote_a_settlement_and_a_reversal_keep_the_identities(desk):
    visit = desk.outpatient()
    quoted = desk.output("2206", desk.bill(visit, "1200.00", acct_used_flag="1"))
    settled = desk.output("2207", desk.bill(visit, "1200.00", acct_used_flag="1"))
    undone = desk.output("2208", desk.undoing(visit, settled))

    for answer in (quoted, settled, undone):
        assert_identities(answer["setlinfo"], answer["setldetail"])


def test_where_nobody_pays_the_pooled_fund_says_why(desk):
    visit = desk.register()
    desk.lines(visit, ("1", "XA", "150.00"))

    answer = desk.output("2207", desk.bill(visit, "150.00"))

    (row,) = answer["setldetail"]
    assert (row["fund_pay_type"], row["fund_payamt"]) == ("310100", 0)
    assert "起付线" in row["setl_proc_info"]
