"""Mandates proved at the counter (窗口): two people of the agency check and confirm them, one ends them, in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.services.mandates import AtCounter
from core.errors import Refusal
from core.ids import new_id
from tests import factories as make

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:accounts_mandate_changelist")
GUIYANG, CHENGDU = "520100", "510100"


@pytest.fixture
def waiting():
    """A mandate over somebody insured in 贵阳 that waits for the counter."""
    of = make.enrollment(code=GUIYANG)
    return make.mandate(make.citizen(), of.person, proof="counter", status="pending", active_from=None)


def signed_in(staff):
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def approve(mandate, first, second, scans=None):
    """What the second step does; the code of its refusal."""
    applicant, person = scans or (new_id(), new_id())
    try:
        services.approve_at_counter(mandate, proof=AtCounter(first, second, applicant, person))
    except Refusal as refusal:
        return refusal.code
    finally:
        mandate.refresh_from_db()
    return ""


def end(staff, mandate):
    answer = signed_in(staff).post(
        PAGE, {"action": "end_at_counter", "_selected_action": [str(mandate.pk)]}, follow=True
    )
    mandate.refresh_from_db()
    return answer.content.decode()


def test_the_agency_of_the_insured_area_puts_it_in_force_and_ends_it(waiting):
    first, second = make.reviewer(GUIYANG), make.reviewer(GUIYANG)

    assert approve(waiting, first, second) == ""

    assert (waiting.status, waiting.approved_by) == ("active", second)
    assert waiting.account.messages.get().kind == "mandate_approved"

    end(second, waiting)

    assert (waiting.status, waiting.ended_by) == ("ended", second)


def test_twice_is_told(waiting):
    first, second = make.reviewer(GUIYANG), make.reviewer(GUIYANG)
    approve(waiting, first, second)

    assert approve(waiting, first, second) == "wrong_state"
    assert waiting.account.messages.count() == 1


def test_no_list_action_puts_one_in_force_by_one_person(waiting):
    signed_in(make.reviewer(GUIYANG)).post(
        PAGE, {"action": "approve_at_counter", "_selected_action": [str(waiting.pk)]}
    )

    waiting.refresh_from_db()
    assert waiting.status == "pending"


def test_one_person_with_two_accounts_is_one_person(waiting):
    clerk, twin = (make.reviewer(GUIYANG, identity_hash="same") for _account in range(2))

    assert [approve(waiting, clerk, clerk), approve(waiting, clerk, twin)] == ["same_clerk"] * 2
    assert waiting.status == "pending"


def test_one_scan_is_not_both(waiting):
    scan = new_id()

    assert approve(waiting, make.reviewer(GUIYANG), make.reviewer(GUIYANG), (scan, scan)) == "scans_missing"


def test_nobody_lets_themselves_act_for_others_or_others_for_them(waiting):
    """The clerk is also a citizen: known to the office by the number, to the account by the code once sent."""
    clerk = make.person("陈办事")
    make.mandate(waiting.account, clerk, relation="self")
    other = make.reviewer(GUIYANG)
    for number in (clerk.id_number, waiting.person.id_number):
        party = make.reviewer(GUIYANG, identity_hash=make.id_hash(number))
        assert [approve(waiting, party, other), approve(waiting, other, party)] == ["party"] * 2
        assert waiting.status == "pending"


def test_another_agency_does_not_see_it(waiting):
    elsewhere = make.reviewer(CHENGDU)

    assert approve(waiting, elsewhere, make.reviewer(GUIYANG)) == "permission_denied"
    said = end(elsewhere, waiting)

    assert waiting.status == "pending"
    assert waiting.person.masked_name not in said


def test_whoever_has_an_account_agrees_there(waiting):
    herself = make.citizen(waiting.person)

    assert approve(waiting, make.reviewer(GUIYANG), make.reviewer(GUIYANG)) == "own_account"

    shown = make.api(herself).get("/api/v1/mandates/").json()["results"]
    asked = next(row for row in shown if row["id"] == str(waiting.pk))
    assert asked["actions"] == ["approve", "revoke"]

    agreed = make.api(herself).post(f"/api/v1/mandates/{waiting.pk}/approve/")

    waiting.refresh_from_db()
    assert (agreed.status_code, waiting.status, waiting.proof, waiting.approved_by) == (
        200,
        "active",
        "approval",
        herself,
    )


def test_what_waits_for_the_counter_is_not_agreed_to_by_who_asks(waiting):
    assert make.api(waiting.account).post(f"/api/v1/mandates/{waiting.pk}/approve/").status_code == 404
    waiting.refresh_from_db()
    assert waiting.status == "pending"
