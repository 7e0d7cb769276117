"""Files that hospitals upload (9101) and fetch (9102): lists to compare, and what came of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.sealing import SealedField
from regions.models import Institution


class GatewayFile(models.Model):
    """A file of one hospital; `content` is sealed, as Base64. Kept some days of machine time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(_("文件查询号"), max_length=30, unique=True)
    filename = models.CharField(_("文件名"), max_length=200)
    content = SealedField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("接口文件")
        verbose_name_plural = _("接口文件")

    def __str__(self) -> str:
        return self.number
