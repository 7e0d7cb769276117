"""2601: a call whose answer was lost is taken back, whether it was done, never arrived, or shares its msgid with another."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from gateway.models import GatewayCall, RecalledCall, Visit
from gateway.replay import purge_calls
from settlements.models import Settlement
from tests.gateway.desk import Desk
from tests.settlements.proving import assert_books_hold

LATE = "该报文已被2601冲正，不再办理，请用新的报文重新发起"


def test_what_was_done_is_undone_once(desk):
    visit = desk.outpatient()
    message = desk.message("2207A", desk.bill(visit, "1200.00"))
    desk.post(message)

    taken_back = desk.send("2601", desk.recall(message))
    again = desk.refusal("2601", desk.recall(message))
    settled = desk.output("2207", desk.bill(visit, "1200.00"))

    assert (taken_back["infcode"], taken_back["output"]) == (0, None)
    assert again == "该结算已经冲正，请勿重复操作"
    assert settled["setlinfo"]["hifp_pay"] == 350
    assert [row.status for row in Settlement.objects.order_by("ordinal")] == ["reversed", "reversal", "settled"]
    assert_books_hold()


def test_what_was_done_is_undone_when_its_call_is_not_kept_any_more(desk):
    visit = desk.outpatient()
    message = desk.message("2207", desk.bill(visit, "1200.00"))
    desk.post(message)
    GatewayCall.objects.update(created_at=timezone.now() - timedelta(days=91))
    purge_calls()

    desk.output("2601", desk.recall(message))
    again = desk.refusal("2601", desk.recall(message))

    assert again == "该结算已经冲正，请勿重复操作"
    assert [row.status for row in Settlement.objects.order_by("ordinal")] == ["reversed", "reversal"]
    assert not RecalledCall.objects.exists()


def test_what_never_arrived_is_refused_when_it_does_and_nothing_else_is(desk):
    one, two = desk.outpatient(), Desk(code=desk.place.code)
    other = two.outpatient()
    late = desk.message("2207", desk.bill(one, "1200.00"), msgid="SHARED")
    innocent = two.message("2207", two.bill(other, "1200.00"), msgid="SHARED")

    assert desk.output("2601", desk.recall(late, oinfno="2207A")) is None
    assert desk.output("2601", desk.recall(late)) is None
    refused = json.loads(desk.post(late).content)
    settled = json.loads(two.post(innocent).content)
    anew = desk.output("2207", desk.bill(one, "1200.00"))

    assert (refused["infcode"], refused["err_msg"]) == (-1, LATE)
    assert settled["infcode"] == 0
    assert anew["setlinfo"]["hifp_pay"] == 350
    assert RecalledCall.objects.count() == 1


def test_of_two_calls_that_share_a_msgid_that_of_the_person_is_taken_back(desk):
    two = Desk(code=desk.place.code)
    for each in (desk, two):
        each.output("2207", each.bill(each.outpatient(), "1200.00"), msgid="SHARED")

    two.output("2601", two.recall({"msgid": "SHARED", "infno": "2207"}))

    undone = Settlement.objects.filter(status="reversed")
    assert [row.person for row in undone] == [two.patient.person]


def test_two_bills_of_one_person_under_one_msgid_are_not_told_apart(desk):
    visit = desk.outpatient()
    desk.lines(visit, ("3", "XA", "300.00"), chrg_bchno="B2")
    desk.output("2207", desk.bill(visit, "1200.00"), msgid="SHARED")
    desk.output("2207", desk.bill(visit, "300.00", chrg_bchno="B2"), msgid="SHARED")

    refused = desk.refusal("2601", desk.recall({"msgid": "SHARED", "infno": "2207"}))

    assert refused == "该报文ID下有2笔业务，无法确定冲正哪一笔，请用撤销结算（2208、2305）办理"
    assert not Settlement.objects.filter(status="reversed").exists()


def test_an_admission_is_taken_back_while_nothing_hangs_on_it(desk):
    message = desk.message("2401", desk.admission())
    visit = json.loads(desk.post(message).content)["output"]["result"]["mdtrt_id"]
    desk.lines(visit, ("1", "XA", "10.00"), infno="2301")

    charged = desk.refusal("2601", desk.recall(message))
    desk.output("2302", {"data": [desk.about(visit, feedetl_sn="0000")["data"]]})
    desk.output("2601", desk.recall(message))
    again = desk.refusal("2601", desk.recall(message))
    desk.admit()

    assert charged == "该就诊已有费用明细，请先撤销费用明细（2302）"
    assert again == "该入院登记已经撤销，请勿重复操作"
    assert sorted(Visit.objects.values_list("status", flat=True)) == ["cancelled", "open"]


def test_an_admission_is_taken_back_when_its_call_is_not_kept_any_more(desk):
    """The stay outlives its call by half a year: a 2601 that said "nothing to take back" would leave the bed taken."""
    first = desk.message("2401", desk.admission())
    again = {**first, "msgid": "SENT-AGAIN"}
    visit, same = (json.loads(desk.post(each).content)["output"]["result"]["mdtrt_id"] for each in (first, again))
    GatewayCall.objects.update(created_at=timezone.now() - timedelta(days=91))
    purge_calls()

    other = desk.send("2601", desk.recall({**first, "msgid": "NEVER-SENT"}))
    still = Visit.objects.get().status
    taken_back = desk.output("2601", desk.recall(again))
    twice = desk.refusal("2601", desk.recall(first))
    desk.admit()

    assert visit == same
    assert (other["infcode"], still, taken_back) == (0, "open", None)
    assert twice == "该入院登记已经撤销，请勿重复操作"
    assert RecalledCall.objects.get().msgid == "NEVER-SENT"


@pytest.mark.parametrize(
    ("otherwise", "sentence"),
    [
        ({"oinfno": "2208"}, "撤销结算不能冲正，如需恢复请重新结算"),
        ({"oinfno": "2305A"}, "撤销结算不能冲正，如需恢复请重新结算"),
        ({"oinfno": "2204"}, "交易2204不能冲正"),
        ({"oinfno": "2102"}, "交易2102不能冲正"),
        ({"psn_no": "1"}, "没有查到"),
    ],
)
def test_other_calls_are_not_taken_back(desk, otherwise, sentence):
    said = {"msgid": "NONE", "infno": "2207"}

    refused = desk.refusal("2601", desk.recall(said, **otherwise))

    assert refused.startswith(sentence)


def test_what_later_bills_rest_on_is_not_taken_back(desk):
    visit = desk.outpatient()
    first = desk.message("2207", desk.bill(visit, "1200.00"))
    desk.post(first)
    desk.lines(visit, ("3", "XA", "300.00"), chrg_bchno="B2")
    desk.output("2207", desk.bill(visit, "300.00", chrg_bchno="B2"))

    refused = desk.refusal("2601", desk.recall(first))

    assert "之后还有结算" in refused
