"""Receiving an upload: a glance at the door, private storage, and the worker is told."""

from __future__ import annotations

from functools import partial
from typing import IO, cast
from uuid import UUID

import structlog
from celery import current_app
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts.models import Account
from core.errors import TooMany
from reviews.materials import door, stored
from reviews.models import Material

MOST_UNATTACHED = 60
TASK = "reviews.tasks.process_material"
IMPATIENT = {"socket_connect_timeout": 1, "socket_timeout": 1, "max_retries": 0}  # a pooled connection tries for longer

log = structlog.get_logger(__name__)


def receive(account: Account, upload: File[bytes], kind: str) -> Material:
    """Store an upload privately and have it processed; `kind` is a document kind of the area's policy.

    Raises door.TooLarge, door.UnsupportedType, Invalid, TooMany `too_many_materials`; nothing is stored then. The limit of unused uploads is a
    courtesy to the disk, not an invariant: rivals may pass it by a few.
    """
    admitted = door.admit(cast("IO[bytes]", upload), size=upload.size, name=upload.name or "")
    if Material.objects.unattached().filter(account=account).count() >= MOST_UNATTACHED:
        raise TooMany(
            _("未使用的材料过多，请先提交申请或删除不用的材料（7 天未使用会自动清除）。"), code="too_many_materials"
        )
    material = Material(
        account=account,
        kind=kind,
        filename=admitted.filename,
        content_type=admitted.content_type,
        size=upload.size,
    )
    with transaction.atomic():
        material.file.name = stored.put_original(material.id, upload)
        material.save(force_insert=True)
        transaction.on_commit(partial(wake_worker, material.id))
    return material


def wake_worker(material_id: UUID) -> None:
    """Tell a worker at once; if no broker hears it within a second or two, the sweep finds the row a little later."""
    try:
        with current_app.connection_for_write(transport_options=IMPATIENT) as broker:
            current_app.send_task(TASK, [str(material_id)], connection=broker, retry=False, ignore_result=True)
    except (OperationalError, OSError) as reason:
        log.warning("material_not_announced", material=str(material_id), reason=str(reason))
