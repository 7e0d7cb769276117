"""The HTTP side of recognitions: input in, one domain call, the submission out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint, enrollment_of
from accounts.models import Account, Role
from chronic import bodies, commitments, services
from chronic.bodies import (
    ChooseInput,
    FormShape,
    OptionsQuery,
    RecognitionDetail,
    RecognitionFields,
    RecognitionInput,
    RecognitionOption,
    RecognitionQuery,
    RecognitionRest,
    RecognitionRow,
    RenewInput,
)
from chronic.models import Recognition
from chronic.options import form, options, paper
from core.errors import Forbidden
from core.http.schema import operation, refusal_response
from core.languages import reader
from core.printing import pdf_answer
from reviews.bodies import MATERIAL
from reviews.lifecycle import Actor
from reviews.presenting import Whole, present
from reviews.views import DRAFTS, STATE, SubmissionViewSet, documented, if_match
from reviews.workflow import Who, standing

RUNNING = {
    "recognition_running": "“糖尿病”已有正在办理或有效的认定（受理编号20261121-000123-4），请在“门诊慢特病”中查看。"
}
INVALID = {
    "documents_missing": "还缺少：出院记录或门诊病历。请上传后再提交。",
    "disease_not_recognised": "重庆市不认定“病毒性肝炎”，请改选其他病种或咨询经办机构。",
    "diagnosis_in_future": "确诊日期不能晚于今天，请核对。",
}
EARLY = {
    "renewal_too_early": "请在2027年2月28日或之后办理续期。",
    "renewal_not_needed": "该认定长期有效，不需要续期。",
    "renewal_running": "该认定已有一份续期申请在办理中（受理编号20261121-000123-4），请等待结果或先撤回。",
}
NOT_YOURS = {"not_yours": "申请表只能由参保人或其代办人打印。"}
UNFIT = {
    "institution_not_open": "示范医院尚未开通“糖尿病”异地直接结算，请改选已开通的医疗机构。",
    "institutions_too_many": "最多选择2家定点医疗机构，请减少。",
}


@documented(
    "门诊慢特病认定记录",
    row=RecognitionRow,
    listed=bodies.ROW,
    detail=RecognitionDetail,
    shown=bodies.DETAIL,
    overlaps=RUNNING,
)
class RecognitionViewSet(SubmissionViewSet):
    """Recognitions of chronic and special diseases (门诊慢特病认定)."""

    model = Recognition
    joins = ("enrollment", "disease", "diagnosing_institution")
    query = RecognitionQuery
    versioned = True

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        return {**present(row, self.account, whole), **detail(row, self.account)}

    @operation(
        "申请门诊慢特病认定，或存为草稿",
        request=RecognitionInput,
        sent=bodies.APPLY,
        answer=RecognitionDetail,
        example=bodies.DETAIL,
        status=201,
        refusals={400: INVALID, 409: {**RUNNING, **DRAFTS}},
    )
    def create(self, request: Request) -> Response:
        if self.account.role != Role.CITIZEN:
            raise Forbidden(_("工作人员账户不能提交认定申请，请由参保人或代办人办理。"))
        body = RecognitionInput.read(request)
        enrollment = enrollment_of(self.account, body.enrollment)
        return self.made(services.apply(self.account, enrollment, body, draft=body.draft))

    @operation(
        "修改草稿或待补正的认定申请",
        request=RecognitionFields,
        sent={"diagnosed_on": "2026-10-12"},
        answer=RecognitionDetail,
        example=bodies.DETAIL,
        refusals={409: STATE},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        return self.act(request, services.amend, content=RecognitionFields.read(request))

    @operation(
        "续期：上传新的材料，通过后接替原认定",
        request=RenewInput,
        sent={"materials": [MATERIAL]},
        answer=RecognitionDetail,
        example=bodies.DETAIL,
        status=201,
        refusals={400: INVALID, 409: EARLY},
    )
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        body, row = RenewInput.read(request), self.get_object()
        actor = Actor.of(self.account, row.person_id)
        return self.made(services.renew(row, body, actor=actor, version=if_match(request), draft=body.draft))

    @operation(
        "变更选定的医疗机构",
        request=ChooseInput,
        sent={"institutions": ["H11010100001"]},
        answer=RecognitionDetail,
        example=bodies.DETAIL,
        refusals={400: UNFIT, 409: STATE},
    )
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str) -> Response:
        return self.act(request, services.choose, institutions=ChooseInput.read(request).institutions)

    @operation("门诊特殊病种申请表（已填写，供打印）", answer=FormShape, example=bodies.FORM, refusals={403: NOT_YOURS})
    @action(detail=True, methods=["get"])
    def form(self, request: Request, pk: str) -> Response:
        """The filled-in form names the person in full: only for those who act for them under a proven mandate."""
        return Response(form(self._own()))

    @extend_schema(
        summary="门诊特殊病种申请表（PDF）",
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="OK"),
            403: refusal_response(403, NOT_YOURS),
        },
    )
    def form_pdf(self, request: Request, pk: str) -> HttpResponse:
        """The same form as a PDF, to be printed and signed."""
        row = self._own()
        language = reader(request)
        return pdf_answer(paper(row).pdf(language), f"recognition-{row.number}", language)

    def _own(self) -> Recognition:
        row: Recognition = self.get_object()
        if standing(row, self.account) != Who.APPLICANT:
            raise Forbidden(_("申请表只能由参保人或其代办人打印。"), code="not_yours")
        return row


def detail(recognition: Recognition, account: Account) -> Mapping[str, Any]:
    """What one recognition shows besides: the chosen institutions; the signature to those who apply."""
    chosen = recognition.institutions.order_by("code").values_list("code", "name")
    shown: RecognitionRest = {"institutions": [{"code": code, "name": name} for code, name in chosen]}
    signed = commitments.shown(recognition)
    if signed is None or account.role != Role.CITIZEN:
        return shown
    return {**shown, "commitment": {**signed, "signed_name": recognition.signed_name}}


class RecognitionOptions(Endpoint):
    """What can be recognised for an enrolment, explained."""

    roles = frozenset({Role.CITIZEN})
    pagination_class = None

    @operation(
        "可认定的病种及说明",
        parameters=[OptionsQuery],
        answer=list[RecognitionOption],
        example=bodies.OPTION,
        refusals={400: {"required": "请选择参保关系。"}},
    )
    def get(self, request: Request) -> Response:
        return Response(options(enrollment_of(self.account, OptionsQuery.read(request).enrollment)))
