"""What may happen to a submission: one verb per function, each under the row's lock, each leaving an event.

Every verb takes `version` (what the caller saw) and raises Stale when the case has moved on, WrongState when the table
does not allow it, Forbidden when this person may not. What a decision does to the matter itself is the child's affair.
"""

from reviews.case import SYSTEM, Actor, Case
from reviews.locking import locked
from reviews.services.assigning import claim, release, take_over, unmask
from reviews.services.deadlines import recompute_deadlines
from reviews.services.deciding import approve, decide, reject, return_for_correction, take_effect
from reviews.services.ending import conclude, end_drafts_of, escalate, lapse, withdraw
from reviews.services.entering import check_draft, create, enter, refuse_errors, resubmit, submit

__all__ = [
    "SYSTEM",
    "Actor",
    "Case",
    "approve",
    "check_draft",
    "claim",
    "conclude",
    "create",
    "decide",
    "end_drafts_of",
    "enter",
    "escalate",
    "lapse",
    "locked",
    "recompute_deadlines",
    "refuse_errors",
    "reject",
    "release",
    "resubmit",
    "return_for_correction",
    "submit",
    "take_effect",
    "take_over",
    "unmask",
    "withdraw",
]
