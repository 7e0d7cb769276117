"""The examples of settlements in the OpenAPI document. All persons are invented; the figures are 重庆's, worked by hand."""

from __future__ import annotations

from typing import Any

from reviews.bodies import ENROLLMENT, ID, PERSON
from settlements.bodies import SOURCE
from settlements.models import COUNTED, FUNDS

NUMBER = "J20261120-00000087-5"
ASKED: dict[str, Any] = {
    "voucher": "7F2K9QXWTR4PMD6HVA3C",
    "care": "inpatient",
    "admitted_on": "2026-11-10",
    "discharged_on": "2026-11-20",
    "emergency": True,
    "cost": {"total": "20000.00", "excluded": "1200.00", "over_limit": "0.00", "first_copay": "800.00"},
    "bill_number": "ZY20261120-0371",
}
BY_IDENTITY: dict[str, Any] = {
    **{name: value for name, value in ASKED.items() if name != "voucher"},
    "identity": {"name": "王秀兰", "id_number": "110101195503070028", "reason": "患者昏迷，未带手机"},
    "cost": {
        "items": [
            {"name": "西药费", "class": "A", "amount": "18000.00"},
            {"name": "进口敷料", "class": "B", "amount": "800.00", "first_copay_ratio": "1"},
            {"name": "陪护费", "class": "C", "amount": "1200.00"},
        ]
    },
}


def _line(step: str, label: str, formula: str, amount: str, source: str | None = None) -> dict[str, Any]:
    return {"step": step, "label": label, "formula": formula, "amount": amount, "source": source}


_ZERO = (
    *("over_limit", "travel_first_pay", "beyond", "large_amount", "serious_illness", "assistance", "civil_servant"),
    *("enterprise", "account"),
)
BILL: dict[str, Any] = {
    "person": PERSON,
    "person_name": "王*兰",
    "enrollment": ENROLLMENT,
    "insured_area": "500000",
    "insured_area_name": "重庆市",
    "insurance": "employee",
    "insurance_label": "职工基本医疗保险",
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "care_area": "110000",
    "care_area_name": "北京市",
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "admitted_on": "2026-11-10",
    "discharged_on": "2026-11-20",
    "travel": "emergency",
    "travel_label": "异地急诊抢救",
    "emergency": True,
    "bill_number": "ZY20261120-0371",
    "year": "2026-01-01",
    "total": "20000.00",
    "fund": "16264.00",
    "own": "3736.00",
    "account": "0.00",
    "cash": "3736.00",
}
COMPUTED: dict[str, Any] = {
    "filing": ID,
    "policy": {
        "id": "500000-chongqing-2025",
        "area": "500000",
        "name": "重庆市基本医疗保险",
        "sha256": "5f3c…",
        "effective_from": "2025-01-01",
        "effective_until": None,
        "sources": [SOURCE],
    },
    "amounts": {
        **dict.fromkeys(_ZERO, "0.00"),
        "total": "20000.00",
        "excluded": "1200.00",
        "first_copay": "800.00",
        "scope": "18000.00",
        "eligible": "18000.00",
        "deductible": "880.00",
        "payable": "17120.00",
        "pooled": "16264.00",
        "burden": "1736.00",
        "fund": "16264.00",
        "own": "3736.00",
        "cash": "3736.00",
    },
    "lines": [
        _line("total", "费用总额", "20000.00", "20000.00"),
        _line("excluded", "全自费", "按就医地目录", "1200.00"),
        _line("first_copay", "先行自付", "按就医地目录", "800.00"),
        _line("scope", "符合政策范围", "20000.00 − 1200.00 − 800.00", "18000.00"),
        _line("deductible", "起付线", "880.00", "880.00", "CQ1"),
        _line("band", "统筹支付", "17120.00 × 95% = 16264.00", "16264.00", "CQ1"),
        _line("pooled", "统筹基金支付", "16264.00", "16264.00", "CQ1"),
        _line("fund", "基金支付合计", "16264.00", "16264.00"),
        _line("own", "个人负担", "20000.00 − 16264.00", "3736.00"),
        _line("cash", "个人现金支付", "3736.00", "3736.00"),
    ],
    "year_to_date": {
        **dict.fromkeys((*COUNTED, "burden", *FUNDS), "0.00"),
        "scope": "18000.00",
        "deductible": "880.00",
        "pooled": "16264.00",
        "burden": "1736.00",
    },
    "continues": None,
}
QUOTE: dict[str, Any] = {"id": None, "number": None, "status": "quoted", **BILL, **COMPUTED}
ROW: dict[str, Any] = {
    **BILL,
    "id": ID,
    "number": NUMBER,
    "status": "settled",
    "status_label": "已结算",
    "channel": "direct",
    "channel_label": "直接结算",
    "settled_at": "2026-11-20T14:05:12+08:00",
    "settled_on": "2026-11-20",
    "reversal": None,
    "actions": ["reverse"],
}
SETTLED: dict[str, Any] = {**ROW, **COMPUTED}
REVERSED: dict[str, Any] = {
    **SETTLED,
    "status": "reversed",
    "status_label": "已冲正",
    "reversal": {"number": "J20261124-00000091-9", "at": "2026-11-24T09:12:40+08:00", "reason": "漏录一笔材料费"},
    "actions": [],
}
