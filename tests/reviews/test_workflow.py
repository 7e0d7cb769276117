"""The table itself: every (kind, status, action) it does not name is refused, and nothing else is needed to know it."""

import itertools

import pytest

from core.errors import WrongState
from reviews import workflow
from reviews.models import Kind, Status, Submission
from reviews.workflow import TABLE, Action

# Written from DESIGN.md §3 and API.md, by hand: from which states each verb of the contract starts, and where it leads.
CONTRACT = {
    ("submit", "draft"): "submitted",
    ("withdraw", "draft"): "withdrawn",
    ("withdraw", "submitted"): "withdrawn",
    ("withdraw", "returned"): "withdrawn",
    ("resubmit", "returned"): "submitted",
    ("amend", "draft"): "draft",
    ("amend", "returned"): "returned",
    ("approve", "submitted"): "approved",
    ("reject", "submitted"): "rejected",
    ("return_for_correction", "submitted"): "returned",
    ("claim", "submitted"): "submitted",
    ("release", "submitted"): "submitted",
    ("take_over", "submitted"): "submitted",
    ("hand_on", "submitted"): "submitted",
    ("escalate", "submitted"): "submitted",
    ("lapse", "returned"): "withdrawn",
    ("end", "draft"): "withdrawn",
    ("end", "submitted"): "cancelled",
    ("end", "returned"): "cancelled",
    ("end", "approved"): "cancelled",
    ("cancel", "approved"): "cancelled",
    ("change", "approved"): "approved",
    ("expire", "approved"): "expired",
    ("supersede", "approved"): "superseded",
    ("undo", "approved"): "submitted",
    ("undo", "rejected"): "submitted",
    ("undo", "returned"): "submitted",
}


@pytest.mark.parametrize(("action", "status"), list(itertools.product(Action, Status)))
def test_every_pair_of_a_filing_is_as_the_contract_says(action, status):
    submission = Submission(kind=Kind.FILING, status=status)
    if (str(action), str(status)) in CONTRACT:
        assert workflow.require(submission, action).becomes == CONTRACT[str(action), str(status)]
    else:
        with pytest.raises(WrongState) as refused:
            workflow.require(submission, action)
        late = action in ("approve", "reject", "return_for_correction") and status != "draft"
        assert refused.value.code == ("already_decided" if late else "wrong_state")
        assert str(Status(status).label) in refused.value.detail


SPECIAL = {
    Action.CHANGE, Action.CANCEL, Action.RENEW, Action.CHOOSE, Action.EXPIRE, Action.SUPERSEDE, Action.REVOKE,
    Action.CORRECT, Action.EXPORT, Action.PAY, Action.REFUSE, Action.ACCOUNT,
}  # fmt: skip
OWN = {
    Kind.FILING: {Action.CHANGE, Action.CANCEL, Action.EXPIRE, Action.SUPERSEDE},
    Kind.RECOGNITION: {Action.RENEW, Action.CHOOSE, Action.EXPIRE, Action.SUPERSEDE},
    Kind.REFERRAL: {Action.REVOKE, Action.EXPIRE, Action.SUPERSEDE},
    Kind.CLAIM: {Action.CORRECT, Action.REVOKE, Action.EXPORT, Action.PAY, Action.REFUSE, Action.ACCOUNT},
}


@pytest.mark.parametrize("kind", list(Kind))
def test_what_only_some_kinds_know(kind):
    own = {step.action for step in TABLE if kind in step.kinds}

    assert own & SPECIAL == OWN.get(kind, set())


def test_rejecting_and_returning_need_a_reason():
    assert {str(step.action) for step in TABLE if step.needs_reason} == {"reject", "return_for_correction", "revoke"}


def test_no_line_stands_twice():
    lines = [(kind, step.status, step.action) for step in TABLE for kind in step.kinds]

    assert len(lines) == len(set(lines))
