"""The workflow as one table: (kind, status, action) → (next status, who may, needs a reason?).

The API's `actions`, the admin's buttons, the services, the tasks and the tests all read it; nothing else compares statuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

from django.utils.translation import gettext as _

from accounts.models import Account, Role
from core.errors import Forbidden, WrongState
from reviews.lifecycle import LIFECYCLES
from reviews.models import Kind, Status, Submission


class Action(StrEnum):
    AMEND = "amend"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    RESUBMIT = "resubmit"
    ASSIGN = "claim"  # as clients and the event log have always called it
    RELEASE = "release"
    TAKE_OVER = "take_over"
    HAND_ON = "hand_on"
    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return_for_correction"
    CORRECT = "correct"
    ESCALATE = "escalate"
    LAPSE = "lapse"
    CHANGE = "change"
    CANCEL = "cancel"
    RENEW = "renew"
    CHOOSE = "choose"
    EXPORT = "export"
    PAY = "pay"
    REFUSE = "refuse"
    ACCOUNT = "account"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    REVOKE = "revoke"
    END = "end"
    UNDO = "undo"


class Who(StrEnum):
    APPLICANT = "applicant"  # 参保人或其代理账户
    AGENT = "agent"  # 无授权的一次性代办人
    ISSUER = "issuer"  # 开具转诊的医疗机构
    REVIEWER = "reviewer"
    CLERK = "clerk"  # 经办窗口：代录申请，收取补正
    FINANCE = "finance"
    SYSTEM = "system"


AGENCY = frozenset({Who.REVIEWER, Who.CLERK})


@dataclass(frozen=True)
class Step:
    """One line of the table. `posted`: offered to callers as an action of its own (`amend` is a PATCH)."""

    status: Status
    action: Action
    becomes: Status
    who: frozenset[Who]
    needs_reason: bool = False
    kinds: frozenset[Kind] = frozenset(Kind)
    posted: bool = True


_CITIZEN = frozenset({Who.APPLICANT, Who.AGENT})
_HANDING_IN = _CITIZEN | {Who.CLERK}
_PERSON = frozenset({Who.APPLICANT})
_REVIEWER = frozenset({Who.REVIEWER})
_FINANCE = frozenset({Who.FINANCE})
_DECIDER = frozenset({Who.REVIEWER, Who.SYSTEM})
_SYSTEM = frozenset({Who.SYSTEM})
_ISSUER = frozenset({Who.ISSUER})
_FILING = frozenset({Kind.FILING})
_RECOGNITION = frozenset({Kind.RECOGNITION})
_REFERRAL = frozenset({Kind.REFERRAL})
_CLAIM = frozenset({Kind.CLAIM})
_OWN = frozenset(Kind) - _REFERRAL  # what people apply for themselves
_LASTING = _FILING | _RECOGNITION | _REFERRAL  # approved for a time, until it expires or another takes over

TABLE: tuple[Step, ...] = (
    Step(Status.DRAFT, Action.AMEND, Status.DRAFT, _CITIZEN, kinds=_OWN, posted=False),
    Step(Status.DRAFT, Action.SUBMIT, Status.SUBMITTED, _HANDING_IN, kinds=_OWN),
    Step(Status.DRAFT, Action.WITHDRAW, Status.WITHDRAWN, _CITIZEN, kinds=_OWN),
    Step(Status.DRAFT, Action.END, Status.WITHDRAWN, _SYSTEM),
    Step(Status.SUBMITTED, Action.WITHDRAW, Status.WITHDRAWN, _CITIZEN, kinds=_OWN),
    Step(Status.SUBMITTED, Action.ASSIGN, Status.SUBMITTED, _REVIEWER),
    Step(Status.SUBMITTED, Action.RELEASE, Status.SUBMITTED, _REVIEWER),
    Step(Status.SUBMITTED, Action.TAKE_OVER, Status.SUBMITTED, _REVIEWER),
    Step(Status.SUBMITTED, Action.HAND_ON, Status.SUBMITTED, _REVIEWER, posted=False),
    Step(Status.SUBMITTED, Action.APPROVE, Status.APPROVED, _DECIDER),
    Step(Status.SUBMITTED, Action.REJECT, Status.REJECTED, _REVIEWER, needs_reason=True),
    Step(Status.SUBMITTED, Action.RETURN, Status.RETURNED, _REVIEWER, needs_reason=True),
    Step(Status.SUBMITTED, Action.CORRECT, Status.SUBMITTED, _REVIEWER, kinds=_CLAIM),
    Step(Status.SUBMITTED, Action.ESCALATE, Status.SUBMITTED, _SYSTEM),
    Step(Status.SUBMITTED, Action.END, Status.CANCELLED, _SYSTEM),
    Step(Status.RETURNED, Action.AMEND, Status.RETURNED, _HANDING_IN, kinds=_OWN, posted=False),
    Step(Status.RETURNED, Action.RESUBMIT, Status.SUBMITTED, _HANDING_IN, kinds=_OWN),
    Step(Status.RETURNED, Action.WITHDRAW, Status.WITHDRAWN, _CITIZEN, kinds=_OWN),
    Step(Status.RETURNED, Action.LAPSE, Status.WITHDRAWN, _SYSTEM),
    Step(Status.RETURNED, Action.END, Status.CANCELLED, _SYSTEM),
    Step(Status.APPROVED, Action.CHANGE, Status.APPROVED, _PERSON, kinds=_FILING),
    Step(Status.APPROVED, Action.CANCEL, Status.CANCELLED, _PERSON, kinds=_FILING),
    Step(Status.APPROVED, Action.RENEW, Status.APPROVED, _PERSON, kinds=_RECOGNITION),
    Step(Status.APPROVED, Action.CHOOSE, Status.APPROVED, _PERSON, kinds=_RECOGNITION),
    Step(Status.APPROVED, Action.REVOKE, Status.REVOKED, _REVIEWER, needs_reason=True, kinds=_CLAIM, posted=False),
    Step(Status.APPROVED, Action.EXPORT, Status.APPROVED, _FINANCE, kinds=_CLAIM, posted=False),
    Step(Status.APPROVED, Action.PAY, Status.APPROVED, _FINANCE, kinds=_CLAIM, posted=False),
    Step(Status.APPROVED, Action.REFUSE, Status.APPROVED, _FINANCE, kinds=_CLAIM, posted=False),
    Step(Status.APPROVED, Action.ACCOUNT, Status.APPROVED, _PERSON, kinds=_CLAIM),
    Step(Status.APPROVED, Action.EXPIRE, Status.EXPIRED, _SYSTEM, kinds=_LASTING),
    Step(Status.APPROVED, Action.SUPERSEDE, Status.SUPERSEDED, _SYSTEM, kinds=_LASTING),
    Step(Status.APPROVED, Action.END, Status.CANCELLED, _SYSTEM),
    # Who decided takes it back at once, while nothing rests on it (`reviews.services.undoing`).
    Step(Status.APPROVED, Action.UNDO, Status.SUBMITTED, _REVIEWER),
    Step(Status.REJECTED, Action.UNDO, Status.SUBMITTED, _REVIEWER),
    Step(Status.RETURNED, Action.UNDO, Status.SUBMITTED, AGENCY),
    # A referral is its hospital's.
    Step(Status.DRAFT, Action.SUBMIT, Status.SUBMITTED, _ISSUER, kinds=_REFERRAL),
    Step(Status.SUBMITTED, Action.WITHDRAW, Status.WITHDRAWN, _ISSUER, kinds=_REFERRAL),
    Step(Status.RETURNED, Action.AMEND, Status.RETURNED, _ISSUER, kinds=_REFERRAL, posted=False),
    Step(Status.RETURNED, Action.RESUBMIT, Status.SUBMITTED, _ISSUER, kinds=_REFERRAL),
    Step(Status.RETURNED, Action.WITHDRAW, Status.WITHDRAWN, _ISSUER, kinds=_REFERRAL),
    Step(Status.APPROVED, Action.REVOKE, Status.REVOKED, _ISSUER, needs_reason=True, kinds=_REFERRAL),
)

_STEPS = {(kind, step.status, step.action): step for step in TABLE for kind in step.kinds}
DECISIONS = {Action.APPROVE, Action.REJECT, Action.RETURN}
DECIDED = (Status.APPROVED, Status.REJECTED, Status.RETURNED)
UNDO_WITHIN = timedelta(minutes=10)


@cache
def steps(kind: str, status: str) -> tuple[Step, ...]:
    """The lines of the table that start from this status."""
    return tuple(step for step in TABLE if step.status == status and kind in step.kinds)


def require(submission: Submission, action: Action) -> Step:
    """Return the step, or raise WrongState naming the state: `already_decided` for a decision that comes too late."""
    step = _STEPS.get((Kind(submission.kind), Status(submission.status), action))
    if step is not None:
        return step
    status = Status(submission.status).label
    if action in DECISIONS and submission.status != Status.DRAFT:
        raise WrongState(_("该申请已不在审核中（%s），请刷新后查看结果。") % status, code="already_decided")
    raise WrongState(_("当前状态为“%s”，不能进行此操作，请刷新后重试。") % status)


def permit(submission: Submission, action: Action, account: Account | None) -> Step:
    """Return the step if this account may take it now (None: the system); raise WrongState or Forbidden `not_yours`."""
    step = require(submission, action)
    who = standing(submission, account) if account else Who.SYSTEM
    if who not in step.who:
        raise Forbidden(_("您无权对该申请进行此操作。"), code="not_yours")
    return step


def standing(submission: Submission, account: Account) -> Who | None:
    """What this account is to this case; None: nobody. (Whether a reviewer is a party, the decision itself checks.)"""
    if account.role == Role.SIMULATED:
        return Who.REVIEWER
    if account.role in (Role.REVIEWER, Role.SUPERVISOR):
        return _of_the_agency(submission) if account.area_id == submission.area_id else None
    if account.role == Role.FINANCE:
        return Who.FINANCE if account.area_id == submission.area_id else None
    if account.role == Role.HOSPITAL:
        issued = LIFECYCLES[submission.kind].issued_by(submission, account)
        return Who.ISSUER if issued else None
    if account.role != Role.CITIZEN:
        return None
    if submission.person_id in account.active_mandates:
        return Who.APPLICANT
    mine = submission.applicant_id == account.pk and submission.mandate_id is None
    return Who.AGENT if mine else None


def _of_the_agency(submission: Submission) -> Who:
    """Staff decide; what a clerk entered, they also hand in for its person, as long as it is not under review."""
    handed_in = submission.entered_by_clerk and submission.status in (Status.DRAFT, Status.RETURNED)
    return Who.CLERK if handed_in else Who.REVIEWER


def actions_for(
    submission: Submission, account: Account, *, decided: bool = False, undoable: bool = False
) -> list[str]:
    """The verbs this caller may use on the submission now, in the table's order.

    `decided`: a reviewer decided an earlier stage of this round, and leaves the next to somebody else; `undoable`: it was the
    last, and just now.
    """
    who = standing(submission, account)
    undo = [str(Action.UNDO)] if undoable and who in AGENCY and submission.status in DECIDED else []
    if who == Who.REVIEWER and decided:
        return undo
    return [
        str(step.action)
        for step in steps(submission.kind, submission.status)
        if step.posted and who in step.who and fits(step.action, submission, account)
    ] + undo


def fits(action: Action, submission: Submission, account: Account) -> bool:
    """Assignment: take what nobody has, release what is mine, take over what another has, decide what no other has.

    What one did not decide, one does not undo. For all else, whether the matter itself allows it.
    """
    if action == Action.UNDO:
        return False
    mine, free = submission.assignee_id == account.pk, submission.assignee_id is None
    if action == Action.ASSIGN:
        return free
    if action == Action.RELEASE:
        return mine
    if action == Action.TAKE_OVER:
        return not (mine or free)
    if action in (*DECISIONS, Action.CORRECT):
        return mine or free
    return LIFECYCLES[submission.kind].allows(submission, action)
