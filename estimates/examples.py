"""The examples that the OpenAPI document shows. All persons are invented; the figures are 重庆's (policies/data/500000-…)."""

from __future__ import annotations

from typing import Any

from policies.bodies import cited
from settlements.eligibility.condition import REGULATION
from settlements.examples import SOURCE

ESTIMATE_ASKED: dict[str, Any] = {
    "area": "500000",
    "insurance": "employee",
    "person": "active",
    "age": 45,
    "care": "inpatient",
    "level": 3,
    "cost": {"total": "20000.00"},
    "on": "2026-11-23",
}


def _result(label: str, deductible: str, pooled: str, own: str, formula: str) -> dict[str, Any]:
    sums = {"total": "20000.00", "scope": "20000.00", "eligible": "20000.00"}
    zero = ("excluded", "over_limit", "first_copay", "travel_first_pay", "beyond", "account")
    funds = ("large_amount", "serious_illness", "assistance", "civil_servant", "enterprise")
    payable = {"924.00": "19076.00", "880.00": "19120.00"}[deductible]
    return {
        "label": label,
        "amounts": {
            **dict.fromkeys((*zero, *funds), "0.00"),
            **sums,
            "deductible": deductible,
            "payable": payable,
            "pooled": pooled,
            "burden": own,
            "fund": pooled,
            "own": own,
            "cash": own,
        },
        "lines": [
            {"step": "deductible", "label": "起付线", "formula": formula, "amount": deductible, "source": "CQ1"},
        ],
    }


AS_AT_HOME = ("880.00", "16252.00", "3748.00", "880.00")


UNFILED = ("924.00", "15260.80", "4739.20", "880.00 × 1.05")


BEST: dict[str, Any] = {
    "travel": "long_term",
    "label": "异地长期居住",
    "own": "3748.00",
    "saves": "991.20",
    "takes": "适用于在就医地居住或工作半年以上的人：先办理异地长期居住备案（异地长期居住人员、常驻异地工作人员）。",
    "direct": True,
    "lasting": True,
    "types": [
        {"type": "resident", "label": "异地长期居住人员"},
        {"type": "worker", "label": "常驻异地工作人员"},
    ],
    "source": cited(REGULATION),
}


UNKNOWN: dict[str, Any] = {
    **BEST,
    "travel": "other",
    "label": "其他临时外出",
    "own": None,
    "saves": None,
    "takes": "就医前办理“其他跨省临时外出就医人员”备案（出院结算前补办也可）。",
    "direct": False,
    "lasting": False,
    "types": [{"type": "other", "label": "其他跨省临时外出就医人员"}],
}


SILENT = {
    "refused": "not_known",
    "reason": "没有找到重庆市对转诊和其他临时外出住院支付比例的规定，请向参保地经办机构核实。",
}


ESTIMATE: dict[str, Any] = {
    "policy": {
        "id": "500000-chongqing-2025",
        "area": "500000",
        "name": "重庆市基本医疗保险",
        "sha256": "5f3c…",
        "effective_from": "2025-01-01",
        "effective_until": None,
        "sources": [SOURCE],
    },
    "on": "2026-11-23",
    "area": "500000",
    "facts": {
        "distance": "other_province",
        "insurance": "employee",
        "person": "active",
        "age": 45,
        "care": "inpatient",
        "level": 3,
    },
    "recorded": False,
    "assumed": ["distance"],
    "chosen": None,
    "results": {
        "local": _result("本地就医", *AS_AT_HOME),
        "long_term": _result("异地长期居住", *AS_AT_HOME),
        "referral": {"label": "异地转诊", **SILENT},
        "emergency": _result("异地急诊抢救", *AS_AT_HOME),
        "other": {"label": "其他临时外出", **SILENT},
        "unfiled": _result("未备案", *UNFILED),
    },
    "best": BEST,
    "ways": [BEST, UNKNOWN],
}
