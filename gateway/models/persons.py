"""Whom a hospital knows through the gateway: by a number of its own for each person."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from core.ids import new_id
from regions.models import Institution


class Means(models.TextChoices):
    VOUCHER = "voucher", _("医保码")
    IDENTITY = "identity", _("姓名和证件号码")


class KnownPerson(models.Model):
    """A person as one hospital knows them: `psn_no` is random and stays, so that two hospitals cannot compare.

    `proved_at` (machine time) and `means` say when and by what the person last proved there who they are; `voucher` is the
    code that did.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    psn_no = models.CharField(_("人员编号"), max_length=30)
    proved_at = models.DateTimeField(_("最近核实身份的时间"))
    means = models.CharField(_("核实方式"), max_length=8, choices=Means)
    voucher = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("接口人员编号")
        verbose_name_plural = _("接口人员编号")
        constraints = [
            models.UniqueConstraint(fields=["institution", "person"], name="known_once_in_a_hospital"),
            models.UniqueConstraint(fields=["institution", "psn_no"], name="psn_no_once_in_a_hospital"),
        ]

    def __str__(self) -> str:
        return self.psn_no
