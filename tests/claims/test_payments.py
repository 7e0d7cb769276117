"""The payment file: once, by somebody who decided nothing in it, harmless in a spreadsheet, and paid on a day."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Message, Role
from claims import payments, services
from claims.models import Claim, PaymentBatch, PaymentDownload
from core.errors import Forbidden, Invalid, WrongState
from reviews import services as queue
from reviews.history import disagreements
from reviews.models import Event
from tests import factories as make
from tests.claims.claiming import CARD, approved, at, claimed, costs, fresh

pytestmark = pytest.mark.usefixtures("human")


def rows(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_what_is_due_leaves_once(account, enrolled):
    claim = approved(claimed(account, enrolled))
    payer = make.finance()

    batch = payments.export(payer)

    assert (batch.count, batch.total, batch.made_by) == (1, Decimal("15260.80"), payer)

    done = fresh(claim)
    assert (done.payment_status, done.batch) == ("exported", batch)

    event = Event.objects.get(verb="export")
    assert (event.actor, event.data) == (payer, {"batch": batch.number})

    with pytest.raises(WrongState) as refused:
        payments.export(make.finance())

    assert refused.value.code == "nothing_due"
    assert disagreements()[1] == []


def test_the_file(account, enrolled):
    claim = approved(claimed(account, enrolled))
    payer = make.finance()
    batch = payments.export(payer)

    head, line = rows(payments.download(batch, payer))

    assert head == [*payments.HEAD]
    assert line == [
        batch.number, "1", claim.number, claim.settlement.number, "王秀兰", "王秀兰", CARD, "15260.80", "北京示范医院",
        "2026-02-01", "2026-03-02",
    ]  # fmt: skip

    again = make.finance()
    assert rows(payments.download(batch, again))[1] == line
    assert list(PaymentDownload.objects.values_list("account", flat=True)) == [again.pk, payer.pk]
    assert PaymentBatch.objects.count() == 1


@pytest.mark.parametrize("name", ["=1+1", "+8613", "-2", "@SUM(A1)", "\t=1", "＝1+1"])
def test_nothing_becomes_a_formula(account, enrolled, name):
    approved(claimed(account, enrolled, bank_holder=name))
    payer = make.finance()

    line = rows(payments.download(payments.export(payer), payer))[1]

    assert line[5] == f"'{name}"


def test_who_decided_does_not_export(account, enrolled):
    first, second = make.reviewer(identity_hash="a" * 64), make.reviewer(identity_hash="b" * 64)
    approved(claimed(account, enrolled), first, second)

    for decider in (first, second):
        with pytest.raises(Forbidden) as refused:
            payments.export(make.finance(identity_hash=decider.identity_hash))
        assert refused.value.code == "same_reviewer"
        with pytest.raises(Forbidden) as refused:
            payments.export(decider)
        assert refused.value.code == "not_finance"

    assert Claim.objects.get().payment_status == "due"


def test_who_decided_does_not_mark_it_paid_either(account, enrolled):
    first, second = make.reviewer(identity_hash="a" * 64), make.reviewer(identity_hash="b" * 64)
    approved(claimed(account, enrolled), first, second)
    batch = payments.export(make.finance())

    for involved in (make.finance(identity_hash="b" * 64), make.finance(identity_hash="a" * 64)):
        with pytest.raises(Forbidden) as refused:
            payments.mark_paid(batch, involved, paid_on=date(2026, 3, 2))
        assert refused.value.code == "same_reviewer"

    assert PaymentBatch.objects.get().paid_on is None


def test_nor_from_another_account_nor_who_corrected_nor_the_payee(account, enrolled):
    first, twin = make.reviewer(identity_hash="a" * 64), make.finance(identity_hash="a" * 64)
    corrector, payee = make.finance(identity_hash="c" * 64), make.finance(identity_hash=enrolled.person.id_hash)
    claim = claimed(account, enrolled)
    services.correct(claim, reviewer=make.reviewer(identity_hash="c" * 64), cost=costs())
    approved(fresh(claim), first, make.reviewer())
    for involved in (twin, corrector, payee):
        with pytest.raises(Forbidden) as refused:
            payments.export(involved)
        assert refused.value.code == "same_reviewer"


def test_what_one_decided_is_left_for_a_colleague(account, enrolled):
    decider, first = make.reviewer(identity_hash="a" * 64), make.finance(identity_hash="a" * 64)
    own = approved(claimed(account, enrolled), decider, make.reviewer())
    dates = {"admitted_on": date(2026, 2, 11), "discharged_on": date(2026, 2, 20)}
    other = approved(claimed(account, enrolled, invoice_number="2", **dates))

    batch = payments.export(first)

    assert (batch.count, fresh(other).batch, fresh(own).payment_status) == (1, batch, "due")
    assert payments.export(make.finance()).count == 1


def test_what_one_decided_does_not_stand_in_the_way_of_the_rest(account, enrolled, monkeypatch):
    """A file takes the oldest; here the oldest is the exporter's own, and the file has room for one."""
    monkeypatch.setattr(payments, "MOST", 1)
    decider, first = make.reviewer(identity_hash="a" * 64), make.finance(identity_hash="a" * 64)
    approved(claimed(account, enrolled), decider, make.reviewer())
    dates = {"admitted_on": date(2026, 2, 11), "discharged_on": date(2026, 2, 20)}

    other = approved(claimed(account, enrolled, invoice_number="2", **dates))

    assert fresh(other).batch is None
    assert payments.export(first) == fresh(other).batch


def test_another_area_and_other_roles(account, enrolled):
    approved(claimed(account, enrolled))

    with pytest.raises(WrongState):
        payments.export(make.finance("510100"))
    for stranger in (account, make.staff(Role.ADMIN), make.reviewer(), make.supervisor()):
        with pytest.raises(Forbidden):
            payments.export(stranger)
    batch = payments.export(make.finance())
    elsewhere = make.finance("510100")

    for act in (
        lambda: payments.download(batch, elsewhere),
        lambda: payments.mark_paid(batch, elsewhere, paid_on=date(2026, 3, 2)),
    ):
        with pytest.raises(Forbidden):
            act()

    assert PaymentDownload.objects.count() == 0


def test_paid(account, enrolled):
    claim, payer = approved(claimed(account, enrolled)), make.finance()
    batch = payments.export(payer)

    with at("2026-03-05 10:00"):
        for wrong in (date(2026, 3, 1), date(2026, 3, 6)):
            with pytest.raises(Invalid):
                payments.mark_paid(batch, payer, paid_on=wrong)
        payments.mark_paid(batch, payer, paid_on=date(2026, 3, 4))
        with pytest.raises(WrongState) as refused:
            payments.mark_paid(batch, payer, paid_on=date(2026, 3, 5))

    assert refused.value.code == "already_paid"

    done = fresh(claim)
    assert (done.payment_status, done.paid_on, done.status) == ("paid", date(2026, 3, 4), "approved")

    told = Message.objects.get(kind="paid")
    assert "15,260.80" in told.text
    assert "3446" in told.text
    assert CARD not in told.text


def test_a_rejected_claim_is_never_due(account, enrolled):
    queue.reject(claimed(account, enrolled), reviewer=make.reviewer(), reason="票据不实")

    with pytest.raises(WrongState):
        payments.export(make.finance())

    assert Message.objects.get(kind="rejected").account == account
