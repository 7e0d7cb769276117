"""Letting go of uploads that serve nothing: at the owner's wish, after a week unused, or left over from a broken attempt."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from core.errors import NotFound, WrongState
from reviews.materials import stored
from reviews.models import Material

UNUSED = timedelta(days=7)
LEFT_OVER = timedelta(hours=1)


@transaction.atomic
def discard(account: Account, material: Material) -> None:
    """Delete an unattached upload of one's own. Raises NotFound (another's), WrongState `material_attached`."""
    row = Material.objects.select_for_update().filter(id=material.id, account=account).first()
    if row is None:
        raise NotFound(_("没有找到该材料。"))
    if row.submission_id:
        raise WrongState(_("材料已用于申请，不能删除。"), code="material_attached")
    _delete(row)


def purge(limit: int = 100) -> int:
    """Delete uploads unused for a week of machine time or of closed accounts, and originals whose work is over; returns how many."""
    return _purge_unused(limit) + _purge_left_over()


@transaction.atomic
def _purge_unused(limit: int) -> int:
    useless = Q(uploaded_at__lt=timezone.now() - UNUSED) | Q(account__closed_at__isnull=False)
    unused = Material.objects.unattached().filter(useless).select_for_update(of=("self",), skip_locked=True)
    rows = list(unused.order_by("uploaded_at")[:limit])
    for row in rows:
        _delete(row)
    return len(rows)


def _delete(row: Material) -> None:
    """The files go before the commit: cut short in between, the row is still there to be deleted again."""
    material_id = row.id
    row.delete()
    stored.remove_all(material_id)


def _purge_left_over() -> int:
    """Remove originals of rows that are settled, or that were never written because the request broke off."""
    found = set(stored.originals_before(timezone.now() - LEFT_OVER))
    needed: QuerySet[Material] = Material.objects.filter(id__in=found, status=Material.State.PROCESSING)
    left_over = found - set(needed.values_list("id", flat=True))
    for material_id in left_over:
        stored.remove_original(material_id)
    return len(left_over)
