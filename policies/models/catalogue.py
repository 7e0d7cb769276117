"""The catalogue (医保目录): files of items as they were handed in, and of every published file the rows that were new in it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.append_only import append_only, no_truncate
from core.ids import new_id
from core.prepared import prepared

EVERYWHERE = "000000"
"""The area of rows that count wherever no row of the area's own, its city's or its province's does."""


class CatalogueVersionQuerySet(models.QuerySet["CatalogueVersion"]):
    def published(self) -> CatalogueVersionQuerySet:
        return self.filter(status=CatalogueVersion.Status.PUBLISHED)


@pghistory.track(exclude=["text"])
class CatalogueVersion(models.Model):
    """A catalogue file as it was handed in: draft, published or withdrawn. Triggers refuse any change of what it says.

    `area` is whose rows it holds, empty where they are those of several areas. `number` counts what was published.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(_("地区代码"), max_length=6, blank=True)
    file = models.CharField(_("文件名"), max_length=120)
    sha256 = models.CharField(_("校验值"), max_length=64)
    text = models.TextField(_("正文"), editable=False)
    rows = models.PositiveIntegerField(_("行数"))
    status = models.CharField(_("状态"), max_length=9, choices=Status, default=Status.DRAFT)
    number = models.PositiveIntegerField(_("编号"), null=True, unique=True)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("上传人")
    )
    published_at = models.DateTimeField(_("发布时间"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("发布人")
    )

    objects = CatalogueVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("目录文件")
        verbose_name_plural = _("目录文件")
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="published", number__isnull=False, published_at__isnull=False)
                | Q(number__isnull=True, published_at__isnull=True) & ~Q(status="published"),
                name="catalogue_published_has_its_record",
            ),
            models.CheckConstraint(  # the command publishes in nobody's name
                condition=~Q(status="published")
                | Q(uploaded_by__isnull=True, published_by__isnull=True)
                | Q(uploaded_by__isnull=False, published_by__isnull=False) & ~Q(uploaded_by=F("published_by")),
                name="catalogue_four_eyes",
                violation_error_message=_("目录不能由上传人自己发布。"),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="file_stays",
                fields=["id", "area", "file", "sha256", "text", "rows", "uploaded_at", "uploaded_by"],
            ),
            pgtrigger.Protect(
                name="record_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.status <> 'draft' AND (NEW.status, NEW.number, NEW.published_at, NEW.published_by_id)"
                    " IS DISTINCT FROM (OLD.status, OLD.number, OLD.published_at, OLD.published_by_id)"
                ),
            ),
            pgtrigger.Protect(
                name="published_stays", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__status="published")
            ),
            no_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.get_status_display()}"


class CatalogueEntry(models.Model):
    """What one area says of one code from a day on. Rows never change: a later file corrects one by another of the same day.

    Rows are written file by file, so of those with the same area, code and day the one with the highest key counts. An
    empty class: the item is listed, and nobody has said as what; class B without a ratio is known no better.
    """

    class ItemClass(models.TextChoices):
        A = "A", _("甲类")
        B = "B", _("乙类")
        C = "C", _("丙类（自费）")

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(CatalogueVersion, models.PROTECT, related_name="entries", verbose_name=_("目录文件"))
    area = models.CharField(_("地区代码"), max_length=6)
    code = models.CharField(_("国家编码"), max_length=50)
    name = models.CharField(_("名称"), max_length=200)
    item_class = models.CharField(_("类别"), max_length=1, choices=ItemClass, blank=True)
    first_copay_ratio = models.DecimalField(_("先自付比例"), max_digits=5, decimal_places=4, null=True)
    price_limit = models.DecimalField(_("限价（元）"), max_digits=16, decimal_places=6, null=True)
    effective_from = models.DateField(_("开始日"))

    class Meta:
        verbose_name = _("医保目录")
        verbose_name_plural = _("医保目录")
        ordering = ["code", "area", "-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "area", "effective_from", "version"], name="catalogue_entry_once_a_file"
            ),
            models.CheckConstraint(condition=Q(item_class__in=["A", "B", "C", ""]), name="catalogue_class_known"),
            models.CheckConstraint(
                condition=Q(first_copay_ratio__isnull=True)
                | Q(item_class="B", first_copay_ratio__gte=0, first_copay_ratio__lte=1),
                name="catalogue_ratio_of_class_b",
            ),
            models.CheckConstraint(
                condition=Q(price_limit__isnull=True) | Q(item_class__in=["A", "B"], price_limit__gt=0),
                name="catalogue_limit_of_what_is_paid",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@prepared
def entries_of(*, codes: list[str], areas: list[str], until: date) -> models.QuerySet[Any, Any]:
    """What these areas have said of these codes up to a day, as tuples, the latest day and file first."""
    rows = CatalogueEntry.objects.filter(code__any=codes, area__any=areas, effective_from__lte=until)
    return rows.order_by("-effective_from", "-pk").values_list(
        "code", "area", "effective_from", "name", "item_class", "first_copay_ratio", "price_limit"
    )
