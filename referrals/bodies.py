"""What is sent and answered about referrals (API.md, "Referral"), with the examples of the OpenAPI document."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field
from typing_extensions import TypedDict

from accounts.bodies import Named
from accounts.models import Insurance
from core.http.bodies import Body, Query
from core.http.values import Maybe, OneOf, Ordering, Text
from core.text import NAME, NUMBER, PROSE
from filings.bodies import FilingDay, InArea
from referrals.models import Rank, Reason
from reviews.bodies import (
    BESIDE,
    COMMON,
    ID,
    ORDERS,
    SENTENCE,
    Destination,
    SubmissionBeside,
    SubmissionQuery,
    SubmissionRow,
)
from reviews.models import Status

# What is sent


class ReferralQuery(SubmissionQuery):
    lookups: ClassVar[dict[str, str]] = {**SubmissionQuery.lookups, "destination": "destination"}

    destination: Maybe[Destination] = Field(None, description="Area code")
    ordering: Annotated[str, Ordering(*ORDERS, "issued_on", "valid_until")] = Field(
        "-created_at", description=f"{SENTENCE}, `issued_on`, `valid_until`"
    )


class PatientInput(Named):
    """Whom the referral is for."""

    name: Annotated[str, Text(60, form=NAME)]


class DiagnosisInput(TypedDict, total=False):
    """By code, by name, or both; what is not in the list needs both."""

    code: Annotated[str, Text(20, blank=True, form=NUMBER), Field(description="ICD-10，例如 C34.9")]
    name: Annotated[str, Text(80, blank=True)]


class DoctorInput(TypedDict):
    """A part that is said whole or not at all, in a PATCH too."""

    name: Annotated[str, Text(60, form=NAME)]
    rank: Annotated[str, OneOf(Rank)]


class AmendReferral(Body):
    """PATCH of what was returned for correction."""

    diagnosis: Maybe[DiagnosisInput] = None
    reason: Maybe[Annotated[str, OneOf(Reason)]] = None
    summary: Maybe[Annotated[str, Text(2000, form=PROSE)]] = Field(None, description="病情摘要")
    destination: Maybe[InArea] = Field(None, description="转往地区代码")
    receiving_institution: Annotated[str, Text(12, blank=True)] | None = Field(None, description="接收医疗机构编码")
    doctor: Maybe[DoctorInput] = None
    issued_on: Maybe[FilingDay] = Field(None, description="默认今天")


class ReferralInput(AmendReferral):
    diagnosis: DiagnosisInput
    reason: Annotated[str, OneOf(Reason)]
    summary: Annotated[str, Text(2000, form=PROSE)] = Field(description="病情摘要")
    destination: InArea = Field(description="转往地区代码")
    doctor: DoctorInput
    patient: PatientInput
    insured_area: Annotated[str, Text(6, blank=True)] = ""
    insurance: Maybe[Annotated[str, OneOf(Insurance)]] = None


class RevokeInput(Body):
    reason: Annotated[str, Text(300, form=PROSE)]


class DiagnosisQuery(Query):
    q: Annotated[str, Text(40)] = Field(
        "", description="编码、名称、拼音、首字母或俗称（肺癌、中风）；不填则列出常用诊断"
    )


# What is answered


class HospitalShape(TypedDict):
    code: str
    name: str
    level: int


class ReferralColumns(TypedDict):
    issuer: HospitalShape
    receiver: HospitalShape | None
    destination: str
    destination_name: str
    reason: Annotated[str, OneOf(Reason)]
    reason_label: str
    issued_on: date
    valid_from: date | None
    valid_until: Annotated[date | None, Field(description="最后一天")]
    verification_code: str
    filing: Annotated[str | None, Field(description="凭此办理的备案")]
    predecessor: str | None


class ReferralRow(SubmissionRow, ReferralColumns):
    """A referral in a list."""


class DiagnosisShape(TypedDict):
    code: str
    name: str


class DoctorShape(TypedDict):
    name: str
    rank: Annotated[str, OneOf(Rank)]
    rank_label: str


class ReferralBenefitShape(TypedDict):
    travel: Annotated[str, Field(description="按什么结算（POLICY.md travel）")]
    travel_label: str
    filing: str
    filing_number: str
    valid_from: date | None
    valid_until: date | None


class ReferralRest(TypedDict):
    diagnosis: Annotated[DiagnosisShape | None, Field(description="不向系统管理员显示")]
    summary: str
    doctor: DoctorShape
    valid: Annotated[bool, Field(description="今天有效")]
    verify_url: str
    qr_svg: Annotated[str | None, Field(description="验证页二维码；失效后为 null")]
    benefit: ReferralBenefitShape | None


class ReferralDetail(ReferralRow, SubmissionBeside, ReferralRest):
    """A referral in full."""


class VerifiedShape(TypedDict):
    """What whoever holds the verification code is told."""

    valid: bool
    status: Annotated[str, OneOf(Status)]
    status_label: str
    number: str
    patient: Annotated[str, Field(description="脱敏姓名")]
    issuer: str
    receiver: str | None
    destination: str
    issued_on: date
    valid_until: date | None


# Examples

CODE = "7KQM-2XWD-9HTR-4PVA"
ISSUE: dict[str, Any] = {
    "patient": {"name": "王秀兰", "id_number": "110101195503070028"},
    "diagnosis": {"code": "C34.9"},
    "reason": "needs_specialty",
    "summary": "右上肺占位，拟行手术治疗，本地缺乏相应条件。",
    "destination": "110000",
    "receiving_institution": "H11010100001",
    "doctor": {"name": "赵明", "rank": "associate_chief"},
}
ROW: dict[str, Any] = {
    **COMMON,
    "kind": "referral",
    "status": "approved",
    "actions": ["revoke"],
    "issuer": {"code": "H50000000001", "name": "重庆医科大学附属第一医院", "level": 3},
    "receiver": {"code": "H11010100001", "name": "北京示范医院", "level": 3},
    "destination": "110000",
    "destination_name": "北京市",
    "reason": "needs_specialty",
    "reason_label": "需专科诊治",
    "issued_on": "2026-11-21",
    "valid_from": "2026-11-21",
    "valid_until": "2027-02-20",
    "verification_code": CODE,
    "filing": ID,
    "predecessor": None,
}
REFERRAL: dict[str, Any] = {
    **ROW,
    **BESIDE,
    "diagnosis": {"code": "C34.9", "name": "支气管或肺恶性肿瘤"},
    "summary": ISSUE["summary"],
    "doctor": {"name": "赵明", "rank": "associate_chief", "rank_label": "副主任医师"},
    "valid": True,
    "verify_url": "https://example.org/r/7KQM2XWD9HTR4PVA/",
    "qr_svg": "<svg>…</svg>",
    "benefit": {
        "travel": "referral",
        "travel_label": "异地转诊",
        "filing": ID,
        "filing_number": "20261121-000124-2",
        "valid_from": "2026-11-21",
        "valid_until": "2027-05-20",
    },
}
VERIFIED: dict[str, Any] = {
    "valid": True,
    "status": "approved",
    "status_label": "有效",
    "number": "20261121-000123-4",
    "patient": "王*兰",
    "issuer": "重庆医科大学附属第一医院",
    "receiver": "北京示范医院",
    "destination": "北京市",
    "issued_on": "2026-11-21",
    "valid_until": "2027-02-20",
}
DIAGNOSIS: DiagnosisShape = {"code": "C34.9", "name": "支气管或肺恶性肿瘤"}
