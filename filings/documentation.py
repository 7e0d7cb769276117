"""How the OpenAPI document describes filings: a summary, an example and the refusals of every operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_view

from core.http.schema import operation, query
from filings import examples
from filings.serializers import AmendInput, CancelInput, ChangeInput, FilingInput, ProofInput, ProofMaterials
from filings.shapes import FilingDetail, FilingRow, OptionsShape, ProofDetail, ProofRow
from reviews.documentation import STATE, common, of_submissions

Refused = Mapping[int, Mapping[str, str]]

FILING_INVALID = {
    "documents_missing": "还缺少：居住证，暂时没有可签个人承诺书。请上传后再提交。",
    "destination_granularity": "四川省请选择到具体城市，备案到全省不能直接结算。",
    "no_filing_needed": "天津市参保人到北京市就医免备案，按“异地长期居住”直接结算。",
    "starts_too_early": "开始日期最早为2026年11月16日，请改到这一天或之后。",
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

FILING_FILTERS = [
    *of_submissions("valid_from", "valid_until"),
    query("type", "One or more filing types"),
    query("destination", "Area code"),
]


def _filings() -> dict[str, Any]:
    shown = examples.FILING
    return {
        **common(FilingDetail, shown, overlaps=OVERLAPS),
        **_afterwards(shown),
        "list": operation(
            "备案记录",
            answer=FilingRow(many=True),
            example=examples.FILING_ROW,
            parameters=FILING_FILTERS,
        ),
        "create": operation(
            "提交备案，或存为草稿；代办人以 `for` 和 `agent` 代替 `enrollment`",
            request=FilingInput,
            sent=examples.FILE,
            answer=FilingDetail,
            example=shown,
            status=201,
            refusals={400: FILING_INVALID, 404: UNKNOWN, 409: OVERLAPS},
        ),
        "partial_update": operation(
            "修改草稿或待补正的备案",
            request=AmendInput,
            sent={"contact_phone": "13900000001"},
            answer=FilingDetail,
            example=shown,
            refusals={409: STATE},
        ),
    }


def _afterwards(shown: dict[str, Any]) -> dict[str, Any]:
    """What may be done with an approved filing."""
    return {
        "cancel": operation(
            "取消已通过的备案",
            request=CancelInput,
            sent={"reason": "已回参保地生活"},
            answer=FilingDetail,
            example={**shown, "status": "cancelled", "actions": []},
            refusals={409: LOCKED},
        ),
        "proof": operation(
            "补交承诺的材料（同 POST proofs/）",
            request=ProofMaterials,
            sent={"materials": [examples.MATERIAL]},
            answer=FilingDetail,
            example=shown,
            status=201,
            refusals={404: UNKNOWN, 409: PROOF_CLOSED},
        ),
        "change": operation(
            "变更已通过的备案：新备案通过后接替原备案",
            request=ChangeInput(partial=True),
            sent={"destination": "310000", "materials": [examples.MATERIAL]},
            answer=FilingDetail,
            example={**shown, "destination": "310000", "destination_name": "上海市", "predecessor": examples.ID},
            status=201,
            refusals={400: FILING_INVALID, 409: {**LOCKED, **OVERLAPS}},
        ),
    }


def _proofs() -> dict[str, Any]:
    return {
        **common(ProofDetail, examples.PROOF, overlaps=OVERLAPS),
        "list": operation(
            "承诺补充材料记录", answer=ProofRow(many=True), example=examples.PROOF_ROW, parameters=of_submissions()
        ),
        "create": operation(
            "补交承诺的材料",
            request=ProofInput,
            sent={"filing": examples.ID, "materials": [examples.MATERIAL]},
            answer=ProofDetail,
            example=examples.PROOF,
            status=201,
            refusals={404: UNKNOWN, 409: PROOF_CLOSED},
        ),
        "partial_update": operation(
            "修改草稿或待补正的补充材料",
            request=ProofMaterials,
            sent={"materials": [examples.MATERIAL]},
            answer=ProofDetail,
            example=examples.PROOF,
            refusals={409: STATE},
        ),
    }


def _options() -> dict[str, Any]:
    return {
        "get": operation(
            "可办理的备案类型及说明",
            answer=OptionsShape,
            example=examples.OPTIONS,
            parameters=[
                OpenApiParameter("enrollment", str, required=True, description="Enrolment id"),
                OpenApiParameter("destination", str, required=True, description="Area code"),
            ],
            refusals={
                400: {"required": "请选择参保关系和就医地。", "does_not_exist": "没有找到这个地区，请重新选择就医地。"}
            },
        )
    }


def describe(what: str) -> Callable[[Any], Any]:
    """Class decorator: describe all operations of a view (`filings`, `proofs`, `options`)."""
    operations = {"filings": _filings, "proofs": _proofs, "options": _options}[what]()
    return extend_schema_view(**operations)
