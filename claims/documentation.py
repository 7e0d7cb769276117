"""How the OpenAPI document describes claims: a summary, an example and the refusals of every operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_view

from claims import examples
from claims.serializers import ClaimFields, ClaimInput, CorrectInput
from claims.shapes import ClaimDetail, ClaimOptions, ClaimRow
from core.http.schema import operation, query
from reviews.documentation import DECIDED, STATE, common, of_submissions

TWICE = {
    "invoice_claimed": "该票据已有报销申请（受理编号20261121-000123-4），请在报销记录中查看。",
    "invoice_paid": "该票据已经结算或报销，不能再次报销，请核对票据号码。",
    "settled_already": "这次就医已在医院直接结算（结算编号J20261121-00000087-3），不能再申请报销，请在结算记录中查看。",
}
INVALID = {
    "documents_missing": "还缺少：费用清单。请上传后再提交。",
    "claim_late": "应在2025年11月20日前申请，现已超过期限；有特殊原因的，请携带材料到重庆市经办机构窗口咨询。",
    "disease_not_recognised": "2024年11月10日没有“高血压”的有效认定，不能报销，也不能按普通门诊报销；请先申请认定，认定生效后的费用可以报销。",
    "scope_negative": "全自费、超限价与先行自付之和超过费用总额，请核对。",
    "items_total": "明细合计 119.00 与填写的 120.00 不一致，请核对。",
}
NOBODY = {"not_found": "没有找到该参保关系，请先绑定参保人。"}
UNPAID = {
    **DECIDED,
    "not_covered": "按参保地政策不能支付，请以此理由作出不予通过的决定：三级医院普通门诊不予支付。",
    "level_missing": "医疗机构不在名录中，请先核定其结算等级。",
}


def _claims() -> dict[str, Any]:
    shown = examples.DETAIL
    filters = [
        *of_submissions("admitted_on"),
        query("care", "One or more, separated by commas"),
        query("payment", "`none`, `due`, `exported`, `paid`; one or more, separated by commas"),
    ]
    return {
        **common(ClaimDetail, shown, overlaps=TWICE),
        "list": operation("手工报销记录", answer=ClaimRow(many=True), example=examples.ROW, parameters=filters),
        "retrieve": operation("详情", answer=ClaimDetail, example=examples.APPROVED),
        "create": operation(
            "申请手工报销，或存为草稿",
            request=ClaimInput,
            sent=examples.CLAIM,
            answer=ClaimDetail,
            example=shown,
            status=201,
            refusals={400: INVALID, 404: NOBODY, 409: TWICE},
        ),
        "partial_update": operation(
            "修改草稿或待补正的报销申请",
            request=ClaimFields(partial=True),
            sent={"invoice_number": "0012345679"},
            answer=ClaimDetail,
            example=shown,
            refusals={409: STATE},
        ),
        "correct": operation(
            "核定费用（审核员）；复审时核定的，重新从初审开始",
            request=CorrectInput,
            sent=examples.CORRECT,
            answer=ClaimDetail,
            example=shown,
            refusals={400: {"scope_negative": INVALID["scope_negative"]}, 409: UNPAID},
        ),
    }


def _options() -> dict[str, Any]:
    enrollment = OpenApiParameter("enrollment", str, required=True, description="Enrolment id")
    return {
        "get": operation(
            "手工报销需要什么、何时以前申请",
            answer=ClaimOptions,
            example=examples.OPTIONS,
            parameters=[enrollment, query("discharged_on", "The last day of the care: when may it be claimed until?")],
            refusals={400: {"required": "请选择参保关系。"}, 404: NOBODY},
        )
    }


def describe(what: str) -> Callable[[Any], Any]:
    """Class decorator: describe all operations of a view (`claims`, `options`)."""
    return extend_schema_view(**{"claims": _claims, "options": _options}[what]())
