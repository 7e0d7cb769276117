"""Who is insured: persons, where and since when; the demo register they come from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.certificate import Certificate, CertificateKind, sought_number
from core.ids import new_id
from core.prepared import Param, PreparedQuery, prepared
from core.sealing import SealedField, keyed_hash, mask_id_number, mask_name, mask_phone
from regions.models import Area


class Certified(models.Model):
    """Who is known by a certificate: its kind and country beside the sealed `id_number`."""

    certificate_kind = models.CharField(
        _("证件类型"), max_length=16, choices=CertificateKind, default=CertificateKind.ID_CARD, editable=False
    )
    certificate_country = models.CharField(_("签发国家"), max_length=3, blank=True, editable=False)

    class Meta:
        abstract = True

    id_number: Any

    @property
    def certificate(self) -> Certificate:
        return Certificate(self.certificate_kind, self.id_number, self.certificate_country)

    @certificate.setter
    def certificate(self, certificate: Certificate) -> None:
        self.certificate_kind, self.certificate_country = certificate.kind, certificate.country
        self.id_number = certificate.number

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)


class PersonQuerySet(models.QuerySet["Person"]):
    def numbered(self, key: str) -> PersonQuerySet:
        """The person with this certificate (`Certificate.key`; an 18-digit number is its own), or who had it before it was merged."""
        return self.filter(id__in=_meant(Q(id_hash=id_hash(key))))

    def sought(self, hashed: str) -> PersonQuerySet:
        """Whoever has, or had, a certificate with the number of this hash (`hash_sought`), of whatever kind and country."""
        return self.filter(id__in=_meant(Q(id_hash=hashed) | Q(number_hash=hashed)))

    def lock(self, pk: Any) -> None:
        """Lock a person's row until the transaction ends; nothing of it is read."""
        _LOCKED(pk=pk)


def _meant(condition: Q) -> models.QuerySet[Any, Any]:
    return Person.objects.filter(condition).values(meant=Coalesce("merged_into", "id"))


class Sex(models.TextChoices):
    MALE = "male", _("男")
    FEMALE = "female", _("女")


class Person(Certified):
    """An insured person (参保人), mirrored from the insured register when first named.

    `id_hash` is unique: one person a kind, country and number. `number_hash` is that of the number alone, where it is not
    the same. `merged_into`: this is what is left of a newborn who has a number now; only the birth certificate still leads here.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = SealedField(_("姓名"))
    id_number = SealedField(_("证件号码"))
    id_hash = models.CharField(max_length=64, unique=True, editable=False)
    number_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    phone = SealedField(_("登记电话"))
    birth_date = models.DateField(_("出生日期"))
    sex = models.CharField(_("性别"), max_length=6, choices=Sex, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="formerly",
        editable=False,
        verbose_name=_("已合并到"),
    )
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

    def certify(self, certificate: Certificate) -> None:
        """From now on the person is known by this certificate."""
        self.certificate, self.id_hash = certificate, id_hash(certificate.key)
        self.number_hash = "" if certificate.eighteen else id_hash(certificate.number)

    @property
    def is_newborn(self) -> bool:
        """Whether the register knows this child by its birth certificate alone."""
        return self.certificate_kind == CertificateKind.BIRTH

    @property
    def sex_label(self) -> str:
        """Of the register, or of the number where the register was not asked since; empty: neither says."""
        return str(Sex(sex).label) if (sex := self.sex or self.certificate.sex) else ""

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    def age_on(self, day: date) -> int:
        """Whole years on `day`; the birthday of 29 February falls on 1 March in other years (民法典 art. 1259 counting)."""
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


PERSON_STANDS = "person_stands"


def of_a_standing_person() -> pgtrigger.Trigger:
    """Trigger of a table whose rows are of a `person`: none is made for a newborn that was merged, not even while it is.

    It takes the lock that the foreign key takes anyway, and so waits for a merging that is under way.
    """
    return pgtrigger.Trigger(
        name=PERSON_STANDS,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=(
            "PERFORM 1 FROM accounts_person WHERE id = NEW.person_id AND merged_into_id IS NULL FOR KEY SHARE;"
            f" IF NOT FOUND THEN RAISE check_violation USING MESSAGE = 'merged', CONSTRAINT = '{PERSON_STANDS}'; END IF;"
            " RETURN NEW;"
        ),
    )


def id_hash(key: str) -> str:
    """The keyed hash by which a certificate is found (`Certificate.key`): persons, staff identities and agents share it."""
    return keyed_hash(key, purpose="id-number")


HASHED = "id:"
"""Begins a search for a certificate's number as it stands in an address: only its keyed hash follows."""


def hidden_number(term: str) -> str:
    """A search with the number of a certificate replaced by its keyed hash."""
    number = sought_number(term, known=lambda number: Person.objects.sought(id_hash(number)).exists())
    return f"{HASHED}{id_hash(number)}" if number else term


def hash_sought(term: str) -> str:
    """The keyed hash that is searched for, be it by `hidden_number` or by the number itself; empty: no number."""
    hidden = hidden_number(term)
    return hidden.removeprefix(HASHED) if hidden.startswith(HASHED) else ""


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
    def in_force(self, day: date | Param) -> EnrollmentQuerySet:
        return self.filter(valid_from__lte=day).filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day))


class Enrollment(models.Model):
    """An enrolment (参保关系) of a person in a pooling area. `valid_until` is the last day covered; null = open-ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="enrollments", verbose_name=_("参保人"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("参保地"))
    insurance = models.CharField(_("险种"), max_length=10, choices=Insurance)
    category = models.CharField(_("人员类别"), max_length=10, choices=Category)
    tier = models.PositiveSmallIntegerField(_("档次"), default=1)
    retired_year = models.PositiveSmallIntegerField(_("退休年份"), null=True, blank=True)
    valid_from = models.DateField(_("参保起始"))
    valid_until = models.DateField(_("参保截止"), null=True, blank=True)
    account_balance = models.DecimalField(_("个人账户余额"), max_digits=12, decimal_places=2, default=0)
    account_spent = models.DecimalField(
        _("个人账户已用"), max_digits=12, decimal_places=2, default=0, editable=False
    )  # by bills settled here: the register's balance does not know of them yet

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

    @property
    def account_left(self) -> Decimal:
        """What the personal account still holds, in yuan."""
        return max(Decimal(0), self.account_balance - self.account_spent)

    def lock_account(self) -> None:
        """Read the personal account again under the lock of this row, which stays until the commit: no fen is spent twice."""
        row = _LOCKED_ACCOUNT(pk=self.pk)[0]
        self.account_balance, self.account_spent = row.account_balance, row.account_spent

    def status_on(self, day: date) -> str:
        if day < self.valid_from:
            return EnrollmentStatus.FUTURE
        return EnrollmentStatus.ENDED if self.valid_until and self.valid_until < day else EnrollmentStatus.ACTIVE


@prepared
def enrollments_of(*, persons: Collection[UUID]) -> models.QuerySet[Enrollment]:
    """All enrolments of some persons, with person and area, the latest first."""
    return Enrollment.objects.filter(person__any=persons).select_related("person", "area").order_by("-valid_from")


_LOCKED = PreparedQuery[Any](
    lambda: Person.objects.filter(pk=Param("pk")).order_by().select_for_update(no_key=True).values_list("pk", flat=True)
)
_LOCKED_ACCOUNT = PreparedQuery[Enrollment](
    lambda: (
        Enrollment.objects.filter(pk=Param("pk"))
        .order_by()
        .select_for_update(no_key=True)
        .only("account_balance", "account_spent")
    )
)
