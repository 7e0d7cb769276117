"""The second review (复核): a decision is looked at again after it took effect; no status and no deadline waits for it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Account, Role
from core.errors import Forbidden, Invalid, WrongState
from reviews.lifecycle import Actor, Case
from reviews.locking import locked
from reviews.models import Decision, SecondReview, Submission, Verdict
from reviews.services.deciding import guard_reviewer
from reviews.services.undoing import same_person


def second(decision: Decision, *, reviewer: Account, verdict: str, reason: str = "") -> SecondReview:
    """A colleague agrees with a drawn decision, or disagrees, with a reason.

    Raises Forbidden (`own_decision`, `other_area`, `party`), Invalid `reason_required`, WrongState (`not_drawn`,
    `already_reviewed`, `decision_undone`).
    """
    with locked(Submission(pk=decision.submission_id)) as case:
        row = _drawn(decision)
        if row.verdict:
            raise WrongState(_("该决定已由他人复核，请刷新后查看。"), code="already_reviewed")
        _guard(case, row, reviewer)
        if verdict not in Verdict.values:
            raise Invalid(_("请选择同意或有分歧。"), code="invalid_choice", attr="verdict")
        if verdict == Verdict.DISAGREED and not reason.strip():
            raise Invalid(_("请写明分歧的理由。"), code="reason_required", attr="reason")
        row.note = case.note(reason.strip(), reviewer)
        row.reviewer, row.verdict, row.at = reviewer, verdict, case.now
        row.save(update_fields=["note", "reviewer", "verdict", "at"])
        case.record("second_review", actor=Actor(reviewer), note=row.note, decision=str(decision.pk), verdict=verdict)
    return row


def close(decision: Decision, *, supervisor: Account, reason: str) -> SecondReview:
    """The area's supervisor, who neither decided nor reviewed, closes a disagreement with a note.

    Raises Forbidden (`supervisors_only`, `own_decision`), Invalid `reason_required`, WrongState `not_disputed`.
    """
    with locked(Submission(pk=decision.submission_id)) as case:
        row = _drawn(decision)
        if supervisor.role != Role.SUPERVISOR:
            raise Forbidden(_("有分歧的复核由本地区的审核主管处理。"), code="supervisors_only")
        _guard(case, row, supervisor)
        if row.verdict != Verdict.DISAGREED or row.closed_at:
            raise WrongState(_("该复核没有待处理的分歧，请刷新后查看。"), code="not_disputed")
        if not reason.strip():
            raise Invalid(_("请写明如何处理。"), code="reason_required", attr="reason")
        row.closing = case.note(reason.strip(), supervisor)
        row.closed_by, row.closed_at = supervisor, case.now
        row.save(update_fields=["closing", "closed_by", "closed_at"])
        case.record("second_review_closed", actor=Actor(supervisor), note=row.closing, decision=str(decision.pk))
    return row


def _drawn(decision: Decision) -> SecondReview:
    """Its second review, under the lock of its case."""
    rows = SecondReview.objects.select_related("decision__reviewer", "reviewer")
    row: SecondReview | None = rows.filter(pk=decision.pk).first()
    if row is None:
        raise WrongState(_("该决定没有被抽中复核。"), code="not_drawn")
    if row.dropped_at:
        raise WrongState(_("该决定已由作出人撤回，无需复核。"), code="decision_undone")
    return row


def _guard(case: Case, row: SecondReview, account: Account) -> None:
    """Neither who decided nor who reviewed, be it with another account of theirs, no party to the case, nobody simulated."""
    if account.role == Role.SIMULATED:
        raise Forbidden(_("模拟审核员不能复核。"), code="other_area")
    if any(same_person(each, account) for each in (row.decision.reviewer, row.reviewer if row.verdict else None)):
        raise Forbidden(_("作出决定或已复核的人不能再复核，请由其他同事办理。"), code="own_decision")
    guard_reviewer(case, account)
