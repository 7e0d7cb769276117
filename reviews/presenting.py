"""A submission as clients see it: plain dicts, built from few queries, the same fields for every kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Role
from core import clock
from core.clock import SHANGHAI
from policies.language.filing_types import Document
from reviews import workflow
from reviews.bodies import DecisionShape, DocumentShape, DraftRow, EventShape, SubmissionRow
from reviews.checks import ONLINE
from reviews.lifecycle import LIFECYCLES, Case
from reviews.materials import present as present_material
from reviews.models import Channel, Decision, Event, Material, Outcome, Status, Submission
from reviews.visible import child_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def about(case: Case) -> str:
    """王*兰到北京市的异地就医备案（受理编号20261121-000123-4）: whose, what and where, as every message begins."""
    row = case.submission
    words = {"who": row.person.masked_name, "what": LIFECYCLES[row.kind].about(row), "number": row.number}
    return _("%(who)s%(what)s（受理编号%(number)s）") % words


@dataclass
class Whole:
    """What a submission shows in full beside its columns; what only one kind has, it reads itself (None)."""

    decisions: list[Decision]
    materials: list[Material]
    events: list[Event]
    institutions: list[str] | None = None

    @classmethod
    def read(cls, submission: Any) -> Whole:
        """As the database has it: three queries."""
        key = submission.pk
        return cls(Decision.objects.of([key]), Material.objects.attached_to([key]), Event.objects.of(key))

    @classmethod
    def of(cls, case: Case) -> Whole:
        """Of a submission that was just made: what its case holds."""
        rows = case.written
        return cls(
            decisions=[row for row in rows if isinstance(row, Decision)],
            materials=sorted(case.materials or [], key=lambda row: (row.created_at, row.pk)),
            events=[row for row in rows if isinstance(row, Event)],
            institutions=sorted(row.code for row in case.institutions or []),
        )


def present_many(submissions: Sequence[Any], account: Account) -> list[dict[str, Any]]:
    """The rows of a list: common fields, the last decision, the caller's actions; one query for all the decisions."""
    return _rows(submissions, account, Decision.objects.of([row.id for row in submissions]))


def present_drafts(drafts: Sequence[Submission], account: Account) -> list[DraftRow]:
    """Drafts of all kinds in one list, each named by what it is about; their kinds' rows are read with them (`children`)."""
    return [
        {
            **_common(row, account, None, None, False),
            "summary": LIFECYCLES[row.kind].summary(child_of(row)),
            "predecessor": str(row.predecessor_id) if row.predecessor_id else None,
            "saved_at": _time(row.saved_at),
            "kept_until": _time_if(row.kept_until),
        }
        for row in drafts
    ]


def _rows(submissions: Sequence[Any], account: Account, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    undone = {(row.id, row.round - 1) for row in submissions if row.status == Status.SUBMITTED}
    standing = [row for row in decisions if row.undone_at is None]
    last = _last(
        [row for row in standing if row.outcome == Outcome.RETURNED or (row.submission_id, row.round) not in undone]
    )
    mine = {(row.submission_id, row.round): row for row in decisions if row.reviewer_id == account.pk}
    several = Counter((row.submission_id, row.round) for row in decisions)
    return [
        {
            **_common(row, account, last.get(row.id), mine.get((row.id, row.round)), several[row.id, row.round] == 1),
            **LIFECYCLES[row.kind].row(row),
        }
        for row in submissions
    ]


def present(submission: Any, account: Account, whole: Whole | None = None) -> dict[str, Any]:
    """One submission in full: with its checks, materials and timeline (read, where the caller does not hold them)."""
    whole = whole or Whole.read(submission)
    return {
        **_rows([submission], account, whole.decisions)[0],
        "checks": submission.checks,
        "materials": [present_material(row, account) for row in whole.materials],
        "correct_by": _time_if(submission.correct_by),
        "events": _timeline(_open_to(account, whole.events), submission),
    }


def _open_to(account: Account, events: Sequence[Event]) -> Sequence[Event]:
    """Which scan a colleague opened, what whoever has the case in hand reads, and a second review, is the agency's own record."""
    agency = account.role not in (Role.CITIZEN, Role.HOSPITAL)
    return events if agency else [event for event in events if not _within_the_work(event)]


def _within_the_work(event: Event) -> bool:
    return event.verb in INTERNAL or (event.verb == "unmask" and event.data.get("why") == "in_hand")


def undo_of(row: Any, account: Account, decisions: Sequence[Decision]) -> datetime | None:
    """Until when this caller may undo what was decided last of a submission."""
    round_ = [each for each in decisions if each.round == row.round]
    own = next((each for each in round_ if each.reviewer_id == account.pk), None)
    return undo_until(row, own, len(round_) == 1)


def undo_until(row: Any, own: Decision | None, alone: bool) -> datetime | None:
    """Until when the caller may take back their own decision, the only one of its round; None: not at all."""
    if own is None or not alone or row.status not in workflow.DECIDED:
        return None
    if row.status == Status.APPROVED and not LIFECYCLES[row.kind].reopens:
        return None
    until = own.decided_at + workflow.UNDO_WITHIN
    return until if clock.now() < until else None


def _common(
    row: Any, account: Account, decision: DecisionShape | None, own: Decision | None, alone: bool
) -> SubmissionRow:
    return {
        "id": str(row.id),
        "number": row.number,
        "kind": row.kind,
        "version": row.version,
        "status": row.status,
        "stage": row.stage,
        "channel": row.channel,
        "enrollment": str(row.enrollment_id),
        "person": str(row.person_id),
        "person_name": row.person.masked_name,
        "insured_area": row.area_id,
        "insured_area_name": row.area.name,
        "created_at": _time(row.created_at),
        "submitted_at": _time_if(row.submitted_at),
        "due_at": _time_if(row.due_at),
        "due_provisional": row.due_provisional,
        "decided_at": _time_if(row.decided_at),
        "decision": decision,
        "actions": workflow.actions_for(
            row, account, decided=own is not None, undoable=undo_until(row, own, alone) is not None
        ),
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()


def _time_if(moment: datetime | None) -> str | None:
    return _time(moment) if moment else None


def _last(decisions: Sequence[Decision]) -> dict[Any, DecisionShape]:
    """By submission, the last of the decisions."""
    return {
        row.submission_id: {
            "outcome": row.outcome,
            "code": row.code,
            "reason": row.reason.text if row.reason else "",
            "fields": row.fields,
        }
        for row in decisions
    }


def _timeline(events: Sequence[Event], submission: Any) -> list[EventShape]:
    return [
        {
            "at": _time(event.at),
            "actor": _who(event, submission),
            "verb": event.verb,
            "detail": _detail(event, submission),
        }
        for event in _saved_once(events)
    ]


def _saved_once(events: Sequence[Event]) -> Iterator[Event]:
    """Of what one person saved again and again the last: sixteen saves are one line."""
    for event, after in zip_longest(events, events[1:]):
        again = after is not None and (after.verb, after.actor_id) == (SAVED, event.actor_id)
        if event.verb != SAVED or not again:
            yield event


def _who(event: Event, submission: Submission) -> str:
    """Staff act as the agency: citizens see who did it by role, not by name."""
    if event.actor is None:
        return _("系统")
    if event.actor.role == Role.CITIZEN:
        return _("申请人") if event.mandate_id else _("代办人")
    return _("医疗机构") if event.actor.role == Role.HOSPITAL else _("经办机构")


def _approved(event: Event) -> str:
    """Of two reviews, which one it passed: after the first it is still under review."""
    return _("初审通过") if event.to_status == Status.SUBMITTED else _("复审通过")


SAVED = str(workflow.Action.AMEND)
OPENED = "open_material"
INTERNAL = (OPENED, "second_review", "second_review_closed")
VERBS: dict[str, StrOrPromise] = {
    "create": gettext_lazy("填写申请"),
    "amend": gettext_lazy("修改内容"),
    "submit": gettext_lazy("提交申请"),
    "withdraw": gettext_lazy("撤回申请"),
    "resubmit": gettext_lazy("补正后重新提交"),
    "claim": gettext_lazy("开始审核"),
    "release": gettext_lazy("退回待分配"),
    "take_over": gettext_lazy("更换审核人员"),
    "hand_on": gettext_lazy("分配审核人员"),
    "approve": gettext_lazy("审核通过"),
    "reject": gettext_lazy("审核未通过"),
    "return_for_correction": gettext_lazy("退回补正"),
    "undo": gettext_lazy("撤回审核决定，重新审核"),
    "second_review": gettext_lazy("复核"),
    "second_review_closed": gettext_lazy("复核分歧已处理"),
    "correct": gettext_lazy("核定费用"),
    "escalate": gettext_lazy("超过时限，已督办"),
    "lapse": gettext_lazy("逾期未补正，视为撤回"),
    "change": gettext_lazy("申请变更"),
    "renew": gettext_lazy("申请续期"),
    "choose": gettext_lazy("变更选定医疗机构"),
    "export": gettext_lazy("列入支付文件"),
    "refuse": gettext_lazy("银行退回，未支付成功"),
    "account": gettext_lazy("更正收款账户"),
    "pay": gettext_lazy("已支付"),
    "cancel": gettext_lazy("取消"),
    "expire": gettext_lazy("到期"),
    "supersede": gettext_lazy("被新的申请替代"),
    "revoke": gettext_lazy("撤销"),
    "end": gettext_lazy("终止"),
    "unmask": gettext_lazy("查看完整个人信息"),
    OPENED: gettext_lazy("查看材料"),
    "enrollment_changed": gettext_lazy("参保关系有变化"),
    "united": gettext_lazy("新生儿已合并到身份证号码"),
    "remind": gettext_lazy("已发送提醒"),
    "reschedule": gettext_lazy("工作日历调整，办结时限重新计算"),
}


def _detail(event: Event, submission: Submission) -> str:
    """The event in a sentence, with the reviewer's reason where one was given."""
    message = (
        _approved(event)
        if event.verb == "approve" and submission.stages > 1
        else str(VERBS.get(event.verb) or LIFECYCLES[submission.kind].verbs.get(event.verb, event.verb))
    )
    if came := event.data.get("channel"):
        message = f"{message}（{Channel(came).label}）"
    return f"{message}：{event.note.text}" if event.note else message


def asked_for(document: Document) -> DocumentShape:
    """One document as clients see it; what is verified online anyway is not required."""
    return {
        "kind": document.kind,
        "label": document.label,
        "required": document.required and document.kind not in ONLINE,
        "alternatives": list(document.stand_ins),
        "alternative_labels": {other.kind: other.label for other in document.alternatives},
        "note": document.note,
    }
