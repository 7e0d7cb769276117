"""Every verb in every state by every caller, from the workflow table, over HTTP: what it allows happens, all else is refused."""

import itertools

import pytest

from reviews import queue, services
from reviews.models import Event, Kind, Status
from reviews.services import Actor, approve, reject, return_for_correction, withdraw
from reviews.workflow import TABLE, Action, Who, steps
from tests import factories as make
from tests.monday import at
from tests.referrals.issuing import TAIYUAN, clerk, hospital, in_review, insured, taiyuan

pytestmark = pytest.mark.usefixtures("monday")

# Written by hand from DESIGN.md §6 and API.md: a referral is its hospital's; the patient looks on.
CONTRACT = {
    ("submit", "draft"): ("submitted", {"issuer"}),
    ("end", "draft"): ("withdrawn", {"system"}),
    ("withdraw", "submitted"): ("withdrawn", {"issuer"}),
    ("claim", "submitted"): ("submitted", {"reviewer"}),
    ("release", "submitted"): ("submitted", {"reviewer"}),
    ("take_over", "submitted"): ("submitted", {"reviewer"}),
    ("hand_on", "submitted"): ("submitted", {"reviewer"}),
    ("approve", "submitted"): ("approved", {"reviewer", "system"}),
    ("reject", "submitted"): ("rejected", {"reviewer"}),
    ("return_for_correction", "submitted"): ("returned", {"reviewer"}),
    ("escalate", "submitted"): ("submitted", {"system"}),
    ("end", "submitted"): ("cancelled", {"system"}),
    ("amend", "returned"): ("returned", {"issuer"}),
    ("resubmit", "returned"): ("submitted", {"issuer"}),
    ("withdraw", "returned"): ("withdrawn", {"issuer"}),
    ("lapse", "returned"): ("withdrawn", {"system"}),
    ("end", "returned"): ("cancelled", {"system"}),
    ("revoke", "approved"): ("revoked", {"issuer"}),
    ("expire", "approved"): ("expired", {"system"}),
    ("supersede", "approved"): ("superseded", {"system"}),
    ("end", "approved"): ("cancelled", {"system"}),
    ("undo", "approved"): ("submitted", {"reviewer"}),
    ("undo", "rejected"): ("submitted", {"reviewer"}),
    ("undo", "returned"): ("submitted", {"reviewer", "clerk"}),
}
POSTED = (
    "submit",
    "resubmit",
    "withdraw",
    "revoke",
    "claim",
    "release",
    "take_over",
    "approve",
    "reject",
    "return_for_correction",
)
REVIEWING = {"claim", "release", "take_over", "approve", "reject", "return_for_correction"}
CALLERS = ("issuer", "patient", "reviewer", "other hospital", "other area", "admin")
STATES = [status for status in Status if status != "draft"]  # a hospital keeps no drafts


def test_the_table_is_as_the_contract_says():
    own = {
        (str(step.action), str(step.status)): (str(step.becomes), {str(who) for who in step.who})
        for step in TABLE
        if Kind.REFERRAL in step.kinds
    }

    assert own == CONTRACT


def in_state(status):
    issuing_clerk = taiyuan()
    patient = insured(TAIYUAN)
    row, colleague, actor = in_review(patient, issuing_clerk), make.reviewer(TAIYUAN), Actor(issuing_clerk)
    match status:
        case "submitted":
            return row
        case "withdrawn":
            return withdraw(row, actor=actor)
        case "returned":
            return return_for_correction(row, reviewer=colleague, reason="请补充")
        case "rejected":
            return reject(row, reviewer=colleague, reason="不符")
    approve(row, reviewer=colleague)
    match status:
        case "cancelled":
            with services.locked(row) as case:
                services.conclude(case, Action.END, code="enrollment_ended")
        case "superseded":
            approve(in_review(patient, issuing_clerk), reviewer=colleague)
        case "expired":
            with at("2026-07-01 10:00"):
                queue.drain()
        case "revoked":
            make.api(issuing_clerk).post(f"/api/v1/referrals/{row.pk}/revoke/", {"reason": "误开"})
    return row


def account_of(caller, row):
    return {
        "issuer": taiyuan,
        "patient": lambda: make.citizen(row.person),
        "reviewer": lambda: make.reviewer(TAIYUAN),
        "other hospital": lambda: clerk(hospital("H14010000002", place=TAIYUAN, name="另一医院")),
        "other area": lambda: make.reviewer(make.CHENGDU),
        "admin": lambda: make.staff("admin"),
    }[caller]()


def expected(verb, status, caller):
    """The answer from the table: 404 what is not theirs, 409 not in this state, 403 not for them, else 200."""
    if caller in ("other hospital", "other area"):
        return 404
    if (verb, status) not in CONTRACT:
        return 403 if verb in REVIEWING and caller != "reviewer" else 409
    allowed = CONTRACT[verb, status][1]
    if caller not in allowed:
        return 403
    return 409 if verb in ("release", "take_over") else 200  # nobody has it in hand


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("status", STATES)
def test_every_verb_in_every_state(status, caller):
    row = in_state(status)

    row.refresh_from_db()

    assert row.status == status

    client = make.api(account_of(caller, row))
    refused = [verb for verb in POSTED if expected(verb, status, caller) != 200]
    before = Event.objects.count()
    answers = {
        verb: client.post(f"/api/v1/referrals/{row.pk}/{verb}/", {"reason": "理由"}).status_code for verb in refused
    }

    assert answers == {verb: expected(verb, status, caller) for verb in refused}
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("verb", "status", "caller"),
    [
        (verb, status, caller)
        for verb, status, caller in itertools.product(POSTED, STATES, CALLERS)
        if expected(verb, str(status), caller) == 200
    ],
)
def test_what_the_table_allows_happens(verb, status, caller):
    row = in_state(status)

    answer = make.api(account_of(caller, row)).post(f"/api/v1/referrals/{row.pk}/{verb}/", {"reason": "理由"})

    assert (answer.status_code, answer.json()["status"]) == (200, CONTRACT[verb, status][0])


@pytest.mark.parametrize("status", STATES)
def test_the_actions_offered_are_those_of_the_table(status):
    row = in_state(status)

    shown = make.api(taiyuan()).get(f"/api/v1/referrals/{row.pk}/").json()

    assert shown["actions"] == [
        str(step.action) for step in steps(Kind.REFERRAL, status) if Who.ISSUER in step.who and step.posted
    ]
    assert make.api(make.citizen(row.person)).get(f"/api/v1/referrals/{row.pk}/").json()["actions"] == []
