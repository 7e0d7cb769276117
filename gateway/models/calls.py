"""Calls with their answers, the files they carry, and the keys they are signed with.

The same call again gets the answer that was kept, and 2601 finds by it what it is to take back. Files are the lists that
hospitals upload (9101) and fetch (9102).
"""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core.ids import new_id
from core.prepared import prepared
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


class GatewayFile(models.Model):
    """A file of one hospital; `content` is sealed, as Base64. Kept some days of machine time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("文件查询号"), max_length=30, unique=True)
    filename = models.CharField(_("文件名"), max_length=200)
    content = SealedField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("接口文件")
        verbose_name_plural = _("接口文件")

    def __str__(self) -> str:
        return self.number


class Style(models.TextChoices):
    TIF = "tif", _("x-tif（SHA-256）")
    CA = "ca", _("x-ca（HMAC-SM3）")
    API = "api", _("_api（HMAC-SHA1）")


class GatewayKeyQuerySet(models.QuerySet["GatewayKey"]):
    def valid(self, moment: datetime) -> GatewayKeyQuerySet:
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=moment))


class GatewayKey(models.Model):
    """A key: its name is sent (`x-tif-paasid`, `x-ca-key`, `_api_access_key`), its secret signs and is shown once.

    Two of one institution may be valid at once, while the hospital goes over to the new one. All times are machine time.
    `ended_by`: who ended it (None: nobody did yet).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("密钥名"), max_length=60, unique=True)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", verbose_name=_("医疗机构"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("接口账户"))
    style = models.CharField(_("签名方式"), max_length=3, choices=Style)
    secret = SealedField(_("密钥"))
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    created_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("建立人"))
    ends_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    ended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("停用人")
    )

    objects = GatewayKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = _("接口密钥")
        ordering = ["institution", "-created_at"]

    def __str__(self) -> str:
        return self.name


@prepared
def named_key(*, name: str, now: datetime) -> models.QuerySet[GatewayKey]:
    """The valid key of a name, with its account and its institution."""
    rows = GatewayKey.objects.valid(now).filter(name=name, account__is_active=True)
    return rows.select_related("account", "institution__area__parent").order_by()


@prepared
def named_account(*, username: str) -> models.QuerySet[Account]:
    """The account of a name, with its institution."""
    return Account.objects.filter(username=username).select_related("institution__area__parent").order_by()
