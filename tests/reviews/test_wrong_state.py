"""Every action over HTTP in every state it does not belong to: 409 with the state named, and nothing stored."""

import pytest

from accounts.models import Message
from filings import services as filing_services
from reviews import queue, services
from reviews.models import Decision, Event, Material, Note, Status
from reviews.services import Actor
from reviews.workflow import TABLE, Action
from tests import factories as make
from tests.monday import at

pytestmark = pytest.mark.usefixtures("monday")

CITIZENS = ("submit", "resubmit", "withdraw", "cancel", "change")
REVIEWERS = ("claim", "release", "take_over", "approve", "reject", "return_for_correction")
DECISIONS = {"approve", "reject", "return_for_correction"}
ALLOWED = {(str(step.action), str(step.status)) for step in TABLE if step.posted} - {
    ("take_over", "submitted"),  # nobody has it in hand
    ("release", "submitted"),
}
TAIYUAN = "140100"


def in_state(status):
    """A filing brought there by the verbs that lead there."""
    enrolled = make.enrollment(code=TAIYUAN)
    filing = make.draft(enrolled, to=make.CHENGDU)
    actor, colleague = Actor(filing.applicant, filing.mandate), make.reviewer(TAIYUAN)
    match status:
        case "draft":
            return filing
        case "withdrawn":
            return services.withdraw(filing, actor=actor)
    services.submit(filing, actor=actor)
    match status:
        case "returned":
            return services.return_for_correction(filing, reviewer=colleague, reason="请补充")
        case "rejected":
            return services.reject(filing, reviewer=colleague, reason="不符")
        case "submitted":
            return filing
    services.approve(filing, reviewer=colleague)
    match status:
        case "cancelled":
            return filing_services.cancel(filing, actor=actor)
        case "superseded":
            successor = filing_services.change(
                filing, make.given(destination=make.area(make.BEIJING)), actor=actor
            ).submission
            services.approve(successor, reviewer=colleague)
        case "expired":
            with at("2028-01-01 10:00"):
                queue.drain()
    return filing


def everything():
    """What a refused action must not touch."""
    rows = [sorted(map(str, model.objects.values_list())) for model in (Event, Decision, Note, Message, Material)]
    return rows, sorted(map(str, filing_services.Filing.objects.values_list()))


@pytest.mark.parametrize("status", [status for status in Status if status != "revoked"])
def test_every_action_that_does_not_belong_there(status):
    filing = in_state(status)

    filing.refresh_from_db()

    assert filing.status == status

    citizen, reviewer = make.api(filing.applicant), make.api(make.reviewer(TAIYUAN))
    before = everything()

    for action in [action for action in (*CITIZENS, *REVIEWERS) if (action, status) not in ALLOWED]:
        client = citizen if action in CITIZENS else reviewer
        answer = client.post(f"/api/v1/filings/{filing.pk}/{action}/", {"reason": "理由"})
        if action in REVIEWERS and filing.submitted_at is None:
            assert answer.status_code == 404, action
            continue
        error = answer.json()["errors"][0]
        assert (answer.status_code, error["code"]) == (409, code_of(action, status)), (action, error)
        if error["code"] != "already_assigned":
            assert str(Status(status).label) in error["detail"]

    assert everything() == before


def code_of(action, status):
    if action in DECISIONS:
        return "already_decided"
    return (
        "already_assigned"
        if (action, status) in {("take_over", "submitted"), ("release", "submitted")}
        else "wrong_state"
    )


def test_the_actions_named_are_all_there_are():
    assert {str(action) for action in Action} - {*CITIZENS, *REVIEWERS} == {
        "amend", "escalate", "lapse", "expire", "supersede", "end", "renew", "choose", "revoke", "correct", "export",
        "pay", "refuse", "account", "hand_on", "undo",
    }  # fmt: skip


@pytest.mark.parametrize("status", ["submitted", "approved", "rejected", "withdrawn"])
def test_what_is_handed_in_is_not_amended(status):
    filing = in_state(status)
    before = everything()

    answer = make.api(filing.applicant).patch(f"/api/v1/filings/{filing.pk}/", {"contact_name": "别人"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "wrong_state")
    assert everything() == before


@pytest.mark.parametrize("kind", ["claims", "filings", "proofs", "referrals", "recognitions"])
@pytest.mark.parametrize("text", ["nosuch", "01a20ed7", "20260302-000001-1"])
def test_an_address_with_what_is_no_id_leads_nowhere(kind, text):
    client = make.api(make.citizen())

    assert client.get(f"/api/v1/{kind}/{text}/").status_code == 404
    assert client.post(f"/api/v1/{kind}/{text}/withdraw/").status_code == 404
