"""Two at the same moment: one invoice claimed twice, or settled and claimed; one file exported twice; two second reviewers."""

from datetime import date
from decimal import Decimal

import pytest

from claims import payments, refusals, services
from claims.models import Claim, PaymentBatch, PaymentLine
from reviews import services as queue
from reviews.history import disagreements
from reviews.models import Event
from reviews.services import Actor
from settlements.models import InsuranceYear, Settlement
from tests import factories as make
from tests.claims.claiming import approved, asked, claimed, fresh
from tests.rivals import split, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("monday", "human")]


def test_one_invoice_is_claimed_twice(enrolled, account):
    wanted = [asked(account), asked(account)]
    acts = [lambda one=one: services.apply(account, enrolled, one).submission for one in wanted]

    winners, refused = split(together(*acts))

    assert (len(winners), [problem.code for problem in refused]) == (1, ["invoice_claimed"])
    assert Claim.objects.filter(status="submitted").count() == 1


def test_two_second_reviewers_pay_once(enrolled, account):
    claim = claimed(account, enrolled)
    queue.approve(claim, reviewer=make.reviewer())
    rivals = [make.reviewer(), make.reviewer()]
    acts = [lambda one=one: queue.approve(claim, reviewer=one) for one in rivals]

    winners, refused = split(together(*acts))

    assert (len(winners), [problem.code for problem in refused]) == (1, ["already_decided"])
    assert Settlement.objects.get().fund == Decimal("15260.80")
    assert InsuranceYear.objects.get().entries == 1
    assert disagreements()[1] == []


def test_two_claims_of_a_person_are_approved_at_once(enrolled, account):
    """The second counts the first: one stay pays 924, the other 792 × 1.05 = 831.60."""
    later = {"admitted_on": date(2026, 2, 11), "discharged_on": date(2026, 2, 20), "invoice_number": "2"}
    claims = [claimed(account, enrolled), claimed(account, enrolled, **later)]
    for claim in claims:
        queue.approve(claim, reviewer=make.reviewer())
    acts = [lambda one=one: queue.approve(fresh(one), reviewer=make.reviewer()) for one in claims]

    _winners, refused = split(together(*acts))

    assert refused == []

    taken = sorted(Settlement.objects.values_list("deductible", flat=True))
    assert taken == [Decimal("831.60"), Decimal("924.00")]
    assert InsuranceYear.objects.get().burden == sum(Settlement.objects.values_list("burden", flat=True))


def test_one_file_is_exported_by_two(enrolled, account):
    claim = approved(claimed(account, enrolled))
    rivals = [make.finance(), make.finance()]

    winners, refused = split(together(*[lambda one=one: payments.export(one) for one in rivals]))

    assert (len(winners), [problem.code for problem in refused]) == (1, ["nothing_due"])
    assert PaymentBatch.objects.get().count == 1
    assert fresh(claim).batch == winners[0]


def test_one_batch_is_paid_by_two(enrolled, account):
    approved(claimed(account, enrolled))
    batch = payments.export(make.finance())
    rivals = [make.finance(), make.finance()]
    acts = [lambda one=one: payments.mark_paid(batch, one, paid_on=date(2026, 3, 2)) for one in rivals]

    winners, refused = split(together(*acts))

    assert (len(winners), [problem.code for problem in refused]) == (1, ["already_paid"])


def sent_back(account, enrolled):
    """A paid claim and its line, for rivals to refuse."""
    claim, payer = approved(claimed(account, enrolled)), make.finance()
    batch = payments.mark_paid(payments.export(payer), payer, paid_on=date(2026, 3, 2))
    return claim, payer, batch, batch.lines.get().pk


def test_one_line_is_refused_by_two(enrolled, account):
    claim, payer, batch, line = sent_back(account, enrolled)
    rivals = [payer, make.finance()]
    acts = [lambda one=one: refusals.refuse(batch, one, line=line, code="other", on=date(2026, 3, 2)) for one in rivals]

    winners, refused = split(together(*acts))

    assert (sorted(winners), refused) == ([0, 1], [])
    assert Event.objects.filter(verb="refuse").count() == 1
    assert fresh(claim).payment_status == "refused"


def test_a_refusal_and_a_second_export(enrolled, account):
    """Until the account is mended there is nothing to export, however near the two come."""
    claim, payer, batch, line = sent_back(account, enrolled)

    winners, refused = split(
        together(
            lambda: refusals.refuse(batch, payer, line=line, code="other", on=date(2026, 3, 2)),
            lambda: payments.export(make.finance()),
        )
    )

    assert (winners, [problem.code for problem in refused]) == ([1], ["nothing_due"])
    assert PaymentLine.objects.filter(claim=claim).count() == 1


def test_an_account_is_mended_while_the_next_file_is_made(enrolled, account):
    """The file has the new account or does not have the claim; never the old account."""
    claim, payer, batch, line = sent_back(account, enrolled)
    refusals.refuse(batch, payer, line=line, code="other", on=date(2026, 3, 2))
    actor = Actor.of(account, claim.person_id)

    split(
        together(
            lambda: services.mend_account(claim, actor=actor, bank_account="6222020200112233453"),
            lambda: payments.export(make.finance()),
        )
    )

    live = PaymentLine.objects.filter(claim=claim, refusal="")
    assert [one.bank_account for one in live] in ([], ["6222020200112233453"])
    assert fresh(claim).payment_status == ("exported" if live else "due")
    assert disagreements()[1] == []


def test_an_account_is_mended_twice(enrolled, account):
    claim, payer, batch, line = sent_back(account, enrolled)
    refusals.refuse(batch, payer, line=line, code="other", on=date(2026, 3, 2))
    actor = Actor.of(account, claim.person_id)
    acts = [lambda: services.mend_account(claim, actor=actor, bank_account="6222020200112233453") for _ in range(2)]

    winners, refused = split(together(*acts))

    assert (len(winners), [problem.code for problem in refused]) == (1, ["not_refused"])
    assert Event.objects.filter(verb="account").count() == 1
