"""What staff have computed in the background: a draft policy over many bills, the reviewers that a queue needs."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import new_id
from policies.models import PolicyVersion
from regions.models import Area

LEAST, MOST = 1_000, 1_000_000
MOST_SETTLED = 200_000
MOST_ROWS = 12
_WEEKDAYS = RegexValidator(r"\A[0-9]{1,3}(,[0-9]{1,3}){6}\Z", _("请填写七个以逗号分隔的百分比，周一在前。"))
_REVIEWERS = [MinValueValidator(1), MaxValueValidator(200)]


class Status(models.TextChoices):
    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("测算中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("未完成")


class Scenario(models.Model):
    """Requested by staff, worked off by a worker, stored with its result. Times are the machine's: this is work of the office."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
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
        abstract = True
        ordering = ["-requested_at", "-id"]

    @property
    def total(self) -> int:
        """How many steps a run has; `done` counts towards it."""
        raise NotImplementedError

    @property
    def percent(self) -> int:
        """How far it is."""
        return min(100, self.done * 100 // self.total)


class PolicyScenario(Scenario):
    """A draft policy run over bills beside the policy in force.

    The bills are generated, or the latest ones that were settled in the area. `result` is what `scenarios.comparing` answers.
    """

    class Bills(models.TextChoices):
        GENERATED = "generated", _("模拟账单")
        SETTLED = "stored", _("本地区已结算的账单")

    draft = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="scenarios", verbose_name=_("待测算的政策"))
    baseline = models.CharField(_("对照的现行政策"), max_length=140, editable=False)
    bills = models.CharField(_("账单来源"), max_length=9, choices=Bills, default=Bills.GENERATED)
    size = models.PositiveIntegerField(
        _("账单数"), default=200_000, validators=[MinValueValidator(LEAST), MaxValueValidator(MOST)]
    )

    class Meta(Scenario.Meta):
        verbose_name = _("政策测算")
        verbose_name_plural = _("政策测算")
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
    def total(self) -> int:
        """Both policies are run over every bill."""
        return 2 * self.size


class StaffingScenario(Scenario):
    """An area's queue over some weeks with so many reviewers. `result` is what `scenarios.staffing.planning` answers.

    Without `per_day` the submissions follow the area's history, without `minutes` the handling times do.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("地区"))
    start = models.DateField(_("开始日期"), default=clock.today)
    days = models.PositiveSmallIntegerField(
        _("天数"), default=60, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    fewest = models.PositiveSmallIntegerField(_("最少审核人数"), default=1, validators=_REVIEWERS)
    most = models.PositiveSmallIntegerField(_("最多审核人数"), default=5, validators=_REVIEWERS)
    per_day = models.FloatField(
        _("每个工作日的申请数"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(5_000)]
    )
    weekdays = models.CharField(
        _("周一到周日的申请数（%）"), max_length=27, default="100,100,100,100,100,30,20", validators=[_WEEKDAYS]
    )
    holiday = models.PositiveSmallIntegerField(_("节假日申请数（%）"), default=30, validators=[MaxValueValidator(500)])
    minutes = models.FloatField(
        _("每件用时（分钟）"), null=True, blank=True, validators=[MinValueValidator(0.1), MaxValueValidator(2_400)]
    )
    absence = models.PositiveSmallIntegerField(_("病假（%）"), default=3, validators=[MaxValueValidator(90)])
    runs = models.PositiveSmallIntegerField(
        _("重复次数"), default=20, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )

    class Meta(Scenario.Meta):
        verbose_name = _("人力测算")
        verbose_name_plural = _("人力测算")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="done") | Q(result__isnull=False), name="staffing_done_has_a_result"
            ),
            models.CheckConstraint(
                condition=Q(most__gte=models.F("fewest"), most__lt=models.F("fewest") + MOST_ROWS),
                name="staffing_numbers_in_order",
                violation_error_message=_("最多审核人数不能少于最少审核人数，一次最多比较12种人数。"),
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(status__in=["queued", "running"]), name="staffing_open")
        ]

    def __str__(self) -> str:
        return f"{self.area} · {self.start}"

    @property
    def total(self) -> int:
        """Every number of reviewers is run as often as asked."""
        return self.runs * (self.most - self.fewest + 1)
