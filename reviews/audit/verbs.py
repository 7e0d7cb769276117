"""Which kind of act each verb of the event log is; its sentence is the one that the case's own timeline shows."""

from __future__ import annotations

from reviews.audit.reading import Act
from reviews.lifecycle import LIFECYCLES
from reviews.models import Event
from reviews.presenting import OPENED, VERBS
from reviews.workflow import Action

REVIEWED_AGAIN = ("second_review", "second_review_closed")
VERBS_OF: dict[Act, tuple[str, ...]] = {
    Act.UNMASK: ("unmask",),
    Act.OPEN: (OPENED,),
    Act.DECISION: (
        Action.APPROVE,
        Action.REJECT,
        Action.RETURN,
        Action.CORRECT,
        Action.REVOKE,
        Action.UNDO,
        *REVIEWED_AGAIN,
    ),
    Act.ASSIGNMENT: (Action.ASSIGN, Action.RELEASE, Action.TAKE_OVER, Action.HAND_ON),
    Act.APPLYING: (
        "create",
        Action.AMEND,
        Action.SUBMIT,
        Action.WITHDRAW,
        Action.RESUBMIT,
        Action.CHANGE,
        Action.CANCEL,
        Action.RENEW,
        Action.CHOOSE,
    ),
    Act.PAYMENT: (Action.EXPORT, Action.PAY, Action.REFUSE, Action.ACCOUNT),
    Act.SYSTEM: (
        Action.ESCALATE,
        Action.LAPSE,
        Action.EXPIRE,
        Action.SUPERSEDE,
        Action.END,
        "enrollment_changed",
        "united",
        "reschedule",
        "remind",
        "commitment_met",
        "commitment_broken",
        "proof_failed",
        "renewal_failed",
    ),
}
ACTS = {str(verb): act for act, verbs in VERBS_OF.items() for verb in verbs}


def sentence(event: Event) -> str:
    """What was done, in Chinese."""
    return str(VERBS.get(event.verb) or LIFECYCLES[event.submission.kind].verbs.get(event.verb, event.verb))
