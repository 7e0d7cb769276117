"""Calls that come twice, at once, too late, or whose process dies: nothing is settled twice, nothing is half."""

import json
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from core import clock
from gateway.models import FeeLine, GatewayCall, RecalledCall, Visit, VisitBill
from gateway.tasks import purge_visits
from settlements.models import Settlement
from tests import factories as make
from tests.gateway.desk import NOW, Desk, catalogue
from tests.gateway.hospital import BASE
from tests.rivals import apart, somebody_waits_for_us, together, wait_until
from tests.roles import as_owner
from tests.settlements.proving import assert_books_hold
from tests.settlements.test_killed import killed_before_it_writes
from tests.settlements.till import SIMPLE, policies

pytestmark = pytest.mark.django_db(transaction=True)
SETTLED, LATE = "该就诊已结算，请先撤销结算", "该报文已被2601冲正，不再办理，请用新的报文重新发起"


@pytest.fixture(autouse=True)
def _monday():
    with clock.standing_at(make.moment(NOW)), policies(SIMPLE):
        yield


@pytest.fixture
def desk():
    catalogue()
    return Desk()


def answers(desk, *messages):
    """The answers to messages sent at the same moment; None where the outcome is not known (503)."""

    def send(message):
        response = desk.post(message)
        return json.loads(response.content) if response.status_code == 200 else None

    return together(*(lambda message=message: send(message) for message in messages), at=NOW)


def test_two_clients_settle_one_batch_at_once(desk):
    visit = desk.outpatient()

    first, second = answers(desk, *(desk.message("2207", desk.bill(visit, "1200.00")) for _client in range(2)))

    assert sorted([first["infcode"], second["infcode"]]) == [-1, 0]
    assert SETTLED in (first["err_msg"], second["err_msg"])
    assert (Settlement.objects.count(), VisitBill.objects.count()) == (1, 1)
    assert_books_hold()


def test_one_message_twice_at_once_is_settled_once_and_answered_twice_alike(desk):
    visit = desk.outpatient()
    message = desk.message("2207A", desk.bill(visit, "1200.00"))

    first, second = answers(desk, message, message)
    third = json.loads(desk.post(message).content)

    assert first == second == third
    assert first["infcode"] == 0
    assert Settlement.objects.count() == 1


def test_a_stay_is_settled_reversed_and_taken_back_twice_at_once(desk):
    """The same message twice is one call; under two msgids the second is refused; whatever the order, nothing is done twice."""
    visit = desk.stay()
    bill = desk.stay_bill(visit)
    same = desk.message("2304", bill)

    def twice(infno, sent):
        found = answers(desk, *(desk.message(infno, sent) for _client in range(2)))
        assert sorted(each["infcode"] for each in found) == [-1, 0], found
        return sorted(found, key=lambda each: each["infcode"])

    one, two = answers(desk, same, same)
    refused, undone = twice("2305", desk.undoing(visit, one["output"]))
    late, again = twice("2304A", bill)
    back = desk.message("2305", desk.undoing(visit, again["output"]))
    first, second = answers(desk, back, back)
    last = desk.message("2304", bill)
    desk.post(last)
    gone, taken_back = twice("2601", desk.recall(last))

    assert one == two
    assert first == second
    assert [each["infcode"] for each in (one, undone, again, first, taken_back)] == [0] * 5
    assert refused["err_msg"] == gone["err_msg"] == "该结算已经冲正，请勿重复操作"
    assert late["err_msg"] == SETTLED
    assert sorted(Settlement.objects.values_list("status", flat=True)) == ["reversal"] * 3 + ["reversed"] * 3
    assert_books_hold()


def test_two_hospitals_settle_one_patient_at_once_under_one_msgid(desk):
    """The year's 200 are taken once: of the second bill's 900 nothing is left to take off, half of it is 450."""
    other = Desk(desk.patient, "H11010100002")
    visits = {each: each.outpatient() for each in (desk, other)}
    both = [each.message("2207", each.bill(visit, "1200.00"), msgid="SHARED") for each, visit in visits.items()]

    found = answers(desk, *both)
    undone = answers(
        desk,
        *(
            each.message("2208", each.undoing(visits[each], told["output"]))
            for each, told in zip(visits, found, strict=True)
        ),
    )

    assert sorted(each["output"]["setlinfo"]["hifp_pay"] for each in found) == [350, 450]
    assert 0 in [each["infcode"] for each in undone]  # the later one; the earlier too where its turn came after
    assert_books_hold()


def test_two_hospitals_admit_one_patient_at_once(desk):
    other = Desk(desk.patient, "H11010100002")
    both = [desk.message("2401", desk.admission()), other.message("2401", other.admission())]

    found = answers(desk, *both)

    assert sorted(each["infcode"] for each in found) == [-1, 0]
    (refused,) = [each["err_msg"] for each in found if each["infcode"]]
    assert "住院" in refused or "入院" in refused
    assert Visit.objects.count() == 1


def test_one_code_opens_one_visit(desk):
    code = {"mdtrt_cert_type": "01", "mdtrt_cert_no": desk.code()}

    found = answers(desk, *(desk.message("2201", desk.registration(**code)) for _visit in range(2)))

    assert sorted(each["infcode"] for each in found) == [-1, 0]
    assert Visit.objects.count() == 1


def test_lines_come_while_the_batch_is_settled(desk):
    visit = desk.outpatient()
    more = desk.message("2204", {"feedetail": [desk.line(visit, "9", "XA", "10.00")]})

    settled, added = answers(desk, desk.message("2207", desk.bill(visit, "1200.00")), more)

    if settled["infcode"] == 0:
        assert added["err_msg"] == SETTLED
    else:
        assert settled["err_msg"] == "医疗费总额与明细合计不符：上送1200.00，明细1210.00"
    billed = sum(line.amount for line in FeeLine.objects.filter(bill__isnull=False))
    assert billed == sum(each.total for each in Settlement.objects.all())


@contextmanager
def standing_still(desk, message, table):
    """A message that has come as far as its first write to a table, and goes on when the block ends."""
    found = []
    thread = Thread(target=lambda: found.append(apart(lambda: desk.post(message), at=NOW)))
    with transaction.atomic():
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(table)} IN SHARE MODE")
        thread.start()
        wait_until(somebody_waits_for_us)
        yield found
    thread.join(30)


def test_what_is_in_somebodys_hands_is_not_deleted(desk):
    visit = desk.stay()
    Visit.objects.update(changed_at=clock.now() - timedelta(days=91))

    with transaction.atomic():
        Visit.objects.select_for_update(no_key=True).get(number=visit)
        meanwhile = together(purge_visits, at=NOW)
    afterwards = together(purge_visits, at=NOW)

    assert (meanwhile, afterwards) == ([0], [1])
    assert not FeeLine.objects.exists()


def test_2601_waits_for_the_settlement_that_still_runs_and_takes_it_back(desk):
    visit = desk.outpatient()
    message = desk.message("2207", desk.bill(visit, "1200.00"))
    recall = desk.message("2601", desk.recall(message))
    taken_back = []
    rival = Thread(target=lambda: taken_back.append(apart(lambda: desk.post(recall), at=NOW)))

    with standing_still(desk, message, "settlements_settlement") as settled:
        rival.start()
        wait_until(lambda: waiting() == 2)
        assert taken_back == []
    rival.join(30)

    assert json.loads(settled[0].content)["infcode"] == 0
    assert json.loads(taken_back[0].content)["infcode"] == 0
    assert sorted(Settlement.objects.values_list("status", flat=True)) == ["reversal", "reversed"]
    assert not RecalledCall.objects.exists()
    assert_books_hold()


def waiting():
    """How many connections wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


def test_2601_before_the_settlement_arrives(desk):
    visit = desk.outpatient()
    message = desk.message("2207", desk.bill(visit, "1200.00"))

    taken_back, settled = answers(desk, desk.message("2601", desk.recall(message)), message)

    assert taken_back["infcode"] == 0
    if settled["infcode"]:  # it was quicker: what arrives late is refused
        assert settled["err_msg"] == LATE
    assert not Settlement.objects.filter(status="settled").exists()
    assert json.loads(desk.post(message).content)["infcode"] == settled["infcode"]
    assert_books_hold()


def test_the_process_that_settles_dies_at_its_last_write(desk):
    visit = desk.stay()
    message = desk.message("2304", desk.stay_bill(visit))
    before = everything()

    killed_before_it_writes("gateway_visitbill", {"path": BASE, "token": "", "body": message, "key": "-"})

    assert everything() == before

    first, again = (json.loads(desk.post(message).content) for _time in range(2))
    assert first["infcode"] == 0
    assert first == again
    assert first["output"]["setlinfo"]["hifp_pay"] == 13600
    assert Settlement.objects.count() == 1
    assert_books_hold()


def test_the_process_that_settles_dies_and_2601_finds_nothing(desk):
    visit = desk.stay()
    message = desk.message("2304", desk.stay_bill(visit))

    killed_before_it_writes("settlements_settlement", {"path": BASE, "token": "", "body": message, "key": "-"})
    taken_back = desk.send("2601", desk.recall(message))
    late = json.loads(desk.post(message).content)
    settled = desk.output("2304", desk.stay_bill(visit))

    assert taken_back["infcode"] == 0
    assert late["err_msg"] == LATE
    assert settled["setlinfo"]["hifp_pay"] == 13600


def everything():
    """All that a settlement moves here."""
    models = [Settlement, Visit, VisitBill, FeeLine, GatewayCall]
    fields = [[field.name for field in model._meta.concrete_fields if field.name != "record"] for model in models]
    return [sorted(model.objects.values_list(*names), key=str) for model, names in zip(models, fields, strict=True)]
