"""Two at the same moment: issuing for one person, revoking while another approves, and two that make one filing."""

import pytest

from filings.models import Filing
from referrals import services
from referrals.bodies import PatientInput, ReferralInput
from referrals.models import Referral
from reviews.history import disagreements
from reviews.services import Actor, approve
from tests import factories as make
from tests.referrals.issuing import TAIYUAN, body, clerk, hospital, in_review, insured, taiyuan
from tests.rivals import split, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _calendar():
    make.working_calendar()


def issuing(account, patient, **fields):
    sent = body(patient, **fields)
    read = {"patient": PatientInput.of(sent["patient"]), "destination": make.area(make.BEIJING)}
    asked = ReferralInput.model_construct(**{**sent, **read})
    return lambda: services.issue(account, asked).submission


def test_two_hospitals_issue_for_one_illness_where_it_stands_at_once():
    patient = insured(make.CHONGQING)
    one, two = clerk(), clerk(hospital("H50000000002", name="另一医院"))

    winners, refused = split(together(issuing(one, patient), issuing(two, patient)))

    assert (len(winners), refused) == (2, [])
    assert sorted(Referral.objects.values_list("status", flat=True)) == ["approved", "superseded"]
    assert Filing.objects.filter(status="approved").count() == 1
    assert disagreements()[1] == []


def test_two_hospitals_issue_for_one_illness_where_it_is_reviewed():
    patient = insured(TAIYUAN)
    one, two = taiyuan(), clerk(hospital("H14010000002", place=TAIYUAN, name="另一医院"))

    winners, refused = split(together(issuing(one, patient), issuing(two, patient)))

    assert len(winners) == 1
    assert [problem.code for problem in refused] == ["referral_overlaps"]


def test_the_hospital_withdraws_while_a_reviewer_approves():
    issuing_clerk = taiyuan()
    with make.clock.standing_at(make.moment("2026-03-02 10:00")):
        row = in_review(by=issuing_clerk)
    from reviews.services import withdraw

    reviewer = make.reviewer(TAIYUAN)

    winners, refused = split(
        together(lambda: approve(row, reviewer=reviewer), lambda: withdraw(row, actor=Actor(issuing_clerk)))
    )

    assert (len(winners), len(refused)) == (1, 1)

    row.refresh_from_db()

    assert row.status == winners[0].status
    assert Filing.objects.count() == (1 if row.status == "approved" else 0)


def test_the_hospital_revokes_while_its_successor_is_approved():
    issuing_clerk, reviewer = taiyuan(), make.reviewer(TAIYUAN)
    with make.clock.standing_at(make.moment("2026-03-02 10:00")):
        patient = insured(TAIYUAN)
        first = in_review(patient, issuing_clerk)
        approve(first, reviewer=reviewer)
        second = in_review(patient, issuing_clerk)
    split(
        together(
            lambda: services.revoke(first, actor=Actor(issuing_clerk), reason="误开"),
            lambda: approve(second, reviewer=make.reviewer(TAIYUAN)),
        )
    )
    first.refresh_from_db()

    second.refresh_from_db()

    assert first.status in ("revoked", "superseded")
    assert second.status == "approved"
    assert Filing.objects.get(status="approved").pk == second.made_filing_id
    assert disagreements()[1] == []
