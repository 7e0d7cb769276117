"""Merging (合并): a newborn's ID number has come, and what was done under its birth certificate goes on under the number."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account, Role
from accounts.models.persons import Enrollment, Person
from core.ids import new_id
from core.sealing import SealedField


class MergerQuerySet(models.QuerySet["Merger"]):
    def visible_to(self, account: Account) -> MergerQuerySet:
        """To reviewers and supervisors those of persons their area insures or insured, to administrators all."""
        if account.role == Role.ADMIN:
            return self
        if account.role not in (Role.REVIEWER, Role.SUPERVISOR):
            return self.none()
        return self.filter(person__in=Enrollment.objects.filter(area=account.area_id).values("person_id"))


class Merger(models.Model):
    """One member of staff asks that a newborn be known by its ID number from now on, another decides."""

    class Status(models.TextChoices):
        ASKED = "asked", _("待复核")
        MERGED = "merged", _("已合并")
        DECLINED = "declined", _("不予合并")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("新生儿"))
    id_number = SealedField(_("身份证号码"))
    status = models.CharField(_("状态"), max_length=8, choices=Status, default=Status.ASKED, editable=False)
    asked_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("申请人"), editable=False)
    asked_at = models.DateTimeField(_("申请时间"), editable=False)
    decided_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name=_("复核人"), editable=False
    )
    decided_at = models.DateTimeField(_("复核时间"), null=True, editable=False)

    objects = MergerQuerySet.as_manager()

    class Meta:
        verbose_name = _("新生儿合并")
        verbose_name_plural = _("新生儿合并")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(status="asked"),
                name="one_merger_asked",
                violation_error_message=_("该新生儿的合并已提交，等待复核。"),
            ),
            models.CheckConstraint(
                condition=Q(status="asked", decided_by__isnull=True)
                | (~Q(status="asked") & Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="merged_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_status_display()}"
