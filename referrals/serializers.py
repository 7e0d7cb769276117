"""What clients may say of referrals (API.md, "Referral"), and the shapes of the answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Insurance
from filings.serializers import AreaCode, Day, IdNumber, Whole
from referrals.models import Rank, Reason
from reviews.models import Status
from reviews.serializers import SubmissionBeside, SubmissionRow


class PatientInput(Whole):
    name = serializers.CharField(max_length=60)
    id_number = IdNumber(max_length=30)


class DiagnosisInput(serializers.Serializer[Any]):
    """By code, by name, or both; what is not in the common list needs both."""

    code = serializers.CharField(max_length=20, required=False, allow_blank=True, help_text="ICD-10，例如 C34.9")
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)


class DoctorInput(Whole):
    name = serializers.CharField(max_length=60)
    rank = serializers.ChoiceField(choices=Rank.choices)


class ReferralFields(serializers.Serializer[Any]):
    diagnosis = DiagnosisInput()
    reason = serializers.ChoiceField(choices=Reason.choices)
    summary = serializers.CharField(max_length=2000, help_text="病情摘要")
    destination = AreaCode(help_text="转往地区代码")
    receiving_institution = serializers.CharField(
        max_length=12, required=False, allow_null=True, allow_blank=True, help_text="接收医疗机构编码"
    )
    doctor = DoctorInput()
    issued_on = Day(required=False, help_text="默认今天")


class ReferralInput(ReferralFields):
    patient = PatientInput()
    insured_area = serializers.CharField(max_length=6, required=False, allow_blank=True)
    insurance = serializers.ChoiceField(choices=Insurance.choices, required=False)


class AmendReferral(ReferralFields):
    """PATCH of what was returned for correction."""


class RevokeInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class HospitalShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.IntegerField()


class ReferralRow(SubmissionRow):
    """A referral in a list."""

    issuer = HospitalShape()
    receiver = HospitalShape(allow_null=True)
    destination = serializers.CharField()
    destination_name = serializers.CharField()
    reason = serializers.ChoiceField(choices=Reason.choices)
    reason_label = serializers.CharField()
    issued_on = serializers.DateField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text="最后一天")
    verification_code = serializers.CharField()
    filing = serializers.CharField(allow_null=True, help_text="凭此办理的备案")
    predecessor = serializers.CharField(allow_null=True)


class DiagnosisShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class DoctorShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    rank = serializers.ChoiceField(choices=Rank.choices)
    rank_label = serializers.CharField()


class ReferralBenefitShape(serializers.Serializer[Any]):
    travel = serializers.CharField(help_text="按什么结算（POLICY.md travel）")
    travel_label = serializers.CharField()
    filing = serializers.CharField()
    filing_number = serializers.CharField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)


class ReferralDetail(ReferralRow, SubmissionBeside):
    """A referral in full."""

    diagnosis = DiagnosisShape(allow_null=True, help_text="不向系统管理员显示")
    summary = serializers.CharField()
    doctor = DoctorShape()
    valid = serializers.BooleanField(help_text="今天有效")
    verify_url = serializers.CharField()
    qr_svg = serializers.CharField(allow_null=True, help_text="验证页二维码；失效后为 null")
    benefit = ReferralBenefitShape(allow_null=True)


class VerifiedShape(serializers.Serializer[Any]):
    """What whoever holds the verification code is told."""

    valid = serializers.BooleanField()
    status = serializers.ChoiceField(choices=Status.choices)
    status_label = serializers.CharField()
    number = serializers.CharField()
    patient = serializers.CharField(help_text="脱敏姓名")
    issuer = serializers.CharField()
    receiver = serializers.CharField(allow_null=True)
    destination = serializers.CharField()
    issued_on = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)


class DiagnosisQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=40, required=False, help_text="编码、名称、拼音或首字母")
