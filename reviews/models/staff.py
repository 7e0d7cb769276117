"""Who is away, and is given nothing; and who has the page of a case open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core import clock
from core.clock import SHANGHAI
from reviews.models.submission import Submission


class AbsenceReason(models.TextChoices):
    LEAVE = "leave", _("休假")
    ILLNESS = "illness", _("病假")
    TRAINING = "training", _("培训")
    DUTY = "duty", _("外派")
    OTHER = "other", _("其他")


class AbsenceManager(models.Manager["Absence"]):
    def absent(self, accounts: Iterable[Any]) -> set[Any]:
        """The keys of those who are away today."""
        today = clock.today()
        away = self.filter(account__in=[*accounts], first_day__lte=today, last_day__gte=today, ended_at__isnull=True)
        return set(away.values_list("account_id", flat=True))


class Absence(models.Model):
    """Days on which a reviewer is away, both included."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("人员"))
    first_day = models.DateField(_("开始日期"))
    last_day = models.DateField(_("结束日期"))
    reason = models.CharField(_("原因"), max_length=10, choices=AbsenceReason, default=AbsenceReason.OTHER)
    entered_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    entered_at = models.DateTimeField(_("登记时间"))
    ended_at = models.DateTimeField(_("提前结束时间"), null=True)

    objects = AbsenceManager()

    class Meta:
        verbose_name = _("缺勤")
        verbose_name_plural = _("缺勤")
        ordering = ["-first_day", "-id"]
        constraints = [models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_of_days")]

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"


class Presence(models.Model):
    """Who is at a case, softly: it blocks nobody, and ends by itself. One row a case; times are machine time.

    `page` is the page that holds it: one that was left says so late, and must not let go what the next page holds.
    """

    submission = models.OneToOneField(Submission, models.CASCADE, primary_key=True, related_name="presence")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False, verbose_name=_("办理人"))
    page = models.CharField(max_length=16)
    since = models.DateTimeField(_("开始时间"))
    until = models.DateTimeField(_("保持到"))

    class Meta:
        verbose_name = _("正在办理")
        verbose_name_plural = _("正在办理")

    def __str__(self) -> str:
        """（姓名）正在办理，09:06 起"""
        return str(_("%(name)s 正在办理，%(since)s 起") % {"name": self.account, "since": hour(self.since)})

    @property
    def counts(self) -> bool:
        """Whether it still holds."""
        return self.until > timezone.now()


def hour(moment: datetime) -> str:
    """The time of day as staff read it: 09:06."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"
