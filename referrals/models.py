"""Referral certificates (转诊证明): who sends whom where, for what; and which filing names one."""

from __future__ import annotations

import re
import secrets
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pghistory
import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from core.prepared import prepared
from core.sealing import SealedField, keyed_hash
from core.text import identity
from filings.models import Filing
from regions.models import Area, Institution
from reviews.models import Status, Submission, SubmissionQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without what looks alike: 0 and O, 1 and I
CODE_LENGTH = 16
# I10, C34.9, the clinical edition's longer codes (I10.x00, E11.900x001), and a cause with what it leads to (G20.x02+F02.3*)
DIAGNOSIS_CODE = re.compile(r"[A-Z]\d{2}(\.[0-9X]\d{0,2}(X\d{3})?)?(\+[A-Z]\d{2}(\.\d)?\*)?")


def bare(code: str) -> str:
    """A verification code as it is stored, however it was typed."""
    return identity(code)


class Reason(models.TextChoices):
    CANNOT_DIAGNOSE = "cannot_diagnose", _("本地不能确诊")
    NEEDS_SPECIALTY = "needs_specialty", _("需专科诊治")
    NEEDS_EQUIPMENT = "needs_equipment", _("需专门设备或技术")
    OTHER = "other", _("其他")


class Rank(models.TextChoices):
    ATTENDING = "attending", _("主治医师")
    ASSOCIATE_CHIEF = "associate_chief", _("副主任医师")
    CHIEF = "chief", _("主任医师")


def new_code() -> str:
    """A verification code nobody can guess: 80 random bits."""
    return "".join(secrets.choice(ALPHABET) for _each in range(CODE_LENGTH))


def illness_hash(diagnosis_code: str) -> str:
    """The keyed hash of the illness: the category of the code, so that C34.1 and C34.9 are the same illness."""
    return keyed_hash(diagnosis_code[:3], purpose="illness")


class ReferralQuerySet(SubmissionQuerySet):
    def visible_as(self, role: str, *, area: Any, institution: Any, applicant: Any, reached: Any) -> ReferralQuerySet:
        """Hospitals see what they issued; everybody else what they see of every submission."""
        if role == Role.HOSPITAL:
            return self.filter(issuer=institution)
        every = {"area": area, "institution": institution, "applicant": applicant, "reached": reached}
        return super().visible_as(role, **every)  # type: ignore[return-value]

    def answered(self) -> ReferralQuerySet:
        rows: Any = super().answered().defer("diagnosis_code", "diagnosis_name", "summary", "doctor_name")
        return rows  # type: ignore[no-any-return]

    def of_illness(self, enrollment: Any, illness: str) -> ReferralQuerySet:
        return self.filter(enrollment=enrollment, illness=illness)

    def standing_on(self, day: date) -> ReferralQuerySet:
        """Approved, and valid on the day."""
        return self.filter(status=Status.APPROVED, valid_from__lte=day, valid_until__gte=day)


class Referral(Submission):
    """A referral of a patient by a hospital (转诊转院证明). `valid_until` is the last day covered."""

    issuer = models.ForeignKey(
        Institution, models.PROTECT, related_name="+", verbose_name=_("开具医疗机构"), editable=False
    )
    diagnosis_code = SealedField(_("诊断编码"))
    diagnosis_name = SealedField(_("诊断名称"))
    illness = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("转诊原因"), max_length=20, choices=Reason)
    summary = SealedField(_("病情摘要"))
    destination = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("转往地区"))
    receiver = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("接收医疗机构")
    )
    doctor_name = SealedField(_("医师"))
    doctor_rank = models.CharField(_("医师职称"), max_length=20, choices=Rank)
    issued_on = models.DateField(_("开具日期"))
    valid_from = models.DateField(_("生效日期"), null=True, editable=False)
    valid_until = models.DateField(_("有效期至"), null=True, editable=False)
    reminded_at = models.DateTimeField(_("到期提醒时间"), null=True, editable=False)
    verification_code = models.CharField(_("验证码"), max_length=16, unique=True, default=new_code, editable=False)
    made_filing = models.ForeignKey(
        Filing, models.PROTECT, null=True, related_name="+", verbose_name=_("异地就医备案"), editable=False
    )

    objects = ReferralQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("转诊")
        verbose_name_plural = _("转诊")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="referral_valid_range",
            )
        ]

    @property
    def key_in_force(self) -> str:
        """One an enrolment, illness and destination (DESIGN.md §3)."""
        return f"referral:{self.enrollment_id}:{self.illness}:{self.destination_id}"

    def left_open(self) -> list[StrOrPromise]:
        """A certificate that is good."""
        return [_("生效中")] if self.status == Status.APPROVED else super().left_open()


class NamedReferral(models.Model):
    """The referral that a citizen's own filing names."""

    filing = models.OneToOneField(Filing, models.PROTECT, primary_key=True, related_name="named_referral")
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("备案所凭转诊")
        verbose_name_plural = _("备案所凭转诊")

    def __str__(self) -> str:
        return str(self.referral_id)


@pghistory.track()
class ListedDiagnosis(models.Model):
    """A diagnosis that the shipped list lacks, names otherwise, or still has though it is in force no more."""

    code = models.CharField(
        _("诊断编码"),
        max_length=20,
        primary_key=True,
        validators=[
            RegexValidator(
                rf"^(?:{DIAGNOSIS_CODE.pattern})\Z", _("诊断编码不符合ICD-10格式，例如 C34.9，请核对。"), flags=re.I
            )
        ],
    )
    name = models.CharField(_("诊断名称"), max_length=120)
    also = models.CharField(_("其他名称"), max_length=200, blank=True, help_text=_("多个名称之间用 | 隔开。"))
    in_force = models.BooleanField(_("有效"), default=True)

    class Meta:
        verbose_name = _("诊断目录更新")
        verbose_name_plural = _("诊断目录更新")
        ordering = ["code"]
        triggers = [
            pgtrigger.Trigger(
                name="renews_the_diagnoses",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
                func="""
                    INSERT INTO referrals_diagnosisversion (id, version) VALUES (1, gen_random_uuid())
                    ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version;
                    RETURN NULL;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class DiagnosisVersion(models.Model):
    """One row: a new random version with every change of the list of diagnoses, as the working calendar has."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_list_of_diagnoses")]

    def __str__(self) -> str:
        return str(self.version)


@prepared
def diagnosis_version() -> models.QuerySet[DiagnosisVersion, UUID]:
    """The version of the changes as they stand now; nothing while there are none."""
    return DiagnosisVersion.objects.values_list("version", flat=True)
