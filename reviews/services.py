"""What may happen to a submission: one verb per function, each under the row's lock, each leaving an event.

Every verb takes `version` (what the caller saw) and raises Stale when the case has moved on, WrongState when the table
does not allow it, Forbidden when this person may not. What a decision does to the matter itself is the child's affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Mandate, Message, Relation, Role
from regions import clock
from regions.errors import Forbidden, Invalid, Problem, Refusal, WrongState
from reviews import workflow
from reviews.case import SYSTEM, Actor, Case, locked, write
from reviews.checks import Finding, Level, at_level
from reviews.models import Decision, Outcome, Status, Submission
from reviews.workflow import Action

__all__ = ["SYSTEM", "Actor", "Case", "locked"]

Row = TypeVar("Row", bound=Submission)


def create(child: Row, *, actor: Actor) -> Row:
    """Store a draft: number it, record who made it. `child` is an unsaved row of its kind."""
    assert actor.account is not None
    with transaction.atomic():
        child.kind = child.KIND
        child.number = _next_number()
        child.applicant = actor.account
        child.mandate = actor.mandate
        child.created_at = clock.now()
        child.save(force_insert=True)
        case = Case(child)
        case.record("create", actor=actor)
        write([case])
    return child


def _next_number() -> str:
    """A number a person can read out: day, running number, check digit (Luhn): 20261121-000123-4."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('submission_number')")
        running = cursor.fetchone()[0]
    day, serial = f"{clock.today():%Y%m%d}", f"{running % 1_000_000:06d}"
    return f"{day}-{serial}-{_luhn(day + serial)}"


def _luhn(digits: str) -> int:
    weighted = (int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits)))
    return -sum(value - 9 if value > 9 else value for value in weighted) % 10


def submit(submission: Submission, *, actor: Actor, version: int | None = None, instant: bool = False) -> Any:
    """Put a draft into the queue, its deadline running; `instant` (自助备案): approved in the same transaction.

    Raises Invalid or WrongState with every error its checks find, or WrongState `already_live` if a rival lives.
    """
    with locked(submission, version=version) as case:
        enter(case, Action.SUBMIT, actor=actor)
        if instant:
            take_effect(case, actor=SYSTEM, lane="instant")
    return case.submission


def resubmit(submission: Submission, *, actor: Actor, version: int | None = None) -> Any:
    """Put a corrected submission back into the queue: a new round, a new deadline."""
    with locked(submission, version=version) as case:
        case.change(round=case.submission.round + 1, correct_by=None, escalated_at=None)
        enter(case, Action.RESUBMIT, actor=actor)
    return case.submission


def enter(case: Case, action: Action, *, actor: Actor) -> None:
    """The submission enters the queue: checks, live key, first stage, deadline."""
    submission = case.submission
    step = workflow.permit(submission, action, actor.account)
    findings = submission.findings()
    refuse_errors(findings)
    case.change(
        checks=[finding.as_json() for finding in findings],
        live_key=submission.live_key_now(),
        submitted_at=submission.submitted_at or clock.now(),
        stages=submission.stages_needed(),
    )
    _start_stage(case, 1)
    case.record(action, actor=actor, to=step.becomes, round=submission.round, due=submission.due_at.isoformat())


def check_draft(case: Case) -> None:
    """Store what the checks find in a draft or a returned submission, so that the phone can show it before submitting."""
    case.change(checks=[finding.as_json() for finding in case.submission.findings()])


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Raise every error at once: 409 if only rivals are in the way, else 400."""
    errors = at_level(findings, Level.ERROR)
    if errors:
        kind: type[Refusal] = WrongState if all(finding.conflict for finding in errors) else Invalid
        raise kind(
            problems=[
                Problem(finding.code, str(finding.message), finding.fields[0] if finding.fields else None)
                for finding in errors
            ]
        )


def _start_stage(case: Case, stage: int) -> None:
    """Start the clock of a stage: its deadline is computed once, from now, and stored."""
    now = clock.now()
    case.change(stage=stage, stage_started_at=now)
    due = case.submission.due(now)
    case.change(due_at=due.at, due_provisional=due.provisional)


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
    case.submission.ended(case)


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


_OUTCOMES = {
    Action.APPROVE: Outcome.APPROVED,
    Action.REJECT: Outcome.REJECTED,
    Action.RETURN: Outcome.RETURNED,
}


def decide(
    case: Case, action: Action, *, reviewer: Account, reason: str = "", code: str = "", fields: Sequence[str] = ()
) -> None:
    """Decide one stage of a locked case: guard, decision row, event, effect."""
    submission = case.submission
    guard_reviewer(case, reviewer)
    step = workflow.permit(submission, action, reviewer)
    if step.needs_reason and not reason.strip():
        raise Invalid(_("请写明理由，让申请人知道怎样补正或另行办理。"), code="reason_required", attr="reason")
    note = case.note(reason.strip(), reviewer)
    case.add(
        Decision(
            submission_id=submission.pk,
            round=submission.round,
            stage=submission.stage,
            reviewer=reviewer,
            outcome=_OUTCOMES[action],
            code=code,
            fields=list(fields),
            reason=note,
            decided_at=clock.now(),
        )
    )
    effect = {Action.APPROVE: _approved, Action.REJECT: _rejected, Action.RETURN: _returned}[action]
    effect(case, Actor(reviewer), note, {"code": code} if code else {})


def guard_reviewer(case: Case, reviewer: Account) -> None:
    """Only an active reviewer of the area decides, nobody decides twice in a round, and no party to the case does."""
    submission = case.submission
    if not reviewer.is_active or workflow.standing(submission, reviewer) != workflow.Who.REVIEWER:
        raise Forbidden(_("您不是该参保地的审核员，不能办理此件。"), code="other_area")
    if reviewer.role == Role.SIMULATED:
        return
    if reviewer.identity_hash and reviewer.identity_hash in _party_hashes(submission):
        raise Forbidden(_("您与此件有关（本人、代办人或代理人），请交由其他审核员办理。"), code="party")
    if submission.stage > 1 and submission.decisions.filter(round=submission.round, reviewer=reviewer).exists():
        raise Forbidden(_("初审和复审不能由同一人办理，请交由其他审核员。"), code="same_reviewer")


def _party_hashes(submission: Submission) -> set[str]:
    """The identities of the patient, the agents, and whoever holds a mandate over the patient or applied."""
    holders = Mandate.objects.live().filter(person_id=submission.person_id).values("account_id")
    selves = Mandate.objects.active().filter(relation=Relation.SELF)
    theirs = selves.filter(account__in=holders) | selves.filter(account_id=submission.applicant_id)
    return {submission.person.id_hash, *submission.parties(), *theirs.values_list("person__id_hash", flat=True)}


def _approved(case: Case, actor: Actor, note: Any, codes: dict[str, Any]) -> None:
    submission = case.submission
    if submission.stage < submission.stages:
        case.record(Action.APPROVE, actor=actor, note=note, stage=submission.stage, **codes)
        case.change(assignee=None, escalated_at=None)
        _start_stage(case, submission.stage + 1)
    else:
        take_effect(case, actor=actor, note=note, **codes)


def take_effect(case: Case, *, actor: Actor, note: Any = None, **codes: Any) -> None:
    """The last stage is approved, by a reviewer, in the instant lane or because time is up: the matter takes effect."""
    step = workflow.require(case.submission, Action.APPROVE)
    case.record(Action.APPROVE, actor=actor, to=step.becomes, note=note, stage=case.submission.stage, **codes)
    case.change(decided_at=clock.now(), assignee=None)
    case.submission.approved(case)


def _rejected(case: Case, actor: Actor, note: Any, codes: dict[str, Any]) -> None:
    case.record(Action.REJECT, actor=actor, to=Status.REJECTED, note=note, stage=case.submission.stage, **codes)
    case.change(decided_at=clock.now(), assignee=None)
    case.submission.rejected(case)


def _returned(case: Case, actor: Actor, note: Any, codes: dict[str, Any]) -> None:
    correct_by = clock.now() + timedelta(days=case.submission.correction_days())
    case.record(Action.RETURN, actor=actor, to=Status.RETURNED, note=note, stage=case.submission.stage, **codes)
    case.change(correct_by=correct_by, assignee=None)
    case.tell(
        "returned",
        _("申请需要补正"),
        _("受理编号%(number)s：请按审核意见补正，并在%(day)s前重新提交，逾期视为撤回。")
        % {"number": case.submission.number, "day": f"{correct_by:%Y-%m-%d}"},
    )


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
    if str(action) not in workflow.actions_for(case.submission, reviewer):
        raise WrongState(_("此件的承办人已有变化，请刷新后再操作。"), code="already_assigned")
    case.record(action, actor=Actor(reviewer), before=str(case.submission.assignee_id or ""))
    case.change(assignee=to)


def unmask(submission: Submission, *, reviewer: Account) -> None:
    """A member of staff opens the person's full name and number: allowed, and on record."""
    with locked(submission) as case:
        case.record("unmask", actor=Actor(reviewer))


def unmasked_by(submission: Submission, reviewer: Account) -> bool:
    """Whether this member of staff has opened the person's data in this case, on record."""
    return submission.events.filter(verb="unmask", actor=reviewer).exists()


def lapse(case: Case) -> None:
    """Nobody answered the return for correction in time: it counts as withdrawn."""
    conclude(case, Action.LAPSE)
    case.tell(
        "lapsed",
        _("补正逾期，申请已撤回"),
        _("受理编号%s：规定时间内未补正，申请视为撤回。如仍需办理，请重新提交。") % case.submission.number,
    )


def escalate(case: Case) -> None:
    """Time is up and nobody decided: the agency's supervisors are told, loudly."""
    workflow.require(case.submission, Action.ESCALATE)
    case.change(escalated_at=clock.now())
    case.record(Action.ESCALATE, actor=SYSTEM)
    number = case.submission.number
    for supervisor in Account.objects.filter(role=Role.SUPERVISOR, area=case.submission.area_id, is_active=True):
        case.add(
            Message(
                account=supervisor,
                key=f"escalated:{case.submission.pk.hex}:{case.submission.round}:{case.submission.stage}",
                kind="escalated",
                title=_("有申请超过办结时限"),
                text=_("受理编号%s已到办结时限仍未审核，请立即安排办理。") % number,
                submission=case.submission.pk,
                created_at=clock.now(),
                push="none",
            )
        )


def recompute_deadlines() -> int:
    """The calendar changed: compute the deadline of every open stage again. Returns how many moved."""
    moved = 0
    for submission in Submission.objects.filter(status=Status.SUBMITTED).order_by("pk"):
        with locked(submission) as case:
            row = case.submission
            if row.status == Status.SUBMITTED:
                due = row.due(row.stage_started_at)
                if (due.at, due.provisional) != (row.due_at, row.due_provisional):
                    case.change(due_at=due.at, due_provisional=due.provisional)
                    case.record("reschedule", actor=SYSTEM, due=due.at.isoformat())
                    moved += 1
    return moved
