"""What accounts are told and were answered: the inbox with its outbox, the sandbox's deliveries, kept answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
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
