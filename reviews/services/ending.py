"""How a submission ends otherwise than by a decision: taken back, superseded, lapsed, with its enrolment; and time that is up."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Enrollment, Mandate, Message, PushStatus, Role
from accounts.registry import RegisteredEnrollment
from core import clock
from core.sealing import SealedField
from policies.language.wording import day
from reviews import workflow
from reviews.lifecycle import LIFECYCLES, SYSTEM, Actor, Case, Resting
from reviews.locking import locked
from reviews.models import LIVE, Status, Submission
from reviews.presenting import about
from reviews.workflow import Action

log = logging.getLogger(__name__)


def withdraw(submission: Submission, *, actor: Actor, version: int | None = None) -> Any:
    """The applicant takes a draft, a submitted or a returned submission back."""
    with locked(submission, version=version) as case:
        discarded = case.submission.status == Status.DRAFT
        conclude(case, Action.WITHDRAW, actor=actor)
        if discarded:
            _forget(case)
    return case.submission


def end_old_draft(case: Case) -> None:
    """Nobody went on with a draft for so long (`DRAFT_KEPT`): it is at an end, and what was written in it is forgotten."""
    conclude(case, Action.END, code="draft_old")
    _forget(case)


def remind_of_draft(case: Case) -> None:
    """Whoever keeps a draft is told once, a week before it ends; saved again, it has another end."""
    row = case.submission
    if row.applicant.role != Role.CITIZEN or not row.applicant.is_active:
        return
    text = _("%(about)s：草稿%(day)s到期，之后填写的内容和选好的文件会被清除。仍要办理的，请在此之前继续填写或提交。")
    message = Message(
        account=row.applicant,
        key=f"draft_ending:{row.pk.hex}:{row.version}",
        kind="draft_ending",
        title=_("草稿即将到期"),
        text=text % {"about": about(case), "day": day(row.kept_until.astimezone(clock.SHANGHAI).date())},
        submission=row.pk,
        submission_kind=row.kind,
        created_at=clock.now(),
    )
    case.add(message)


def _forget(case: Case) -> None:
    """What was written in a draft is not kept: its personal texts are erased, its documents let go (and cleared away unused)."""
    row = case.submission
    LIFECYCLES[row.kind].forget(case)
    row.materials.update(submission=None)
    sealed = {field.attname: "" for field in row._meta.concrete_fields if isinstance(field, SealedField)}
    case.change(checks=[], **sealed)


def conclude(case: Case, action: Action, *, actor: Actor = SYSTEM, note: str = "", **codes: Any) -> None:
    """End a submission by any ending action of the table; the child undoes what it set up."""
    step = workflow.permit(case.submission, action, actor.account)
    text = case.note(note, actor.account)
    case.record(action, actor=actor, to=step.becomes, note=text, **codes)
    case.change(assignee=None, correct_by=None, decided_at=case.submission.decided_at or clock.now())
    LIFECYCLES[case.submission.kind].ended(case)


def end_drafts_of(account: Account) -> None:
    """The account closes: its drafts that nobody else may carry on are at an end."""
    reached = Mandate.objects.active().values("person_id")
    drafts = Submission.objects.drafts_of(account)
    for draft in drafts.exclude(person__in=reached).order_by("pk"):
        with locked(draft) as case:
            if case.submission.status == Status.DRAFT:
                conclude(case, Action.END, code="account_closed")
                _forget(case)


def lapse(case: Case) -> None:
    """Nobody answered the return for correction in time: it counts as withdrawn."""
    conclude(case, Action.LAPSE)
    case.tell(
        "lapsed",
        _("补正逾期，申请已撤回"),
        (
            LIFECYCLES[case.submission.kind].lapsed
            or _("%(about)s：规定时间内未补正，申请视为撤回。如仍需办理，请重新提交。")
        )
        % {"about": about(case)},
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


def cut(case: Case, last: date) -> None:
    """Let the submission cover `last` and no later day; one that would end before it began never counted."""
    row: Any = case.submission
    if row.valid_from is None or last < row.valid_from:
        case.change(valid_from=None, valid_until=None)
    else:
        case.change(valid_until=min(last, row.valid_until or last))


def supersede(old: Any, *, by: Submission, last: date) -> None:
    """End the submission of this id, if it still counts, with the day `last`; frees its live key at once for `by`."""
    with locked(Submission(pk=old)) as case:
        if case.submission.status == Status.APPROVED:
            conclude(case, Action.SUPERSEDE, actor=SYSTEM, successor=str(by.pk))
            cut(case, last)


# What ends or moves an enrolment ends what rests on it, with a message that says what to do (DESIGN.md §5).


def follow_enrollment(enrollment: Enrollment, before: RegisteredEnrollment) -> None:
    """Called by the register's mirror when the last day of an enrolment changed.

    The newest first, and what is made of another before that other's: whoever approves a successor, or ends a referral, locks
    it and then what it takes over from or made, so all go the same way round.
    """
    over = enrollment.status_on(clock.today()) == "ended"
    for lifecycle in reversed(LIFECYCLES.values()):
        if lifecycle.resting is None:
            continue
        for row in lifecycle.model.objects.filter(enrollment=enrollment, status__in=LIVE).order_by("-pk"):
            with locked(row) as case:
                if case.submission.status not in LIVE:
                    continue
                if over:
                    end_with_enrollment(case)
                else:
                    _expect_the_end(case, enrollment)


def end_with_enrollment(case: Case) -> None:
    """The enrolment ended or moved: what rests on it ends with it, and the message says what to do."""
    row = case.submission
    resting = _resting(row)
    waiting = row.status != Status.APPROVED
    conclude(case, Action.END, actor=SYSTEM, code="enrollment_ended")
    others = row.person.enrollments.in_force(clock.today()).exclude(pk=row.enrollment_id)
    new = others.select_related("area").first()
    if new:
        advice = _("您现在的参保地是%(area)s，%(need)s在该参保地%(anew)s。")
        advice %= {"area": new.area.name, "need": resting.need, "anew": resting.anew}
    else:
        advice = _("已在其他地区参保的，请在现参保地%(anew)s；参保中断的，请先续保再%(anew)s。") % {
            "anew": resting.anew
        }
    what = _("%s申请已终止") % resting.matter if waiting else _("%s已终止") % resting.matter
    text = _("%(about)s：在%(area)s的参保关系已结束，%(what)s。%(advice)s")
    words = {"about": about(case), "area": row.area.name, "what": what, "advice": advice}
    case.tell("enrollment_ended", _("参保关系结束，%s终止") % resting.matter, text % words)


def _expect_the_end(case: Case, enrollment: Enrollment) -> None:
    """It is looked at again when the enrolment ends; until then it stands."""
    row = case.submission
    resting = _resting(row)
    case.reconsider()
    case.record("enrollment_changed", actor=SYSTEM, until=str(enrollment.valid_until or ""))
    if enrollment.valid_until:
        text = _("%(about)s：参保关系将于%(day)s结束，%(matter)s届时一并终止，请及时续保或在新参保地%(anew)s。")
        words = {
            "about": about(case),
            "day": day(enrollment.valid_until),
            "matter": resting.matter,
            "anew": resting.anew,
        }
        case.tell("enrollment_ending", _("参保关系即将结束"), text % words)


def _resting(row: Submission) -> Resting:
    resting = LIFECYCLES[row.kind].resting
    assert resting is not None
    return resting
