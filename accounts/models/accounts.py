"""Who signs in, and who may act for whom: citizens through WeChat, staff with a password and one role; mandates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.certificate import Certificate, from_key
from accounts.models.persons import Certified, Enrollment, Person, id_hash, of_a_standing_person
from core import clock
from core.ids import new_id
from core.prepared import Param, PreparedQuery, prepared
from core.sealing import SealedField
from regions.models import Area, Institution


class Role(models.TextChoices):
    CITIZEN = "citizen", _("参保人")
    REVIEWER = "reviewer", _("审核员")
    SUPERVISOR = "supervisor", _("审核主管")
    FINANCE = "finance", _("财务")
    HOSPITAL = "hospital", _("医院经办")
    ADMIN = "admin", _("系统管理员")
    SIMULATED = "simulated", _("模拟审核员")


STAFF_ROLES = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE, Role.HOSPITAL, Role.ADMIN})
OF_AN_AGENCY = frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.FINANCE})
"""Who works for the agency of one area, and is known by their ID number: nobody decides or pays what is their own."""


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


class Account(Certified, AbstractBaseUser):
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
    by_wechat = models.BooleanField(_("微信通知"), default=True)
    by_sms = models.BooleanField(_("短信通知"), default=True)
    language = models.CharField(_("语言"), max_length=10, choices=settings.LANGUAGES, blank=True)
    elder_mode = models.BooleanField(_("长辈版"), null=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True, editable=False)
    closed_at = models.DateTimeField(_("注销时间"), null=True, blank=True, editable=False)

    signed_in_with = ""
    """Of an account that a request signed in: the digest of its token, with which the links signed for it die."""

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
                condition=~Q(role="finance") | Q(area__isnull=False),
                name="finance_has_an_area",
                violation_error_message=_("财务人员必须指定统筹区。"),
            ),
            models.CheckConstraint(
                condition=~Q(role="finance") | ~Q(identity_hash=""),
                name="finance_is_known",
                violation_error_message=_("财务人员须登记证件号码，以便回避。"),
            ),
            models.CheckConstraint(
                condition=~Q(role="hospital") | Q(institution__isnull=False),
                name="hospital_staff_have_an_institution",
                violation_error_message=_("医院经办必须指定医疗机构。"),
            ),
            models.UniqueConstraint(fields=["simulated_stage"], name="one_simulated_reviewer_a_stage"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username or str(self.id)

    def get_full_name(self) -> str:
        """What people call them: staff by their name, citizens by their nickname; empty where neither is known."""
        return self.name or self.nickname

    def identify(self, who: str | Certificate) -> None:
        """Say who this member of staff is, by certificate or its key, so that nobody decides about themselves or their family."""
        certificate = from_key(who) if isinstance(who, str) and who else who
        if isinstance(certificate, Certificate):
            self.certificate, self.identity_hash = certificate, id_hash(certificate.key)
        else:
            self.id_number, self.identity_hash = "", ""

    @cached_property
    def active_mandates(self) -> dict[UUID, Mandate]:
        """By person, the mandates under which this account may act now, read once per object: every request loads its own."""
        return {mandate.person_id: mandate for mandate in active_mandates_of(account=self.pk, on=clock.today())}

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


# Who may act for whom


class MandateStatus(models.TextChoices):
    PENDING = "pending", _("待验证")
    ACTIVE = "active", _("有效")
    ENDED = "ended", _("已结束")


class Relation(models.TextChoices):
    SELF = "self", _("本人")
    SPOUSE = "spouse", _("配偶")
    CHILD = "child", _("子女")
    PARENT = "parent", _("父母")
    OTHER = "other", _("其他亲属")


class Proof(models.TextChoices):
    CODE = "code", _("登记电话验证码")
    APPROVAL = "approval", _("本人同意")
    REGISTER = "register", _("登记监护人")
    COUNTER = "counter", _("窗口办理")


class MandateQuerySet(models.QuerySet["Mandate"]):
    def active(self) -> MandateQuerySet:
        return self.active_on(clock.today())

    def active_on(self, day: date | Param) -> MandateQuerySet:
        return self.filter(status=MandateStatus.ACTIVE).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))

    def live(self) -> MandateQuerySet:
        """Pending or active: what counts against the limit and against a second request."""
        return self.exclude(status=MandateStatus.ENDED)

    def followers_of(self, person: UUID, day: date) -> list[UUID]:
        """The keys of the accounts that act for a person on a day."""
        return _FOLLOWERS(person=person, day=day)

    def concerning(self, account: Account) -> MandateQuerySet:
        """The account's own mandates, and those over the person it is: whoever asks does not exist for others."""
        own = Mandate.objects.active().filter(account=account, relation=Relation.SELF)
        me = own.values_list("person_id", flat=True).first()
        return self.filter(Q(account=account) | Q(person_id=me)) if me else self.filter(account=account)

    def live_of(self, account: Account) -> list[Mandate]:
        """Those that concern an account (`concerning`) and are live, with person and account, the newest first."""
        own = (person for person, mandate in account.active_mandates.items() if mandate.relation == Relation.SELF)
        return _LIVE(account=account.pk, me=next(own, None))

    def holders(self, accounts: Iterable[UUID]) -> list[Mandate]:
        """Of these accounts, each one's mandate for itself that counts today, with the person."""
        return _HOLDERS(accounts=[*accounts], on=clock.today())


class Mandate(models.Model):
    """The right of an account to act for a person: proved, dated, revocable by both sides, named in every act."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="mandates", verbose_name=_("账户"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="mandates", verbose_name=_("参保人"))
    relation = models.CharField(_("关系"), max_length=10, choices=Relation)
    proof = models.CharField(_("证明方式"), max_length=10, choices=Proof)
    status = models.CharField(_("状态"), max_length=8, choices=MandateStatus, default=MandateStatus.PENDING)
    consented_at = models.DateTimeField(_("同意时间"))
    active_from = models.DateTimeField(_("生效时间"), null=True, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("同意人")
    )
    ended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("结束人")
    )
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    code_attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("代办授权")
        verbose_name_plural = _("代办授权")
        ordering = ["-consented_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "person"],
                condition=~Q(status="ended"),
                name="one_live_mandate",
                violation_error_code="already_bound",
                violation_error_message=_("已绑定该参保人，无需重复绑定。"),
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(relation="self") & ~Q(status="ended"),
                name="one_self",
                violation_error_code="self_bound",
                violation_error_message=_("本账户已绑定本人，请先解除后再绑定。"),
            ),
        ]
        triggers = [of_a_standing_person()]

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.get_status_display()}"


@prepared
def active_mandates_of(*, account: UUID, on: date) -> models.QuerySet[Mandate]:
    """The mandates of an account that count on a day: one a person (`one_live_mandate`)."""
    return Mandate.objects.active_on(on).filter(account=account).order_by()


@prepared
def enrollments_within_reach(*, account: UUID, pk: Any, on: date) -> models.QuerySet[Enrollment]:
    """An enrolment of a person the account may act for on a day, with person, area and province."""
    within = Mandate.objects.active_on(on).filter(account=account).values("person_id")
    return Enrollment.objects.filter(pk=pk, person__in=within).select_related("person", "area__parent").order_by()


_FOLLOWERS = PreparedQuery[UUID](
    lambda: Mandate.objects.active_on(Param("day")).filter(person=Param("person")).values_list("account_id", flat=True)
)

_LIVE = PreparedQuery[Mandate](
    lambda: (
        Mandate.objects.live()
        .filter(Q(account=Param("account")) | Q(person=Param("me")))
        .select_related("person", "account")
    )
)
_HOLDERS = PreparedQuery[Mandate](
    lambda: (
        Mandate.objects.active_on(Param("on"))
        .filter(account__any=Param("accounts"), relation=Relation.SELF)
        .select_related("person")
    )
)
