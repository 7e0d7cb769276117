"""Each verb × role × state of a recognition, from the table; and months of simulated time, equal to a calculation by hand."""

from datetime import date

import pytest

from accounts.models import Message, Role
from chronic.models import Recognition
from filings.models import Filing
from reviews import queue as sweep
from reviews import services
from reviews.history import disagreements
from reviews.models import Decision, Event, Status
from reviews.services import Actor
from reviews.workflow import TABLE
from tests import factories as make
from tests.chronic.applying import (
    HYPERTENSION,
    TAIYUAN,
    applied,
    approved,
    at,
    fresh,
    papers,
    renewed,
    sweep_until,
)  # fmt: skip

URL = "/api/v1/recognitions/"
CITIZENS = ("submit", "resubmit", "withdraw", "renew", "choose")
REVIEWERS = ("claim", "release", "take_over", "approve", "reject", "return_for_correction", "undo")
# Written by hand from API.md and DESIGN.md §3, for a case nobody has in hand, within the month of renewal.
MAY = {
    ("owner", "draft"): {"submit", "withdraw"},
    ("owner", "submitted"): {"withdraw"},
    ("owner", "returned"): {"resubmit", "withdraw"},
    ("owner", "approved"): {"renew", "choose"},
    ("reviewer", "submitted"): {"claim", "approve", "reject", "return_for_correction"},
    ("supervisor", "submitted"): {"claim", "approve", "reject", "return_for_correction"},
}
STATES = [status for status in Status if status != Status.REVOKED]
ROLES = ("owner", "stranger", "reviewer", "supervisor", "elsewhere", "hospital", "admin")


def in_state(status, of, account):
    """A recognition brought there by the verbs that lead there."""
    actor = Actor.of(account, of.person)
    if status in ("draft", "withdrawn"):
        row = applied(account, of, draft=True)
        return row if status == "draft" else services.withdraw(row, actor=actor)
    row = applied(account, of)
    match status:
        case "returned":
            return services.return_for_correction(row, reviewer=make.reviewer(TAIYUAN), reason="请补充")
        case "rejected":
            return services.reject(row, reviewer=make.reviewer(TAIYUAN), reason="不符")
        case "submitted":
            return row
    row = approved(row)
    match status:
        case "superseded":
            with at("2026-06-01 10:00"):
                approved(renewed(row, account))
        case "expired":
            with at("2026-07-01 00:00"):
                sweep.drain()
        case "cancelled":
            Recognition.objects.filter(pk=row.pk).update(wake_at=make.clock.now())
            of.valid_until = date(2026, 3, 1)
            of.save()
            sweep.drain()
    return row


def caller(role, account):
    if role == "owner":
        return account
    if role == "stranger":
        return make.citizen(make.person())
    if role == "hospital":
        return make.staff(Role.HOSPITAL, institution=make.institution("H14010000008", place=TAIYUAN))
    if role == "elsewhere":
        return make.reviewer("520100")
    return make.staff(role, code=TAIYUAN)


def everything():
    models = (Event, Decision, Message)
    return [sorted(map(str, model.objects.values_list())) for model in models], sorted(
        map(str, Recognition.objects.values_list())
    )


@pytest.mark.usefixtures("human")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("status", STATES)
def test_what_is_offered_is_what_the_table_says_and_all_else_is_refused(status, role, enrolled, account, quarterly):
    row = in_state(status, enrolled, account)
    # a month before the end, so that a renewal is open; nothing else falls due by then
    if status == "approved":
        Recognition.objects.filter(pk=row.pk).update(valid_from=date(2026, 1, 1), renew_by=date(2026, 3, 31))

    row = fresh(row)

    assert row.status == status

    client, allowed = make.api(caller(role, account)), MAY.get((role, str(status)), set())
    shown = client.get(f"{URL}{row.pk}/")
    sees = shown.status_code == 200

    assert set(shown.json()["actions"] if sees else ()) == allowed

    before = everything()

    for verb in sorted({*CITIZENS, *REVIEWERS} - allowed):
        answer = client.post(f"{URL}{row.pk}/{verb}/", {"reason": "理由", "institutions": []})
        assert answer.status_code in ((403, 409) if sees else (403, 404)), (verb, answer.json())

    assert everything() == before


def test_the_table_by_hand_names_every_posted_verb_of_the_kind():
    posted = {str(step.action) for step in TABLE if step.posted and "recognition" in step.kinds}

    system = {"escalate", "lapse", "expire", "supersede", "end"}

    assert posted - system == {*CITIZENS, *REVIEWERS}


def calendar_of(rows):
    """What became of each, with the day it began and the last day that counted."""
    return [(row.status, str(row.valid_from), str(row.valid_until or row.renew_by)) for row in rows]


def test_months_of_simulated_time_over_kinds_equal_to_a_calculation_by_hand(enrolled, account, quarterly, settings):
    """Simulated reviewers, quarterly renewals, from 2 March to the end of 2026.

    Diabetes: handed in on 2 March; two stages of ten working days: done by 16 March + ten, 31 March at the latest
    (the Qingming holidays are in April): in force from 1 April to 30 June. Renewed on 1 June, decided in June:
    the second counts to 30 September. It is not renewed again: it expires with 30 September.
    Hypertension: the same, never renewed: it expires with 30 June.
    A temporary filing of 2 March counts six months, to 1 September.
    """
    settings.REVIEW_MODE = "simulated"
    filing = make.filed(enrolled, account)
    first = applied(account, enrolled)
    other = applied(account, enrolled, HYPERTENSION)
    sweep_until("2026-06-01 10:00")
    with at("2026-06-01 10:00"):
        second = renewed(fresh(first), account, materials=papers(account))
    sweep_until("2026-12-31 00:00")

    took_over = fresh(second).valid_from

    assert date(2026, 6, 1) <= took_over <= date(2026, 6, 30)
    assert calendar_of([fresh(first), fresh(second), fresh(other)]) == [
        (
            "superseded",
            "2026-04-01",
            str(took_over.replace(day=took_over.day - 1)) if took_over.day > 1 else "2026-05-31",
        ),
        ("expired", str(took_over), "2026-09-30"),
        ("expired", "2026-04-01", "2026-06-30"),
    ]

    done = Filing.objects.get(pk=filing.pk)
    assert (done.status, done.valid_until) == ("expired", date(2026, 9, 1))

    reminded = Event.objects.filter(verb="remind", submission__in=[first, second, other]).order_by("id")
    days = sorted(
        (str(event.submission_id), f"{event.at.astimezone(make.clock.SHANGHAI):%m-%d %H:%M}") for event in reminded
    )

    assert days == sorted(
        [
            (str(first.pk), "05-30 09:00"),
            (str(other.pk), "05-30 09:00"),
            (str(other.pk), "06-23 09:00"),
            (str(second.pk), "08-30 09:00"),
            (str(second.pk), "09-23 09:00"),
        ]
    )
    assert disagreements() == (4, [])
