"""Where materials lie: private storage, under the row's id and nothing a person chose; letting go of what serves nothing.

`quarantine/ID` as uploaded, until the worker has made it safe; `ID.jpg` or `ID.pdf` and `ID.thumbnail.jpg` afterwards, and
`ID.page-N.jpg` for a page that was read. All of it is sealed (`core.sealed_files`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from core.errors import NotFound, WrongState
from reviews.models import Material, private_storage

if TYPE_CHECKING:
    from core.sealed_files import SealedStorage

QUARANTINE = "quarantine"
UNUSED = timedelta(days=7)
LEFT_OVER = timedelta(hours=1)


def original_name(material_id: UUID) -> str:
    return f"{QUARANTINE}/{material_id}"


def name_of(material: Material) -> str:
    return f"{material.id}.{'jpg' if material.content_type == 'image/jpeg' else 'pdf'}"


def thumbnail_name_of(material: Material) -> str:
    return f"{material.id}.thumbnail.jpg"


def page_name_of(material_id: UUID, number: int) -> str:
    return f"{material_id}.page-{number}.jpg"


def put_original(material_id: UUID, content: File[bytes]) -> str:
    return private_storage().save(original_name(material_id), content)


def put(name: str, content: bytes) -> str:
    """Store `content` under `name`, in the place of what an attempt that was cut short may have left there."""
    private_storage().delete(name)
    return private_storage().save(name, ContentFile(content))


def read(name: str) -> bytes:
    """Raises FileNotFoundError."""
    with private_storage().open(name) as file:
        return bytes(file.read())


def remove_original(material_id: UUID) -> None:
    private_storage().delete(original_name(material_id))


def remove_all(material_id: UUID) -> None:
    """Remove everything that was ever stored for a material; what is gone already is no error."""
    remove_original(material_id)
    for suffix in ("jpg", "pdf", "thumbnail.jpg"):
        private_storage().delete(f"{material_id}.{suffix}")


def originals_before(moment: datetime) -> Iterator[UUID]:
    """The ids under which originals stored before `moment` still lie in quarantine."""
    try:
        names = private_storage().listdir(QUARANTINE)[1]
    except FileNotFoundError:
        return
    for name in names:
        if private_storage().get_modified_time(f"{QUARANTINE}/{name}") < moment:
            yield UUID(name)


def reseal_all(newest: str) -> int:
    """Seal every material's files again under the `newest` key (its id); return how many were. Safe beside workers and owners.

    Under the row's lock, in which the worker finishes and the owner deletes: no file comes back that was let go.
    """
    return sum(_reseal(material_id, newest) for material_id in Material.objects.values_list("id", flat=True).iterator())


@transaction.atomic
def _reseal(material_id: UUID, newest: str) -> int:
    row = Material.objects.select_for_update().filter(id=material_id).first()
    return sum(_resealed(name, newest) for name in _names_of(row)) if row else 0


def _names_of(row: Material) -> Iterator[str]:
    yield from filter(None, (row.file.name, row.thumbnail.name, original_name(row.id)))
    for number in range(1, row.pages + 1):
        yield page_name_of(row.id, number)


def _resealed(name: str, newest: str) -> bool:
    try:
        return cast("SealedStorage", private_storage()).reseal(name, newest=newest)
    except FileNotFoundError:
        return False


# Letting go: at the owner's wish, after a week unused, or left over from a broken attempt


@transaction.atomic
def discard(account: Account, material: Material) -> None:
    """Delete an unattached upload of one's own. Raises NotFound (another's), WrongState `material_attached`."""
    row = Material.objects.select_for_update().filter(id=material.id, account=account).first()
    if row is None:
        raise NotFound(_("没有找到该材料。"))
    if not Material.objects.unattached().filter(id=row.id).exists():
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
    remove_all(material_id)


def _purge_left_over() -> int:
    """Remove originals of rows that are settled, or that were never written because the request broke off."""
    originals = set(originals_before(timezone.now() - LEFT_OVER))
    needed: QuerySet[Material] = Material.objects.filter(id__in=originals, status=Material.State.PROCESSING)
    left_over = originals - set(needed.values_list("id", flat=True))
    for material_id in left_over:
        remove_original(material_id)
    return len(left_over)
