"""How a message reaches somebody outside the inbox: a row for each channel it goes by, and what WeChat users agreed to receive."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.inbox import Message
from core.ids import new_id


class Channel(models.TextChoices):
    WECHAT = "wechat", _("微信订阅消息")
    SMS = "sms", _("短信")


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    REFUSED = "refused", _("用户未订阅")
    FAILED = "failed", _("发送失败")


class Delivery(models.Model):
    """A message on its way by one channel: at most one row for each, so that it goes out once. Machine time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(
        Message, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("消息")
    )
    channel = models.CharField(_("渠道"), max_length=6, choices=Channel)
    status = models.CharField(_("状态"), max_length=8, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    next_at = models.DateTimeField(_("下次发送"), null=True, blank=True, default=timezone.now)
    error = models.CharField(_("原因"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("消息发送")
        verbose_name_plural = _("消息发送")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["message", "channel"], name="delivery_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(status__in=["waiting", "sending"]), name="deliveries_due"),
            models.Index(fields=["status", "-id"], name="deliveries_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.get_status_display()}"


class Consent(models.Model):
    """How many more subscribe messages of a template an account has agreed to: each acceptance in WeChat lets us send one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="consents", db_index=False)
    template = models.CharField(max_length=64)
    left = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("订阅授权")
        verbose_name_plural = _("订阅授权")
        constraints = [models.UniqueConstraint(fields=["account", "template"], name="consent_once")]

    def __str__(self) -> str:
        return f"{self.template} {self.left}"
