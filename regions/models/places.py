"""Where: areas and their counties, agencies, institutions; diseases."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from core.prepared import prepared

# Letters it takes to be looked for in the middle of a spelling: huaxi finds 四川大学华西医院, hx does not find half of all.
LEAST_WITHIN = 3


class Searchable(models.QuerySet[Any]):
    """Rows found by name, pinyin or initials (北京, beijing, bj), those that begin with it first."""

    def search(self, text: str) -> Searchable:
        return self.ranked(text).order_by("rank", *(self.model._meta.ordering or ())) if text.strip() else self

    def ranked(self, text: str) -> Searchable:
        """Those that are found, each with its `rank`: 0 begins with it, 2 has it within."""
        text = text.strip()
        spelled = text.lower().replace(" ", "").replace("'", "")
        begins = Q(name__startswith=text) | Q(pinyin__startswith=spelled) | Q(initials__startswith=spelled)
        within = Q(name__contains=text)
        if len(spelled) >= LEAST_WITHIN:
            within |= Q(pinyin__contains=spelled) | Q(initials__contains=spelled)
        first = Case(When(begins, then=0), default=2, output_field=models.SmallIntegerField())
        found: Searchable = self.filter(begins | within).annotate(rank=first)
        return found


class AreaLevel(models.TextChoices):
    PROVINCE = "province", _("省级")
    CITY = "city", _("地市级")
    POOL = "pool", _("独立统筹区")


COUNTY = "county"  # the level of a place that is no area of the insurance


AREA_COLUMNS = (
    "order",
    "code",
    "name",
    "level",
    "parent_id",
    "pools_at",
    "local_to",
    "above",
    "top",
    "pooling_area",
    "pooling_area_name",
)


class AreaQuerySet(Searchable):
    def pooling(self) -> AreaQuerySet:
        """The pooling areas (统筹区): provinces that pool as a whole, the cities of all others, and pools of their own."""
        return self.filter(
            Q(level=AreaLevel.PROVINCE, pools_at="province")
            | Q(level=AreaLevel.CITY, parent__pools_at="city")
            | Q(level=AreaLevel.POOL)
        )

    def as_rows(self) -> models.QuerySet[Any, Any]:
        """The areas as rows to show, ranked, each with the names above it and with its pooling area."""
        rows = self if "rank" in self.query.annotations else self.annotate(rank=Value(0))
        whole = Q(level=AreaLevel.POOL) | Q(level=F("pools_at"))
        of_parent = Q(pools_at=AreaLevel.PROVINCE)
        shown: models.QuerySet[Any, Any] = rows.annotate(
            order=F("rank"),
            above=F("parent__name"),
            top=Value(None, output_field=models.CharField()),
            pooling_area=Case(When(whole, then=F("code")), When(of_parent, then=F("parent_id"))),
            pooling_area_name=Case(When(whole, then=F("name")), When(of_parent, then=F("parent__name"))),
        ).values(*AREA_COLUMNS)
        return shown


@pghistory.track()
class Area(models.Model):
    """A province, a city, or a pool of its own (省本级, 兵团), by GB/T 2260 code or a code in its style."""

    code = models.CharField(_("代码"), max_length=6, primary_key=True)
    name = models.CharField(_("名称"), max_length=60)
    level = models.CharField(_("级别"), max_length=8, choices=AreaLevel)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    pools_at = models.CharField(
        _("统筹层次"),
        max_length=8,
        choices=[("province", _("省级统筹")), ("city", _("地市级统筹")), ("none", _("不参与统筹"))],
        default="city",
    )
    local_to = ArrayField(models.CharField(max_length=6), default=list, blank=True, verbose_name=_("视同本地的地区"))
    source = models.CharField(_("依据"), max_length=200, blank=True)
    pinyin = models.CharField(max_length=160, blank=True, editable=False)
    initials = models.CharField(max_length=40, blank=True, editable=False)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("地区")
        verbose_name_plural = _("地区")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def province_code(self) -> str:
        """The code of the province this area lies in (itself, for a province)."""
        return self.code if self.level == AreaLevel.PROVINCE else (self.parent_id or self.code[:2] + "0000")

    @property
    def pool_code(self) -> str:
        """The code of the pooling area this area is part of (海口 → 海南省); "" if it spans several (四川省) or none."""
        if self.level in (AreaLevel.POOL, self.pools_at):
            return self.code
        return self.parent_id or "" if self.pools_at == AreaLevel.PROVINCE else ""


@prepared
def areas_with_parents(*, codes: list[str]) -> models.QuerySet[Area]:
    """These areas, each with its parent; a code that is no area is left out."""
    return Area.objects.filter(code__any=codes).select_related("parent").order_by()


@prepared
def area_names(*, codes: list[str]) -> models.QuerySet[Area, tuple[str, str]]:
    """The codes of these areas with their names; a code that is no area is left out."""
    return Area.objects.filter(code__any=codes).order_by("code").values_list("code", "name")


class CountyQuerySet(Searchable):
    def as_rows(self) -> models.QuerySet[Any, Any]:
        """The counties as rows like those of `AreaQuerySet.as_rows`, ranked behind the areas."""
        rows = self if "rank" in self.query.annotations else self.annotate(rank=Value(0))
        shown: models.QuerySet[Any, Any] = rows.annotate(
            order=F("rank") + 1,
            level=Value(COUNTY),
            pools_at=F("parent__pools_at"),
            local_to=F("pool__local_to"),
            above=F("parent__name"),
            top=F("parent__parent__name"),
            pooling_area=F("pool_id"),
            pooling_area_name=F("pool__name"),
        ).values(*AREA_COLUMNS)
        return shown


class County(models.Model):
    """A county or district (县、区、县级市): found by name, so that people land in the pooling area it belongs to."""

    code = models.CharField(_("代码"), max_length=6, primary_key=True)
    name = models.CharField(_("名称"), max_length=60)
    parent = models.ForeignKey(Area, models.PROTECT, related_name="counties", verbose_name=_("上级"))
    pool = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("统筹区"))
    pinyin = models.CharField(max_length=160, blank=True, editable=False)
    initials = models.CharField(max_length=40, blank=True, editable=False)

    objects = CountyQuerySet.as_manager()

    class Meta:
        verbose_name = _("县区")
        verbose_name_plural = _("县区")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Agency(models.Model):
    """The agency (经办机构) of a pooling area: address and telephone for the citizen."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="agencies", verbose_name=_("统筹区"))
    name = models.CharField(_("名称"), max_length=80)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    demo = models.BooleanField(_("演示数据"), default=False)

    class Meta:
        verbose_name = _("经办机构")
        verbose_name_plural = _("经办机构")
        ordering = ["area_id", "name"]
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="agency_once_per_area")]

    def __str__(self) -> str:
        return self.name


class DiseaseQuerySet(models.QuerySet["Disease"]):
    def name_of(self, code: str) -> str:
        """The name of a disease that is settled across provinces; empty when it is not."""
        return self.filter(code=code).values_list("name", flat=True).first() or ""


class Disease(models.Model):
    """A chronic or special disease (门诊慢特病) open for cross-province direct settlement."""

    code = models.CharField(_("病种编码"), max_length=8, primary_key=True)
    name = models.CharField(_("病种"), max_length=40)
    since = models.PositiveSmallIntegerField(_("开通年份"))

    objects = DiseaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("慢特病病种")
        verbose_name_plural = _("慢特病病种")
        ordering = ["since", "code"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Institution(models.Model):
    """A designated medical institution (定点医疗机构) or pharmacy (定点药店), what it is and what it is open for across provinces."""

    code = models.CharField(_("机构编码"), max_length=12, primary_key=True)
    name = models.CharField(_("名称"), max_length=80)
    area = models.ForeignKey(Area, models.PROTECT, related_name="institutions", verbose_name=_("所在地区"))
    kind = models.CharField(
        _("机构类别"),
        max_length=8,
        default="hospital",
        choices=[("hospital", _("医疗机构")), ("pharmacy", _("定点药店"))],
    )
    grade = models.CharField(_("等级"), max_length=20, blank=True)
    level = models.PositiveSmallIntegerField(
        _("结算等级"), choices=[(0, _("社区")), (1, _("一级")), (2, _("二级")), (3, _("三级"))]
    )
    sub_class = models.CharField(_("细分类别"), max_length=20, blank=True)
    specialty = models.CharField(
        _("专科"),
        max_length=12,
        default="general",
        choices=[
            ("general", _("综合")),
            ("tcm", _("中医")),
            ("ethnic", _("民族医")),
            ("mental", _("精神")),
            ("infectious", _("传染")),
        ],
    )
    issues_referrals = models.BooleanField(_("可开转诊"), default=False)
    inpatient = models.BooleanField(_("住院开通"), default=True)
    outpatient = models.BooleanField(_("门诊开通"), default=False)
    chronic = ArrayField(models.CharField(max_length=8), default=list, blank=True, verbose_name=_("开通的慢特病"))
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    invented_contact = models.BooleanField(_("地址和电话为演示"), default=False)
    invented_code = models.BooleanField(_("编码为演示"), default=True)
    pinyin = models.CharField(max_length=240, blank=True, editable=False)
    initials = models.CharField(max_length=60, blank=True, editable=False)

    objects = Searchable.as_manager()

    class Meta:
        verbose_name = _("定点医疗机构")
        verbose_name_plural = _("定点医疗机构")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(level__lte=3), name="institution_level_0_to_3"),
            models.CheckConstraint(
                condition=Q(kind="hospital") | Q(inpatient=False),
                name="pharmacy_without_beds",
                violation_error_message=_("定点药店没有住院，请不要开通住院。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def open_for(self, care: str, disease: str = "") -> bool:
        """Whether this institution settles `care` (inpatient, outpatient, chronic) across provinces; chronic per disease."""
        if care == "chronic":
            return disease in self.chronic
        return bool(getattr(self, care))


@prepared
def institution_with_areas(*, code: str) -> models.QuerySet[Institution]:
    """An institution with its area and province, in one query."""
    return Institution.objects.filter(code=code).select_related("area__parent").order_by()
