"""What the bank sent back: told to the citizen, mended by them, paid in the next file, and never twice."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import Message
from claims import payments, refusals, services
from claims.models import PaymentLine
from core.errors import Forbidden, Invalid, WrongState
from reviews.history import disagreements
from reviews.models import Event
from reviews.services import Actor
from tests import factories as make
from tests.claims.claiming import CARD, approved, at, claimed, fresh

pytestmark = pytest.mark.usefixtures("human")

PAID_ON, BACK_ON = date(2026, 3, 2), date(2026, 3, 4)
OTHER_CARD = "6222020200112233453"
LATER = {"admitted_on": date(2026, 2, 11), "discharged_on": date(2026, 2, 20), "invoice_number": "2"}


@pytest.fixture
def payer(enrolled):
    return make.finance()


def paid(payer, *claims):
    batch = payments.export(payer)
    return payments.mark_paid(batch, payer, paid_on=PAID_ON)


def line_of(batch, claim):
    return PaymentLine.objects.get(batch=batch, claim=claim).pk


def refuse(batch, payer, claim, **given):
    said = {"code": "account_closed", "on": BACK_ON, **given}
    with at("2026-03-05 10:00"):
        return refusals.refuse(batch, payer, line=line_of(batch, claim), **said)


def mend(claim, account, **given):
    actor = Actor.of(account, claim.person_id)
    return services.mend_account(fresh(claim), actor=actor, **{"bank_account": OTHER_CARD, **given})


def returned(batch, payer, *results):
    """The bank's file: ours with three columns more."""
    rows = list(csv.reader(io.StringIO(payments.download(batch, payer).decode("utf-8-sig"))))
    out = io.StringIO()
    lines = [[*refusals.RETURN_HEAD], *([*row, *result] for row, result in zip(rows[1:], results, strict=True))]
    csv.writer(out).writerows(lines)
    return out.getvalue()


def test_a_refused_line_comes_back_and_is_paid_once_more(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    batch = paid(payer)

    assert refuse(batch, payer, claim) == 1

    back = fresh(claim)
    assert (back.payment_status, back.refusal, back.batch, back.paid_on) == ("refused", "account_closed", None, None)
    event = Event.objects.get(verb="refuse")
    assert (event.actor, event.data) == (payer, {"batch": batch.number, "code": "account_closed", "on": "2026-03-04"})
    told = Message.objects.get(kind="payment_refused")
    assert ("15260.80" in told.text, "3446" in told.text, "账户已销户" in told.text, CARD in told.text) == (
        True,
    ) * 3 + (False,)

    with pytest.raises(WrongState):
        payments.export(payer)

    mend(claim, account)
    second = payments.export(payer)

    assert (second.count, second.total) == (1, Decimal("15260.80"))
    assert OTHER_CARD in payments.download(second, payer).decode()
    assert CARD in payments.download(batch, payer).decode()
    payments.mark_paid(second, payer, paid_on=PAID_ON)
    assert (fresh(claim).payment_status, fresh(claim).batch) == ("paid", second)
    assert disagreements()[1] == []


def test_whoever_claimed_is_asked_for_another_account_until_it_is_there(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    client = make.api(account)
    refuse(paid(payer, claim), payer, claim)

    (need,) = client.get("/api/v1/overview/").json()["needs"]
    mend(claim, account)

    assert (need["kind"], need["submission"]) == ("account", str(claim.pk))
    assert client.get("/api/v1/overview/").json()["needs"] == []


def test_the_sums_of_a_batch(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    other = approved(claimed(account, enrolled, **LATER))
    batch = payments.export(payer)

    sums = refusals.sums_of(batch)
    assert (sums["exported_total"], sums["paid_total"], sums["refused_total"]) == (batch.total, Decimal(0), Decimal(0))

    batch = payments.mark_paid(batch, payer, paid_on=PAID_ON)
    refuse(batch, payer, other)

    sums = refusals.sums_of(batch)
    assert (sums["exported_count"], sums["paid_count"], sums["refused_count"]) == (2, 1, 1)
    assert sums["paid_total"] == claim.settlement.fund == Decimal("15260.80")
    assert sums["refused_total"] == other.settlement.fund
    assert sums["paid_total"] + sums["refused_total"] == sums["exported_total"]


def test_said_twice_it_counts_once_and_said_otherwise_it_is_refused(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    batch = paid(payer)
    refuse(batch, payer, claim)

    assert refuse(batch, payer, claim) == 0
    with pytest.raises(WrongState) as refused:
        refuse(batch, payer, claim, code="other")

    assert refused.value.code == "refused_otherwise"
    assert Message.objects.filter(kind="payment_refused").count() == 1


def test_before_it_is_paid_nothing_comes_back(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    batch = payments.export(payer)

    with pytest.raises(WrongState) as refused:
        refuse(batch, payer, claim)

    assert refused.value.code == "not_paid_yet"


@pytest.mark.parametrize(
    "wrong", [{"on": date(2026, 3, 1)}, {"on": date(2026, 3, 6)}, {"code": "because"}, {"code": ""}]
)
def test_day_and_reason(account, enrolled, payer, wrong):
    claim = approved(claimed(account, enrolled))
    batch = paid(payer)

    with pytest.raises(Invalid):
        refuse(batch, payer, claim, **wrong)

    assert fresh(claim).payment_status == "paid"


def test_only_finance_of_the_area_that_decided_nothing(account, enrolled, payer):
    decider = make.reviewer(identity_hash="a" * 64)
    claim = approved(claimed(account, enrolled), decider, make.reviewer())
    batch = paid(payer)

    for stranger in (decider, make.supervisor(), make.finance("510100"), make.finance(identity_hash="a" * 64)):
        with pytest.raises(Forbidden):
            refuse(batch, stranger, claim)

    assert fresh(claim).payment_status == "paid"


def test_a_line_of_another_batch_is_unknown(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    batch = paid(payer)
    approved(claimed(account, enrolled, **LATER))
    other = paid(payer)

    with pytest.raises(Invalid) as refused, at("2026-03-05 10:00"):
        refusals.refuse(other, payer, line=line_of(batch, claim), code="other", on=BACK_ON)

    assert refused.value.code == "line_unknown"


# The bank's file


def test_the_return_file(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    other = approved(claimed(account, enrolled, **LATER))
    batch = paid(payer)
    file = returned(batch, payer, ("成功", "", ""), ("退回", "户名与账号不符", "2026-03-04"))

    with at("2026-03-05 10:00"):
        counts = [refusals.load(batch, payer, file.encode(encoding)) for encoding in ("gb18030", "utf-8-sig")]

    assert counts == [1, 0]
    assert (fresh(claim).payment_status, fresh(other).refusal) == ("paid", "name_differs")


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([("成功", "", ""), ("退回", "不知道", "2026-03-04")], "第 3 行：退回原因应为"),
        ([("退回", "other", "3月4日"), ("成功", "", "")], "第 2 行：退回日期应写作"),
        ([("退回", "other", "2026-03-04"), ("", "", "")], "第 3 行：支付结果应为"),
        ([("退回", "other", "2026-02-04"), ("成功", "", "")], "第 2 行：退回日期应在支付日期之后"),
    ],
)
def test_one_wrong_line_and_nothing_is_entered(account, enrolled, payer, results, said):
    for more in ({}, LATER):
        approved(claimed(account, enrolled, **more))
    batch = paid(payer)

    with pytest.raises(Invalid) as refused, at("2026-03-05 10:00"):
        refusals.load(batch, payer, returned(batch, payer, *results).encode())

    assert said in refused.value.detail
    assert not PaymentLine.objects.exclude(refusal="").exists()


def test_a_file_that_is_not_of_this_batch(account, enrolled, payer):
    approved(claimed(account, enrolled))
    batch = paid(payer)
    file = returned(batch, payer, ("退回", "other", "2026-03-04"))
    wrong = {
        "第 2 行：金额或账号": file.replace("15260.80", "15260.81"),
        "第 2 行：不在本批次中": file.replace(batch.number, "20260302-999999-9"),
        "第 1 行：表头应为": file.replace("支付结果", "结果"),
        "第 3 行：受理编号": file + file.splitlines()[1],
        "第 2 行：应有14列": file.replace(",other", ""),
    }

    for said, text in wrong.items():
        with pytest.raises(Invalid) as refused, at("2026-03-05 10:00"):
            refusals.load(batch, payer, text.encode())
        assert said in refused.value.detail

    for content in (b"\xff\xfe\x00", b"x" * (refusals.LARGEST_FILE + 1)):
        with pytest.raises(Invalid):
            refusals.load(batch, payer, content)


# The account


def test_only_a_refused_claims_account_is_mended(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    batch = paid(payer)

    with pytest.raises(WrongState) as refused:
        mend(claim, account)
    assert refused.value.code == "not_refused"

    refuse(batch, payer, claim)
    for person in (make.citizen(make.person()), make.reviewer(), payer):
        with pytest.raises(Forbidden):
            services.mend_account(fresh(claim), actor=Actor(person), bank_account=OTHER_CARD)

    done = mend(claim, account)
    assert (done.bank_account, done.payment_status, done.refusal) == (OTHER_CARD, "due", "")
    event = Event.objects.get(verb="account")
    assert (event.actor, event.data) == (account, {"refusal": "account_closed"})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"bank_account": CARD}, "bank_account_unchanged"),
        ({"bank_account": "6222020200112233454"}, "bank_account_doubtful"),
        ({"bank_holder": "李四"}, "bank_holder_differs"),
    ],
)
def test_the_checks_of_an_account(account, enrolled, payer, given, code):
    claim = approved(claimed(account, enrolled))
    refuse(paid(payer), payer, claim)

    with pytest.raises(Invalid) as refused:
        mend(claim, account, **given)

    assert (refused.value.code, fresh(claim).payment_status) == (code, "refused")


def test_a_doubtful_number_is_taken_when_it_was_confirmed_and_a_frozen_account_when_it_is_free_again(
    account, enrolled, payer
):
    claim = approved(claimed(account, enrolled))
    refuse(paid(payer), payer, claim, code="account_frozen")

    assert mend(claim, account, bank_account=CARD).payment_status == "due"

    batch = payments.export(payer)
    payments.mark_paid(batch, payer, paid_on=PAID_ON)
    refuse(batch, payer, claim)
    assert mend(claim, account, bank_account="6222020200112233454", confirmed=True).payment_status == "due"


def test_over_http(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    refuse(paid(payer), payer, claim)
    client, address = make.api(account), f"/api/v1/claims/{claim.pk}/"

    shown = client.get(address).json()
    assert shown["payment"] == {
        "status": "refused", "status_label": "银行退回，待更正账户", "paid_on": None, "refusal": "account_closed",
        "refusal_label": "账户已销户",
    }  # fmt: skip
    assert shown["actions"] == ["account"]

    answer = client.post(f"{address}account/", {"bank_account": "6222 0202 0011 2233 453"}, format="json")

    assert (answer.status_code, answer.json()["payment"]["status"], answer.json()["actions"]) == (200, "due", [])
    assert client.post(f"{address}account/", {"bank_account": OTHER_CARD}, format="json").status_code == 409


# What the database itself refuses


def test_two_live_lines_of_a_claim_are_impossible(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    batch = paid(payer)

    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.create(batch=batch, claim=claim, order=2, amount=Decimal(1), bank_account=CARD)


def test_a_line_stays_as_it_left(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    batch = paid(payer)
    refuse(batch, payer, claim)
    lines = PaymentLine.objects.filter(claim=claim)

    for act in (
        lambda: lines.update(amount=Decimal(1)),
        lambda: lines.update(refusal="other"),
        lambda: lines.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_refused_claim_can_still_be_revoked(account, enrolled, payer):
    claim = approved(claimed(account, enrolled))
    refuse(paid(payer), payer, claim)

    services.revoke(fresh(claim), supervisor=make.supervisor(), reason="误批")

    assert (fresh(claim).status, fresh(claim).payment_status, fresh(claim).refusal) == ("revoked", "none", "")
