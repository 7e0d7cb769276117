"""What was loaded into this database, so that a start does not load it again."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Loaded(models.Model):
    """One loader's last success: with which files. A start runs it again only when they have changed."""

    loader = models.CharField(_("加载命令"), max_length=50, primary_key=True)
    digest = models.CharField(_("文件摘要"), max_length=64)
    loaded_at = models.DateTimeField(_("加载时间"), auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("初始数据")

    def __str__(self) -> str:
        return self.loader
