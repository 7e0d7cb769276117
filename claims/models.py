"""Claims (手工报销): what the person paid and asks back, what the reviewers made of it, and how it was paid out."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import OF_AN_AGENCY, Account, Role
from core import clock
from core.append_only import append_only, no_truncate
from core.ids import new_id
from core.sealing import SealedField
from policies.language.examples import Cost
from policies.language.terms import CARE_LABELS, CARES
from regions.models import Area, Disease, Institution
from reviews.models import Submission, SubmissionQuerySet
from settlements.bills import BillCost, cost_of
from settlements.models.entries import DIGITAL_INVOICE, Settlement, claim_key, invoice_key
from settlements.models.years import money

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Payment(models.TextChoices):
    NONE = "none", _("无需支付")
    DUE = "due", _("待支付")
    EXPORTED = "exported", _("支付中")
    PAID = "paid", _("已支付")
    REFUSED = "refused", _("银行退回，待更正账户")


class BankRefusal(models.TextChoices):
    """Why a bank sends a payment back."""

    ACCOUNT_UNKNOWN = "account_unknown", _("账号不存在")
    NAME_DIFFERS = "name_differs", _("户名与账号不符")
    ACCOUNT_CLOSED = "account_closed", _("账户已销户")
    ACCOUNT_FROZEN = "account_frozen", _("账户冻结、挂失或停用")
    OTHER = "other", _("其他原因")


class PaymentBatchQuerySet(models.QuerySet["PaymentBatch"]):
    def visible_to(self, account: Account) -> PaymentBatchQuerySet:
        """Their area's to finance, reviewers and supervisors, all to administrators."""
        if account.role == Role.ADMIN:
            return self
        return self.filter(area=account.area_id) if account.role in OF_AN_AGENCY else self.none()

    def with_refused(self) -> PaymentBatchQuerySet:
        """With `refused_count` and `refused_total`, what the bank sent back; one query however many lines there are."""
        back = ~Q(lines__refusal="")
        return self.annotate(
            refused_count=Count("lines", filter=back),
            refused_total=Coalesce(Sum("lines__amount", filter=back), Decimal("0.00"), output_field=money("")),
        )


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


class PaymentLine(models.Model):
    """One line of a payment file as it left: the account it was paid to stays on record, whatever the claim says later.

    `refusal`, with the day and who entered it, where the bank sent it back; empty: it stands. A claim has one line that stands,
    so that nothing is paid twice.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="lines", verbose_name=_("支付批次"))
    claim = models.ForeignKey("Claim", models.PROTECT, related_name="payment_lines", verbose_name=_("手工报销"))
    order = models.PositiveIntegerField(_("序号"))
    amount = money(_("支付金额"))
    bank_account = SealedField(_("银行账号"))
    bank_holder = SealedField(_("开户名"))
    refusal = models.CharField(_("退回原因"), max_length=16, choices=BankRefusal, blank=True)
    refused_on = models.DateField(_("退回日期"), null=True)
    refused_at = models.DateTimeField(_("登记时间"), null=True)
    refused_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("登记人"))

    class Meta:
        verbose_name = _("支付明细")
        verbose_name_plural = _("支付明细")
        ordering = ["batch_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=Q(refusal=""), name="one_live_payment"),
            models.UniqueConstraint(fields=["batch", "order"], name="payment_line_once"),
            models.CheckConstraint(
                condition=Q(refusal="", refused_on__isnull=True, refused_at__isnull=True, refused_by__isnull=True)
                | (~Q(refusal="") & Q(refused_on__isnull=False, refused_at__isnull=False, refused_by__isnull=False)),
                name="payment_refused_by_someone",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="lines_stay", fields=["batch", "claim", "order", "amount"]),
            pgtrigger.Protect(
                name="refused_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.refusal <> '' AND (NEW.refusal, NEW.refused_on, NEW.refused_at, NEW.refused_by_id)"
                    " IS DISTINCT FROM (OLD.refusal, OLD.refused_on, OLD.refused_at, OLD.refused_by_id)"
                ),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            no_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.order}"


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
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.batch_id} {self.at:%Y-%m-%d %H:%M}"


class ClaimQuerySet(SubmissionQuerySet):
    def answered(self) -> ClaimQuerySet:
        beside = ("settlement__case", "settlement__lines")
        rows: SubmissionQuerySet = super().answered().defer("entered", "corrected", "bank_holder", "reason", *beside)
        return rows  # type: ignore[return-value]

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
    born_on = models.DateField(_("新生儿出生日期"), null=True)
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
    refusal = models.CharField(_("银行退回原因"), max_length=16, choices=BankRefusal, blank=True, editable=False)
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
                condition=Q(payment_status__in=["none", "due", "refused"], batch__isnull=True)
                | Q(payment_status__in=["exported", "paid"], batch__isnull=False),
                name="claim_exported_in_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(payment_status="paid", paid_on__isnull=False)
                | (~Q(payment_status="paid") & Q(paid_on__isnull=True)),
                name="claim_paid_has_a_day",
            ),
            models.CheckConstraint(
                condition=(Q(payment_status="refused") & ~Q(refusal=""))
                | (~Q(payment_status="refused") & Q(refusal="")),
                name="claim_refused_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["payment_status"], condition=Q(payment_status="due"), name="claims_due"),
        ]

    def left_open(self) -> list[StrOrPromise]:
        """Money that is on its way, or came back from the bank."""
        on_its_way = {Payment.DUE: _("报销款等待支付"), Payment.EXPORTED: _("报销款正在支付")}
        if self.payment_status == Payment.REFUSED:
            return [_("银行退回了报销款，等您更正账户")]
        waiting = on_its_way.get(Payment(self.payment_status))
        return [waiting] if waiting else super().left_open()

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
