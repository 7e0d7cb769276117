"""Undoing a decision within ten minutes: by who took it, as long as nothing rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from core import clock
from core.errors import Forbidden, WrongState
from core.hooks import Hook
from reviews import workflow
from reviews.lifecycle import LIFECYCLES, Actor, Case
from reviews.locking import locked
from reviews.models import Decision, Event, SecondReview, Status, Submission
from reviews.presenting import about
from reviews.services.deciding import guard_reviewer
from reviews.workflow import UNDO_WITHIN, Action

rests = Hook[[Any, datetime]]("what rests on an approval")
"""Follow it with a function of the submission (locked) and of the moment of its decision: what rests on it, in a word, or "" for nothing."""

LOOKS = ("unmask", "open_material", "second_review", "second_review_closed")
"""Events that change nothing of a case."""

_AGAIN = gettext_lazy("如确有错误，请按规定另行更正。")


def undo(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """Take one's own decision back: a new round begins in one's own hands, the old decision stays on record.

    The deadline stays as it stood before the decision: the citizen was promised that day, and an undoing by the agency must
    not move it, so the clock of the stage runs on as if it had never stopped. Where that day has passed by now, what the
    area's policy says for time that is up happens at the next sweep. A case of two reviews goes back only while the
    first is all that was decided and it ended there: from the moment a second reviewer has it, they are the correction.
    Raises WrongState `undo_too_late`, `undo_other_stage`, `undo_moved_on`, `undo_rested_on`, Forbidden `undo_not_yours`.
    """
    with _held_alone(submission), locked(submission, version=version) as case:
        decision = _own_last(case, reviewer)
        _guard(case, decision, reviewer)
        was = case.submission.status
        step = workflow.permit(case.submission, Action.UNDO, reviewer)
        _refuse_resting(case, decision)
        LIFECYCLES[case.submission.kind].reopened(case, was)
        _reopen(case, decision, reviewer, step.becomes)
        _tell(case)
    return case.submission


@contextmanager
def _held_alone(submission: Submission) -> Iterator[None]:
    """Wait for the bills that are being settled on it, with no other lock in hand; those that come later wait for us."""
    with transaction.atomic():
        Submission.objects.select_for_update().filter(pk=submission.pk).order_by().values_list("pk").first()
        yield


def _own_last(case: Case, reviewer: Account) -> Decision:
    """The last decision, which must be one's own."""
    rows = Decision.objects.filter(submission=case.submission.pk).select_related("reviewer")
    last = rows.order_by("-decided_at", "-id").first()
    if last is None or not same_person(last.reviewer, reviewer):
        raise Forbidden(_("只有作出决定的审核员本人可以撤回决定。"), code="undo_not_yours")
    return last


def _guard(case: Case, decision: Decision, reviewer: Account) -> None:
    """Within ten minutes, while it is the only decision of its round and the case stands as it left it."""
    submission = case.submission
    if submission.stage > 1:
        raise _other_stage()
    guard_reviewer(case, reviewer)
    if submission.status not in workflow.DECIDED or submission.round != decision.round:
        raise WrongState(_("作出决定后，该申请已有新的办理，不能撤回决定。%s") % _AGAIN, code="undo_moved_on")
    if clock.now() >= decision.decided_at + UNDO_WITHIN:
        raise WrongState(_("作出决定已超过10分钟，不能撤回。%s") % _AGAIN, code="undo_too_late")


def _other_stage() -> WrongState:
    message = _("该申请还有另一审核阶段，不能撤回决定；请与另一阶段的审核员联系，由其退回或不予通过。")
    return WrongState(message, code="undo_other_stage")


def same_person(one: Account | None, other: Account) -> bool:
    """The same person, be it with another account of theirs."""
    if one is None:
        return False
    return one.pk == other.pk or bool(one.identity_hash and one.identity_hash == other.identity_hash)


def _refuse_resting(case: Case, decision: Decision) -> None:
    """Nothing may have happened since: no correction begun, no successor, nothing settled or paid."""
    submission = case.submission
    events = Event.objects.filter(submission=submission.pk).exclude(verb__in=LOOKS).order_by("-id")
    if events.values_list("verb", flat=True)[0] not in workflow.DECISIONS:
        raise WrongState(_("作出决定后，该申请已有新的办理，不能撤回决定。%s") % _AGAIN, code="undo_moved_on")
    if submission.status != Status.APPROVED:
        return
    if submission.successors.exists():
        raise resting(_("变更或续期"))
    for what in filter(None, rests(submission, decision.decided_at)):
        raise resting(what)


def resting(what: Any) -> WrongState:
    """The refusal where something rests on a decision already."""
    message = _("该决定之后已有%(what)s，不能撤回。%(again)s") % {"what": what, "again": _AGAIN}
    return WrongState(message, code="undo_rested_on")


def _reopen(case: Case, decision: Decision, reviewer: Account, status: Status) -> None:
    again = case.submission.round + 1
    case.record(Action.UNDO, actor=Actor(reviewer), to=status, decision=str(decision.pk), round=again)
    case.change(round=again, stage=1, assignee=reviewer, decided_at=None, correct_by=None)
    Decision.objects.filter(pk=decision.pk).update(undone_at=case.now)
    SecondReview.objects.filter(decision=decision.pk).update(dropped_at=case.now)


def _tell(case: Case) -> None:
    text = _(
        "%s：刚才通知您的审核结果已由审核人员撤回，请以本消息为准。申请正在重新审核，办结时限不变，结果将另行通知。"
    )
    case.tell("decision_undone", _("审核结果已撤回，正在重新审核"), text % about(case))


def settled_firmly(submission: Submission) -> None:
    """A bill is about to rest on an approval that may still be undone: hold it against that, and see that it still stands.

    It holds off an undoing alone (`FOR KEY SHARE` against its `FOR UPDATE`): nothing else waits for a till. Call it after all
    other locks of a settlement. Raises WrongState `filing_changed` where it was undone meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM reviews_submission WHERE id = %s FOR KEY SHARE", [submission.pk])
        (status,) = cursor.fetchone()
    if status == Status.SUBMITTED:
        raise WrongState(_("备案的审核结果刚刚被撤回，请重新查询后再结算。"), code="filing_changed")
