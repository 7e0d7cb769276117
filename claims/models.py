"""Claims (手工报销): what the person paid and asks back, what the reviewers made of it, and how it was paid out."""

from __future__ import annotations

import json
from datetime import date

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core import clock
from core.ids import new_id
from core.sealing import SealedField
from policies.language.examples import Cost
from policies.language.terms import CARE_LABELS, CARES
from regions.models import Area, Disease, Institution
from reviews.models import Submission, SubmissionQuerySet
from settlements.bills import BillCost, cost_of
from settlements.models.entries import DIGITAL_INVOICE, Settlement, claim_key, invoice_key
from settlements.models.years import money


class Payment(models.TextChoices):
    NONE = "none", _("无需支付")
    DUE = "due", _("待支付")
    EXPORTED = "exported", _("支付中")
    PAID = "paid", _("已支付")


class PaymentBatchQuerySet(models.QuerySet["PaymentBatch"]):
    def visible_to(self, account: Account) -> PaymentBatchQuerySet:
        """Their area's to reviewers and supervisors, all to administrators."""
        if account.role == Role.ADMIN:
            return self
        return self.filter(area=account.area_id) if account.role in (Role.REVIEWER, Role.SUPERVISOR) else self.none()


class PaymentBatch(models.Model):
    """One payment file (支付文件): the claims in it were exported together, once. `total` is what the funds pay."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(_("批次号"), max_length=20, unique=True, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("参保地"), editable=False)
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("生成人"), editable=False)
    made_at = models.DateTimeField(_("生成时间"), editable=False)
    count = models.PositiveIntegerField(_("笔数"), editable=False)
    total = money(_("金额"), editable=False)
    paid_on = models.DateField(_("支付日期"), null=True, editable=False)
    paid_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name=_("登记人"), editable=False
    )

    objects = PaymentBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("报销支付批次")
        verbose_name_plural = _("报销支付批次")
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_on__isnull=True, paid_by__isnull=True)
                | Q(paid_on__isnull=False, paid_by__isnull=False),
                name="batch_paid_by_someone",
            )
        ]
        indexes = [models.Index(fields=["area", "-made_at"], name="batches_of_area")]

    def __str__(self) -> str:
        return self.number


class PaymentDownload(models.Model):
    """Somebody fetched a payment file, with the full account numbers in it."""

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="downloads", verbose_name=_("支付批次"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("下载人"))
    at = models.DateTimeField(_("时间"), default=clock.now)

    class Meta:
        verbose_name = _("支付文件下载记录")
        verbose_name_plural = _("支付文件下载记录")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at", "id"], name="downloads_by_time")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.at:%Y-%m-%d %H:%M}"


class ClaimQuerySet(SubmissionQuerySet):
    def due(self, area: str) -> ClaimQuerySet:
        """Approved in this area, with money to pay that no file has taken up yet."""
        rows: ClaimQuerySet = self.filter(area=area, status="approved", payment_status=Payment.DUE)
        return rows


class Claim(Submission):
    """A self-paid bill: reviewed twice, by two people; the second approval computes it, makes its entry and lets it be paid.

    `entered` is the cost as the person wrote it and `corrected` as a reviewer did (JSON in the form of the API; empty: nobody did);
    `total` is of the one that counts. A hospital that is in no list is named, with the `place` where it lies, and a reviewer
    states its `level`. `settlement` is the entry that paid it: an invoice is paid once, settled or claimed.
    """

    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", verbose_name=_("医疗机构"), editable=False
    )
    institution_name = models.CharField(_("医疗机构名称"), max_length=80, blank=True)
    place = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="+", verbose_name=_("医疗机构所在地"), editable=False
    )
    level = models.PositiveSmallIntegerField(_("核定的医院等级"), null=True, editable=False)
    care = models.CharField(_("就医类别"), max_length=10, choices=[(care, CARE_LABELS[care]) for care in CARES])
    disease = models.ForeignKey(
        Disease, models.PROTECT, null=True, related_name="+", verbose_name=_("病种"), editable=False
    )
    emergency = models.BooleanField(_("急诊抢救"), default=False)
    vacation = models.BooleanField(_("学生假期在外就医"), default=False)
    injury = models.BooleanField(_("外伤"), default=False)
    newborn = models.BooleanField(_("新生儿随母亲就医"), default=False)
    maternity = models.BooleanField(_("生育住院"), default=False)
    admitted_on = models.DateField(_("入院或就诊日期"), null=True)
    discharged_on = models.DateField(_("出院日期"), null=True)
    invoice_code = models.CharField(_("票据代码"), max_length=30, blank=True)
    invoice_number = models.CharField(_("票据号码"), max_length=30, blank=True)
    entered = SealedField(_("申请的费用"), blank=True)
    corrected = SealedField(_("核定的费用"), blank=True)
    total = money(_("费用总额"), null=True)
    bank_account = SealedField(_("银行账号"), blank=True)
    bank_holder = SealedField(_("开户名"), blank=True)
    reason = SealedField(_("未直接结算的原因"), blank=True)
    settlement = models.OneToOneField(
        Settlement, models.PROTECT, null=True, related_name="claim", verbose_name=_("结算"), editable=False
    )
    payment_status = models.CharField(
        _("支付状态"), max_length=8, choices=Payment, default=Payment.NONE, editable=False
    )
    batch = models.ForeignKey(
        PaymentBatch, models.PROTECT, null=True, related_name="claims", verbose_name=_("支付批次"), editable=False
    )
    paid_on = models.DateField(_("支付日期"), null=True, editable=False)

    objects = ClaimQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("手工报销")
        verbose_name_plural = _("手工报销")
        constraints = [
            models.CheckConstraint(
                condition=Q(payment_status="none") | Q(settlement__isnull=False), name="claim_paid_by_an_entry"
            ),
            models.CheckConstraint(
                condition=Q(payment_status__in=["none", "due"], batch__isnull=True)
                | Q(payment_status__in=["exported", "paid"], batch__isnull=False),
                name="claim_exported_in_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(payment_status="paid", paid_on__isnull=False)
                | (~Q(payment_status="paid") & Q(paid_on__isnull=True)),
                name="claim_paid_has_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["payment_status"], condition=Q(payment_status="due"), name="claims_due"),
        ]

    @property
    def invoice(self) -> str:
        """How the invoice is spelt wherever one is paid once; empty: it was not named in full yet."""
        named = self.invoice_number and (self.invoice_code or len(self.invoice_number) >= DIGITAL_INVOICE)
        return invoice_key(self.invoice_code, self.invoice_number) if named else ""

    @property
    def key_in_force(self) -> str:
        """An invoice is claimed once (DESIGN.md §3)."""
        return claim_key(self.invoice)

    @property
    def ended_on(self) -> date | None:
        """The last day of the care."""
        return self.discharged_on or self.admitted_on

    @property
    def care_area(self) -> Area | None:
        """Where the care was given; None: nobody said."""
        return self.institution.area if self.institution else self.place

    @property
    def care_level(self) -> int | None:
        """The settlement level of the institution, as listed or as a reviewer stated it."""
        return self.institution.level if self.institution else self.level

    @property
    def cost(self) -> Cost | None:
        """The cost that counts: the reviewer's where there is one; None: none was entered yet."""
        kept = self.corrected or self.entered
        return cost_of(BillCost.of(json.loads(kept))) if kept else None
