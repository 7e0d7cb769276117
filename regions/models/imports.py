"""Which file of master data was imported, by whom, with what result. Until it is confirmed, the file itself waits here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import new_id


class MasterImport(models.Model):
    """One uploaded file: in the database, so that any web process can show and confirm it; its content goes once it is done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待确认")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("有错误，未导入")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    table = models.CharField(_("数据"), max_length=40)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("导入人"))
    uploaded_at = models.DateTimeField(_("上传时间"), default=clock.now)
    name = models.CharField(_("文件名"), max_length=120)
    digest = models.CharField(_("文件摘要（SHA-256）"), max_length=64)
    content = models.BinaryField()
    state = models.CharField(_("结果"), max_length=8, choices=State, default=State.WAITING)
    done_at = models.DateTimeField(_("导入时间"), null=True)
    added = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("变更"), default=0)
    unchanged = models.PositiveIntegerField(_("未变"), default=0)

    class Meta:
        verbose_name = _("基础数据导入")
        verbose_name_plural = _("基础数据导入")
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return f"{self.table} {self.digest[:8]}"
