"""The records that the audit reads: the queue's, the accounts', who handed in and published a policy; and what kind of act a verb is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Merger, SignIn, StaffChange
from policies.models import CatalogueVersion, PolicyVersion
from reviews.audit.reading import Act, Entry, Question, Rows, Source
from reviews.lifecycle import LIFECYCLES
from reviews.models import AbsenceReason, AuditLook, CounterStep, Event, Export, PersonLookup
from reviews.presenting import OPENED, VERBS
from reviews.workflow import Action

UPLOADED, PUBLISHED = ("uploaded_at", "uploaded_by"), ("published_at", "published_by")
Said = Callable[[Any], str]


def _files(model: Any, by: str, question: Question) -> QuerySet[Any] | None:
    """The files of a kind that were handed in by somebody, or published; to supervisors those of their own area."""
    if question.of_a_case:
        return None
    rows: QuerySet[Any] = model.objects.defer("text").select_related(by)
    rows = rows.filter(uploaded_by__isnull=False) if by == "uploaded_by" else rows.filter(status="published")
    return rows if question.everywhere else rows.filter(area=question.viewer.area_id)


def _shown(at: str, by: str, said: Said, rows: list[Any]) -> list[Entry]:
    """What a command published was nobody's act."""
    return [Entry(getattr(row, at), Act.PUBLICATION, str(getattr(row, by) or _("系统")), said(row)) for row in rows]


def _source(model: Any, moment: tuple[str, str], said: Said) -> Source:
    at, by = moment
    rows = Rows(model, partial(_files, model, by), at=at, actor=by)
    return Source(frozenset({Act.PUBLICATION}), rows, partial(_shown, at, by, said))


def _of_catalogue(sentence: Any) -> Said:
    return lambda row: str(sentence) % {"file": row.file, "rows": row.rows, "number": row.number}


def _of_policy(sentence: Any) -> Said:
    return lambda row: str(sentence) % {"file": row.slug or row.file, "area": row.area}


PUBLICATIONS = (
    _source(CatalogueVersion, UPLOADED, _of_catalogue(gettext_lazy("导入了医保目录“%(file)s”（%(rows)d 行）"))),
    _source(CatalogueVersion, PUBLISHED, _of_catalogue(gettext_lazy("发布了医保目录“%(file)s”（编号 %(number)d）"))),
    _source(PolicyVersion, UPLOADED, _of_policy(gettext_lazy("上传了政策“%(file)s”（%(area)s）"))),
    _source(PolicyVersion, PUBLISHED, _of_policy(gettext_lazy("发布了政策“%(file)s”（%(area)s）"))),
)


REVIEWED_AGAIN = ("second_review", "second_review_closed")
VERBS_OF: dict[Act, tuple[str, ...]] = {
    Act.UNMASK: ("unmask",),
    Act.OPEN: (OPENED,),
    Act.DECISION: (
        Action.APPROVE,
        Action.REJECT,
        Action.RETURN,
        Action.CORRECT,
        Action.REVOKE,
        Action.UNDO,
        *REVIEWED_AGAIN,
    ),
    Act.ASSIGNMENT: (Action.ASSIGN, Action.RELEASE, Action.TAKE_OVER, Action.HAND_ON),
    Act.APPLYING: (
        "create",
        Action.AMEND,
        Action.SUBMIT,
        Action.WITHDRAW,
        Action.RESUBMIT,
        Action.CHANGE,
        Action.CANCEL,
        Action.RENEW,
        Action.CHOOSE,
    ),
    Act.PAYMENT: (Action.EXPORT, Action.PAY, Action.REFUSE, Action.ACCOUNT),
    Act.SYSTEM: (
        Action.ESCALATE,
        Action.LAPSE,
        Action.EXPIRE,
        Action.SUPERSEDE,
        Action.END,
        "enrollment_changed",
        "united",
        "reschedule",
        "remind",
        "commitment_met",
        "commitment_broken",
        "proof_failed",
        "renewal_failed",
    ),
}
ACTS = {str(verb): act for act, verbs in VERBS_OF.items() for verb in verbs}


def sentence(event: Event) -> str:
    """What was done, in Chinese."""
    return str(VERBS.get(event.verb) or LIFECYCLES[event.submission.kind].verbs.get(event.verb, event.verb))


def _events(question: Question) -> QuerySet[Event]:
    rows = Event.objects.filter(submission__in=question.cases())
    if question.act:
        rows = rows.filter(verb__in=VERBS_OF[Act(question.act)])
    return rows.select_related("actor", "note", "submission__person")


def _of_events(rows: list[Event]) -> list[Entry]:
    """The lines, with who a case was given to by name: one query for all."""
    given = [row.data["to_account"] for row in rows if row.data.get("to_account")]
    names = {str(key): str(account) for key, account in Account.objects.in_bulk(given).items()}
    return [_of_event(row, names) for row in rows]


def _of_event(row: Event, names: dict[str, str]) -> Entry:
    to, said = row.data.get("to_account"), sentence(row)
    if to is not None:
        said = _("改由%s承办") % names.get(to, to) if to else _("退回待分配")
    return Entry(
        at=row.at,
        act=ACTS.get(row.verb, Act.SYSTEM),
        actor=str(row.actor) if row.actor else _("系统"),
        sentence=said,
        person=row.submission.person,
        submission=row.submission,
        why=_why(row),
    )


def _why(row: Event) -> str:
    """What was written for the reason, or the code that stands for it."""
    if row.note is not None:
        return str(row.note.text)
    why = row.data.get("why", "")
    return str(WHY.get(why, why))


def _exports(question: Question) -> QuerySet[Export] | None:
    rows = Export.objects.select_related("account")
    if question.of_a_case:
        return None
    return rows if question.everywhere else rows.filter(area=question.viewer.area_id)


def _of_exports(rows: list[Export]) -> list[Entry]:
    said = _("导出了“%(page)s”%(rows)d 条（%(form)s）")
    return [
        Entry(row.at, Act.EXPORT, str(row.account), said % {"page": _page(row), "rows": row.rows, "form": row.form})
        for row in rows
    ]


def _page(row: Export) -> str:
    return str(apps.get_model(row.page)._meta.verbose_name)


def _sign_ins(question: Question) -> QuerySet[SignIn] | None:
    if question.of_a_case:
        return None
    return _of_area(question, SignIn.objects.select_related("account"), "account__area")


def _of_sign_ins(rows: list[SignIn]) -> list[Entry]:
    return [Entry(row.at, Act.SIGN_IN, str(row.account), _sign_in_sentence(row)) for row in rows]


def _sign_in_sentence(row: SignIn) -> str:
    said = _("登录了审核后台") if row.door == SignIn.Door.SITE else _("登录了接口")
    return f"{said}（{row.get_factor_display()}）" if row.factor else said


def _looks(question: Question) -> QuerySet[AuditLook]:
    rows = AuditLook.objects.select_related("account", "person", "submission")
    if question.person is not None:
        rows = rows.filter(question.persons)
    if question.number:
        rows = rows.filter(submission__number=question.number)
    return rows if question.everywhere else rows.filter(area=question.viewer.area_id)


def _of_looks(rows: list[AuditLook]) -> list[Entry]:
    return [Entry(row.at, Act.AUDIT, str(row.account), _("查看了审计记录"), row.person, row.submission) for row in rows]


def _of_area(question: Question, rows: QuerySet[Any], of: str) -> QuerySet[Any]:
    """For a supervisor those of their own area."""
    return rows if question.everywhere else rows.filter(**{of: question.viewer.area_id})


def _staff(question: Question) -> QuerySet[StaffChange] | None:
    rows = StaffChange.objects.select_related("account", "by")
    return None if question.of_a_case else _of_area(question, rows, "account__area")


def _of_staff(rows: list[StaffChange]) -> list[Entry]:
    return [_of_change(row) for row in rows]


def _of_change(row: StaffChange) -> Entry:
    """What was done about a colleague: of an absence why, of a change which fields."""
    said = _("%(who)s：%(what)s") % {"who": row.account, "what": row.get_what_display()}
    if row.what == StaffChange.What.AWAY:
        why = "、".join(str(AbsenceReason(code).label) for code in row.fields)
        return Entry(row.at, Act.STAFF, str(row.by), said, why=why)
    fields = "、".join(str(_FIELDS.get(name, name)) for name in row.fields)
    return Entry(row.at, Act.STAFF, str(row.by), f"{said}（{fields}）" if fields else said)


def _counter_lookups(question: Question) -> QuerySet[PersonLookup] | None:
    if question.number:
        return None
    rows = _of_area(question, PersonLookup.objects.select_related("account", "person"), "area")
    return rows.filter(question.persons) if question.person else rows


def _of_counter_lookups(rows: list[PersonLookup]) -> list[Entry]:
    said = _("在窗口用证件号码查询了参保人")
    return [Entry(row.at, Act.LOOKUP, str(row.account), said, row.person) for row in rows]


def _steps(question: Question) -> QuerySet[CounterStep] | None:
    if question.number:
        return None
    rows = CounterStep.objects.visible_to(question.viewer).select_related("account", "mandate__person")
    return rows.filter(mandate__person=question.person) if question.person else rows


def _of_steps(rows: list[CounterStep]) -> list[Entry]:
    said = _("窗口绑定：%s")
    return [
        Entry(row.at, Act.COUNTER, str(row.account), said % row.get_kind_display(), row.mandate.person) for row in rows
    ]


def _mergers(question: Question) -> QuerySet[Merger] | None:
    if question.number:
        return None
    rows = Merger.objects.visible_to(question.viewer).select_related("person", "asked_by", "decided_by")
    return rows.filter(question.persons) if question.person else rows


def _decided_mergers(question: Question) -> QuerySet[Merger] | None:
    rows = _mergers(question)
    return None if rows is None else rows.exclude(status=Merger.Status.ASKED)


def _of_mergers(rows: list[Merger]) -> list[Entry]:
    said = _("申请把新生儿合并到身份证号码")
    return [Entry(row.asked_at, Act.MERGER, str(row.asked_by), said, row.person) for row in rows]


def _of_decided_mergers(rows: list[Merger]) -> list[Entry]:
    said = _("复核新生儿合并：%s")
    return [
        Entry(row.decided_at, Act.MERGER, str(row.decided_by), said % row.get_status_display(), row.person)
        for row in rows
        if row.decided_at
    ]


_FIELDS = {field.name: field.verbose_name for field in Account._meta.fields} | {"identity": gettext_lazy("证件号码")}
WHY = {"asked": gettext_lazy("主动查看"), "in_hand": gettext_lazy("本人承办")}
EVENTS = Source(frozenset(VERBS_OF), Rows(Event, _events, actor="actor"), _of_events)
EXPORTS = Source(frozenset({Act.EXPORT}), Rows(Export, _exports), _of_exports)
SIGN_INS = Source(frozenset({Act.SIGN_IN}), Rows(SignIn, _sign_ins), _of_sign_ins)
LOOKS = Source(frozenset({Act.AUDIT}), Rows(AuditLook, _looks), _of_looks)
STAFF = Source(frozenset({Act.STAFF}), Rows(StaffChange, _staff, actor="by"), _of_staff)
COUNTER_LOOKUPS = Source(frozenset({Act.LOOKUP}), Rows(PersonLookup, _counter_lookups), _of_counter_lookups)
STEPS = Source(frozenset({Act.COUNTER}), Rows(CounterStep, _steps), _of_steps)
MERGERS = Source(frozenset({Act.MERGER}), Rows(Merger, _mergers, at="asked_at", actor="asked_by"), _of_mergers)
DECIDED_MERGERS = Source(
    frozenset({Act.MERGER}), Rows(Merger, _decided_mergers, at="decided_at", actor="decided_by"), _of_decided_mergers
)
SOURCES = (
    EVENTS, EXPORTS, SIGN_INS, LOOKS, STAFF, COUNTER_LOOKUPS, STEPS, MERGERS, DECIDED_MERGERS, *PUBLICATIONS,
)  # fmt: skip
