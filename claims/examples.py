"""The examples that the OpenAPI document shows of claims. All persons are invented; the figures are 重庆's, not filed (20 000 yuan)."""

from __future__ import annotations

from typing import Any

from filings.examples import BESIDE, COMMON, ENROLLMENT, ID, MATERIAL
from settlements.models import AMOUNTS

COST: dict[str, Any] = {"total": "20000.00"}
CLAIM: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "institution": "H11010100001",
    "care": "inpatient",
    "emergency": False,
    "admitted_on": "2024-11-10",
    "discharged_on": "2024-11-20",
    "invoice_code": "11060124",
    "invoice_number": "0012345678",
    "cost": COST,
    "materials": [MATERIAL],
    "bank_account": "6222020200112233446",
    "reason": "住院时没有备案，医院不能直接结算。",
}
CORRECT: dict[str, Any] = {"cost": {"total": "20000.00", "excluded": "1000.00"}}

ROW: dict[str, Any] = {
    **COMMON,
    "kind": "claim",
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "place": None,
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "emergency": False,
    "admitted_on": "2024-11-10",
    "discharged_on": "2024-11-20",
    "invoice_code": "11060124",
    "invoice_number": "0012345678",
    "total": "20000.00",
    "stages": 2,
    "bank_account": "****3446",
    "settlement": None,
    "settlement_number": None,
    "amounts": None,
    "payment": {"status": "none", "status_label": "", "paid_on": None},
}

DETAIL: dict[str, Any] = {
    **ROW,
    **BESIDE,
    "cost": COST,
    "corrected": None,
    "bank_holder": "",
    "reason": "住院时没有备案，医院不能直接结算。",
    "travel": None,
    "travel_label": "",
    "policy": None,
    "lines": None,
}

_PAID = {
    "total": "20000.00", "scope": "20000.00", "eligible": "20000.00", "deductible": "924.00", "payable": "19076.00",
    "pooled": "15260.80", "burden": "4739.20", "fund": "15260.80", "own": "4739.20", "cash": "4739.20",
}  # fmt: skip
APPROVED: dict[str, Any] = {
    **DETAIL,
    "status": "approved",
    "stage": 2,
    "settlement": ID,
    "settlement_number": "J20261124-00000087-3",
    "amounts": {name: _PAID.get(name, "0.00") for name in AMOUNTS},
    "payment": {"status": "due", "status_label": "待支付", "paid_on": None},
    "travel": "unfiled",
    "travel_label": "未备案",
    "lines": [
        {
            "step": "deductible",
            "label": "起付线",
            "formula": "三级医院 880.00 × 1.05",
            "amount": "924.00",
            "source": "CQF2",
        }
    ],
}

OPTIONS: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "insured_area": "500000",
    "insured_area_name": "重庆市",
    "documents": [
        {
            "kind": "invoice",
            "label": "医疗收费票据",
            "required": True,
            "alternatives": [],
            "alternative_labels": {},
            "note": "",
        }
    ],
    "needed": ["收款的银行账号（参保人本人的账户）"],
    "deadline": "出院（就诊）后1年内",
    "deadline_on": "2025-11-20",
    "deadline_source": None,
    "stages": 2,
    "working_days": [15, 15],
    "catalogue": "insured",
    "note": "",
}
