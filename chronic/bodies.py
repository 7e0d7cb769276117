"""What is sent and answered about recognitions (API.md, "Chronic diseases"), with the examples of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from core.errors import Problem
from core.http.bodies import Body, Query
from core.http.values import Maybe, Named, OneOf, Ordering
from core.prepared import prepared
from filings.bodies import CommitmentShape, FilingDay, Institutions
from filings.models import FiledBy
from regions.models import Disease, Institution
from reviews.bodies import (
    BESIDE,
    COMMON,
    ENROLLMENT,
    MATERIAL,
    ORDERS,
    SENTENCE,
    CommitmentInput,
    DocumentShape,
    Id,
    Materials,
    SubmissionBeside,
    SubmissionQuery,
    SubmissionRow,
)
from reviews.models import Status

# What is sent

NO_DISEASE = _("没有找到该病种，请重新选择。")


def disease_of(code: str) -> Disease | None:
    """The disease with this code."""
    return _diseases.first(code=code)


@prepared
def _diseases(*, code: str) -> QuerySet[Disease]:
    return Disease.objects.filter(pk=code)


def institution_of(code: str) -> Institution | None:
    """The institution with this code, with its area."""
    return _institutions.first(code=code)


@prepared
def _institutions(*, code: str) -> QuerySet[Institution]:
    return Institution.objects.select_related("area__parent").filter(pk=code)


OfDisease = Annotated[Disease, Named(disease_of, NO_DISEASE)]
Diagnosing = Annotated[Institution, Named(institution_of, _("没有找到这家医疗机构，请重新选择。"), blank=True)]


class RecognitionQuery(SubmissionQuery):
    lookups: ClassVar[dict[str, str]] = {**SubmissionQuery.lookups, "disease": "disease"}

    disease: Maybe[Annotated[str, AfterValidator(lambda code: code[:8])]] = Field(None, description="Disease code")
    ordering: Annotated[str, Ordering(*ORDERS, "valid_from", "renew_by")] = Field(
        "-created_at", description=f"{SENTENCE}, `valid_from`, `renew_by`"
    )


class RecognitionFields(Body):
    """What may be said of a recognition; every field may be left out of a PATCH."""

    disease: Maybe[OfDisease] = Field(None, description="病种编码，如 M01600")
    diagnosed_on: FilingDay | None = None
    diagnosing_institution: Diagnosing | None = Field(None, description="医疗机构编码")
    institutions: Institutions = []
    materials: Materials = []
    commitment: CommitmentInput | None = None


class RecognitionInput(RecognitionFields):
    """A new application."""

    disease: OfDisease = Field(description="病种编码，如 M01600")
    enrollment: UUID
    draft: bool = False

    def problems(self) -> Iterator[Problem]:
        wanted = () if self.draft else ("diagnosed_on", "diagnosing_institution")
        return (Problem("required", str(_("请填写此项。")), name) for name in wanted if not getattr(self, name))


class RenewInput(Body):
    """Fresh documents; the rest stays as it was, but for the institutions where others are named."""

    institutions: Institutions = []
    materials: Materials = []
    commitment: CommitmentInput | None = None
    draft: bool = False


class ChooseInput(Body):
    institutions: Institutions


class OptionsQuery(Query):
    sentences = {**Query.sentences, "missing": ("required", _("请选择参保关系。"))}

    enrollment: Id = Field(description="Enrolment id")


# What is answered


class RecognitionColumns(TypedDict):
    disease: str
    disease_name: str
    stages: Annotated[int, Field(description="审核环节数：初审、专家复审")]
    diagnosed_on: date | None
    diagnosing_institution: str | None
    diagnosing_institution_name: str
    valid_from: date | None
    valid_until: Annotated[date | None, Field(description="结束后：最后一天")]
    renew_by: Annotated[date | None, Field(description="应在此日前续期（含当日）；null 为长期有效")]
    renewing: Annotated[bool, Field(description="续期申请正在办理")]
    filed_by: Annotated[str, OneOf(FiledBy)]
    commitment: CommitmentShape | None
    predecessor: str | None


class RecognitionRow(SubmissionRow, RecognitionColumns):
    """A recognition in a list."""


class ChosenShape(TypedDict):
    code: str
    name: str


class RecognitionRest(TypedDict):
    institutions: list[ChosenShape]


class RecognitionDetail(RecognitionRow, SubmissionBeside, RecognitionRest):
    """A recognition in full."""


class FormRow(TypedDict):
    label: str
    text: str


class FormTexts(TypedDict):
    title: str
    rows: list[FormRow]
    opinions: list[str]


class FormShape(FormTexts):
    """The application form, filled in, to print; `original`: the same in Chinese, in which the agency reads it."""

    original: FormTexts


class RecognitionOption(TypedDict):
    """One disease."""

    disease: str
    name: str
    recognised: Annotated[bool, Field(description="参保地是否认定该病种")]
    documents: list[DocumentShape]
    stages: int
    working_days: Annotated[list[int], Field(description="各审核环节的工作日")]
    starts: Literal["next_month", "at_once"]
    renewal_months: Annotated[int | None, Field(description="null 为长期有效")]
    institutions: Annotated[int | None, Field(description="最多选定几家医疗机构；null 为不限，也可以不选")]
    lowest_level: Annotated[int, Field(description="医疗机构最低等级")]
    benefit: str
    note: str
    running: Annotated[str | None, Field(description="正在办理或有效的认定")]
    running_status: Annotated[str, OneOf(Status)] | None


# Examples

APPLY: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "disease": "M01600",
    "diagnosed_on": "2026-10-12",
    "diagnosing_institution": "H50010000001",
    "institutions": ["H11010100001"],
    "materials": [MATERIAL],
}

ROW: dict[str, Any] = {
    **COMMON,
    "kind": "recognition",
    "disease": "M01600",
    "disease_name": "糖尿病",
    "stages": 2,
    "diagnosed_on": "2026-10-12",
    "diagnosing_institution": "H50010000001",
    "diagnosing_institution_name": "重庆示范医院",
    "valid_from": None,
    "valid_until": None,
    "renew_by": None,
    "renewing": False,
    "filed_by": "document",
    "commitment": None,
    "predecessor": None,
}

DETAIL: dict[str, Any] = {**ROW, **BESIDE, "institutions": [{"code": "H11010100001", "name": "北京示范医院"}]}

FORM_TEXTS: dict[str, Any] = {
    "title": "门诊特殊病种申请表",
    "rows": [{"label": "姓名", "text": "王秀兰"}, {"label": "申请病种", "text": "糖尿病（M01600）"}],
    "opinions": ["参保人（代办人）签名", "专家复审意见"],
}
FORM: dict[str, Any] = {**FORM_TEXTS, "original": FORM_TEXTS}

OPTION: dict[str, Any] = {
    "disease": "M01600",
    "name": "糖尿病",
    "recognised": True,
    "documents": [
        {
            "kind": "discharge_record",
            "label": "出院记录或门诊病历",
            "required": True,
            "alternatives": ["outpatient_record"],
            "alternative_labels": {"outpatient_record": "门诊病历"},
            "note": "",
        }
    ],
    "stages": 2,
    "working_days": [10, 10],
    "starts": "next_month",
    "renewal_months": None,
    "institutions": None,
    "lowest_level": 2,
    "benefit": "通过后次月1日起享受待遇，长期有效。",
    "note": "",
    "running": None,
    "running_status": None,
}
