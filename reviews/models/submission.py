"""What may be submitted, how it stands, and what every submission has, whatever its kind."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Enrollment, Mandate, Person, Role
from accounts.models.persons import of_a_standing_person
from core import clock
from core.ids import new_id
from core.prepared import Param, PreparedQuery, prepared
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from regions.models import Area

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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


class Channel(models.TextChoices):
    """How a submission came in."""

    ONLINE = "online", _("线上")
    COUNTER = "counter", _("窗口")
    TELEPHONE = "telephone", _("电话")
    INSTITUTION = "institution", _("医疗机构")


ENTERED = (Channel.COUNTER, Channel.TELEPHONE)
"""What a clerk of the agency enters for somebody who comes or calls: its `applicant` is the clerk's account."""

DRAFT_KEPT = timedelta(days=90)
"""How long a draft is kept after it was last saved (`Submission.kept_until`); then the sweep ends it."""

LIVE = [Status.SUBMITTED, Status.RETURNED, Status.APPROVED]


def visible_with(account: Account) -> dict[str, Any]:
    """What decides on the submissions an account may see, besides its role."""
    return {
        "area": account.area_id,
        "institution": account.institution_id,
        "applicant": account.pk,
        "reached": [*account.active_mandates] if account.role == Role.CITIZEN else [],
    }


class SubmissionQuerySet(models.QuerySet[Any]):
    def visible_to(self, account: Account) -> SubmissionQuerySet:
        """What this account may see: citizens by mandate or their own act, reviewers what their area was handed, administrators all."""
        return self.visible_as(account.role, **visible_with(account))

    def visible_as(self, role: str, *, area: Any, institution: Any, applicant: Any, reached: Any) -> SubmissionQuerySet:
        """The same by what counts of an account (`visible_with`), which a prepared query is given at each call."""
        if role == Role.ADMIN:
            return self
        if role in (Role.REVIEWER, Role.SUPERVISOR):
            return self.filter(area=area, submitted_at__isnull=False)
        if role == Role.CITIZEN:
            return self.filter(Q(person__any=reached) | Q(applicant=applicant, mandate__isnull=True))
        return self.none()

    def kind_under_lock(self, pk: Any) -> str | None:
        """The kind of a submission, whose row is locked until the transaction ends; None: there is none."""
        return _KIND_UNDER_LOCK.first(pk=pk)

    def answered(self) -> SubmissionQuerySet:
        """With what an answer of this kind shows in a list beside the columns; not with what only one shows in full."""
        return self.defer("checks", "live_key", "stage_started_at", "escalated_at", "wake_at")

    def in_full(self) -> SubmissionQuerySet:
        """With what one shows in full."""
        return self

    def drafts_of(self, account: Account) -> SubmissionQuerySet:
        """What an account keeps as drafts of its own."""
        return self.filter(applicant=account, status=Status.DRAFT)

    def worklist(self) -> SubmissionQuerySet:
        """What waits for a decision, the most urgent first."""
        return self.filter(status=Status.SUBMITTED).order_by("due_at", "id")


LEFT_OPEN: dict[str, StrOrPromise] = {
    Status.DRAFT: _("草稿，注销时终止"),
    Status.SUBMITTED: _("正在审核"),
    Status.RETURNED: _("退回补正，等您修改"),
}


class Submission(models.Model):
    """Whatever a person submits for review. `live_key` allows one live submission per matter; drafts do not count."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("受理编号"), max_length=20, unique=True, editable=False)
    kind = models.CharField(_("事项"), max_length=12, choices=Kind, editable=False)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    version = models.PositiveIntegerField(_("版本"), default=1, editable=False)
    channel = models.CharField(_("办理渠道"), max_length=11, choices=Channel, default=Channel.ONLINE, editable=False)
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
    kept_until = models.DateTimeField(_("草稿保留到"), null=True, editable=False)
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
        triggers = [of_a_standing_person()]
        indexes = [
            models.Index(fields=["status", "due_at"], name="queue"),
            models.Index(fields=["area", "status", "due_at", "id"], name="worklist_in_order"),
            models.Index(fields=["area", "due_at", "id"], name="of_area_by_due"),
            models.Index(fields=["wake_at"], condition=Q(wake_at__isnull=False), name="waking"),
            models.Index(fields=["person", "-created_at"], name="of_person"),
            models.Index(fields=["applicant", "-created_at"], name="of_applicant"),
            models.Index(fields=["area", "-created_at"], name="of_area"),
            models.Index(fields=["area", "submitted_at"], name="arrivals"),
            models.Index(fields=["area", "decided_at"], name="endings"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def key_in_force(self) -> str:
        """The key under which only one of this matter may live, once approved (DESIGN.md §3)."""
        raise NotImplementedError

    def left_open(self) -> list[StrOrPromise]:
        """What of it is not over yet, in words, for who thinks of closing their account; nothing: it is over."""
        return [LEFT_OPEN[self.status]] if self.status in LEFT_OPEN else []

    @property
    def filed_on(self) -> date:
        """The day whose rules judge it: of its submission, or today."""
        return self.submitted_at.astimezone(clock.SHANGHAI).date() if self.submitted_at else clock.today()

    @property
    def saved_at(self) -> datetime:
        """When a draft was last saved."""
        return self.kept_until - DRAFT_KEPT if self.kept_until else self.created_at

    @property
    def entered_by_clerk(self) -> bool:
        """Whether a clerk entered it at the counter or on the telephone."""
        return self.channel in ENTERED

    _rules: tuple[date, FilingRules] | None = None

    @property
    def rules(self) -> FilingRules:
        """The rules of the insured area on that day, asked for once as long as the day stays."""
        day = self.filed_on
        if self._rules is None or self._rules[0] != day:
            self._rules = day, rules_for(self.area_id, day)
        return self._rules[1]


_KIND_UNDER_LOCK = PreparedQuery[str](
    lambda: (
        Submission.objects.select_for_update(no_key=True)
        .filter(pk=Param("pk"))
        .order_by()
        .values_list("kind", flat=True)
    )
)


@prepared
def live_holders(*, keys: list[str]) -> models.QuerySet[Any, tuple[str, Any, str]]:
    """The live submissions that hold these live keys: the key, the id and the number of each."""
    return Submission.objects.filter(live_key__any=keys, status__in=LIVE).values_list("live_key", "pk", "number")


@prepared
def live_numbers(*, key: str) -> models.QuerySet[Any, str]:
    """The number of the live submission that holds a key (`live_key`)."""
    return Submission.objects.filter(live_key=key, status__in=LIVE).order_by().values_list("number", flat=True)
