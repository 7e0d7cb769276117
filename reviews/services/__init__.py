"""What may happen to a submission: one verb per function, each under the row's lock, each leaving an event.

Every verb takes `version` (what the caller saw) and raises Stale when the case has moved on, WrongState when the table
does not allow it, Forbidden when this person may not. What a decision does to the matter itself is the child's affair.
"""

from reviews.lifecycle import SYSTEM, Actor, Case
from reviews.locking import locked
from reviews.services.counter import acting_for
from reviews.services.deciding import (
    approve,
    assign,
    decide,
    open_material,
    reject,
    release,
    return_for_correction,
    take_effect,
    take_over,
    unmask,
)
from reviews.services.ending import (
    conclude,
    cut,
    end_drafts_of,
    end_old_draft,
    end_with_enrollment,
    escalate,
    follow_enrollment,
    lapse,
    remind_of_draft,
    supersede,
    withdraw,
)
from reviews.services.entering import (
    amending,
    attach,
    check_draft,
    choose,
    create,
    drafted,
    enter,
    institutions_named,
    next_number,
    recompute_deadlines,
    refuse_errors,
    resubmit,
    submit,
)
from reviews.services.many import approve_clean, end_absence, enter_absence, hand_on
from reviews.services.outcomes import remind_of_correction
from reviews.services.undoing import resting, settled_firmly, undo

__all__ = [
    "SYSTEM", "Actor", "Case", "acting_for", "amending", "approve", "approve_clean", "assign", "attach", "check_draft", "choose", "conclude", "create", "cut", "decide",
    "drafted", "end_absence", "end_drafts_of", "end_old_draft", "end_with_enrollment", "enter", "enter_absence", "escalate", "follow_enrollment", "hand_on", "institutions_named", "lapse", "locked", "next_number", "open_material",
    "recompute_deadlines", "refuse_errors", "reject", "release", "remind_of_correction", "remind_of_draft", "resting", "resubmit", "return_for_correction", "settled_firmly", "submit", "supersede",
    "take_effect", "take_over", "undo", "unmask", "withdraw",
]  # fmt: skip
