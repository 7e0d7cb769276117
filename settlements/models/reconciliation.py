"""Accounts with others: days compared with a hospital's own list (日对账), months cleared between areas (月度清算)."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from core.append_only import append_only, no_truncate
from core.ids import new_id
from regions.models import Area, Institution
from settlements.models.entries import Channel, Settlement
from settlements.models.years import money

# Days


class Outcome(models.TextChoices):
    """What is known of a hospital's day."""

    AGREES = "agrees", _("一致")
    DIFFERS = "differs", _("有差异")
    OUTDATED = "outdated", _("导入后有新结算")
    NEVER = "never", _("未导入")


class ReconciliationQuerySet(models.QuerySet["Reconciliation"]):
    def visible_to(self, account: Account) -> ReconciliationQuerySet:
        """All to administrators, a hospital's own to it, to reviewers those of days on which their area paid there."""
        if account.role == Role.ADMIN:
            return self
        if account.role == Role.HOSPITAL:
            return self.filter(institution=account.institution_id)
        if account.role in (Role.REVIEWER, Role.SUPERVISOR):
            theirs = Settlement.objects.filter(
                area=account.area_id,
                channel=Channel.DIRECT,
                institution=OuterRef("institution"),
                settled_on=OuterRef("on"),
            )
            return self.filter(Exists(theirs))
        return self.none()


class Reconciliation(models.Model):
    """A hospital's list of one day, compared with the entries of that day. Appended only.

    `sha256` is the file's, `entries_sha256` that of the entries it was compared with: the same file against the same entries is
    one row. `sums` holds {here, there: {total, fund, cash}} as yuan in strings; `differences` is a list of
    `settlements.reconciliation.comparing.Difference` as JSON; `by_area` counts them per insured area ("" where it is not known).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", db_index=False, verbose_name=_("医疗机构")
    )
    on = models.DateField(_("结算日"))
    file_name = models.CharField(_("文件"), max_length=120, blank=True)
    sha256 = models.CharField(max_length=64)
    entries_sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(_("医院笔数"))
    entries = models.PositiveIntegerField(_("本系统笔数"))
    differing = models.PositiveIntegerField(_("差异"))
    sums = models.JSONField(_("合计"))
    by_area = models.JSONField(default=dict)
    differences = models.JSONField(_("差异明细"), default=list)
    imported_by = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False, verbose_name=_("导入人"))
    imported_at = models.DateTimeField(_("导入时间"))

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("对账")
        verbose_name_plural = _("对账")
        ordering = ["-imported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["on", "institution", "sha256", "entries_sha256"],
                name="list_compared_once",
                violation_error_message=_("该文件已经导入。"),
            )
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.institution_id} {self.on}"

    def differing_for(self, area: Any) -> int:
        """How many differences there are of an insured area's entries (None: of all)."""
        return self.differing if area is None else int(self.by_area.get(str(area), 0))


# Months


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
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete), no_truncate()]

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
        triggers = [pgtrigger.Protect(name="frozen_line", operation=pgtrigger.Update | pgtrigger.Delete), no_truncate()]

    def __str__(self) -> str:
        return f"{self.area_id} → {self.care_area_id}"
