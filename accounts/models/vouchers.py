"""The insurance code (医保码): what a person shows and a hospital scans, short-lived and good for one settlement."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account, Mandate
from accounts.models.persons import Person
from core.ids import new_id
from core.prepared import Param, PreparedUpdate, prepared
from regions.models import Institution


class Voucher(models.Model):
    """One code that was shown. All its times are machine time; the token itself is not stored, only its digest.

    Binding and using it change no indexed column, so that where a row's page has room no index is written (`institution` and
    `expires_at` have none on purpose; what is old is found by `created_at`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("参保人"))
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False, verbose_name=_("出示账户"))
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("出示时间"), db_index=True)
    expires_at = models.DateTimeField(_("失效时间"))
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("读取机构")
    )
    bound_at = models.DateTimeField(_("读取时间"), null=True)
    used_at = models.DateTimeField(_("使用时间"), null=True)
    used_for = models.UUIDField(_("用于"), null=True)

    mandated: bool  # only where the queries below read it

    class Meta:
        verbose_name = _("医保码")
        verbose_name_plural = _("医保码")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="voucher_digest_once"),
            models.CheckConstraint(
                condition=Q(institution__isnull=True, bound_at__isnull=True)
                | Q(institution__isnull=False, bound_at__isnull=False),
                name="voucher_bound_to_somebody_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_for__isnull=True)
                | Q(used_at__isnull=False, used_for__isnull=False),
                name="voucher_used_for_something_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


def _with_mandated(digest: str, day: date) -> models.QuerySet[Voucher]:
    """The voucher of a digest with `mandated`: whether its account may still act for its person on the day."""
    held = Mandate.objects.active_on(day).filter(account=OuterRef("account"), person=OuterRef("person"))
    return Voucher.objects.filter(digest=digest).annotate(**{"mandated": Exists(held)})  # noqa: PIE804 - typed above


@prepared
def shown_voucher(*, digest: str, day: date) -> models.QuerySet[Voucher]:
    """The voucher of a digest, with its person and `mandated`."""
    return _with_mandated(digest, day).select_related("person")


@prepared
def locked_voucher(*, digest: str, day: date) -> models.QuerySet[Voucher]:
    """The same under the lock of its row."""
    return _with_mandated(digest, day).select_for_update(no_key=True, of=("self",))


@prepared
def locked_voucher_and_person(*, digest: str, day: date) -> models.QuerySet[Voucher]:
    """The same under the locks of its row and, taken after it, of its person's: one statement."""
    columns = [field.name for field in Voucher._meta.concrete_fields]
    rows = _with_mandated(digest, day).select_related("person").only(*columns, "person__id_hash")
    return rows.select_for_update(no_key=True, of=("self", "person"))


bind_fresh_voucher = PreparedUpdate(
    lambda: Voucher.objects.filter(
        digest=Param("digest"), institution__isnull=True, used_at__isnull=True, expires_at__gt=Param("now")
    ),
    institution_id=Param("institution"),
    bound_at=Param("now"),
    expires_at=Param("until"),
)
"""Bind one that no hospital has read yet (`digest`, `now`) to an `institution`, `until` then."""

use_voucher = PreparedUpdate(
    lambda: Voucher.objects.filter(pk=Param("pk"), used_at__isnull=True), used_at=Param("now"), used_for=Param("what")
)
"""Use one up (`pk`) `now` for `what`; nothing is updated where a rival did."""
