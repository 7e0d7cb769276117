"""How a submission ends otherwise than by a decision, and what is done when time is up."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Mandate, Message, PushStatus, Role
from core import clock
from reviews import workflow
from reviews.case import SYSTEM, Actor, Case
from reviews.lifecycle import lifecycle_of
from reviews.locking import locked
from reviews.models import Status, Submission
from reviews.workflow import Action

log = logging.getLogger(__name__)


def withdraw(submission: Submission, *, actor: Actor, version: int | None = None) -> Any:
    """The applicant takes a draft, a submitted or a returned submission back."""
    with locked(submission, version=version) as case:
        conclude(case, Action.WITHDRAW, actor=actor)
    return case.submission


def conclude(case: Case, action: Action, *, actor: Actor = SYSTEM, note: str = "", **codes: Any) -> None:
    """End a submission by any ending action of the table; the child undoes what it set up."""
    step = workflow.permit(case.submission, action, actor.account)
    text = case.note(note, actor.account)
    case.record(action, actor=actor, to=step.becomes, note=text, **codes)
    case.change(assignee=None, correct_by=None, decided_at=case.submission.decided_at or clock.now())
    lifecycle_of(case.submission.kind).ended(case)


def end_drafts_of(account: Account) -> None:
    """The account closes: its drafts that nobody else may carry on are at an end."""
    reached = Mandate.objects.active().values("person_id")
    drafts = Submission.objects.filter(applicant=account, status=Status.DRAFT)
    for draft in drafts.exclude(person__in=reached).order_by("pk"):
        with locked(draft) as case:
            if case.submission.status == Status.DRAFT:
                conclude(case, Action.END, code="account_closed")


def lapse(case: Case) -> None:
    """Nobody answered the return for correction in time: it counts as withdrawn."""
    conclude(case, Action.LAPSE)
    case.tell(
        "lapsed",
        _("补正逾期，申请已撤回"),
        (
            lifecycle_of(case.submission.kind).lapsed
            or _("受理编号%(number)s：规定时间内未补正，申请视为撤回。如仍需办理，请重新提交。")
        )
        % {"number": case.submission.number},
    )


def escalate(case: Case) -> None:
    """Time is up and nobody decided: the agency's supervisors are told, loudly."""
    submission = case.submission
    workflow.require(submission, Action.ESCALATE)
    case.change(escalated_at=clock.now())
    case.record(Action.ESCALATE, actor=SYSTEM)
    log.warning("deadline_missed", extra={"submission": submission.number, "area": submission.area_id})
    for supervisor in _responsible(submission):
        case.add(
            Message(
                account=supervisor,
                key=f"escalated:{submission.pk.hex}:{submission.version}",
                kind="escalated",
                title=_("有申请超过办结时限"),
                text=_("受理编号%s已到办结时限仍未审核，请立即安排办理。") % submission.number,
                submission=submission.pk,
                created_at=clock.now(),
                push=PushStatus.NONE,
            )
        )


def _responsible(submission: Submission) -> Iterable[Account]:
    """The area's supervisors; where it has none, the administrators: somebody is always told."""
    active = Account.objects.filter(is_active=True)
    return active.filter(role=Role.SUPERVISOR, area=submission.area_id) or active.filter(role=Role.ADMIN)
