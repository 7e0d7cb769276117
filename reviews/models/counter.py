"""What is on record of the counter (窗口): whom a clerk looked up, and the two steps by which a binding is put in force."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Enrollment, Mandate, Person, Role
from core.append_only import append_only
from core.ids import new_id
from regions.models import Area
from reviews.models.material import Material


class PersonLookup(models.Model):
    """A clerk looked a person up by the ID number to enter something for them. Never changed."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("查询人"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False, verbose_name=_("统筹区"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("参保人"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("窗口查询记录")
        verbose_name_plural = _("窗口查询记录")
        ordering = ["-id"]
        indexes = [models.Index(fields=["area", "-id"], name="lookups_of_area")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.area_id} {self.at:%Y-%m-%d %H:%M}"


class CounterStepQuerySet(models.QuerySet["CounterStep"]):
    def visible_to(self, account: Account) -> CounterStepQuerySet:
        """To reviewers those about persons their area insures or insured, to administrators all."""
        if account.role == Role.ADMIN:
            return self
        if account.role not in (Role.REVIEWER, Role.SUPERVISOR):
            return self.none()
        return self.filter(mandate__person__in=Enrollment.objects.filter(area=account.area_id).values("person_id"))


class CounterStep(models.Model):
    """One step of binding at the counter: a clerk checked both identities, with their scans; a colleague confirmed. Never changed."""

    class Kind(models.TextChoices):
        CHECKED = "checked", _("已核验证件")
        CONFIRMED = "confirmed", _("已复核")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="counter_steps", db_index=False, verbose_name=_("授权")
    )
    kind = models.CharField(_("步骤"), max_length=9, choices=Kind)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("办理人"))
    applicant_scan = models.ForeignKey(
        Material, models.PROTECT, null=True, related_name="applicant_at_counter", verbose_name=_("申请人证件")
    )
    person_scan = models.ForeignKey(
        Material, models.PROTECT, null=True, related_name="person_at_counter", verbose_name=_("参保人证件")
    )
    at = models.DateTimeField(_("时间"))

    objects = CounterStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("窗口绑定")
        verbose_name_plural = _("窗口绑定")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["mandate", "-at"], name="counter_steps")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="checked") | Q(applicant_scan__isnull=False, person_scan__isnull=False),
                name="checked_by_both_scans",
            )
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
