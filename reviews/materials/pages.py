"""A document page by page, as pictures to read: an uploaded picture is one, a PDF's pages are made when they are first read.

A PDF itself stays as it is. The picture of a page lies beside it in the private storage, as `ID.page-N.jpg`: only what is
attached to a case is read so, and of that nothing is ever let go alone.
"""

from __future__ import annotations

import structlog
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid, NotFound
from reviews.materials import storage
from reviews.materials.processing import ConverterFailed, NotConverted, convert
from reviews.models import Material, private_storage

QUARTERS = (0, 90, 180, 270)

log = structlog.get_logger(__name__)


def picture(material: Material, number: int) -> File[bytes]:
    """The picture of a page, from 1. Raises NotFound where there is no such page, or it cannot be pictured."""
    if not material.file or material.status != Material.State.READY or not 1 <= number <= material.pages:
        raise NotFound(_("没有找到该材料。"))
    if material.content_type == "image/jpeg":
        return _opened(str(material.file.name))
    name = storage.page_name_of(material.id, number)
    if not private_storage().exists(name):
        _keep(material, name, _made(material, number))
    return _opened(name)


def _opened(name: str) -> File[bytes]:
    try:
        return private_storage().open(name)
    except FileNotFoundError as reason:
        raise NotFound(_("没有找到该材料。")) from reason


def _made(material: Material, number: int) -> bytes:
    try:
        original = storage.read(material.file.name or "")
        made = convert(original, material.content_type, str(number)).picture
    except (NotConverted, ConverterFailed, FileNotFoundError) as reason:
        log.warning("page_not_pictured", material=str(material.id), page=number, reason=str(reason))
        raise NotFound(_("这一页无法显示为图片，请下载原件查看。")) from reason
    return made or b""


@transaction.atomic
def _keep(material: Material, name: str, content: bytes) -> None:
    """Of two who made it at once, one keeps it: under the row's lock, for a storage would keep both, under two names."""
    Material.objects.select_for_update(no_key=True).get(pk=material.pk)
    if not private_storage().exists(name):
        storage.put(name, content)


@transaction.atomic
def turn(material: Material, number: int, degrees: int) -> None:
    """Remember how far a page is turned to be read. Raises Invalid."""
    if degrees not in QUARTERS or not 1 <= number <= material.pages:
        raise Invalid(_("只能按90度旋转已有的页。"), code="turn_invalid", attr="degrees")
    row = Material.objects.select_for_update(no_key=True).get(pk=material.pk)
    row.turns = {**row.turns, str(number): degrees}
    row.save(update_fields=["turns"])
