"""Who may act for whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from accounts.models.persons import Person
from core import clock
from core.ids import new_id
from core.prepared import Param, PreparedQuery


class MandateStatus(models.TextChoices):
    PENDING = "pending", _("待验证")
    ACTIVE = "active", _("有效")
    ENDED = "ended", _("已结束")


class Relation(models.TextChoices):
    SELF = "self", _("本人")
    SPOUSE = "spouse", _("配偶")
    CHILD = "child", _("子女")
    PARENT = "parent", _("父母")
    OTHER = "other", _("其他亲属")


class Proof(models.TextChoices):
    CODE = "code", _("登记电话验证码")
    APPROVAL = "approval", _("本人同意")
    REGISTER = "register", _("登记监护人")
    COUNTER = "counter", _("窗口办理")


class MandateQuerySet(models.QuerySet["Mandate"]):
    def active(self) -> MandateQuerySet:
        return self.active_on(clock.today())

    def active_on(self, day: date | Param) -> MandateQuerySet:
        return self.filter(status=MandateStatus.ACTIVE).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))

    def live(self) -> MandateQuerySet:
        """Pending or active: what counts against the limit and against a second request."""
        return self.exclude(status=MandateStatus.ENDED)

    def followers_of(self, person: Any, day: date) -> list[Any]:
        """The keys of the accounts that act for a person on a day."""
        return _FOLLOWERS(person=person, day=day)

    def concerning(self, account: Account) -> MandateQuerySet:
        """The account's own mandates, and those over the person it is: whoever asks does not exist for others."""
        own = Mandate.objects.active().filter(account=account, relation=Relation.SELF)
        me = own.values_list("person_id", flat=True).first()
        return self.filter(Q(account=account) | Q(person_id=me)) if me else self.filter(account=account)


class Mandate(models.Model):
    """The right of an account to act for a person: proved, dated, revocable by both sides, named in every act."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="mandates", verbose_name=_("账户"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="mandates", verbose_name=_("参保人"))
    relation = models.CharField(_("关系"), max_length=10, choices=Relation)
    proof = models.CharField(_("证明方式"), max_length=10, choices=Proof)
    status = models.CharField(_("状态"), max_length=8, choices=MandateStatus, default=MandateStatus.PENDING)
    consented_at = models.DateTimeField(_("同意时间"))
    active_from = models.DateTimeField(_("生效时间"), null=True, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("同意人")
    )
    ended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("结束人")
    )
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    code_attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("代办授权")
        verbose_name_plural = _("代办授权")
        ordering = ["-consented_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person"],
                condition=~Q(status="ended"),
                name="one_live_mandate",
                violation_error_code="already_bound",
                violation_error_message=_("已绑定该参保人，无需重复绑定。"),
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(relation="self") & ~Q(status="ended"),
                name="one_self",
                violation_error_code="self_bound",
                violation_error_message=_("本账户已绑定本人，请先解除后再绑定。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.get_status_display()}"


def active_of_account() -> MandateQuerySet:
    """For prepared queries: the active mandates of the account given, on the day given."""
    return Mandate.objects.active_on(Param("day")).filter(account=Param("account"))


REACHED = PreparedQuery(lambda: active_of_account().values_list("person_id", flat=True))
_FOLLOWERS = PreparedQuery[Any](
    lambda: Mandate.objects.active_on(Param("day")).filter(person=Param("person")).values_list("account_id", flat=True)
)
