"""Recognition of outpatient chronic and special diseases (门诊慢特病认定)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.sealing import SealedField
from filings.filing_case import earlier
from filings.models import CommitmentStatus, FiledBy
from policies.language.terms import Span
from regions.models import Disease, Institution
from reviews.models import LIVE, Status, Submission, SubmissionQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MONTH = Span(1, "months")
UNDER_WAY = [Status.SUBMITTED, Status.RETURNED]
COUNTED = [Status.EXPIRED, Status.SUPERSEDED, Status.CANCELLED]


class RecognitionQuerySet(SubmissionQuerySet):
    def live(self) -> RecognitionQuerySet:
        """Under review, returned or approved."""
        return self.filter(status__in=LIVE)

    def with_renewal(self) -> RecognitionQuerySet:
        """Each with `renewing`: whether a renewal of it is with the agency or back for correction."""
        heirs = Recognition.objects.filter(predecessor=OuterRef("pk"), status__in=UNDER_WAY)
        rows: RecognitionQuerySet = self.annotate(renewing=Exists(heirs))
        return rows

    def answered(self) -> RecognitionQuerySet:
        rows: Any = super().answered()
        return rows.with_renewal()  # type: ignore[no-any-return]

    def in_full(self) -> RecognitionQuerySet:
        return self.with_renewal()

    def with_chosen(self) -> RecognitionQuerySet:
        """Each with `chosen`: the codes of the institutions chosen for it (null: none)."""
        code = "institutions__code"
        codes = ArrayAgg(code, filter=Q(institutions__isnull=False), order_by=code)
        rows: RecognitionQuerySet = self.annotate(chosen=codes)
        return rows


class Recognition(Submission):
    """A recognition of one disease for an enrolment: reviewed twice, by two people, then in force until `renew_by`.

    Each disease is an application of its own: several may run and count at once. What another area recognised does not
    count here (RULES.md §2.6): this area recognises anew, and its reviewer is shown the older record. It ends with its
    enrolment; who is insured again applies again. `renew_by` is the last day it counts without a renewal (null: it
    lasts); one whose renewal was handed in by then counts until that is decided, so that nobody who came in time has a gap.
    `valid_until` is known once it ended: the last day that counted.
    """

    disease = models.ForeignKey(Disease, models.PROTECT, related_name="+", verbose_name=_("病种"), editable=False)
    diagnosed_on = models.DateField(_("确诊日期"), null=True)
    diagnosing_institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", verbose_name=_("确诊医疗机构"), editable=False
    )
    institutions = models.ManyToManyField(Institution, related_name="+", blank=True, verbose_name=_("选定医疗机构"))
    valid_from = models.DateField(_("生效日期"), null=True, editable=False)
    renew_by = models.DateField(_("应在此日前续期"), null=True, editable=False)
    valid_until = models.DateField(_("已计至"), null=True, editable=False)
    reminders = models.PositiveSmallIntegerField(_("已提醒次数"), default=0, editable=False)
    filed_by = models.CharField(_("证明方式"), max_length=10, choices=FiledBy, default=FiledBy.DOCUMENT, editable=False)
    commitment_kind = models.CharField(_("承诺补充的材料"), max_length=30, blank=True, editable=False)
    signed_name = SealedField(_("签名"), blank=True)
    commitment_status = models.CharField(
        _("承诺状态"), max_length=10, choices=CommitmentStatus, blank=True, editable=False
    )
    commitment_due_on = models.DateField(_("应在此日前补齐"), null=True, editable=False)
    commitment_settled_on = models.DateField(_("履行或违约日期"), null=True, editable=False)
    commitment_reminders = models.PositiveSmallIntegerField(_("承诺已提醒次数"), default=0, editable=False)

    objects = RecognitionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("门诊慢特病认定")
        verbose_name_plural = _("门诊慢特病认定")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="recognition_valid_range",
            ),
            models.CheckConstraint(
                condition=Q(renew_by__isnull=True) | Q(valid_from__isnull=True) | Q(renew_by__gte=F("valid_from")),
                name="recognition_renewed_after_start",
            ),
        ]

    @property
    def key_in_force(self) -> str:
        """One an enrolment and disease (DESIGN.md §3)."""
        return f"recognition:{self.enrollment_id}:{self.disease_id}"

    def left_open(self) -> list[StrOrPromise]:
        """A recognition in force, and the document that was promised for it."""
        if self.status != Status.APPROVED:
            return super().left_open()
        return [_("生效中"), *([_("承诺的材料还没有补交")] if self.commitment_open else [])]

    @property
    def commitment_open(self) -> bool:
        return self.commitment_status == CommitmentStatus.OPEN

    @property
    def renewal_opens(self) -> date | None:
        """The first day on which one may renew: a month before the end, when people are first reminded; None: it lasts."""
        return earlier(self.renew_by, MONTH) if self.renew_by else None

    def in_window(self, day: date) -> bool:
        """Whether a renewal handed in on the day is for the next period."""
        return self.renewal_opens is not None and day >= self.renewal_opens

    def renewable(self, day: date) -> bool:
        """In the month before the end; at any time to supply what was promised, for that is how a promise is kept."""
        return self.commitment_open or self.in_window(day)

    def is_being_renewed(self, *, without: Any = None) -> bool:
        """Whether a renewal is with the agency or back for correction; asks the database where a list has not.

        `without`: the renewal whose end is being written, and is not stored yet.
        """
        known: bool | None = getattr(self, "renewing", None)
        if known is not None:
            return known
        heirs = Recognition.objects.filter(predecessor=self.pk, status__in=UNDER_WAY)
        return heirs.exclude(pk=without).exists()
