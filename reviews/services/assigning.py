"""Who has a case in hand, and who opened the person's data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from core.errors import Forbidden, WrongState
from reviews import workflow
from reviews.case import Actor, Case
from reviews.locking import locked
from reviews.models import Submission
from reviews.services.deciding import guard_reviewer
from reviews.workflow import Action


def claim(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """A reviewer takes an unassigned case. Raises WrongState `already_assigned` if another was quicker."""
    with locked(submission, version=version) as case:
        _assign(case, Action.CLAIM, reviewer, to=reviewer)
    return case.submission


def release(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """The assignee gives the case back to all."""
    with locked(submission, version=version) as case:
        _assign(case, Action.RELEASE, reviewer, to=None)
    return case.submission


def take_over(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """A reviewer takes a case from its assignee (who is ill, or away)."""
    with locked(submission, version=version) as case:
        _assign(case, Action.TAKE_OVER, reviewer, to=reviewer)
    return case.submission


def _assign(case: Case, action: Action, reviewer: Account, *, to: Account | None) -> None:
    guard_reviewer(case, reviewer)
    workflow.permit(case.submission, action, reviewer)
    if not workflow.fits(action, case.submission, reviewer):
        raise WrongState(_("此件的承办人已有变化，请刷新后再操作。"), code="already_assigned")
    case.record(action, actor=Actor(reviewer), before=str(case.submission.assignee_id or ""))
    case.change(assignee=to)


def unmask(submission: Submission, *, reviewer: Account) -> None:
    """A member of staff opens the person's full name and number: allowed where they see the case, and on record."""
    with locked(submission) as case:
        if not reviewer.is_staff or not Submission.objects.visible_to(reviewer).filter(pk=submission.pk).exists():
            raise Forbidden(_("您不是该参保地的审核员，不能办理此件。"), code="other_area")
        case.record("unmask", actor=Actor(reviewer))
