"""Who: accounts of citizens and staff, insured persons and their enrolments, mandates, the inbox."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.masking import mask_id_number, mask_name, mask_phone
from accounts.sealed import SealedField, keyed_hash
from regions import clock
from regions.ids import new_id
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
        return frozenset(Mandate.objects.active().filter(account=self).values_list("person_id", flat=True))

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


class PersonQuerySet(models.QuerySet["Person"]):
    def reached_by(self, account: Account) -> PersonQuerySet:
        """The persons whom `account` may act for now: an active mandate, not past its end."""
        mandates = Mandate.objects.active().filter(account=account)
        return self.filter(id__in=mandates.values("person_id"))

    def numbered(self, id_number: str) -> PersonQuerySet:
        return self.filter(id_hash=id_hash(id_number))


class Person(models.Model):
    """An insured person (参保人), mirrored from the insured register when first named."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = SealedField(_("姓名"))
    id_number = SealedField(_("证件号码"))
    id_hash = models.CharField(max_length=64, unique=True, editable=False)
    phone = SealedField(_("登记电话"))
    birth_date = models.DateField(_("出生日期"))
    identity = models.CharField(_("身份类别"), max_length=20, default="none")
    mirrored_at = models.DateTimeField(_("核对参保登记的时间"), null=True, editable=False, db_index=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("参保人")
        verbose_name_plural = _("参保人")

    def __str__(self) -> str:
        return self.masked_name

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    def age_on(self, day: date) -> int:
        """Whole years on `day`; the birthday of 29 February falls on 1 March in other years (民法典 art. 1259 counting)."""
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def id_hash(id_number: str) -> str:
    """The keyed hash by which an ID number is found: persons, staff identities and agents share it."""
    return keyed_hash(id_number, purpose="id-number")


class RegisterEntry(models.Model):
    """One line of the demo insured register: what a real deployment asks another system for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    id_hash = models.CharField(max_length=64, unique=True, editable=False)
    record = SealedField()

    class Meta:
        verbose_name = _("演示参保登记")
        verbose_name_plural = _("演示参保登记")

    def __str__(self) -> str:
        return str(self.id)


class Insurance(models.TextChoices):
    EMPLOYEE = "employee", _("职工基本医疗保险")
    RESIDENT = "resident", _("城乡居民基本医疗保险")


class Category(models.TextChoices):
    ACTIVE = "active", _("在职")
    RETIRED = "retired", _("退休")
    MINOR = "minor", _("未成年人")
    STUDENT = "student", _("学生")
    ADULT = "adult", _("成年居民")
    ELDER = "elder", _("老年居民")


class EnrollmentStatus(models.TextChoices):
    ACTIVE = "active", _("正常参保")
    ENDED = "ended", _("已中断或转出")
    FUTURE = "future", _("尚未生效")


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def in_force(self, day: date) -> EnrollmentQuerySet:
        return self.filter(valid_from__lte=day).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))


class Enrollment(models.Model):
    """An enrolment (参保关系) of a person in a pooling area. `valid_until` is the last day covered; null = open-ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="enrollments", verbose_name=_("参保人"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("参保地"))
    insurance = models.CharField(_("险种"), max_length=10, choices=Insurance)
    category = models.CharField(_("人员类别"), max_length=10, choices=Category)
    tier = models.PositiveSmallIntegerField(_("档次"), default=1)
    valid_from = models.DateField(_("参保起始"))
    valid_until = models.DateField(_("参保截止"), null=True, blank=True)
    account_balance = models.DecimalField(_("个人账户余额"), max_digits=12, decimal_places=2, default=0)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("参保关系")
        verbose_name_plural = _("参保关系")
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["person", "area", "insurance", "valid_from"], name="enrollment_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="enrollment_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.get_insurance_display()}"

    def status_on(self, day: date) -> str:
        if day < self.valid_from:
            return EnrollmentStatus.FUTURE
        return EnrollmentStatus.ENDED if self.valid_until and self.valid_until < day else EnrollmentStatus.ACTIVE


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
        return self.filter(status=MandateStatus.ACTIVE).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=clock.today())
        )

    def live(self) -> MandateQuerySet:
        """Pending or active: what counts against the limit and against a second request."""
        return self.exclude(status=MandateStatus.ENDED)

    def concerning(self, account: Account) -> MandateQuerySet:
        """The account's own mandates, and those over the person it is: whoever asks does not exist for others."""
        own = Mandate.objects.active().filter(account=account, relation=Relation.SELF)
        me = own.values_list("person_id", flat=True).first()
        return self.filter(Q(account=account) | Q(person_id=me)) if me else self.filter(account=account)


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

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.get_status_display()}"


class PushStatus(models.TextChoices):
    NONE = "none", _("仅站内")
    WAITING = "waiting", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    REFUSED = "refused", _("用户未订阅")
    FAILED = "failed", _("发送失败")


class Message(models.Model):
    """A row of an account's inbox, and the outbox of its WeChat subscribe message. `key` makes it once and only once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="messages", verbose_name=_("账户"))
    key = models.CharField(max_length=80)
    kind = models.CharField(_("类型"), max_length=30)
    title = models.CharField(_("标题"), max_length=60)
    text = models.CharField(_("内容"), max_length=400)
    submission = models.UUIDField(_("事项"), null=True, blank=True)
    created_at = models.DateTimeField(_("时间"), default=clock.now)
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)
    push = models.CharField(_("微信通知"), max_length=8, choices=PushStatus, default=PushStatus.WAITING)
    push_attempts = models.PositiveSmallIntegerField(default=0)
    push_next_at = models.DateTimeField(null=True, blank=True)
    push_error = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="message_once")]
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="inbox"),
            models.Index(fields=["push_next_at"], condition=Q(push__in=["waiting", "sending"]), name="outbox"),
        ]

    def __str__(self) -> str:
        return self.title


class SandboxDelivery(models.Model):
    """What the sandbox gateways would have sent: readable by developers, absent in production."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(_("渠道"), max_length=10)
    to = models.CharField(_("收件人"), max_length=80)
    text = models.CharField(_("内容"), max_length=500)
    key = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(_("发送时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("沙箱发送记录")
        verbose_name_plural = _("沙箱发送记录")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.channel} {self.to}"


class IdempotencyRecord(models.Model):
    """The first successful answer to a POST with an Idempotency-Key, kept 24 hours of machine time, sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = SealedField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
