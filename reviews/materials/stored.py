"""Where materials lie: private storage, under the row's id and nothing a person chose.

`quarantine/ID` as uploaded, until the worker has made it safe; `ID.jpg` or `ID.pdf` and `ID.thumbnail.jpg` afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from reviews.models import Material, private_storage

QUARANTINE = "quarantine"


def original_name(material_id: UUID) -> str:
    return f"{QUARANTINE}/{material_id}"


def name_of(material: Material) -> str:
    return f"{material.id}.{'jpg' if material.content_type == 'image/jpeg' else 'pdf'}"


def thumbnail_name_of(material: Material) -> str:
    return f"{material.id}.thumbnail.jpg"


def storage() -> Storage:
    """The storage alias `materials` of the settings: a private folder, or any other Django storage."""
    return private_storage()


def put_original(material_id: UUID, content: File[bytes]) -> str:
    return storage().save(original_name(material_id), content)


def put(name: str, content: bytes) -> str:
    """Store `content` under `name`, in the place of what an attempt that was cut short may have left there."""
    storage().delete(name)
    return storage().save(name, ContentFile(content))


def read(name: str) -> bytes:
    """Raises FileNotFoundError."""
    with storage().open(name) as file:
        return bytes(file.read())


def remove_original(material_id: UUID) -> None:
    storage().delete(original_name(material_id))


def remove_all(material_id: UUID) -> None:
    """Remove everything that was ever stored for a material; what is gone already is no error."""
    remove_original(material_id)
    for suffix in ("jpg", "pdf", "thumbnail.jpg"):
        storage().delete(f"{material_id}.{suffix}")


def originals_before(moment: datetime) -> Iterator[UUID]:
    """The ids under which originals stored before `moment` still lie in quarantine."""
    try:
        names = storage().listdir(QUARANTINE)[1]
    except FileNotFoundError:
        return
    for name in names:
        if storage().get_modified_time(f"{QUARANTINE}/{name}") < moment:
            yield UUID(name)
