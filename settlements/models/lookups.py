"""Who was looked up by name and ID number at a till, without the insurance code: on record, and told to the person."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Enrollment, Person, Role
from core import clock
from core.append_only import no_truncate
from core.ids import new_id
from core.sealing import SealedField
from regions.models import Institution


class IdentityLookupQuerySet(models.QuerySet["IdentityLookup"]):
    def visible_to(self, account: Account) -> IdentityLookupQuerySet:
        """To reviewers those of people their area insures or insured, to administrators all."""
        if account.role == Role.ADMIN:
            return self
        if account.role not in (Role.REVIEWER, Role.SUPERVISOR):
            return self.none()
        insured = Enrollment.objects.filter(area=account.area_id)
        known_as = Q(person=OuterRef("person")) | Q(person=OuterRef("person__merged_into"))
        return self.filter(Exists(insured.filter(known_as)))


class IdentityLookup(models.Model):
    """A hospital found a person by name and ID number (证件号码查询), and said why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("参保人"))
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", verbose_name=_("医疗机构"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("经办账户"))
    reason = SealedField(_("原因"))
    at = models.DateTimeField(_("时间"), default=clock.now)

    objects = IdentityLookupQuerySet.as_manager()

    class Meta:
        verbose_name = _("证件查询记录")
        verbose_name_plural = _("证件查询记录")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["at", "id"], name="lookups_by_time")]
        triggers = [  # a new key seals the reason anew; nothing else changes
            pgtrigger.ReadOnly(name="lookups_stay", exclude=["reason"]),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            no_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.at:%Y-%m-%d %H:%M}"
