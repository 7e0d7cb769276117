"""The second review (复核): which decisions are looked at again, by whom, and what came of it."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Role
from regions.models import Area
from reviews.models.record import Decision, Note


class SecondReviewRule(models.Model):
    """What an area looks at again: a random share of all decisions, and all that a new reviewer decides. Without a row: nothing."""

    area = models.OneToOneField(
        Area, models.PROTECT, primary_key=True, related_name="second_review", verbose_name=_("统筹区")
    )
    share = models.PositiveSmallIntegerField(
        _("随机抽取比例（%）"), default=0, validators=[MaxValueValidator(100)], help_text=_("0 为不抽取。")
    )
    new_decisions = models.PositiveSmallIntegerField(
        _("新审核员：最初多少件全部复核"), default=0, help_text=_("0 为不按件数。")
    )
    new_days = models.PositiveSmallIntegerField(
        _("新审核员：自首次作出决定起多少天内全部复核"), default=0, help_text=_("0 为不按天数。")
    )
    simulated = models.BooleanField(_("模拟审核的决定也抽取"), default=False)

    class Meta:
        verbose_name = _("复核规则")
        verbose_name_plural = _("复核规则")
        constraints = [models.CheckConstraint(condition=Q(share__lte=100), name="second_review_share")]

    def __str__(self) -> str:
        return str(self.area)


class Why(models.TextChoices):
    SAMPLED = "sampled", _("随机抽取")
    NEW_REVIEWER = "new", _("新审核员")


class Verdict(models.TextChoices):
    AGREED = "agreed", _("同意")
    DISAGREED = "disagreed", _("有分歧")


class SecondReviewQuerySet(models.QuerySet["SecondReview"]):
    def visible_to(self, account: Account) -> SecondReviewQuerySet:
        """The area's staff see their area's, administrators all."""
        if account.role == Role.ADMIN:
            return self
        if account.role in (Role.REVIEWER, Role.SUPERVISOR):
            return self.filter(area=account.area_id)
        return self.none()

    def waiting(self) -> SecondReviewQuerySet:
        return self.filter(verdict="", dropped_at__isnull=True)

    def disputed(self) -> SecondReviewQuerySet:
        """Disagreements that the supervisor has not closed."""
        return self.filter(verdict=Verdict.DISAGREED, closed_at__isnull=True, dropped_at__isnull=True)

    def of(self, account: Account) -> SecondReviewQuerySet:
        """What one decided or reviewed oneself."""
        return self.filter(Q(reviewer=account) | Q(decision__reviewer=account))


class SecondReview(models.Model):
    """One decision that is looked at again, after it took effect: no status and no deadline waits for it."""

    decision = models.OneToOneField(
        Decision, models.PROTECT, primary_key=True, related_name="second_review", verbose_name=_("决定")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("统筹区"))
    why = models.CharField(_("原因"), max_length=8, choices=Why)
    drawn_at = models.DateTimeField(_("抽取时间"))
    reviewer = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("复核人"))
    verdict = models.CharField(_("复核意见"), max_length=10, choices=Verdict, blank=True)
    note = models.ForeignKey(Note, models.SET_NULL, null=True, related_name="+", verbose_name=_("复核说明"))
    at = models.DateTimeField(_("复核时间"), null=True)
    closed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("处理人")
    )
    closing = models.ForeignKey(Note, models.SET_NULL, null=True, related_name="+", verbose_name=_("处理说明"))
    closed_at = models.DateTimeField(_("处理时间"), null=True)
    dropped_at = models.DateTimeField(_("决定已撤回"), null=True, editable=False)

    objects: Any = SecondReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("复核")
        verbose_name_plural = _("复核")
        ordering = ["drawn_at", "decision"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="", reviewer__isnull=True, at__isnull=True)
                | (~Q(verdict="") & Q(reviewer__isnull=False, at__isnull=False)),
                name="second_review_done_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["area", "drawn_at"], name="second_reviews")]

    def __str__(self) -> str:
        return str(self.decision_id)
