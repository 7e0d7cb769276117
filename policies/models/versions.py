"""What is paid, and what people are told of it: the policy files of every area as published versions, whose text never changes (POLICY.md §1)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.append_only import no_truncate
from core.ids import new_id
from core.prepared import prepared
from regions.models import Area


class PolicyBook(models.Model):
    """One row: a new version with every change of what is published. Publications hold it, so that they happen one by one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_policy_book")]

    def __str__(self) -> str:
        return str(self.version)


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def published(self) -> PolicyVersionQuerySet:
        return self.filter(status=PolicyVersion.Status.PUBLISHED)

    def counting(self) -> PolicyVersionQuerySet:
        """Of every area and period the newest published revision: what bills are settled by from now on."""
        rows = self.published().order_by("area", "effective_from", "-revision")
        return rows.distinct("area", "effective_from")


@pghistory.track(exclude=["text"])
class PolicyVersion(models.Model):
    """A policy file as it was handed in: draft, published or withdrawn. Triggers refuse any change of what it says.

    `revision` counts the published texts of one area and first day: the newest counts for later bills, the earlier ones
    stay readable for those that were settled by them. `closed_on` is the day on which a later file takes over from one
    without an end: in the record of publication, outside the hashed text. `slug` is what the API calls it: the name of
    its file (or area and first day), from the second revision on with `-r2`.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(_("地区代码"), max_length=6)
    name = models.CharField(_("名称"), max_length=120)
    effective_from = models.DateField(_("开始日"))
    effective_until = models.DateField(_("截止日（不含）"), null=True)
    closed_on = models.DateField(_("由后续文件接替之日"), null=True)
    file = models.CharField(_("文件名"), max_length=120)
    sha256 = models.CharField(_("校验值"), max_length=64)
    text = models.TextField(_("正文"), editable=False)
    status = models.CharField(_("状态"), max_length=9, choices=Status, default=Status.DRAFT)
    revision = models.PositiveSmallIntegerField(_("修订"), null=True)
    slug = models.CharField(_("编号"), max_length=140, null=True, unique=True)  # noqa: DJ001 - drafts have none yet
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("上传人")
    )
    published_at = models.DateTimeField(_("发布时间"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("发布人")
    )

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("政策版本")
        verbose_name_plural = _("政策版本")
        ordering = ["area", "-effective_from", "-revision", "-uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["area", "effective_from", "revision"], name="policy_revision_once"),
            models.CheckConstraint(
                condition=Q(status="published", revision__isnull=False, slug__isnull=False, published_at__isnull=False)
                | Q(revision__isnull=True, slug__isnull=True, published_at__isnull=True) & ~Q(status="published"),
                name="policy_published_has_its_record",
            ),
            models.CheckConstraint(  # the commands publish what the project ships: nobody uploads, nobody publishes
                condition=~Q(status="published")
                | Q(uploaded_by__isnull=True, published_by__isnull=True)
                | Q(uploaded_by__isnull=False, published_by__isnull=False) & ~Q(uploaded_by=F("published_by")),
                name="policy_four_eyes",
                violation_error_message=_("政策不能由上传人自己发布。"),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="text_stays",
                fields=[
                    "id",
                    "area",
                    "name",
                    "effective_from",
                    "effective_until",
                    "file",
                    "sha256",
                    "text",
                    "uploaded_at",
                    "uploaded_by",
                ],
            ),
            pgtrigger.Protect(
                name="record_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.status <> 'draft' AND (NEW.status, NEW.revision, NEW.slug, NEW.published_at, NEW.published_by_id)"
                    " IS DISTINCT FROM (OLD.status, OLD.revision, OLD.slug, OLD.published_at, OLD.published_by_id)"
                ),
            ),
            pgtrigger.Protect(
                name="published_stays", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__status="published")
            ),
            no_truncate(),
            pgtrigger.Trigger(
                name="renews_the_book",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    INSERT INTO policies_policybook (id, version) VALUES (1, gen_random_uuid())
                    ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.slug or f"{self.area} {self.effective_from} {self.get_status_display()}"

    @property
    def ends_on(self) -> date | None:
        """The day from which it no longer counts; None: it counts until a later file takes over."""
        return self.closed_on or self.effective_until


class Notice(models.Model):
    """The notice (备案告知书) a person acknowledges before filing: per area and filing type, versioned, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.ForeignKey(Area, models.PROTECT, related_name="notices", verbose_name=_("统筹区"))
    type = models.CharField(_("备案类型"), max_length=12)
    version = models.PositiveSmallIntegerField(_("版本"))
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("正文"))
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(_("发布时间"))

    class Meta:
        verbose_name = _("备案告知书")
        verbose_name_plural = _("备案告知书")
        ordering = ["area_id", "type", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["area", "type", "version"], name="notice_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


@prepared
def notice_named(*, pk: UUID) -> models.QuerySet[Notice]:
    """A notice by its id, without its text."""
    return Notice.objects.filter(pk=pk).order_by().defer("text")


@prepared
def newest_notices(*, area: str, types: list[str]) -> models.QuerySet[Notice]:
    """The newest version of the notice of each of these types in an area; a type without a notice is left out."""
    return Notice.objects.filter(area=area, type__any=types).order_by("type", "-version").distinct("type")
