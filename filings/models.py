"""Cross-area filing (异地就医备案): the filing, its commitment, the proof that redeems it, and an agent without a mandate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Certified, Enrollment
from core.ids import new_id
from core.prepared import Param, PreparedQuery, prepared
from core.sealing import SealedField
from policies.models import Notice
from regions.models import Area, Institution
from reviews.models import LIVE, Material, Status, Submission, SubmissionQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class FilingType(models.TextChoices):
    RETIREE = "retiree", _("异地安置退休人员")
    RESIDENT = "resident", _("异地长期居住人员")
    WORKER = "worker", _("常驻异地工作人员")
    REFERRAL = "referral", _("异地转诊人员")
    EMERGENCY = "emergency", _("异地急诊抢救人员")
    OTHER = "other", _("其他临时外出就医人员")


LONG_TERM = [FilingType.RETIREE, FilingType.RESIDENT, FilingType.WORKER]


class FiledBy(models.TextChoices):
    DOCUMENT = "document", _("证明材料")
    COMMITMENT = "commitment", _("个人承诺")


class FilingQuerySet(SubmissionQuerySet):
    def live(self) -> FilingQuerySet:
        """Under review, returned or approved."""
        return self.filter(status__in=LIVE)

    def chosen_for(self, filings: Sequence[Any]) -> list[tuple[Any, Institution]]:
        """The institutions chosen for these filings, each with its filing's id and its area."""
        return [(row.filing_id, row.institution) for row in _CHOSEN_FOR(filings=[*filings])]

    def live_of(self, enrollment: Any) -> list[Filing]:
        """The live filings of an enrolment: number, type, destination and status."""
        return _LIVE_OF(enrollment=enrollment)

    def with_predecessor(self, pk: Any, account: Account) -> set[Any]:
        """The id of a filing that the account may see, and of what it takes over from."""
        pairs = self.visible_to(account).filter(pk=pk).values_list("pk", "predecessor_id")
        return {each for pair in pairs for each in pair if each}

    def enrollment_written(self, account: Account, pk: Any, filing: Any) -> Enrollment | None:
        """An enrolment of which the account writes this filing as an agent, without a mandate; None once it is handed in."""
        written = self.filter(pk=filing, enrollment=pk, applicant=account, mandate__isnull=True)
        row = written.filter(status__in=[Status.DRAFT, Status.RETURNED]).select_related(
            "enrollment__person", "enrollment__area__parent"
        )
        found: Any = row.first()
        return found.enrollment if found else None

    def answered(self) -> FilingQuerySet:
        aside = ("contact_name", "contact_phone", "address", "makes_up_for", "notice_read_at")
        rows: Any = super().answered().defer(*aside)
        return rows  # type: ignore[no-any-return]

    def in_full(self) -> FilingQuerySet:
        """Each with `chosen_codes`, the codes of the institutions chosen for it."""
        chosen = Filing.institutions.through.objects.filter(filing=models.OuterRef("pk")).order_by("institution_id")
        rows: FilingQuerySet = self.annotate(chosen_codes=ArraySubquery(chosen.values("institution_id")))
        return rows

    def covering(self, day: date) -> FilingQuerySet:
        """Those that counted on `day`, whatever became of them later: a stay that began inside is covered to its end."""
        begun = self.filter(status__in=COUNTED, valid_from__lte=day)
        return begun.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))


BEST_FIRST = ("status", "-created_at")
"""The newest filing first; a cancelled one gives way to one in force (approved)."""
COUNTED = [Status.APPROVED, Status.EXPIRED, Status.SUPERSEDED, Status.CANCELLED]


class Filing(Submission):
    """A filing of an enrolment for a destination. `valid_until` is the last day covered; null = open-ended."""

    type = models.CharField(_("备案类型"), max_length=10, choices=FilingType, editable=False)
    destination = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("就医地"), editable=False)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"), null=True, blank=True)
    valid_from = models.DateField(_("生效日期"), null=True, editable=False)
    valid_until = models.DateField(_("有效期至"), null=True, editable=False)
    change_locked_until = models.DateField(_("不得变更至"), null=True, editable=False)
    cancel_locked_until = models.DateField(_("不得取消至"), null=True, editable=False)
    report_by = models.DateField(_("急诊报告期限"), null=True, editable=False)
    reminded_at = models.DateTimeField(_("到期提醒时间"), null=True, editable=False)
    travel = models.CharField(_("结算身份"), max_length=10, blank=True, editable=False)
    lane = models.CharField(_("办理方式"), max_length=10, default="review", editable=False)
    filed_by = models.CharField(_("证明方式"), max_length=10, choices=FiledBy, default=FiledBy.DOCUMENT, editable=False)
    contact_name = SealedField(_("联系人"))
    contact_phone = SealedField(_("联系电话"))
    address = SealedField(_("就医地住址"), blank=True)
    injury = models.BooleanField(_("因外伤就医"), default=False)
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, related_name="+", verbose_name=_("告知书"), editable=False
    )
    notice_read_at = models.DateTimeField(_("告知书阅读时间"), null=True, editable=False)
    institutions = models.ManyToManyField(Institution, related_name="+", blank=True, verbose_name=_("选定医疗机构"))
    makes_up_for = models.CharField(_("补办的就诊"), max_length=60, blank=True, editable=False)

    objects = FilingQuerySet.as_manager()  # type: ignore[misc]
    chosen_codes: list[str]  # by `in_full`

    class Meta:
        verbose_name = _("异地就医备案")
        verbose_name_plural = _("异地就医备案")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="filing_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="filing_valid_range",
            ),
        ]

    @property
    def key_in_force(self) -> str:
        """One long-term filing an enrolment, one other a destination and type (DESIGN.md §3)."""
        if self.long_term:
            return f"filing:{self.enrollment_id}:long_term"
        return f"filing:{self.enrollment_id}:{self.destination_id}:{self.type}"

    @property
    def long_term(self) -> bool:
        return self.type in LONG_TERM

    def left_open(self) -> list[StrOrPromise]:
        """A filing in force, and the document that was promised for it."""
        if self.status != Status.APPROVED:
            return super().left_open()
        until = _("生效中，至%s") % self.valid_until if self.valid_until else _("生效中，长期有效")
        signed = self.signed
        if signed is None or signed.status != CommitmentStatus.OPEN:
            return [until]
        return [
            until,
            _("承诺的材料还没有补交，请在%s前补交") % signed.due_on if signed.due_on else _("承诺的材料还没有补交"),
        ]

    @property
    def signed(self) -> Commitment | None:
        """The commitment it was filed by; None: it rests on documents."""
        return getattr(self, "commitment", None)

    def locked_on(self, action: str, day: date) -> date | None:
        """The last day of the lock on `change` or `cancel`; None when it is free on `day`, as before its first day."""
        until = self.change_locked_until if action == "change" else self.cancel_locked_until
        begun = self.valid_from is not None and self.valid_from <= day
        return until if until and begun and day <= until else None


@prepared
def filings_for_visit(*, enrollment: Any, on: date, place: str, province: str) -> models.QuerySet[Filing]:
    """What decides on care at a place: its filings whatever became of them, and those elsewhere that count on the day."""
    told = {*COUNTED, *LIVE, Status.DRAFT, Status.REJECTED, Status.REVOKED}
    here = Q(status__in=sorted(told)) & (Q(destination=place) | Q(destination=province))
    counting = Q(status__in=COUNTED, valid_from__lte=on) & (Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    rows = Filing.objects.filter(enrollment=enrollment).filter(counting | here).order_by(*BEST_FIRST)
    return rows.select_related("destination", "commitment").only(
        *("number", "status", "type", "area_id", "enrollment_id", "destination_id", "travel", "starts_on"),
        *("valid_from", "valid_until", "submitted_at", "due_at", "decided_at", "filed_by"),
        *("destination__name", "commitment__status"),
    )


@prepared
def long_term_filings(*, enrollments: Collection[Any], on: date) -> models.QuerySet[Filing]:
    """The long-term filings of some enrolments that count on a day: who lives elsewhere."""
    rows = Filing.objects.covering(on).filter(enrollment__any=enrollments, type__in=LONG_TERM)
    return rows.order_by().only("enrollment_id")


class FilingAgent(Certified):
    """An agent (代办人) who files once without a mandate: who they are, and their letter of authority (授权委托书)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.OneToOneField(Filing, models.PROTECT, related_name="agent")
    relation = models.CharField(
        _("与参保人关系"),
        max_length=10,
        choices=[("family", _("亲属")), ("employer", _("用人单位")), ("agent", _("其他代办人"))],
    )
    name = SealedField(_("代办人姓名"))
    id_number = SealedField(_("代办人证件号码"))
    id_hash = models.CharField(max_length=64, editable=False)
    phone = SealedField(_("代办人电话"))
    authority = models.ForeignKey(Material, models.PROTECT, related_name="+", verbose_name=_("授权委托书"))

    class Meta:
        verbose_name = _("代办人")
        verbose_name_plural = _("代办人")

    def __str__(self) -> str:
        return self.get_relation_display()


class CommitmentStatus(models.TextChoices):
    OPEN = "open", _("待补材料")
    MET = "met", _("已履行")
    BROKEN = "broken", _("未履行")
    RELEASED = "released", _("已解除")


class Commitment(models.Model):
    """A commitment (承诺书): a promise to supply a document by a day, with its consequence if broken."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    filing = models.OneToOneField(Filing, models.PROTECT, related_name="commitment", verbose_name=_("备案"))
    kind = models.CharField(_("承诺补充的材料"), max_length=30)
    signed_name = SealedField(_("签名"))
    signed_at = models.DateTimeField(_("签署时间"))
    due_on = models.DateField(_("应在此日前补齐"), null=True)
    status = models.CharField(_("状态"), max_length=10, choices=CommitmentStatus, default=CommitmentStatus.OPEN)
    settled_on = models.DateField(_("履行或违约日期"), null=True)
    reminders = models.PositiveSmallIntegerField(_("已提醒次数"), default=0)

    class Meta:
        verbose_name = _("承诺")
        verbose_name_plural = _("承诺")

    def __str__(self) -> str:
        return self.get_status_display()


class Proof(Submission):
    """The promised document of a commitment, reviewed while the filing stands."""

    proves = models.ForeignKey(Filing, models.PROTECT, related_name="proofs", verbose_name=_("备案"), editable=False)

    class Meta:
        verbose_name = _("承诺补充材料")
        verbose_name_plural = _("承诺补充材料")

    @property
    def key_in_force(self) -> str:
        """One a filing."""
        return f"proof:{self.proves_id}"


_CHOSEN_FOR = PreparedQuery[Any](
    lambda: Filing.institutions.through.objects.filter(filing__any=Param("filings")).select_related("institution__area")
)
_LIVE_OF = PreparedQuery[Filing](
    lambda: (
        Filing.objects.live().filter(enrollment=Param("enrollment")).only("number", "type", "destination_id", "status")
    )
)


def unsigned(**fields: Any) -> Filing:
    """A filing that is not stored yet, of which it is known that it has no commitment."""
    filing = Filing(**fields)
    relation: Any = Filing._meta.get_field("commitment")
    relation.set_cached_value(filing, None)
    return filing
