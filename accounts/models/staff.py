"""What was done about a member of staff, for the audit."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.accounts import Account
from core import clock
from core.append_only import append_only


class StaffChangeManager(models.Manager["StaffChange"]):
    def keep(self, account: Account, what: str, *, by: Account, fields: Iterable[str] = ()) -> StaffChange:
        """Put on record what was done; in the transaction that does it."""
        return self.create(account=account, what=what, by=by, fields=[*fields])


class StaffChange(models.Model):
    """One act about a member of staff: whom it is about, who did it, what; of a change which fields. Never changed."""

    class What(models.TextChoices):
        OPENED = "opened", _("新建账户")
        CHANGED = "changed", _("修改账户资料")
        PASSWORD = "password", _("重设密码")
        OFF = "off", _("停用账户")
        ON = "on", _("启用账户")
        UNLOCKED = "unlocked", _("解除登录锁定")
        AWAY = "away", _("登记缺勤")
        BACK = "back", _("恢复在岗")

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("人员"))
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("办理人"))
    what = models.CharField(_("行为"), max_length=10, choices=What)
    fields = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("修改的项目"))
    at = models.DateTimeField(_("时间"), default=clock.now)

    objects = StaffChangeManager()

    class Meta:
        verbose_name = _("人员变动")
        verbose_name_plural = _("人员变动")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at", "id"], name="staff_changes_in_order")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}"
