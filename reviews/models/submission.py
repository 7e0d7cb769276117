"""What every submission has, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Enrollment, Mandate, Person, Role
from core import clock
from core.ids import new_id
from core.prepared import Param, PreparedQuery
from policies.language.filing_rules import rules_for
from policies.language.filing_schema import FilingRules
from regions.calendar import Due
from regions.models import Area
from reviews.deadlines import correction_days, review_due
from reviews.models.kinds import LIVE, Kind, Resting, Status

if TYPE_CHECKING:
    from reviews.case import Case
    from reviews.checks import Finding


def seen_with(account: Account) -> dict[str, Any]:
    """What decides on the submissions an account may see, besides its role."""
    reached = [*account.reached] if account.role == Role.CITIZEN else []
    return {
        "area": account.area_id,
        "institution": account.institution_id,
        "applicant": account.pk,
        "reached": reached,
    }


class SubmissionQuerySet(models.QuerySet[Any]):
    def visible_to(self, account: Account) -> SubmissionQuerySet:
        """What this account may see: citizens by mandate or their own act, reviewers what their area was handed, administrators all."""
        return self.visible_as(account.role, **seen_with(account))

    def visible_as(self, role: str, *, area: Any, institution: Any, applicant: Any, reached: Any) -> SubmissionQuerySet:
        """The same by what counts of an account (`seen_with`), which a prepared query is given at each call."""
        if role == Role.ADMIN:
            return self
        if role in (Role.REVIEWER, Role.SUPERVISOR):
            return self.filter(area=area, submitted_at__isnull=False)
        if role == Role.CITIZEN:
            return self.filter(Q(person__any=reached) | Q(applicant=applicant, mandate__isnull=True))
        return self.none()

    def live_number(self, key: str) -> str | None:
        """The number of the live submission that holds a key (`live_key`)."""
        return _LIVE_NUMBER.first(key=key)

    def answered(self) -> SubmissionQuerySet:
        """With what an answer of this kind shows beside the columns."""
        return self

    def worklist(self) -> SubmissionQuerySet:
        """What waits for a decision, the most urgent first."""
        return self.filter(status=Status.SUBMITTED).order_by("due_at", "id")


class Submission(models.Model):
    """Whatever a person submits for review. `live_key` allows one live submission per matter; drafts do not count."""

    KIND: ClassVar[Kind]
    RESTS_ON_ENROLLMENT: ClassVar[Resting | None] = None  # its words, where it ends with the enrolment
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

    @property
    def key_in_force(self) -> str:
        """The key under which only one of this matter may live, once approved (DESIGN.md §3)."""
        raise NotImplementedError

    def live_key_now(self) -> str:
        """The key it holds in its status: a successor waits under its predecessor."""
        if self.predecessor_id and self.status != Status.APPROVED:
            return f"after:{self.predecessor_id}"
        return self.key_in_force

    @property
    def filed_on(self) -> date:
        """The day whose rules judge it: of its submission, or today."""
        return self.submitted_at.astimezone(clock.SHANGHAI).date() if self.submitted_at else clock.today()

    @property
    def rules(self) -> FilingRules:
        """The rules of the insured area on that day."""
        return rules_for(self.area_id, self.filed_on)

    def stages_needed(self) -> int:
        """How many reviews this kind takes here (filings 1; recognitions and claims 2)."""
        return 1

    def due(self, at: datetime) -> Due:
        """The deadline of a stage that begins at `at` (POLICY.md §5: filing and referral two working days, 17:00)."""
        return review_due(self, at)

    def correction_days(self) -> int:
        """Days to answer a return for correction before the submission counts as withdrawn."""
        return correction_days(self.rules)

    def approves_itself_when_due(self) -> bool:
        """Human mode, time is up, nothing found: approve by itself (else the case escalates)."""
        return self.rules.review.approve_when_due

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

    def panel(self) -> tuple[str, dict[str, Any]] | None:
        """What a reviewer needs to see of this kind beside the facts: a template and what it shows as `panel`."""
        return None

    def allows(self, action: str) -> bool:
        """Whether the matter itself lets an action happen that the workflow table offers (a lock may not)."""
        return True

    def issued_by(self, account: Account) -> bool:
        """Whether a hospital's account is of the hospital that issued this (referrals)."""
        return False

    def said(self, what: str) -> str | None:
        """This kind's own words for the message `returned` or `lapsed`; None: the queue's."""
        return None

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


_LIVE_NUMBER = PreparedQuery[str](
    lambda: (
        Submission.objects.filter(live_key=Param("key"), status__in=LIVE).order_by().values_list("number", flat=True)
    )
)
