"""The examples that the OpenAPI document shows. All persons are invented; the figures are 重庆's (policies/data/500000-…)."""

from __future__ import annotations

from typing import Any

from filings.examples import ENROLLMENT
from policies.bodies import cited
from settlements.eligibility.condition import REGULATION

ELIGIBILITY: dict[str, Any] = {
    "direct": False,
    "summary": "还不能直接结算，有1项需要处理。",
    "travel": "unfiled",
    "travel_label": "未备案",
    "filing": None,
    "on": "2026-11-23",
    "enrollment": ENROLLMENT,
    "area": "500000",
    "area_name": "重庆市",
    "insurance": "employee",
    "institution": "H11010100001",
    "institution_name": "北京示范医院",
    "institution_area": "110000",
    "institution_area_name": "北京市",
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "agency": {"name": "重庆市医疗保障事务中心", "phone": "023-00000000"},
    "conditions": [
        {
            "code": "enrollment",
            "label": "参保状态",
            "met": True,
            "message": "2026年11月23日在重庆市参加职工基本医疗保险。",
            "remedy": "",
            "source": cited(REGULATION),
            "action": None,
        },
        {
            "code": "filing",
            "label": "备案有效",
            "met": False,
            "message": "没有到北京市的备案。",
            "remedy": "请先办理到北京市的异地就医备案。出院结算前补办也可直接结算。",
            "source": cited(REGULATION),
            "action": {"kind": "file", "label": "去备案", "destination": "110000", "type": "other"},
        },
    ],
}


SOURCE: dict[str, Any] = {
    "id": "CQ1",
    "title": "重庆市职工医保起付线与报销比例",
    "publisher": "gtuanb 1416071",
    "year": 2022,
    "url": None,
    "grade": "C",
}
