"""The keys with which hospitals sign their calls."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core.ids import new_id
from core.prepared import prepared
from core.sealing import SealedField
from regions.models import Institution


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
