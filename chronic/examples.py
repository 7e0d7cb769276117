"""The examples that the OpenAPI document shows of recognitions."""

from __future__ import annotations

from typing import Any

from filings.examples import BESIDE, COMMON, ENROLLMENT, MATERIAL

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

FORM: dict[str, Any] = {
    "title": "门诊特殊病种申请表",
    "rows": [{"label": "姓名", "text": "王秀兰"}, {"label": "申请病种", "text": "糖尿病（M01600）"}],
    "opinions": ["参保人（代办人）签名", "专家复审意见"],
}

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
