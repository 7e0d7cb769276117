"""Comparisons of a draft policy with the one in force, over many bills."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from policies.models import PolicyVersion

LEAST, MOST = 1_000, 1_000_000
MOST_SETTLED = 200_000


class PolicyScenario(models.Model):
    """A draft policy run over bills beside the policy in force: requested by staff, worked off by a worker, stored with its result.

    The bills are generated, or the latest ones that were settled in the area. Times are the machine's: this is work of the
    office, not business. `result` is what `scenarios.comparing` answers.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("测算中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")

    class Bills(models.TextChoices):
        GENERATED = "generated", _("模拟账单")
        SETTLED = "stored", _("本地区已结算的账单")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    draft = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="scenarios", verbose_name=_("待测算的政策"))
    baseline = models.CharField(_("对照的现行政策"), max_length=140, editable=False)
    bills = models.CharField(_("账单来源"), max_length=9, choices=Bills, default=Bills.GENERATED)
    size = models.PositiveIntegerField(
        _("账单数"), default=200_000, validators=[MinValueValidator(LEAST), MaxValueValidator(MOST)]
    )
    seed = models.PositiveIntegerField(_("随机种子"), default=1, validators=[MaxValueValidator(2**31 - 1)])
    status = models.CharField(_("状态"), max_length=7, choices=Status, default=Status.QUEUED, editable=False)
    done = models.PositiveIntegerField(_("已测算"), default=0, editable=False)
    result = models.JSONField(_("结果"), null=True, editable=False)
    error = models.CharField(_("未完成的原因"), max_length=300, blank=True, editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发起人"), editable=False
    )
    requested_at = models.DateTimeField(_("发起时间"), editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("完成时间"), null=True, editable=False)

    class Meta:
        verbose_name = _("政策测算")
        verbose_name_plural = _("政策测算")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="done") | Q(result__isnull=False), name="scenario_done_has_a_result"
            )
        ]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(status__in=["queued", "running"]), name="scenario_open")
        ]

    def __str__(self) -> str:
        return f"{self.draft} · {self.size}"

    @property
    def percent(self) -> int:
        """How far it is; both policies are run over every bill."""
        return min(100, self.done * 100 // (2 * self.size))
