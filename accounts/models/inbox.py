"""What accounts are told and were answered: the inbox with its outbox, how each message goes out, kept answers.

A delivery is a row for each channel a message goes by; subscriptions are what WeChat users agreed to receive.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.persons import Person
from core import clock
from core.ids import new_id
from core.sealing import SealedField


class PushStatus(models.TextChoices):
    """Whether a message goes beyond the inbox. How far it came by each channel: `Delivery`."""

    NONE = "none", _("仅站内")
    WAITING = "waiting", _("待发送")
    HANDED = "handed", _("已交发送")


class Message(models.Model):
    """A row of an account's inbox, which then goes out by WeChat or text message. `key` makes it once and only once.

    An insured person for whom nobody acts on a phone has no inbox: theirs has `person` and no account, and goes by text message.
    `note` is the key of the text that gives the reason, which stands sealed where it was written and may be erased there.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(
        Account,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        db_index=False,
        verbose_name=_("账户"),
    )
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("参保人")
    )
    key = models.CharField(max_length=80)
    kind = models.CharField(_("类型"), max_length=30)
    title = models.CharField(_("标题"), max_length=60)
    text = models.CharField(_("内容"), max_length=400)
    submission = models.UUIDField(_("事项"), null=True, blank=True)
    submission_kind = models.CharField(_("事项类别"), max_length=12, blank=True)
    note = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(_("时间"), default=clock.now)
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)
    push = models.CharField(_("发送"), max_length=8, choices=PushStatus, default=PushStatus.WAITING)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="message_once"),
            models.UniqueConstraint(
                fields=["person", "key"], condition=Q(person__isnull=False), name="message_to_a_person_once"
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False, person__isnull=True) | Q(account__isnull=True, person__isnull=False),
                name="message_to_an_account_or_a_person",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="inbox"),
            models.Index(fields=["id"], condition=Q(push="waiting"), name="outbox_waiting"),
        ]

    def __str__(self) -> str:
        return self.title


class SandboxDelivery(models.Model):
    """What the sandbox gateways would have sent: readable by developers, absent in production."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(_("渠道"), max_length=10)
    to = models.CharField(_("收件人"), max_length=80)
    text = models.CharField(_("内容"), max_length=500)
    key = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(_("发送时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("沙箱发送记录")
        verbose_name_plural = _("沙箱发送记录")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.channel} {self.to}"


class IdempotencyRecord(models.Model):
    """The first successful answer to a POST with an Idempotency-Key, kept 24 hours of machine time, sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = SealedField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class LimitCount(models.Model):
    """How often something was done in its period, while there is no cache to count in (`accounts.limits`). Machine time."""

    key = models.CharField(primary_key=True, max_length=80)
    times = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


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
