"""Decisions: who has a case in hand, who may decide it, what is put on record, what follows for the case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account, Mandate, MandateStatus, Message, PushStatus, Relation, Role
from core import clock
from core.errors import Forbidden, Invalid, WrongState
from reviews import workflow
from reviews.lifecycle import LIFECYCLES, Actor, Case
from reviews.locking import locked
from reviews.models import Material, Note, ReasonTemplate, Status, Submission
from reviews.services import counter
from reviews.services.entering import start_stage
from reviews.services.outcomes import OUTCOMES, put_on_record, send_back
from reviews.workflow import Action


def approve(
    submission: Submission, *, reviewer: Account, reason: str = "", code: str = "", version: int | None = None
) -> Any:
    """Approve one stage; the last one takes effect. Raises Forbidden (`other_area`, `party`, `same_reviewer`)."""
    with locked(submission, version=version) as case:
        decide(case, Action.APPROVE, reviewer=reviewer, reason=reason, code=code)
    return case.submission


def reject(
    submission: Submission, *, reviewer: Account, reason: str, code: str = "", version: int | None = None
) -> Any:
    """Reject, with a reason the citizen can act on."""
    with locked(submission, version=version) as case:
        decide(case, Action.REJECT, reviewer=reviewer, reason=reason, code=code)
    return case.submission


def return_for_correction(
    submission: Submission,
    *,
    reviewer: Account,
    reason: str,
    code: str = "",
    fields: Sequence[str] = (),
    version: int | None = None,
) -> Any:
    """Return for correction (退回补正): stops the clock, marks the fields and documents to mend."""
    with locked(submission, version=version) as case:
        decide(case, Action.RETURN, reviewer=reviewer, reason=reason, code=code, fields=fields)
    return case.submission


def decide(
    case: Case, action: Action, *, reviewer: Account, reason: str = "", code: str = "", fields: Sequence[str] = ()
) -> None:
    """Decide one stage of a locked case: guard, decision row, event, effect."""
    guard_reviewer(case, reviewer)
    step = workflow.permit(case.submission, action, reviewer)
    _guard_assignment(case, reviewer)
    if step.needs_reason and not reason.strip():
        raise Invalid(_("请写明理由，让申请人知道怎样补正或另行办理。"), code="reason_required", attr="reason")
    _guard_template(case.submission, action, code, reason.strip())
    note = case.note(reason.strip(), reviewer)
    put_on_record(case, action, reviewer=reviewer, code=code, fields=fields, note=note)
    effect = {Action.APPROVE: _approved, Action.REJECT: _rejected, Action.RETURN: send_back}[action]
    effect(case, Actor(reviewer), note, {"code": code} if code else {})


def _guard_template(submission: Submission, action: Action, code: str, reason: str) -> None:
    """A prepared reason goes with its outcome: neither its code nor its text is sent with another."""
    if not code and not reason:
        return
    templates = ReasonTemplate.objects.offered_for(submission).filter(Q(code=code) | Q(text=reason))
    for same in ([row for row in templates if row.code == code], [row for row in templates if row.text == reason]):
        if same and OUTCOMES[action] not in {row.outcome for row in same}:
            raise Invalid(
                _("这条理由是为“%s”准备的，与所选结论不符，请重新选择或填写理由。") % same[0].get_outcome_display(),
                code="reason_of_other_outcome",
                attr="reason",
            )


def take_effect(case: Case, *, actor: Actor, **codes: Any) -> None:
    """Approve without a reviewer, in the instant lane, when time is up, or because it is deemed: it takes effect now."""
    put_on_record(case, Action.APPROVE, reviewer=actor.account)
    _take_effect(case, actor, None, codes)


def _approved(case: Case, actor: Actor, note: Note | None, codes: dict[str, Any]) -> None:
    submission = case.submission
    if submission.stage == submission.stages:
        _take_effect(case, actor, note, codes)
        return
    LIFECYCLES[submission.kind].passed_stage(case)
    case.record(Action.APPROVE, actor=actor, note=note, stage=submission.stage, **codes)
    case.change(assignee=None, escalated_at=None)
    start_stage(case, submission.stage + 1)


def _take_effect(case: Case, actor: Actor, note: Note | None, codes: dict[str, Any]) -> None:
    step = workflow.require(case.submission, Action.APPROVE)
    case.record(Action.APPROVE, actor=actor, to=step.becomes, note=note, stage=case.submission.stage, **codes)
    case.change(decided_at=clock.now(), assignee=None)
    LIFECYCLES[case.submission.kind].approved(case)


def _rejected(case: Case, actor: Actor, note: Note | None, codes: dict[str, Any]) -> None:
    case.record(Action.REJECT, actor=actor, to=Status.REJECTED, note=note, stage=case.submission.stage, **codes)
    case.change(decided_at=clock.now(), assignee=None)
    LIFECYCLES[case.submission.kind].rejected(case)


def guard_reviewer(case: Case, reviewer: Account) -> None:
    """Only an active reviewer of the area decides, nobody decides twice in a round, and no party to the case does."""
    submission = case.submission
    if not reviewer.is_active or workflow.standing(submission, reviewer) not in workflow.AGENCY:
        raise Forbidden(_("您不是该参保地的审核员，不能办理此件。"), code="other_area")
    if reviewer.role == Role.SIMULATED:
        return
    if reviewer.identity_hash and reviewer.identity_hash in _party_hashes(submission):
        raise Forbidden(_("您与此件有关（本人、代办人或代理人），请交由其他审核员办理。"), code="party")
    if counter.entered_by(submission, reviewer):
        raise Forbidden(_("此件由您在窗口或电话录入，请交由其他审核员办理。"), code="entered_it")
    if submission.stage > 1 and _decided_by(submission, reviewer):
        raise Forbidden(_("初审和复审不能由同一人办理，请交由其他审核员。"), code="same_reviewer")


def _decided_by(submission: Submission, reviewer: Account) -> bool:
    """Whether this person decided an earlier stage of the round, be it from another account of theirs."""
    same = Q(reviewer=reviewer)
    if reviewer.identity_hash:
        same |= Q(reviewer__identity_hash=reviewer.identity_hash)
    return submission.decisions.filter(same, round=submission.round).exists()


def _party_hashes(submission: Submission) -> set[str]:
    """The identities of the patient, the agents, and whoever applied, or held or asked for a mandate since.

    An account is whoever it once proved to be (a mandate over oneself that was active), even if that has ended.
    """
    ended_before = Q(status=MandateStatus.ENDED, ended_at__lt=submission.created_at)
    holders = Mandate.objects.filter(person_id=submission.person_id).exclude(ended_before).values("account_id")
    proved = Mandate.objects.filter(relation=Relation.SELF, active_from__isnull=False)
    theirs = proved.filter(Q(account__in=holders) | Q(account_id=submission.applicant_id))
    parties = LIFECYCLES[submission.kind].parties(submission)
    return {submission.person.id_hash, *parties, *theirs.values_list("person__id_hash", flat=True)}


def _guard_assignment(case: Case, reviewer: Account) -> None:
    """What a colleague has in hand is taken over first, so that two do not work on one case unawares."""
    if reviewer.role != Role.SIMULATED and not workflow.fits(Action.APPROVE, case.submission, reviewer):
        raise WrongState(_("此件正由其他审核员承办，请先接手再作决定。"), code="already_assigned")


# Who has a case in hand, and who opened the person's data.


def assign(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """A reviewer takes an unassigned case. Raises WrongState `already_assigned` if another was quicker."""
    with locked(submission, version=version) as case:
        _assign(case, Action.ASSIGN, reviewer, to=reviewer)
    return case.submission


def release(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """The assignee gives the case back to all."""
    with locked(submission, version=version) as case:
        _assign(case, Action.RELEASE, reviewer, to=None)
    return case.submission


def take_over(submission: Submission, *, reviewer: Account, version: int | None = None) -> Any:
    """A reviewer takes a case from its assignee (who is ill, or away)."""
    with locked(submission, version=version) as case:
        before = case.submission.assignee_id
        _assign(case, Action.TAKE_OVER, reviewer, to=reviewer)
        tell_former(case, before, now=reviewer)
    return case.submission


def tell_former(case: Case, before: Any, *, now: Account | None) -> None:
    """Whoever had the case in hand hears who has it now, in their inbox too; None: it waits for anybody."""
    submission = case.submission
    words = {"number": submission.number, "name": now}
    taken = _("受理编号%(number)s：%(name)s已接手办理，您无需再办理。")
    given_back = _("受理编号%(number)s：已由主管退回待分配，您无需再办理。")
    case.add(
        Message(
            account_id=before,
            key=f"taken_over:{submission.pk.hex}:{submission.version}",
            kind="taken_over",
            title=_("您承办的申请已由他人接手") if now else _("您承办的申请已退回待分配"),
            text=(taken if now else given_back) % words,
            submission=submission.pk,
            created_at=clock.now(),
            push=PushStatus.NONE,
        )
    )


def _assign(case: Case, action: Action, reviewer: Account, *, to: Account | None) -> None:
    guard_reviewer(case, reviewer)
    workflow.permit(case.submission, action, reviewer)
    if not workflow.fits(action, case.submission, reviewer):
        raise WrongState(_("此件的承办人已有变化，请刷新后再操作。"), code="already_assigned")
    case.record(action, actor=Actor(reviewer), before=str(case.submission.assignee_id or ""))
    case.change(assignee=to)


def unmask(submission: Submission, *, reviewer: Account, why: str = "asked") -> None:
    """A member of staff opens the person's full name and number: allowed where they see the case, and on record.

    `why`: `asked` for, or `in_hand`: shown to whoever has the case in hand.
    """
    with locked(submission) as case:
        if not reviewer.is_staff or not Submission.objects.visible_to(reviewer).filter(pk=submission.pk).exists():
            raise Forbidden(_("您不是该参保地的审核员，不能办理此件。"), code="other_area")
        case.record("unmask", actor=Actor(reviewer), why=why)


def open_material(material: Material, *, reviewer: Account) -> None:
    """A member of staff opens a scan in full: on record, beside the case it belongs to."""
    assert material.submission is not None, "only what is attached to a case is shown to staff"
    with locked(material.submission) as case:
        case.record("open_material", actor=Actor(reviewer), material=str(material.pk))
