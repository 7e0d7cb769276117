"""How the OpenAPI document describes referrals: a summary, an example and the refusals of every operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view

from core.http.schema import operation, query, refusal_response
from filings.examples import BESIDE, COMMON, ID
from referrals.serializers import (
    AmendReferral,
    DiagnosisQuery,
    DiagnosisShape,
    ReferralDetail,
    ReferralInput,
    ReferralRow,
    RevokeInput,
    VerifiedShape,
)
from reviews.documentation import STATE, common, of_submissions

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
INVALID = {
    "issuer_not_entitled": "示范医院没有转诊资格，请由参保地有转诊资格的医院开具。",
    "issuer_level_too_low": "重庆市规定转往外地须由三级及以上医院开具，请先转至本地三级医院。",
    "issuer_elsewhere": "患者的参保地是重庆市，转诊须由参保地的医院开具，请患者回参保地医院办理。",
    "receiver_elsewhere": "北京示范医院不在上海市，请改选接收医院或转往地区。",
    "receiver_level_lower": "示范医院（二级）的等级低于开具医院（三级），请改选同级或更高等级的医院。",
    "issued_in_future": "开具日期不能晚于今天，请修改。",
    "diagnosis_unknown": "诊断不在常用目录中，请同时填写ICD-10编码和名称。",
    "diagnosis_mismatch": "诊断编码与名称不一致，请核对。",
}
UNKNOWN = {
    "not_registered": "没有查到参保信息，请核对姓名和身份证号码，或联系参保地经办机构。",
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


def describe(view: Any) -> Any:
    """Class decorator: describe all operations of the referrals."""
    return extend_schema_view(
        **{
            **common(ReferralDetail, REFERRAL, overlaps=RIVALS),
            "list": operation(
                "转诊记录",
                answer=ReferralRow(many=True),
                example=ROW,
                parameters=[*of_submissions("issued_on", "valid_until"), query("destination", "Area code")],
            ),
            "create": operation(
                "开具转诊（医疗机构）",
                request=ReferralInput,
                sent=ISSUE,
                answer=ReferralDetail,
                example=REFERRAL,
                status=201,
                refusals={400: INVALID, 404: UNKNOWN, 409: RIVALS},
            ),
            "partial_update": operation(
                "补正被退回的转诊（医疗机构）",
                request=AmendReferral,
                sent={"summary": "补充：增强CT提示右上肺占位。"},
                answer=ReferralDetail,
                example=REFERRAL,
                refusals={400: INVALID, 409: STATE},
            ),
            "revoke": operation(
                "撤销转诊，须说明原因（开具的医疗机构）",
                request=RevokeInput,
                sent={"reason": "患者决定在本地治疗"},
                answer=ReferralDetail,
                example={
                    **REFERRAL,
                    "status": "revoked",
                    "actions": [],
                    "valid": False,
                    "qr_svg": None,
                    "benefit": None,
                },
                refusals={409: STATE},
            ),
        }
    )(view)


VERIFY = operation("验证转诊证明", answer=VerifiedShape, example=VERIFIED, refusals=NONE_SUCH)
DIAGNOSES = operation(
    "常用诊断（ICD-10）",
    parameters=[DiagnosisQuery],
    answer=DiagnosisShape(many=True),
    example={"code": "C34.9", "name": "支气管或肺恶性肿瘤"},
)
CERTIFICATE = extend_schema(
    summary="转诊转院证明（PDF）",
    responses={
        (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="OK"),
        409: refusal_response(409, {"no_certificate": "转诊未生效或已失效，没有可用的转诊证明。"}),
    },
)
