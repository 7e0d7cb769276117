"""The year so far (POLICY.md §2): one row per person, area, insurance and insurance year is the lock; counters hang under it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Enrollment, Insurance, Person
from core.ids import new_id
from core.prepared import Param, PreparedQuery
from regions.models import Area

FUNDS = ("large_amount", "serious_illness", "assistance", "civil_servant", "enterprise")
COUNTED = ("scope", "deductible", "pooled", "beyond")
"""What a counter sums: the `eligible`, `deductible`, `pooled` and `beyond` of the entries."""


def money(label: Any, **more: Any) -> models.DecimalField[Decimal, Decimal]:
    """A column of yuan with two places."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, **more)


class InsuranceYearQuerySet(models.QuerySet["InsuranceYear"]):
    def of(self, enrollment: Enrollment, starts_on: date) -> InsuranceYear | None:
        """The year of an enrolment that begins on a day, as it stands; None: nothing was settled in it yet."""
        return _OF_PERSON.first(
            person=enrollment.person_id, area=enrollment.area_id, insurance=enrollment.insurance, starts_on=starts_on
        )

    def made_and_locked(self, enrollment: Enrollment, starts_on: date) -> InsuranceYear:
        """The same, locked until the transaction ends, and made where this is the first bill: one statement.

        Of rivals that make it, the later waits and then holds the row of the first.
        """
        (year,) = self.raw(
            "INSERT INTO settlements_insuranceyear AS y (id, person_id, area_id, insurance, starts_on, entries, burden,"
            " large_amount, serious_illness, assistance, civil_servant, enterprise)"
            " VALUES (%s, %s, %s, %s, %s, 0, 0, 0, 0, 0, 0, 0)"
            " ON CONFLICT (person_id, area_id, insurance, starts_on) DO UPDATE SET entries = y.entries RETURNING y.*",
            [new_id(), enrollment.person_id, enrollment.area_id, enrollment.insurance, starts_on],
        )
        return year

    def locked(self, pk: Any) -> InsuranceYear:
        """A year that is there, locked until the transaction ends."""
        (year,) = _LOCKED(pk=pk)
        return year


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

    objects = InsuranceYearQuerySet.as_manager()

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

    def __str__(self) -> str:
        return f"{self.area_id} {self.get_insurance_display()} {self.starts_on}"


_OF_PERSON = PreparedQuery[InsuranceYear](
    lambda: InsuranceYear.objects.filter(
        **{name: Param(name) for name in ("person", "area", "insurance", "starts_on")}
    ).order_by()
)
_LOCKED = PreparedQuery[InsuranceYear](
    lambda: InsuranceYear.objects.filter(pk=Param("pk")).order_by().select_for_update(no_key=True)
)


class YearCounterQuerySet(models.QuerySet["YearCounter"]):
    def at(
        self, year: InsuranceYear, *, counters: Collection[str], diseases: Collection[str], months: Collection[int]
    ) -> list[YearCounter]:
        """The counters of a year by these names, diseases and months; which of them go together is for the caller to say."""
        return _COUNTERS(year=year.pk, counters=[*counters], diseases=[*diseases], months=[*months])

    def of_months(self, year: InsuranceYear, months: Collection[int]) -> list[YearCounter]:
        """All counters of a year in these months (0: the whole year)."""
        return _OF_MONTHS(year=year.pk, months=[*months])


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

    objects = YearCounterQuerySet.as_manager()

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


def _of_months() -> models.QuerySet[YearCounter]:
    return YearCounter.objects.filter(year=Param("year"), month__any=Param("months")).order_by()


_OF_MONTHS = PreparedQuery[YearCounter](_of_months)
_COUNTERS = PreparedQuery[YearCounter](
    lambda: _of_months().filter(counter__any=Param("counters"), disease__any=Param("diseases"))
)
