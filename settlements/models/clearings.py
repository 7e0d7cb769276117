"""Months whose clearing (月度清算) is closed: what each insured area owes each care area, as it stood when it was frozen."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from core.ids import new_id
from regions.models import Area
from settlements.models.years import money


class Clearing(models.Model):
    """A month, by its first day, frozen once by an administrator after it was over. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    month = models.DateField(
        _("月份"), unique=True, error_messages={"unique": _("该月份已经关账。")}, help_text=_("当月第一天")
    )
    entries = models.PositiveIntegerField(_("笔数"))
    fund = money(_("基金支付"))
    frozen_by = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("关账人"))
    frozen_at = models.DateTimeField(_("关账时间"))

    class Meta:
        verbose_name = _("清算")
        verbose_name_plural = _("清算")
        ordering = ["-month"]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="clearing_of_a_whole_month")]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ClearingLine(models.Model):
    """What the fund of the insured area `area` owes for care in `care_area`: yuan, reversals taken off (so it may be below zero)."""

    id = models.BigAutoField(primary_key=True)
    clearing = models.ForeignKey(Clearing, models.PROTECT, related_name="lines", db_index=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("参保地"))
    care_area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("就医地"))
    entries = models.PositiveIntegerField(_("笔数"))
    fund = money(_("基金支付"))

    class Meta:
        verbose_name = _("清算明细")
        verbose_name_plural = _("清算明细")
        ordering = ["area", "care_area"]
        constraints = [
            models.UniqueConstraint(fields=["clearing", "area", "care_area"], name="clearing_line_once"),
            models.CheckConstraint(condition=~Q(area=F("care_area")), name="clearing_between_two_areas"),
        ]
        triggers = [pgtrigger.Protect(name="frozen_line", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.area_id} → {self.care_area_id}"
