"""What a decision leaves behind: its row on record, a case that goes back to who applied; and a call that brought no papers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account
from core import clock
from policies.language.wording import day
from reviews.checks import Finding
from reviews.lifecycle import LIFECYCLES, SYSTEM, Actor, Case
from reviews.models import Channel, Decision, Note, Outcome, Status
from reviews.presenting import about
from reviews.workflow import Action

OUTCOMES = {
    Action.APPROVE: Outcome.APPROVED,
    Action.REJECT: Outcome.REJECTED,
    Action.RETURN: Outcome.RETURNED,
}


def put_on_record(
    case: Case,
    action: Action,
    *,
    reviewer: Account | None,
    code: str = "",
    fields: Sequence[str] = (),
    note: Note | None = None,
) -> None:
    """One row a stage, which the database refuses to hold twice. No reviewer: the system, where policy lets it."""
    submission = case.submission
    case.add(
        Decision(
            submission_id=submission.pk,
            round=submission.round,
            stage=submission.stage,
            reviewer=reviewer,
            outcome=OUTCOMES[action],
            code=code,
            fields=list(dict.fromkeys(fields)),
            reason=note,
            decided_at=clock.now(),
            area_id=submission.area_id,
            started_at=submission.stage_started_at,
            due_at=submission.due_at,
        )
    )


def send_back(case: Case, actor: Actor, note: Note | None, codes: dict[str, Any]) -> None:
    """It is with who applied until they have mended it; the clock of the stage stops, and they hear by when."""
    lifecycle = LIFECYCLES[case.submission.kind]
    correct_by = clock.now() + timedelta(days=lifecycle.correction_days(case.submission))
    case.record(Action.RETURN, actor=actor, to=Status.RETURNED, note=note, stage=case.submission.stage, **codes)
    case.change(correct_by=correct_by, assignee=None)
    case.tell("returned", _("申请需要补正"), _to_mend(case), reasoned=True)


def remind_of_correction(case: Case) -> None:
    """Nobody has come back yet: they hear once more, before the return lapses."""
    case.tell("correction_ending", _("补正即将到期"), _to_mend(case))


def _to_mend(case: Case) -> str:
    row = case.submission
    assert row.correct_by is not None
    text = LIFECYCLES[row.kind].returned or _("%(about)s需要补正，请在%(day)s前重新提交，逾期视为撤回。")
    return text % {"about": about(case), "day": day(row.correct_by.astimezone(clock.SHANGHAI).date())}


def papers_to_bring(findings: Iterable[Finding], actor: Actor) -> list[Finding]:
    """What keeps a call from being complete and cannot be sent by telephone: the documents that are missing."""
    if actor.entering != Channel.TELEPHONE:
        return []
    return [finding for finding in findings if finding.papers]


def await_papers(case: Case, papers: Sequence[Finding]) -> None:
    """A call is taken in without its documents: at once it waits for them, as what is returned for correction does.

    So the day of the call counts, nobody else files the same meanwhile, and the person is told what to bring, where and by when
    (一次性告知). No member of staff decided it, so nobody can undo it and whoever reviews it later is free to.
    """
    labels = dict.fromkeys(label for finding in papers for _kind, label in finding.papers)
    kinds = [kind for finding in papers for kind, _label in finding.papers]
    words = {"what": "；".join(labels)}
    text = _("电话登记时未能提交材料，请补交：%(what)s。可以在手机上传，或携带原件到参保地经办窗口提交。") % words
    note, code = case.note(text, None), papers[0].code
    put_on_record(case, Action.RETURN, reviewer=None, code=code, fields=kinds, note=note)
    send_back(case, SYSTEM, note, {"code": code})
