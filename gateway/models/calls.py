"""Every call with its answer, so that the same call again gets it, and 2601 finds what it is to take back."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core.ids import new_id
from core.sealing import SealedField
from regions.models import Institution

READS = (
    "1101", "1201", "2001", "5201", "5202", "5203", "5204", "5301", "5302", "5303", "5304", "9001", "9002", "9101", "9102",
)  # fmt: skip
"""Transactions whose answers nobody needs after a week."""


class CallState(models.TextChoices):
    RUNNING = "running", _("处理中")
    DONE = "done", _("成功")
    REFUSED = "refused", _("拒绝")
    FAILED = "failed", _("系统失败")


class GatewayCallQuerySet(models.QuerySet["GatewayCall"]):
    def visible_to(self, account: Account) -> GatewayCallQuerySet:
        """To administrators; nobody else reads what hospitals sent."""
        return self if account.role == Role.ADMIN else self.none()


class GatewayCall(models.Model):
    """One call: one row for each (msgid, institution, infno with suffix, digest of the input), which replays by it.

    A row is `running` only within the transaction that executes it, so nobody else ever sees one so: a call whose worker dies
    leaves none. `failed` is what ended in our own error; the same call again runs. `settlement` and `visit` are what it made.
    `sent` is the input as it came, cut if it is long. `created_at` is machine time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, verbose_name=_("医疗机构")
    )
    infno = models.CharField(_("交易编号"), max_length=4)
    full_infno = models.CharField(_("上送交易编号"), max_length=5)
    msgid = models.CharField(_("报文编号"), max_length=64)
    digest = models.CharField(max_length=64)
    psn_no = models.CharField(_("人员编号"), max_length=30, blank=True)
    opter = models.CharField(_("经办人"), max_length=30, blank=True)
    state = models.CharField(_("状态"), max_length=7, choices=CallState)
    answer = SealedField(_("应答"), blank=True)
    sent = SealedField(_("输入"), blank=True)
    settlement = models.UUIDField(_("结算"), null=True)
    visit = models.UUIDField(_("就诊"), null=True)
    milliseconds = models.PositiveIntegerField(_("毫秒"), default=0)
    at = models.DateTimeField(_("业务时间"))
    created_at = models.DateTimeField(_("机器时间"), default=timezone.now)

    objects = GatewayCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口报文")
        verbose_name_plural = _("接口报文")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["msgid", "institution", "full_infno", "digest"], name="gateway_call_once"),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="gateway_calls_by_time"),
            models.Index(fields=["created_at"], name="gateway_reads_by_time", condition=models.Q(infno__in=READS)),
        ]

    def __str__(self) -> str:
        return f"{self.full_infno} {self.msgid}"


class RecalledCall(models.Model):
    """2601 took back a call that had not arrived: should it arrive after all, it is refused. `infno` is without the suffix."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    infno = models.CharField(max_length=4)
    msgid = models.CharField(max_length=64)
    psn_no = models.CharField(max_length=30)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("未到达而已冲正的报文")
        verbose_name_plural = _("未到达而已冲正的报文")
        constraints = [
            models.UniqueConstraint(fields=["msgid", "institution", "infno", "psn_no"], name="recalled_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="recalled_by_time")]

    def __str__(self) -> str:
        return f"{self.infno} {self.msgid}"
