"""What was done about a member of staff, for the audit; where and with what they sign in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models.accounts import Account
from core import clock
from core.append_only import append_only, no_truncate
from core.sealing import SealedField


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
        INVITED = "invited", _("发放绑定码")
        ENROLLED = "enrolled", _("绑定动态验证码")
        CODES = "codes", _("更换恢复码")
        PASSKEY = "passkey", _("添加通行密钥")
        UNPASSKEY = "unpasskey", _("移除通行密钥")
        CLONED = "cloned", _("通行密钥计数异常，已停用")
        REMOVED = "removed", _("停用动态验证码")
        ASKED = "asked", _("申请重设动态验证码")
        RESET = "reset", _("重设动态验证码")
        ENDED = "ended", _("结束登录")

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


class SignIn(models.Model):
    """One time somebody of the staff signed in: by which door, with which second factor, from where. By machine time."""

    class Door(models.TextChoices):
        SITE = "site", _("审核后台")
        API = "api", _("接口")

    class Factor(models.TextChoices):
        NONE = "", _("仅密码")
        CODE = "code", _("动态验证码")
        RECOVERY = "recovery", _("恢复码")
        PASSKEY = "passkey", _("通行密钥")

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("人员"))
    at = models.DateTimeField(_("时间"), default=timezone.now)
    door = models.CharField(_("登录入口"), max_length=4, choices=Door)
    factor = models.CharField(_("验证方式"), max_length=8, choices=Factor, blank=True)
    address = models.GenericIPAddressField(_("网络地址"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("登录记录")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at", "id"], name="sign_ins_in_order")]
        triggers = [
            pgtrigger.Protect(name="stays", operation=pgtrigger.Update),
            pgtrigger.Protect(
                name="kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.at > now() - interval '180 days'"),
            ),
            no_truncate(),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class StaffSession(AbstractBaseSession):
    """A session of the staff's site, which knows whose it is (`accounts.security.sessions`)."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", verbose_name=_("人员"))

    objects: ClassVar[Any] = BaseSessionManager()

    class Meta:
        verbose_name = verbose_name_plural = _("登录会话")

    def __str__(self) -> str:
        return f"{self.expire_date:%Y-%m-%d %H:%M}"


class Authenticator(TOTPDevice):  # type: ignore[misc]
    """The app on a phone that shows codes (动态验证码): django-otp's device, its secret sealed as all that is personal."""

    secret = SealedField()

    class Meta:
        verbose_name = verbose_name_plural = _("动态验证码")

    @property
    def bin_key(self) -> bytes:
        """The secret that the app on the phone has too."""
        return bytes.fromhex(self.secret)
