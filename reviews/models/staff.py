"""Who is away: an absent reviewer is given nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core import clock


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
