"""Bills of thousands of lines, and visits that nobody goes on with."""

import base64
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from accounts.rotation import rehash
from accounts.services.uniting import Union, unite
from core import clock
from core.errors import WrongState
from gateway.models import FeeLine, KnownPerson, Visit, VisitBill
from gateway.tasks import close_visits, purge_visits
from gateway.uniting import hand_over
from settlements.models import Settlement
from tests.gateway.desk import Desk

YEAR = {"begntime": "2026-01-01", "endtime": "2026-12-31", "med_type": "13"}


def test_a_stay_of_five_thousand_lines(desk):
    visit = desk.admit()
    rows = [desk.line(visit, str(at), ("XA", "XB", "XC", "XL", "XA")[at % 5], "4.00") for at in range(5000)]
    began = time.monotonic()

    answered = desk.output("2301", {"feedetail": rows})["result"]
    desk.output("2402", desk.leaving(visit))
    settled = desk.output("2304", desk.stay_bill(visit, "20000.00"))["setlinfo"]

    # 1 000 lines of XB: 0.40 each first; 1 000 of XC: 4.00 each; scope 15 600, less 1 000, 80 %
    assert [row["feedetl_sn"] for row in answered] == [row["feedetl_sn"] for row in rows]
    assert (settled["preselfpay_amt"], settled["fulamt_ownpay_amt"]) == (400, 4000)
    assert settled["hifp_pay"] == 11680
    assert time.monotonic() - began < 60


def test_more_lines_than_a_till_takes_are_settled_by_their_sums(desk, monkeypatch):
    monkeypatch.setattr("gateway.settling.MOST_ITEMS", 2)
    visit = desk.stay()

    settled = desk.output("2304", desk.stay_bill(visit))["setlinfo"]

    assert (settled["hifp_pay"], settled["fulamt_ownpay_amt"], settled["preselfpay_amt"]) == (13600, 1200, 800)


def test_what_nobody_goes_on_with_is_closed_and_then_deleted(desk):
    idle, lying = desk.register(), desk.admit()
    settled = Desk(code=desk.place.code)
    bill = settled.outpatient()
    settled.output("2207", settled.bill(bill, "1200.00"))
    desk.lines(idle, ("1", "XA", "1.00"))
    found = []

    for days in (29, 31, 130, 181, 280, 762):
        with clock.standing_at(clock.now() + timedelta(days=days)):
            close_visits()
            purge_visits()
            found.append(dict(Visit.objects.values_list("number", "status")))

    assert [each.get(idle) for each in found] == ["open", "closed", None, None, None, None]
    assert [each.get(lying) for each in found] == ["open", "open", "open", "closed", None, None]
    assert [each.get(bill) for each in found] == ["open", "closed", "closed", "closed", "closed", None]
    assert Settlement.objects.get().total == Decimal("1200.00")
    assert (FeeLine.objects.count(), VisitBill.objects.count()) == (0, 0)


def test_a_closed_visit_is_opened_anew_but_its_bill_can_be_undone(desk):
    visit = desk.outpatient()
    settled = desk.output("2207", desk.bill(visit, "1200.00"))
    Visit.objects.update(status="closed")

    more = desk.refusal("2204", {"feedetail": [desk.line(visit, "9", "XA", "1.00", chrg_bchno="B2")]})
    undone = desk.output("2208", desk.undoing(visit, settled))

    assert more == "该就诊长期没有办理，已经关闭，请重新登记"
    assert undone["setlinfo"]["hifp_pay"] == -350


def test_visits_are_found_by_the_hospitals_number_when_the_hash_key_has_changed(desk, settings):
    stay, visit = desk.admit(ipt_no="ZY7"), desk.register(ipt_otp_no="MZ7")
    settings.HASH_KEY = base64.b64encode(b"4" * 32).decode()

    rehash()
    admitted_again = desk.admit(ipt_no="ZY7")
    cancelled = desk.send("2202", desk.about(visit, ipt_otp_no="MZ7"))

    assert (admitted_again, cancelled["infcode"]) == (stay, 0)


def test_a_newborns_visits_go_over_to_the_person_it_is(desk):
    newborn, elsewhere = Desk(code=desk.place.code), Desk(code="H11010100002")
    there = Desk(newborn.patient, "H11010100002")
    kept, moved = newborn.register(), there.admit()
    child, person = newborn.patient.person, desk.patient.person

    with transaction.atomic():
        unite(child, person, by=newborn.citizen)
    described = newborn.send("2203", newborn.description(kept))
    listed = newborn.output("5201", newborn.about("", **YEAR))["mdtrtinfo"]
    another = there.refusal("2404", there.about(moved, psn_no=newborn.psn_no))

    assert {visit.number: visit.known.psn_no for visit in Visit.objects.filter(person=person)} == {
        kept: desk.psn_no, moved: there.psn_no,
    }  # fmt: skip
    assert not KnownPerson.objects.filter(person=child, institution="H11010100002").exists()
    assert (described["infcode"], [row["mdtrt_id"] for row in listed]) == (0, [kept])
    assert another.startswith("没有查到该就诊")
    assert elsewhere.known.person != person


def test_two_stays_at_once_are_not_united(desk):
    newborn = Desk(code="H11010100002")
    desk.admit()
    newborn.admit()

    with pytest.raises(WrongState) as refused:
        hand_over(Union(newborn.patient.person, desk.patient.person, {}, newborn.citizen))

    assert refused.value.code == "merger_doubles"
