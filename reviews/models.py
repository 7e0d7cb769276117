"""The queue: what every submission has, its materials, decisions, events and notes.

Children (`filings.Filing`, …) inherit from `Submission` (multi-table): one queue, one index, real foreign keys.
Only `reviews.services` and the children's own services write here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import pgtrigger
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Enrollment, Mandate, Person, Role
from accounts.sealed import SealedField
from regions import calendar, clock
from regions.calendar import Due
from regions.ids import new_id
from regions.models import Area

if TYPE_CHECKING:
    from reviews.case import Case
    from reviews.checks import Finding


class Kind(models.TextChoices):
    FILING = "filing", _("异地就医备案")
    REFERRAL = "referral", _("转诊")
    RECOGNITION = "recognition", _("门诊慢特病认定")
    PROOF = "proof", _("承诺补充材料")
    CLAIM = "claim", _("手工报销")


class Status(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("审核中")
    RETURNED = "returned", _("待补正")
    APPROVED = "approved", _("已通过")
    REJECTED = "rejected", _("未通过")
    WITHDRAWN = "withdrawn", _("已撤回")
    CANCELLED = "cancelled", _("已取消")
    EXPIRED = "expired", _("已到期")
    SUPERSEDED = "superseded", _("已被替代")
    REVOKED = "revoked", _("已撤销")


LIVE = [Status.SUBMITTED, Status.RETURNED, Status.APPROVED]

_models: dict[str, type[Submission]] = {}


def register_kind(kind: Kind) -> Callable[[type[Any]], type[Any]]:
    """Class decorator: the model that implements a kind of submission. `reviews` finds it here and imports none."""

    def remember(model: type[Any]) -> type[Any]:
        _models[kind] = model
        model.KIND = kind
        return model

    return remember


def model_of(kind: str) -> type[Submission]:
    """The registered model of a kind. KeyError: no installed app implements it."""
    return _models[kind]


def registered_kinds() -> list[str]:
    return list(_models)


class SubmissionQuerySet(models.QuerySet[Any]):
    def visible_to(self, account: Account) -> SubmissionQuerySet:
        """What this account may see: citizens by mandate or their own act, reviewers what their area was handed, administrators all."""
        if account.role == Role.ADMIN:
            return self
        if account.role in (Role.REVIEWER, Role.SUPERVISOR):
            return self.filter(area_id=account.area_id, submitted_at__isnull=False)
        if account.role == Role.CITIZEN:
            agent = Q(applicant=account, mandate__isnull=True)
            return self.filter(Q(person__in=account.reached) | agent)
        return self.none()

    def worklist(self) -> SubmissionQuerySet:
        """What waits for a decision, the most urgent first."""
        return self.filter(status=Status.SUBMITTED).order_by("due_at", "id")


class Submission(models.Model):
    """Whatever a person submits for review. `live_key` allows one live submission per matter; drafts do not count."""

    KIND: ClassVar[Kind]
    JOINS: ClassVar[tuple[str, ...]] = ("person", "enrollment")  # read together with a locked row

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("受理编号"), max_length=20, unique=True, editable=False)
    kind = models.CharField(_("事项"), max_length=12, choices=Kind, editable=False)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    version = models.PositiveIntegerField(_("版本"), default=1, editable=False)
    # No index of its own (here and below): another begins with the column, or nobody looks rows up by it.
    applicant = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("申请账户"), editable=False
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("代办授权"), editable=False
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="submissions", db_index=False, verbose_name=_("参保人"), editable=False
    )
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, related_name="submissions", verbose_name=_("参保关系"), editable=False
    )
    area = models.ForeignKey(
        Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("审核地区"), editable=False
    )
    stage = models.PositiveSmallIntegerField(_("阶段"), default=1, editable=False)
    stages = models.PositiveSmallIntegerField(_("阶段数"), default=1, editable=False)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1, editable=False)
    live_key = models.CharField(max_length=160, null=True, editable=False)  # noqa: DJ001 - null: not under the constraint
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, related_name="successors", editable=False)
    created_at = models.DateTimeField(_("建立时间"), editable=False)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, editable=False)
    stage_started_at = models.DateTimeField(_("本阶段开始"), null=True, editable=False)
    due_at = models.DateTimeField(_("办结时限"), null=True, editable=False)
    due_provisional = models.BooleanField(_("时限为暂定"), default=False, editable=False)
    decided_at = models.DateTimeField(_("办结时间"), null=True, editable=False)
    correct_by = models.DateTimeField(_("补正期限"), null=True, editable=False)
    escalated_at = models.DateTimeField(_("升级时间"), null=True, editable=False)
    wake_at = models.DateTimeField(_("下次处理时间"), null=True, editable=False)
    assignee = models.ForeignKey(
        Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("承办人"), editable=False
    )
    checks = models.JSONField(_("自动核查"), default=list, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("申请")
        verbose_name_plural = _("申请")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["live_key"],
                condition=Q(status__in=["submitted", "returned", "approved"]),
                name="one_live_submission",
                violation_error_message=_("同一事项已有正在办理或有效的申请。"),
            ),
            models.CheckConstraint(
                condition=~Q(status="submitted") | Q(submitted_at__isnull=False, due_at__isnull=False),
                name="submitted_has_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(status="returned") | Q(correct_by__isnull=False), name="returned_has_deadline"
            ),
            models.CheckConstraint(
                condition=Q(stage__gte=1, stage__lte=models.F("stages")), name="stage_within_stages"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_at"], name="queue"),
            models.Index(fields=["area", "status", "due_at"], name="worklist"),
            models.Index(fields=["wake_at"], condition=Q(wake_at__isnull=False), name="waking"),
            models.Index(fields=["person", "-created_at"], name="of_person"),
            models.Index(fields=["applicant", "-created_at"], name="of_applicant"),
            models.Index(fields=["area", "-created_at"], name="of_area"),
        ]

    def __str__(self) -> str:
        return self.number

    # What a decision does is the child's affair: `reviews.services` calls these while it holds the lock.

    def live_key_now(self) -> str:
        """The key under which only one of this matter may live."""
        raise NotImplementedError

    def stages_needed(self) -> int:
        """How many reviews this kind takes here (filings 1; recognitions and claims 2)."""
        return 1

    def due(self, at: datetime) -> Due:
        """The deadline of a stage that begins at `at` (POLICY.md §5: filing and referral two working days, 17:00)."""
        return calendar.due(at, 2, self.area_id)

    def correction_days(self) -> int:
        """Days to answer a return for correction before the submission counts as withdrawn."""
        return 30

    def approves_itself_when_due(self) -> bool:
        """Human mode, time is up, nothing found: approve by itself (else the case escalates)."""
        return False

    @classmethod
    def findings_of(cls, submissions: Sequence[Any]) -> list[list[Finding]]:
        """Run the automatic checks of this kind now, on each of several submissions (a sweep asks for many at once)."""
        return [[] for _submission in submissions]

    def findings(self) -> list[Finding]:
        """Run the automatic checks of this kind on this submission now."""
        return self.findings_of([self])[0]

    def presented(self) -> dict[str, Any]:
        """The fields of this kind, as clients see them, beside the common ones. Touches no row that lists do not join."""
        return {}

    def described(self, *, open_: bool = False) -> list[tuple[Any, Any]]:
        """What this kind is about, as (label, text) rows for the reviewer's page; `open_`: personal data in full."""
        return []

    def correctable(self) -> list[tuple[str, Any]]:
        """The fields and documents a reviewer may mark for correction, as (name, label)."""
        return []

    def allows(self, action: str) -> bool:
        """Whether the matter itself lets an action happen that the workflow table offers (a lock may not)."""
        return True

    def parties(self) -> set[str]:
        """Identity hashes, beyond the person's own, of those who may not decide this case (agents)."""
        return set()

    def approved(self, case: Case) -> None:
        """The last stage approved: take effect."""

    def rejected(self, case: Case) -> None:
        """Rejected: undo what submitting set up."""

    def ended(self, case: Case) -> None:
        """Withdrawn, cancelled, expired, superseded or revoked."""

    def next_moment(self) -> datetime | None:
        """Approved: the next business moment at which something of this kind falls due (expiry, reminder)."""
        return None

    def awake(self, case: Case) -> None:
        """Approved, and the moment has come: do what is due now."""


class MaterialQuerySet(models.QuerySet["Material"]):
    def visible_to(self, account: Account) -> MaterialQuerySet:
        """One's own uploads until they are attached; from then on, whoever may see the submission."""
        own = Q(submission__isnull=True, account=account)
        case = Submission.objects.visible_to(account).filter(pk=models.OuterRef("submission_id"))
        return self.filter(own | models.Exists(case))

    def unattached(self) -> MaterialQuerySet:
        return self.filter(submission__isnull=True)


def private_storage() -> Storage:
    """The storage alias `materials`: nothing of it is served except through signed links."""
    return storages["materials"]


class Material(models.Model):
    """An uploaded document: stored privately, made safe by the worker, attached to one submission when it is used."""

    class State(models.TextChoices):
        PROCESSING = "processing", _("处理中")
        READY = "ready", _("可用")
        REFUSED = "refused", _("不可用")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("上传账户"))
    submission = models.ForeignKey(
        Submission, models.PROTECT, null=True, blank=True, related_name="materials", verbose_name=_("申请")
    )
    kind = models.CharField(_("材料种类"), max_length=30)
    status = models.CharField(_("状态"), max_length=10, choices=State, default=State.PROCESSING)
    filename = models.CharField(_("文件名"), max_length=120)
    content_type = models.CharField(_("类型"), max_length=40)
    size = models.PositiveIntegerField(_("大小"))
    pages = models.PositiveSmallIntegerField(_("页数"), default=1)
    file = models.FileField(storage=private_storage, max_length=200, blank=True)
    thumbnail = models.FileField(storage=private_storage, max_length=200, blank=True)
    problem = models.CharField(_("问题"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("上传时间"), default=clock.now)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, editable=False)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        verbose_name = _("材料")
        verbose_name_plural = _("材料")
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["uploaded_at"], condition=Q(status="processing"), name="materials_waiting")]

    def __str__(self) -> str:
        return self.filename


class Note(models.Model):
    """Free text of a decision or message. Apart from the events, so that retention may erase it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="notes")
    author = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    text = SealedField()
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return str(self.id)


class Outcome(models.TextChoices):
    APPROVED = "approved", _("通过")
    REJECTED = "rejected", _("不予通过")
    RETURNED = "returned", _("退回补正")


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

    def __str__(self) -> str:
        return f"{self.outcome} {self.round}/{self.stage}"


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

    class Meta:
        verbose_name = _("办理记录")
        verbose_name_plural = _("办理记录")
        ordering = ["id"]
        indexes = [models.Index(fields=["submission", "id"], name="events_in_order")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"


class ReasonTemplate(models.Model):
    """A prepared reason for a reviewer: code for statistics, a sentence the citizen can act on."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("事项"), max_length=12, choices=Kind)
    outcome = models.CharField(_("结论"), max_length=10, choices=Outcome)
    code = models.CharField(_("代码"), max_length=40)
    text = models.CharField(_("理由"), max_length=300)
    fields = models.JSONField(_("需补正的项目"), default=list, blank=True)

    class Meta:
        verbose_name = _("理由模板")
        verbose_name_plural = _("理由模板")
        ordering = ["kind", "outcome", "code"]
        constraints = [models.UniqueConstraint(fields=["kind", "outcome", "code"], name="reason_template_once")]

    def __str__(self) -> str:
        return self.text
