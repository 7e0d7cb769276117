"""How the OpenAPI document describes recognitions: a summary, an example and the refusals of every operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_view

from chronic import examples
from chronic.serializers import ChooseInput, RecognitionFields, RecognitionInput, RenewInput
from chronic.shapes import FormShape, RecognitionDetail, RecognitionOption, RecognitionRow
from core.http.schema import operation, query
from filings.examples import MATERIAL
from reviews.documentation import STATE, common, of_submissions

RUNNING = {"recognition_running": "“糖尿病”已有正在办理或有效的认定（受理编号20261121-000123-4），请在认定记录中查看。"}
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
UNFIT = {
    "institution_not_open": "示范医院尚未开通“糖尿病”异地直接结算，请改选已开通的医疗机构。",
    "institutions_too_many": "最多选择2家定点医疗机构，请减少。",
}


def _recognitions() -> dict[str, Any]:
    shown = examples.DETAIL
    filters = [*of_submissions("valid_from", "renew_by"), query("disease", "Disease code")]
    return {
        **common(RecognitionDetail, shown, overlaps=RUNNING),
        **_afterwards(shown),
        "list": operation(
            "门诊慢特病认定记录", answer=RecognitionRow(many=True), example=examples.ROW, parameters=filters
        ),
        "create": operation(
            "申请门诊慢特病认定，或存为草稿",
            request=RecognitionInput,
            sent=examples.APPLY,
            answer=RecognitionDetail,
            example=shown,
            status=201,
            refusals={400: INVALID, 409: RUNNING},
        ),
        "partial_update": operation(
            "修改草稿或待补正的认定申请",
            request=RecognitionFields(partial=True),
            sent={"diagnosed_on": "2026-10-12"},
            answer=RecognitionDetail,
            example=shown,
            refusals={409: STATE},
        ),
        "form": operation("门诊特殊病种申请表（已填写，供打印）", answer=FormShape, example=examples.FORM),
    }


def _afterwards(shown: dict[str, Any]) -> dict[str, Any]:
    """What may be done with an approved recognition."""
    return {
        "renew": operation(
            "续期：上传新的材料，通过后接替原认定",
            request=RenewInput,
            sent={"materials": [MATERIAL]},
            answer=RecognitionDetail,
            example=shown,
            status=201,
            refusals={400: INVALID, 409: EARLY},
        ),
        "choose": operation(
            "变更选定的医疗机构",
            request=ChooseInput,
            sent={"institutions": ["H11010100001"]},
            answer=RecognitionDetail,
            example=shown,
            refusals={400: UNFIT, 409: STATE},
        ),
    }


def _options() -> dict[str, Any]:
    required = {"required": "请选择参保关系。"}
    enrollment = OpenApiParameter("enrollment", str, required=True, description="Enrolment id")
    return {
        "get": operation(
            "可认定的病种及说明",
            answer=RecognitionOption(many=True),
            example=examples.OPTION,
            parameters=[enrollment],
            refusals={400: required},
        )
    }


def describe(what: str) -> Callable[[Any], Any]:
    """Class decorator: describe all operations of a view (`recognitions`, `options`)."""
    return extend_schema_view(**{"recognitions": _recognitions, "options": _options}[what]())
