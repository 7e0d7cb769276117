"""When: the working calendar and what closes an agency."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from regions.models.places import Area


class CalendarVersion(models.Model):
    """One row: a new version with every change of the calendar, and the version of which all that follows was done.

    Random, not counted, so that a copy kept under a version can never be mistaken for another calendar.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()
    followed = models.UUIDField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_calendar")]

    def __str__(self) -> str:
        return str(self.version)


def _renews_the_calendar() -> pgtrigger.Trigger:
    """The trigger by which any change of a table, whoever makes it, gives the calendar a new version."""
    return pgtrigger.Trigger(
        name="renews_the_calendar",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
        func="""
            INSERT INTO regions_calendarversion (id, version) VALUES (1, gen_random_uuid())
            ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version;
            RETURN NULL;
        """,
    )


@pghistory.track()
class CalendarYear(models.Model):
    """A year of the working calendar: announced by the State Council, or provisional until it is."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    announced = models.BooleanField(_("已公布"), default=False)
    source = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("工作日历年份")
        verbose_name_plural = _("工作日历年份")
        ordering = ["year"]
        triggers = [_renews_the_calendar()]

    def __str__(self) -> str:
        return str(self.year)


@pghistory.track()
class CalendarDay(models.Model):
    """A day that differs from its weekday: a holiday from Monday to Friday, or a weekend day worked (调休)."""

    date = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("工作日"))
    name = models.CharField(_("说明"), max_length=40, blank=True)
    source = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("调整日")
        verbose_name_plural = _("调整日")
        ordering = ["date"]
        triggers = [_renews_the_calendar()]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


@pghistory.track()
class ClosedDay(models.Model):
    """A day on which one area's agency is closed besides the national calendar."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="closed_days", verbose_name=_("统筹区"))
    date = models.DateField(_("日期"))
    reason = models.CharField(_("原因"), max_length=80)

    class Meta:
        verbose_name = _("地区休息日")
        verbose_name_plural = _("地区休息日")
        ordering = ["date"]
        triggers = [_renews_the_calendar()]
        constraints = [
            models.UniqueConstraint(
                fields=["area", "date"],
                name="closed_day_once",
                violation_error_message=_("该地区这一天已登记为休息日。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.date}"
