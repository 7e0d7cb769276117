"""Into the queue: drafts, amending, submitting, resubmitting, the checks on the way, the number, the clock of a stage."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from stdnum import luhn

from accounts.models import Account, Role
from core import clock
from core.errors import Invalid, Problem, Refusal, WrongState
from core.postgresql.base import Kept
from core.prepared import prepared
from regions.models import Institution
from reviews.checks import Finding, Level
from reviews.lifecycle import LIFECYCLES, SYSTEM, Actor, Case, Lifecycle
from reviews.locking import locked, rows_of, write
from reviews.materials.bodies import SENTENCES
from reviews.models import LIVE, Channel, Event, Material, Status, Submission
from reviews.services import counter
from reviews.services.outcomes import await_papers, papers_to_bring
from reviews.visible import Visible
from reviews.workflow import Action, permit

log = logging.getLogger(__name__)

MOST_MATERIALS = 40
MOST_DRAFTS = 30


@contextmanager
def drafted(row: Submission, *, actor: Actor) -> Iterator[Case]:
    """A new submission, in memory until the block ends: then it is written in one go, with its events.

    The block fills it in, and may `enter` it into the queue or keep the draft with what `check_draft` finds. A refusal
    leaves nothing behind: nothing was written before. `row` is unsaved, of its kind.
    """
    assert actor.account is not None
    row.channel = actor.entering or _own_channel(actor)
    came = _came_by(row)
    row.pk = row.id  # of both its tables
    case = Case(row, new=True, materials=[], institutions=[])
    row.applicant, row.mandate, row.created_at = actor.account, actor.mandate, case.now
    case.record("create", actor=actor, **came)
    with _rivals_named(row), nullcontext() if connection.in_atomic_block else transaction.atomic():
        yield case
        if not row.number:
            row.number = next_number(case.now.date())
        write([case])


def _own_channel(actor: Actor) -> Channel:
    """How what somebody submits for themselves comes in."""
    hospital = actor.account is not None and actor.account.role == Role.HOSPITAL
    return Channel.INSTITUTION if hospital else Channel.ONLINE


def _came_by(row: Submission) -> dict[str, Any]:
    """What its events say of how it came in, where that was not online."""
    return {} if row.channel == Channel.ONLINE else {"channel": str(row.channel)}


def create(row: Submission, *, actor: Actor) -> Any:
    """Store a draft as it is: number it, record who made it."""
    with drafted(row, actor=actor) as case:
        pass
    return case.submission


def submit(submission: Submission, *, actor: Actor, version: int | None = None) -> Any:
    """Put a draft into the queue, its deadline running.

    Raises Invalid or WrongState with every error its checks find, and the kind's own WrongState if a rival lives.
    """
    with _rivals_named(submission), locked(submission, version=version) as case:
        enter(case, actor=actor)
    return case.submission


def resubmit(submission: Submission, *, actor: Actor, version: int | None = None) -> Any:
    """Put a corrected submission back into the queue: a new round, a new deadline."""
    with _rivals_named(submission), locked(submission, version=version) as case:
        case.change(round=case.submission.round + 1, correct_by=None, escalated_at=None)
        enter(case, actor=actor, again=True)
    return case.submission


def enter(case: Case, *, actor: Actor, again: bool = False) -> None:
    """The submission enters the queue: checks, live key, first stage, deadline; `again`: it was corrected."""
    submission, action = case.submission, Action.RESUBMIT if again else Action.SUBMIT
    lifecycle = LIFECYCLES[submission.kind]
    step = permit(submission, action, actor.account)
    (findings,) = lifecycle.findings([case])
    papers = [] if again or not actor.entering else papers_to_bring(findings, actor)
    refuse_errors([finding for finding in findings if finding not in papers] if papers else findings)
    case.change(
        checks=[finding.as_json() for finding in findings],
        number=submission.number or next_number(case.now.date()),
        submitted_at=submission.submitted_at or case.now,
        stages=lifecycle.stages(submission),
        live_key=lifecycle.live_key(submission),
        **_stage(case, lifecycle, 1),
    )
    case.record(action, actor=actor, to=step.becomes, round=submission.round, due=submission.due_at.isoformat())
    lifecycle.entered(case, actor=actor, again=again)
    if actor.entering:
        counter.tell_entered(case, actor.entering)
    if papers:
        await_papers(case, papers)


def start_stage(case: Case, stage: int) -> None:
    """Start the clock of a stage: its deadline is computed once, from now, and stored."""
    case.change(**_stage(case, LIFECYCLES[case.submission.kind], stage))


def _stage(case: Case, lifecycle: Lifecycle[Any], stage: int) -> dict[str, Any]:
    case.submission.stage = stage
    due = lifecycle.due(case, case.now)
    return {"stage": stage, "stage_started_at": case.now, "due_at": due.at, "due_provisional": due.provisional}


def recompute_deadlines() -> int:
    """The calendar changed: compute the deadline of every open stage again. Returns how many moved.

    One that cannot be computed is logged and keeps its deadline; it holds nobody else up.
    """
    moved = 0
    for lifecycle in LIFECYCLES.values():
        for row in rows_of(lifecycle.kind).filter(status=Status.SUBMITTED).order_by("pk").iterator():
            try:
                moved += _differs(Case(row)) and _reschedule(row)
            except Exception:
                log.exception("deadline_not_recomputed", extra={"submission": str(row.pk)})
    return moved


def _differs(case: Case) -> bool:
    row = case.submission
    assert row.stage_started_at is not None
    due = LIFECYCLES[row.kind].due(case, row.stage_started_at)
    return (due.at, due.provisional) != (row.due_at, row.due_provisional)


def _reschedule(submission: Submission) -> bool:
    with locked(submission) as case:
        if case.submission.status != Status.SUBMITTED or not _differs(case):
            return False
        _move(case)
        return True


def _move(case: Case) -> None:
    row = case.submission
    due = LIFECYCLES[row.kind].due(case, row.stage_started_at)
    case.change(due_at=due.at, due_provisional=due.provisional)
    if due.at > clock.now():
        case.change(escalated_at=None)
    case.record("reschedule", actor=SYSTEM, due=due.at.isoformat())


@contextmanager
def amending(
    submission: Submission, fields: Iterable[str], *, actor: Actor, version: int | None = None
) -> Iterator[Case]:
    """A draft, or what was returned for correction, while its applicant changes `fields` of it (PATCH)."""
    with locked(submission, version=version) as case:
        permit(case.submission, Action.AMEND, actor.account)
        yield case
        check_draft(case)
        if not _saved_again(case.submission, actor):
            case.record(Action.AMEND, actor=actor, fields=sorted(fields))


def _saved_again(submission: Submission, actor: Actor) -> bool:
    """A draft is saved as one types: what the same person saves of it again and again, before anybody else saw it, is one event."""
    if submission.status != Status.DRAFT:
        return False
    last = Event.objects.filter(submission=submission.pk).order_by("-id").values_list("verb", "actor_id").first()
    return last == (Action.AMEND, actor.account.pk if actor.account else None)


def check_draft(case: Case) -> None:
    """Store what the checks find in a draft or a returned submission, so that the phone can show it before submitting."""
    if case.new:
        _refuse_too_many(case.submission.applicant)
    (findings,) = LIFECYCLES[case.submission.kind].findings([case])
    case.change(checks=[finding.as_json() for finding in findings])


def _refuse_too_many(account: Account) -> None:
    """One account keeps so many drafts, of those it can still see; two that come together are counted one after the other."""
    _locked.first(account=account.pk)
    if len(Visible(account, Submission, (), {"applicant": account.pk, "status": Status.DRAFT})) >= MOST_DRAFTS:
        message = _("您已有%d份未提交的草稿，请先提交或放弃其中的几份，再保存新的。") % MOST_DRAFTS
        raise WrongState(message, code="too_many_drafts")


@prepared
def _locked(*, account: UUID) -> QuerySet[Account, UUID]:
    return Account.objects.select_for_update(no_key=True).filter(pk=account).values_list("pk", flat=True)


def attach(case: Case, ids: Iterable[Any], account: Account) -> list[Material]:
    """Attach the named uploads of `account` to the locked submission; return them in the order named.

    What is attached already may be named again by anyone who may act for the submission. A draft keeps exactly what is
    named; later nothing is let go, for a reviewer may have relied on it. It never waits: a client that gets 409
    `material_processing` asks again when `GET materials/ID/` says ready.
    Raises Invalid (`material_unknown`, `material_refused`, `too_many_materials`), WrongState `material_processing`.
    """
    wanted = list(dict.fromkeys(str(material_id) for material_id in ids))
    submission = case.submission
    if len(wanted) > MOST_MATERIALS:
        raise Invalid(_("一次申请最多 40 份材料，请合并后重试。"), code="too_many_materials", attr="materials")
    uploads = _uploads_locked(wanted, Q(submission=submission.pk) | Q(submission__isnull=True, account=account))
    _refuse_unusable(wanted, uploads)
    rows = [uploads[name] for name in wanted]
    if case.new:
        case.materials = rows  # attached when it is written
        return rows
    Material.objects.filter(id__in=wanted).update(submission=submission)
    if submission.status == Status.DRAFT:
        submission.materials.exclude(id__in=wanted).update(submission=None)
    return rows


def _uploads_locked(wanted: list[str], usable: Q) -> dict[str, Material]:
    if not wanted:
        return {}
    rows = Material.objects.select_for_update().filter(usable, id__in=filter(_is_id, wanted)).order_by("id")
    return {str(row.id): row for row in rows}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _refuse_unusable(wanted: list[str], uploads: dict[str, Material]) -> None:
    problems = list(_unusable(wanted, uploads))
    if problems:
        raise Invalid(problems=problems)
    if any(row.status == Material.State.PROCESSING for row in uploads.values()):
        raise WrongState(_("材料还在处理中，请稍等几秒后再提交。"), code="material_processing", attr="materials")


def _unusable(wanted: list[str], uploads: dict[str, Material]) -> Iterator[Problem]:
    if len(uploads) < len(wanted):
        yield Problem("material_unknown", _("有材料不存在或已用于其他申请，请重新上传。"), "materials")
    for row in uploads.values():
        if row.status == Material.State.REFUSED:
            sentence = _("材料“{name}”不能使用：{why}").format(name=row.filename, why=SENTENCES.get(row.problem, ""))
            yield Problem("material_refused", sentence, "materials")


def choose(case: Case, institutions: Sequence[Institution]) -> None:
    """Name the institutions chosen for it (its model's `institutions`), in place of those named before."""
    if not case.new:
        case.submission.institutions.set(institutions)
        return
    case.institutions = list(institutions)
    relation = type(case.submission)._meta.get_field("institutions")
    for institution in institutions:
        keys = {relation.m2m_column_name(): case.submission.pk, relation.m2m_reverse_name(): institution.pk}
        case.add(relation.remote_field.through(**keys))


def institutions_named(codes: Iterable[str]) -> list[Institution]:
    """The institutions with these codes, with their areas. Raises Invalid `institution_unknown`."""
    wanted = list(dict.fromkeys(codes))
    rows = list(Institution.objects.filter(code__in=wanted).select_related("area__parent")) if wanted else []
    if len(rows) != len(wanted):
        raise Invalid(_("没有找到所选的医疗机构，请重新选择。"), code="institution_unknown", attr="institutions")
    return rows


def refuse_errors(findings: Sequence[Finding]) -> None:
    """Raise every error at once: 409 if only rivals are in the way, else 400."""
    errors = [finding for finding in findings if finding.level == Level.ERROR]
    if errors:
        kind: type[Refusal] = WrongState if all(finding.conflict for finding in errors) else Invalid
        raise kind(
            problems=[
                Problem(finding.code, str(finding.message), finding.fields[0] if finding.fields else None)
                for finding in errors
            ]
        )


@contextmanager
def _rivals_named(submission: Submission) -> Iterator[None]:
    """Where the database refuses a rival, its loser is told which was quicker, as its kind says it."""
    try:
        yield
    except WrongState as refusal:
        if refusal.code != "already_live":
            raise
        lifecycle = LIFECYCLES[submission.kind]
        held = Submission.objects.filter(live_key__in=[lifecycle.live_key(submission), submission.key_in_force])
        others = held.filter(status__in=LIVE).exclude(
            pk__in=[submission.pk, submission.predecessor_id or submission.pk]
        )
        raise lifecycle.overtaken(submission, others.first()) from refusal


def next_number(day: date) -> str:
    """What a person reads out on the telephone: day, running number, check digit (Luhn), as in 20261121-000123-6."""
    with connection.cursor() as cursor:
        cursor.execute(Kept("SELECT nextval('submission_number')"))
        running = cursor.fetchone()[0]
    digits = f"{day:%Y%m%d}{running % 1_000_000:06d}"
    return f"{digits[:8]}-{digits[8:]}-{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """The Luhn check digit: one wrong digit, or two neighbours swapped, is noticed."""
    return int(luhn.calc_check_digit(digits))
