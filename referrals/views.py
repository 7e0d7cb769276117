"""The HTTP side of referrals: input in, one domain call, the submission out; verification and the list of diagnoses are open.

Whoever is shown a certificate verifies it by the API or on the page behind its QR code, without signing in.
"""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.http import address_of
from accounts.limits import Limit
from accounts.models import Account, Role
from core import printing
from core.errors import NotFound, Refusal
from core.http.open import OpenList
from core.http.schema import operation, refusal_response
from core.languages import SOURCE, reader
from policies.language.terms import TRAVEL_LABELS, Travel
from referrals import bodies, certificate, diagnoses, services
from referrals.bodies import (
    AmendReferral,
    DiagnosisQuery,
    DiagnosisShape,
    ReferralBenefitShape,
    ReferralDetail,
    ReferralInput,
    ReferralQuery,
    ReferralRest,
    ReferralRow,
    RevokeInput,
    VerifiedShape,
)
from referrals.models import Referral, bare
from reviews.models import Status
from reviews.presenting import Whole, present
from reviews.views import STATE, SubmissionViewSet, documented

VERIFYING = Limit("verify")
LONGEST_CODE = 40

INVALID = {
    "issuer_not_entitled": "示范医院没有转诊资格，请由参保地有转诊资格的医院开具。",
    "issuer_level_too_low": "重庆市规定转往外地须由三级及以上医院开具，请先转至本地三级医院。",
    "issuer_elsewhere": "患者的参保地是重庆市，转诊须由参保地的医院开具，请患者回参保地医院办理。",
    "receiver_elsewhere": "北京示范医院不在上海市，请改选接收医院或转往地区。",
    "receiver_level_lower": "示范医院（二级）的等级低于开具医院（三级），请改选同级或更高等级的医院。",
    "referral_to_itself": "转往地区就是参保地重庆市：转往外地的请改选转往地区，在本地转往上级医院的请选择接收医院。",
    "issued_in_future": "开具日期不能晚于今天，请修改。",
    "diagnosis_unknown": "诊断不在常用目录中，请同时填写ICD-10编码和名称。",
    "diagnosis_mismatch": "诊断编码与名称不一致，请核对。",
}
UNKNOWN = {
    "not_registered": "没有查到参保信息，请核对姓名和证件号码，或联系参保地经办机构。",
    "not_insured": "没有查到患者在该地有效的参保关系，请核对参保地和险种，或请患者联系参保地经办机构。",
}
RIVALS = {
    "enrollment_ambiguous": "患者有多个参保关系，请选择：重庆市 职工基本医疗保险（insured_area=500000，insurance=employee）。",
    "referral_overlaps": "患者同一疾病已有一份转诊在审核中（受理编号20261121-000123-4），请等待结果，或由开具医院先撤回。",
}
NONE_SUCH = {
    404: {"not_found": "没有这个验证码的转诊证明，请核对后重试。"},
    429: {"throttled": "操作过于频繁，请稍后再试。"},
}


@documented(
    "转诊记录",
    row=ReferralRow,
    listed=bodies.ROW,
    detail=ReferralDetail,
    shown=bodies.REFERRAL,
    overlaps=RIVALS,
)
class ReferralViewSet(SubmissionViewSet):
    """Referrals (转诊): issued by hospitals, seen by the patient, reviewed by the insured area where it reviews them."""

    model = Referral
    joins = ("destination", "issuer", "receiver", "made_filing")
    query = ReferralQuery
    versioned = True

    def presented(self, row: Any, whole: Whole) -> dict[str, Any]:
        url = verify_url(self.request, row)
        return {**present(row, self.account, whole), **detail(row, self.account, url)}

    @operation(
        "开具转诊（医疗机构）",
        request=ReferralInput,
        sent=bodies.ISSUE,
        answer=ReferralDetail,
        example=bodies.REFERRAL,
        status=201,
        refusals={400: INVALID, 404: UNKNOWN, 409: RIVALS},
    )
    def create(self, request: Request) -> Response:
        body = ReferralInput.read(request)
        return self.made(services.issue(self.account, body, address=address_of(request)))

    @operation(
        "补正被退回的转诊（医疗机构）",
        request=AmendReferral,
        sent={"summary": "补充：增强CT提示右上肺占位。"},
        answer=ReferralDetail,
        example=bodies.REFERRAL,
        refusals={400: INVALID, 409: STATE},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        return self.act(request, services.amend, content=AmendReferral.read(request))

    @operation(
        "撤销转诊，须说明原因（开具的医疗机构）",
        request=RevokeInput,
        sent={"reason": "患者决定在本地治疗"},
        answer=ReferralDetail,
        example={
            **bodies.REFERRAL,
            "status": "revoked",
            "actions": [],
            "valid": False,
            "qr_svg": None,
            "benefit": None,
        },
        refusals={409: STATE},
    )
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        return self.act(request, services.revoke, reason=RevokeInput.read(request).reason)

    @extend_schema(
        summary="转诊转院证明（PDF）",
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="OK"),
            409: refusal_response(409, {"no_certificate": "转诊未生效或已失效，没有可用的转诊证明。"}),
        },
    )
    def certificate(self, request: Request, pk: str) -> HttpResponse:
        """The certificate (转诊转院证明) as a PDF."""
        referral = self.get_object()
        return pdf_answer(referral, verify_url(request, referral), reader(request))


def detail(referral: Referral, account: Account, url: str) -> ReferralRest:
    """What one referral shows besides: the illness, except to administrators; the code to verify it; what it changes."""
    told = account.role != Role.ADMIN
    return {
        "diagnosis": {"code": referral.diagnosis_code, "name": referral.diagnosis_name} if told else None,
        "summary": referral.summary if told else "",
        "doctor": {"name": referral.doctor_name, "rank": referral.doctor_rank, "rank_label": referral.get_doctor_rank_display()},
        "valid": certificate.counts(referral),
        "verify_url": url,
        "qr_svg": printing.qr(url) if certificate.counts(referral) else None,
        "benefit": _benefit(referral),
    }  # fmt: skip


def _benefit(referral: Referral) -> ReferralBenefitShape | None:
    """As what care there settles under the filing it made; None: it made none, or that counts no longer."""
    filing = referral.made_filing
    if filing is None or filing.status != Status.APPROVED:
        return None
    return {
        "travel": filing.travel,
        "travel_label": TRAVEL_LABELS[cast(Travel, filing.travel)],
        "filing": str(filing.pk),
        "filing_number": filing.number,
        "valid_from": filing.valid_from,
        "valid_until": filing.valid_until,
    }


def verify_url(request: Any, referral: Referral) -> str:
    """The address of the public page that verifies a referral."""
    return str(request.build_absolute_uri(reverse("verify-referral", args=[referral.verification_code])))


def pdf_answer(referral: Referral, url: str, language: str = SOURCE) -> HttpResponse:
    """The certificate, to be kept by nobody on the way. Raises WrongState `no_certificate`."""
    return printing.pdf_answer(certificate.pdf(referral, url, language), f"referral-{referral.number}", language)


def verified(code: str, address: str) -> Referral:
    """The referral with this verification code, for whoever holds it. Raises NotFound, TooMany."""
    VERIFYING.spend(address)
    rows = Referral.objects.exclude(submitted_at=None).select_related("person", "issuer", "receiver", "destination")
    referral: Referral | None = rows.filter(verification_code=bare(code)).first()
    if referral is None:
        raise NotFound(_("没有这个验证码的转诊证明，请核对后重试。"))
    return referral


class Verify(APIView):
    """Whether a referral is good: for any hospital that is shown one."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @operation("验证转诊证明", answer=VerifiedShape, example=bodies.VERIFIED, refusals=NONE_SUCH)
    def get(self, request: Request, code: str) -> Response:
        shown = certificate.public(verified(code, address_of(request)))
        return Response(shown, headers={"Cache-Control": "no-store"})


@require_safe
@never_cache
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """The page of the referral with this code, or why it cannot be shown."""
    context: dict[str, Any] = {"code": certificate.spaced(bare(code)[:LONGEST_CODE])}
    status = 200
    try:
        context["shown"] = certificate.public(verified(code, BaseThrottle().get_ident(request) or ""))  # type: ignore[arg-type]
    except Refusal as refusal:
        context["problem"], status = refusal.detail, refusal.status
    return render(request, "referrals/verify.html", context, status=status)


@require_safe
def ask_code(request: HttpRequest) -> HttpResponse:
    """Where a code is typed by hand."""
    code = bare(request.GET.get("code", ""))[:LONGEST_CODE]
    if code.isalnum():
        return HttpResponseRedirect(reverse("verify-referral", args=[code]))
    return render(request, "referrals/verify.html", {})


class Diagnoses(OpenList):
    """Diagnoses of the national list (医保版 ICD-10 2.0), by code, name, pinyin, initials or everyday word."""

    @operation(
        "诊断（医保版ICD-10）", parameters=[DiagnosisQuery], answer=list[DiagnosisShape], example=bodies.DIAGNOSIS
    )
    def get(self, request: Request) -> Response:
        return self.page(request, diagnoses.search(DiagnosisQuery.read(request).q), _diagnosis)


def _diagnosis(row: diagnoses.Diagnosis) -> DiagnosisShape:
    return {"code": row.code, "name": row.name}
