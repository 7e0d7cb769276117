"""The year so far (POLICY.md §2): one row per person, area, insurance and insurance year is the lock; counters hang under it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Insurance, Person
from accounts.models.persons import of_a_standing_person
from core.ids import new_id
from core.prepared import prepared
from regions.models import Area

FUNDS = ("large_amount", "serious_illness", "assistance", "civil_servant", "enterprise")
COUNTED = ("scope", "deductible", "pooled", "beyond")
"""What a counter sums: the `eligible`, `deductible`, `pooled` and `beyond` of the entries."""


def money(label: Any, **more: Any) -> models.DecimalField[Decimal, Decimal]:
    """A column of yuan with two places."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **more)


class InsuranceYear(models.Model):
    """An insurance year (医保年度) of a person in an area's insurance: whoever settles or reverses locks this row first.

    `burden` and the funds are sums over its entries, whatever the care; `entries` is how many there are, the number of the last.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False, verbose_name=_("参保人"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("参保地"))
    insurance = models.CharField(_("险种"), max_length=10, choices=Insurance)
    starts_on = models.DateField(_("年度起始"))
    entries = models.PositiveIntegerField(_("笔数"), default=0)
    burden = money(_("政策范围内个人负担"), default=0)
    large_amount = money(_("大额"), default=0)
    serious_illness = money(_("大病保险"), default=0)
    assistance = money(_("医疗救助"), default=0)
    civil_servant = money(_("公务员补助"), default=0)
    enterprise = money(_("企业补充"), default=0)

    class Meta:
        verbose_name = _("年度累计")
        verbose_name_plural = _("年度累计")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["person", "area", "insurance", "starts_on"], name="insurance_year_once"),
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in ("burden", *FUNDS)}), name="insurance_year_not_negative"
            ),
        ]
        triggers = [of_a_standing_person()]

    def __str__(self) -> str:
        return f"{self.area_id} {self.get_insurance_display()} {self.starts_on}"


@prepared
def insurance_years(*, person: Any, area: str, insurance: str, starts_on: date) -> models.QuerySet[InsuranceYear]:
    """The year of an enrolment that begins on a day, as it stands."""
    years = InsuranceYear.objects.filter(person=person, area=area, insurance=insurance, starts_on=starts_on)
    return years.order_by()


@prepared
def locked_years(*, pk: Any) -> models.QuerySet[InsuranceYear]:
    """A year, locked until the transaction ends."""
    return InsuranceYear.objects.filter(pk=pk).order_by().select_for_update(no_key=True)


@prepared
def years_of_persons(*, persons: Collection[Any]) -> models.QuerySet[InsuranceYear]:
    """All insurance years of some persons, the latest first."""
    return InsuranceYear.objects.filter(person__any=persons).order_by("-starts_on", "id")


class YearCounter(models.Model):
    """What one counter of a year has come to. `month` 0 is the whole year, 1–12 a calendar month of it.

    Either `counter` is named (the benefit's: `inpatient` …), or `disease` (chronic care also counts per disease).
    """

    id = models.BigAutoField(primary_key=True)
    year = models.ForeignKey(InsuranceYear, models.PROTECT, related_name="counters", db_index=False)
    counter = models.CharField(_("累计项"), max_length=60, blank=True)
    disease = models.CharField(_("病种"), max_length=8, blank=True)
    month = models.PositiveSmallIntegerField(_("月份"), default=0)
    scope = money(_("纳入报销"), default=0)
    deductible = money(_("起付线"), default=0)
    pooled = money(_("统筹支付"), default=0)
    beyond = money(_("封顶以上"), default=0)

    class Meta:
        verbose_name = _("累计明细")
        verbose_name_plural = _("累计明细")
        ordering = ["counter", "disease", "month"]
        constraints = [
            models.UniqueConstraint(fields=["year", "counter", "disease", "month"], name="year_counter_once"),
            models.CheckConstraint(condition=Q(month__lte=12), name="year_counter_month"),
            models.CheckConstraint(
                condition=Q(counter="", disease__gt="") | Q(counter__gt="", disease=""),
                name="year_counter_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in COUNTED}), name="year_counter_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counter or self.disease} {self.month}"


@prepared
def counters_of_months(*, year: Any, months: Collection[int]) -> models.QuerySet[YearCounter]:
    """All counters of a year in these months (0: the whole year)."""
    return YearCounter.objects.filter(year=year, month__any=months).order_by()


@prepared
def counters_at(
    *, year: Any, counters: Collection[str], diseases: Collection[str], months: Collection[int]
) -> models.QuerySet[YearCounter]:
    """The counters of a year by these names, diseases and months; which of them go together is for the caller to say."""
    rows = YearCounter.objects.filter(year=year, month__any=months)
    return rows.filter(counter__any=counters, disease__any=diseases).order_by()


@prepared
def counters_of_years(*, years: Collection[Any]) -> models.QuerySet[YearCounter]:
    """All counters of some years."""
    return YearCounter.objects.filter(year__any=years).order_by("counter", "disease", "month")
