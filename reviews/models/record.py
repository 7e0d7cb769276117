"""What is on record about a submission: decisions, events, the free text beside them; and prepared reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Mandate, Person
from core import clock
from core.append_only import append_only
from core.ids import new_id
from core.prepared import Param, PreparedQuery
from core.sealing import SealedField
from regions.models import Area
from reviews.models.submission import Kind, Submission


class NoteManager(models.Manager["Note"]):
    def texts(self, keys: Sequence[UUID]) -> dict[UUID, str]:
        """What these notes say, by key; those that were erased are left out."""
        return {note.pk: note.text for note in self.filter(pk__in=keys).only("text")}


class Note(models.Model):
    """Free text of a decision or message. Apart from the events, so that retention may erase it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="notes")
    author = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    text = SealedField()
    created_at = models.DateTimeField(default=clock.now)

    objects = NoteManager()

    def __str__(self) -> str:
        return str(self.id)


class Outcome(models.TextChoices):
    APPROVED = "approved", _("通过")
    REJECTED = "rejected", _("不予通过")
    RETURNED = "returned", _("退回补正")


class DecisionManager(models.Manager["Decision"]):
    def of(self, submissions: Sequence[Any]) -> list[Decision]:
        """The decisions on these submissions, in order, with their reasons."""
        return _DECISIONS(submissions=[*submissions])

    def standing(self) -> models.QuerySet[Decision]:
        """Those that count: what its reviewer took back at once was no decision (`reviews.services.undoing`)."""
        return self.filter(undone_at__isnull=True)


class Decision(models.Model):
    """One decision of one stage. The database refuses a second one, and a second one by the same reviewer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(
        Submission, models.PROTECT, related_name="decisions", db_index=False, verbose_name=_("申请")
    )
    round = models.PositiveSmallIntegerField(_("轮次"))
    stage = models.PositiveSmallIntegerField(_("阶段"))
    reviewer = models.ForeignKey(Account, models.PROTECT, related_name="+", null=True, verbose_name=_("审核人"))
    outcome = models.CharField(_("结论"), max_length=10, choices=Outcome)
    code = models.CharField(_("理由代码"), max_length=40, blank=True)
    fields = models.JSONField(_("需补正的项目"), default=list)
    reason = models.ForeignKey(Note, models.SET_NULL, null=True, related_name="+", verbose_name=_("理由"))
    decided_at = models.DateTimeField(_("时间"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", db_index=False, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    """Where it was decided, when the stage began and when it was due: what is counted (`reviews.statistics`)."""
    undone_at = models.DateTimeField(_("撤回时间"), null=True, editable=False)

    objects = DecisionManager()

    class Meta:
        verbose_name = _("审核决定")
        verbose_name_plural = _("审核决定")
        ordering = ["decided_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "round", "stage"],
                name="one_decision_a_stage",
                violation_error_message=_("该申请已由他人作出决定。"),
            ),
            models.UniqueConstraint(
                fields=["submission", "round", "reviewer"],
                name="four_eyes",
                violation_error_message=_("初审和复审不能由同一人办理。"),
            ),
        ]
        indexes = [models.Index(fields=["area", "decided_at"], name="decisions_of_area")]
        triggers = [
            *append_only("reason", "undone_at"),
            pgtrigger.Protect(
                name="undone_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__undone_at__isnull=False, old__undone_at__df=pgtrigger.F("new__undone_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.round}/{self.stage}"


_DECISIONS = PreparedQuery[Decision](
    lambda: (
        Decision.objects.filter(submission__any=Param("submissions"))
        .select_related("reason")
        .defer("area", "started_at", "due_at", "reason__submission", "reason__author", "reason__created_at")
        .order_by("decided_at", "id")
    )
)


class EventManager(models.Manager["Event"]):
    def of(self, submission: Any) -> list[Event]:
        """What happened to a submission, in order, with who did it and the notes."""
        return _EVENTS(submission=submission)


class Event(models.Model):
    """What happened to a submission: appended, never changed (triggers refuse it). Codes and ids only."""

    id = models.BigAutoField(primary_key=True)
    submission = models.ForeignKey(
        Submission, models.PROTECT, related_name="events", db_index=False, verbose_name=_("申请")
    )
    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("办理人"))
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("依据授权")
    )
    verb = models.CharField(_("动作"), max_length=24)
    from_status = models.CharField(_("原状态"), max_length=10, blank=True)
    to_status = models.CharField(_("新状态"), max_length=10)
    data = models.JSONField(_("详情"), default=dict)
    note = models.ForeignKey(  # an erased note leaves its id behind: the event itself never changes
        Note, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )

    objects = EventManager()

    class Meta:
        verbose_name = _("办理记录")
        verbose_name_plural = _("办理记录")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["submission", "id"], name="events_in_order"),
            models.Index(fields=["at", "id"], name="events_by_time"),  # the audit's order
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


class ExportManager(models.Manager["Export"]):
    def keep(self, account: Account, page: str, filters: dict[str, Any], rows: int, form: str) -> None:
        """Put an export on record (`core.admin.exported`)."""
        self.create(
            account=account, area_id=account.area_id, page=page, filters=filters, rows=rows, form=form, at=clock.now()
        )


class Export(models.Model):
    """A list that was taken away as a file: who, which, how filtered (never what was searched for), how many rows. Never changed."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("导出人"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("统筹区"))
    page = models.CharField(_("列表"), max_length=60)
    filters = models.JSONField(_("筛选条件"), default=dict)
    rows = models.PositiveIntegerField(_("行数"))
    form = models.CharField(_("格式"), max_length=4)
    at = models.DateTimeField(_("时间"))

    objects = ExportManager()

    class Meta:
        verbose_name = _("导出记录")
        verbose_name_plural = _("导出记录")
        ordering = ["-id"]
        indexes = [models.Index(fields=["area", "-id"], name="exports_of_area")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.page} {self.rows}"


class AuditLook(models.Model):
    """Somebody read the audit: of which person or case, or of neither. Never changed."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("查看人"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("统筹区"))
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("参保人"))
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+", verbose_name=_("申请"))
    at = models.DateTimeField(_("时间"), default=clock.now)

    class Meta:
        verbose_name = _("审计")
        verbose_name_plural = _("审计")
        ordering = ["-id"]
        indexes = [models.Index(fields=["area", "at"], name="audit_looks_of_area")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%Y-%m-%d %H:%M}"


class SavedView(models.Model):
    """The filters of the worklist under a name: a reviewer's own. Never whom one looked for."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(_("名称"), max_length=20)
    query = models.CharField(_("筛选条件"), max_length=500)

    class Meta:
        verbose_name = _("常用视图")
        verbose_name_plural = _("常用视图")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="view_once_a_name")]

    def __str__(self) -> str:
        return self.name


ASIDE = (
    "password",
    "last_login",
    "openid",
    "openid_hash",
    "id_number",
    "identity_hash",
    "by_wechat",
    "by_sms",
    "closed_at",
)
"""What nobody is shown of whoever did something."""
_EVENTS = PreparedQuery[Event](
    lambda: (
        Event.objects.filter(submission=Param("submission"))
        .select_related("actor", "note")
        .defer("note__submission", "note__author", "note__created_at", *(f"actor__{name}" for name in ASIDE))
        .order_by("id")
    )
)


class ReasonTemplateQuerySet(models.QuerySet["ReasonTemplate"]):
    def of_area(self, area: str | None) -> ReasonTemplateQuerySet:
        """The nation's, and after the one of the same code the area's own."""
        national_first = F("area").asc(nulls_first=True)
        return self.filter(Q(area=None) | Q(area=area)).order_by("kind", "outcome", "code", national_first)

    def offered_for(self, submission: Submission) -> ReasonTemplateQuerySet:
        """Those that a decision on this submission may use."""
        return self.of_area(submission.area_id).filter(kind=submission.kind)


class ReasonTemplate(models.Model):
    """A prepared reason for a reviewer: code for statistics, a sentence the citizen can act on. Without an area: the nation's."""

    id = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("统筹区"),
        help_text=_("不填写：全国通用。"),
    )  # fmt: skip
    kind = models.CharField(_("事项"), max_length=12, choices=Kind)
    outcome = models.CharField(_("结论"), max_length=10, choices=Outcome)
    code = models.CharField(_("代码"), max_length=40)
    text = models.CharField(_("理由"), max_length=300)
    fields = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("需补正的项目"))

    objects = ReasonTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("理由模板")
        verbose_name_plural = _("理由模板")
        ordering = ["kind", "outcome", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "kind", "outcome", "code"],
                name="reason_template_once_an_area",
                nulls_distinct=False,
                violation_error_message=_("该统筹区的这一事项和结论已有相同代码的理由模板。"),
            )
        ]

    def __str__(self) -> str:
        return self.text
