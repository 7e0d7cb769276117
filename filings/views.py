"""The HTTP side of filings and proofs: input in, one domain call, the submission out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Endpoint, address_of, enrollment_of
from accounts.models import Role
from core.errors import Forbidden, NotFound
from core.http.schema import operation, refusal_response
from core.languages import reader
from core.printing import pdf_answer
from filings import bodies, options_bodies, proofs, receipt, services
from filings.agents import file_as_agent
from filings.bodies import (
    AmendInput,
    CancelInput,
    ChangeInput,
    FilingDetail,
    FilingInput,
    FilingQuery,
    FilingRow,
    ProofDetail,
    ProofInput,
    ProofMaterials,
    ProofRow,
)
from filings.lifecycle import in_full
from filings.models import Filing, Proof
from filings.options import options, translate_notices
from filings.options_bodies import OptionsQuery, OptionsShape
from reviews.bodies import ID, MATERIAL, SubmissionQuery
from reviews.lifecycle import Actor
from reviews.presenting import Whole, present
from reviews.views import DRAFTS, STATE, SubmissionViewSet, documented, if_match

FILING_INVALID = {
    "documents_missing": "还缺少：居住证，暂时没有可签个人承诺书。请上传后再提交。",
    "destination_granularity": "四川省请选择到具体城市，备案到全省不能直接结算。",
    "no_filing_needed": "天津市参保人到北京市就医免备案，按“异地长期居住”直接结算。",
    "starts_too_early": "开始日期最早为2026年11月16日，请改到这一天或之后。"
    "已经入院、还没有出院结算的，请补办：选择所住的医院并填写入院日期，备案可以从入院当天开始。",
}
OVERLAPS = {
    "filing_overlaps": "已有一份长期备案（受理编号20261121-000123-4）；要换就医地或类型，请在该备案上办理变更。"
}
LOCKED = {"filing_locked": "按参保地规定，该备案在2027年5月20日前（含当日）不能取消，请之后再办理。"}
PROOF_CLOSED = {
    "commitment_not_open": "该备案没有待履行的承诺，无需补交材料。",
    "proof_pending": "已有一份补充材料在审核中，请等待结果，或先撤回。",
}
UNKNOWN = {"not_registered": "没有找到与姓名、证件号码、参保地和险种都相符的参保人，请核对后重试。"}


@documented(
    "备案记录", row=FilingRow, listed=bodies.FILING_ROW, detail=FilingDetail, shown=bodies.FILING, overlaps=OVERLAPS
)
class FilingViewSet(SubmissionViewSet):
    """Cross-area filings (异地就医备案)."""

    model = Filing
    joins = ("destination", "commitment")
    query = FilingQuery
    versioned = True

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        account = self.account
        body = in_full(present(row, account, whole), row, account, whole)
        if body["commitment"] and proofs.may_prove(row, account):
            body["actions"].append("proof")
        return body

    @operation(
        "提交备案，或存为草稿；代办人以 `for` 和 `agent` 代替 `enrollment`",
        request=FilingInput,
        sent=bodies.FILE,
        answer=FilingDetail,
        example=bodies.FILING,
        status=201,
        refusals={400: FILING_INVALID, 404: UNKNOWN, 409: {**OVERLAPS, **DRAFTS}},
    )
    def create(self, request: Request) -> Response:
        body = FilingInput.read(request)
        if self.account.role != Role.CITIZEN:
            raise Forbidden(_("工作人员账户不能提交备案，请由参保人或代办人办理。"))
        if body.principal and body.agent and not body.enrollment:
            address = address_of(request)
            case = file_as_agent(self.account, body.principal, body.agent, body, draft=body.draft, address=address)
        else:
            case = services.file(self.account, enrollment_of(self.account, body.enrollment), body, draft=body.draft)
        return self.made(case)

    @operation(
        "修改草稿或待补正的备案",
        request=AmendInput,
        sent={"contact_phone": "13900000001"},
        answer=FilingDetail,
        example=bodies.FILING,
        refusals={409: STATE},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        return self.act(request, services.amend, content=AmendInput.read(request))

    @operation(
        "取消已通过的备案",
        request=CancelInput,
        sent={"reason": "已回参保地生活"},
        answer=FilingDetail,
        example={**bodies.FILING, "status": "cancelled", "actions": []},
        refusals={409: LOCKED},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        body = CancelInput.read(request)
        return self.act(request, services.cancel, reason=body.reason, materials=body.materials)

    @operation(
        "补交承诺的材料（同 POST proofs/）",
        request=ProofMaterials,
        sent={"materials": [MATERIAL]},
        answer=FilingDetail,
        example=bodies.FILING,
        status=201,
        refusals={404: UNKNOWN, 409: PROOF_CLOSED},
    )
    @action(detail=True, methods=["post"])
    def proof(self, request: Request, pk: str) -> Response:
        body, filing = ProofMaterials.read(request), self.get_object()
        proofs.prove(self.account, filing, body.materials)
        return self.shown(filing, 201)

    @operation(
        "变更已通过的备案：新备案通过后接替原备案",
        request=ChangeInput,
        sent={"destination": "310000", "materials": [MATERIAL]},
        answer=FilingDetail,
        example={**bodies.FILING, "destination": "310000", "destination_name": "上海市", "predecessor": ID},
        status=201,
        refusals={400: FILING_INVALID, 409: {**LOCKED, **OVERLAPS}},
    )
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str) -> Response:
        body, filing = ChangeInput.read(request), self.get_object()
        actor = Actor.of(self.account, filing.person_id)
        version = if_match(request)
        return self.made(services.change(filing, body, actor=actor, version=version, draft=body.draft))

    @extend_schema(
        summary="备案回执（PDF）",
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="OK"),
            409: refusal_response(409, {"no_receipt": "草稿还没有提交，没有回执。请先提交。"}),
        },
    )
    def receipt(self, request: Request, pk: str) -> HttpResponse:
        """The receipt (备案回执) as a PDF. Names the person in full to those who act for them under a mandate, else masked."""
        filing = self.get_object()
        own = filing.person_id in self.account.active_mandates
        language = reader(request)
        return pdf_answer(receipt.paper(filing, unmasked=own).pdf(language), f"filing-{filing.number}", language)


@documented(
    "承诺补充材料记录", row=ProofRow, listed=bodies.PROOF_ROW, detail=ProofDetail, shown=bodies.PROOF, overlaps=OVERLAPS
)
class ProofViewSet(SubmissionViewSet):
    """Promised documents of commitments (承诺补充材料)."""

    model = Proof
    joins = ("proves",)
    query = SubmissionQuery
    versioned = True

    @operation(
        "补交承诺的材料",
        request=ProofInput,
        sent={"filing": ID, "materials": [MATERIAL]},
        answer=ProofDetail,
        example=bodies.PROOF,
        status=201,
        refusals={404: UNKNOWN, 409: PROOF_CLOSED},
    )
    def create(self, request: Request) -> Response:
        body = ProofInput.read(request)
        visible = Filing.objects.visible_to(self.account).select_related("person", "enrollment", "area")
        filing = visible.filter(pk=body.filing).first()
        if filing is None:
            raise NotFound(_("没有找到该备案。"), attr="filing")
        return self.made(proofs.prove(self.account, filing, body.materials, draft=body.draft))

    @operation(
        "修改草稿或待补正的补充材料",
        request=ProofMaterials,
        sent={"materials": [MATERIAL]},
        answer=ProofDetail,
        example=bodies.PROOF,
        refusals={409: STATE},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        return self.act(request, proofs.amend_proof, materials=ProofMaterials.read(request).materials)


class FilingOptions(Endpoint):
    """What can be filed for a place, explained."""

    roles = frozenset({Role.CITIZEN})

    @operation(
        "可办理的备案类型及说明",
        parameters=[OptionsQuery],
        answer=OptionsShape,
        example=options_bodies.OPTIONS,
        refusals={
            400: {"required": "请选择参保关系和就医地。", "does_not_exist": "没有找到这个地区，请重新选择就医地。"}
        },
    )
    def get(self, request: Request) -> Response:
        wanted, enrollment = OptionsQuery.read(request), None
        if wanted.filing:
            enrollment = Filing.objects.enrollment_written(self.account, wanted.enrollment, wanted.filing)
        enrollment = enrollment or enrollment_of(self.account, UUID(wanted.enrollment))
        own = Filing.objects.with_predecessor(wanted.filing, self.account) if wanted.filing else ()
        return Response(translate_notices(options(enrollment, wanted.destination, own), reader(request)))
