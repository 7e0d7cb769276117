"""Who signs in: citizens through WeChat, staff with a password and one role."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models.persons import id_hash
from core import clock
from core.ids import new_id
from core.sealing import SealedField
from regions.models import Area, Institution


class Role(models.TextChoices):
    CITIZEN = "citizen", _("参保人")
    REVIEWER = "reviewer", _("审核员")
    SUPERVISOR = "supervisor", _("审核主管")
    HOSPITAL = "hospital", _("医院经办")
    ADMIN = "admin", _("系统管理员")
    SIMULATED = "simulated", _("模拟审核员")


STAFF_ROLES = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.HOSPITAL, Role.ADMIN})


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)

    def create_staff(self, username: str, password: str, *, role: str, **fields: Any) -> Account:
        """Create a staff account that signs in with a password."""
        account = self.model(username=username, role=role, **fields)
        account.identify(fields.get("id_number", ""))
        account.set_password(password)
        account.save()
        return account

    def create_superuser(self, username: str, password: str, **fields: Any) -> Account:
        """Django's `createsuperuser`: an administrator."""
        return self.create_staff(username, password, role=Role.ADMIN)


class Account(AbstractBaseUser):
    """Someone who signs in: a citizen through WeChat, or staff with a password and one role."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    role = models.CharField(_("角色"), max_length=12, choices=Role, default=Role.CITIZEN)
    username = models.CharField(_("用户名"), max_length=60, unique=True, null=True, blank=True)
    nickname = models.CharField(_("昵称"), max_length=60, blank=True)
    openid_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 - staff have none
    openid = SealedField()
    name = SealedField(_("姓名"), blank=True)
    id_number = SealedField(_("证件号码"), blank=True)
    identity_hash = models.CharField(_("身份"), max_length=64, blank=True, editable=False, db_index=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, verbose_name=_("统筹区"))
    institution = models.ForeignKey(Institution, models.PROTECT, null=True, blank=True, verbose_name=_("医疗机构"))
    simulated_stage = models.PositiveSmallIntegerField(null=True, editable=False)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True, editable=False)
    closed_at = models.DateTimeField(_("注销时间"), null=True, blank=True, editable=False)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        verbose_name = _("账户")
        verbose_name_plural = _("账户")
        ordering = ["role", "username"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role__in=["reviewer", "supervisor"]) | Q(area__isnull=False),
                name="reviewers_have_an_area",
                violation_error_message=_("审核员和审核主管必须指定统筹区。"),
            ),
            models.CheckConstraint(
                condition=~Q(role="hospital") | Q(institution__isnull=False),
                name="hospital_staff_have_an_institution",
                violation_error_message=_("医院经办必须指定医疗机构。"),
            ),
            models.UniqueConstraint(fields=["simulated_stage"], name="one_simulated_reviewer_a_stage"),
        ]

    def __str__(self) -> str:
        return self.username or self.nickname or str(self.id)

    def identify(self, id_number: str) -> None:
        """Say who this member of staff is, so that nobody decides about themselves or their family."""
        self.id_number = id_number
        self.identity_hash = id_hash(id_number) if id_number else ""

    @cached_property
    def reached(self) -> frozenset[Any]:
        """The ids of the persons this account may act for, asked once per object: every request loads its own."""
        from accounts.models.mandates import REACHED

        return frozenset(REACHED(account=self.pk, day=clock.today()))

    @property
    def is_staff(self) -> bool:
        """Django's word for: may enter the admin site."""
        return self.role in STAFF_ROLES

    @property
    def is_superuser(self) -> bool:
        return self.role == Role.ADMIN

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Administrators may do everything; what the other roles may do, each admin page states itself."""
        return self.is_active and self.role == Role.ADMIN

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        return self.has_perm("")

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff
