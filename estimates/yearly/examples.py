"""The example of the OpenAPI document: a resident of 重庆 after one stay of 60 800 yuan at home. The person is invented."""

from __future__ import annotations

from typing import Any

from filings.examples import ENROLLMENT, PERSON

CQ5: dict[str, Any] = {
    "id": "CQ5",
    "title": "重庆居民大病保险起付17833元、60%、20万",
    "publisher": "jiusong:6024041",
    "url": "https://m.jiusongjiankang.com/health/news/6024041.html",
    "year": 2025,
    "grade": "D",
}
CQ8: dict[str, Any] = {
    "id": "CQ8",
    "title": "重庆城乡居民医保住院待遇（一档、二档，未成年人，封顶线）",
    "publisher": "gtuanb 1416071、inqan（2025年2月）",
    "url": None,
    "year": 2025,
    "grade": "C",
}
DEDUCTIBLE: dict[str, Any] = {
    "kind": "deductible",
    "label": "",
    "period": "admission",
    "of": "scope",
    "for_levels": [3],
    "levels_label": "三级医院",
    "amount": "800.00",
    "used": "0.00",
    "left": "800.00",
    "least": None,
    "most": None,
    "reason": "",
    "source": CQ8,
}
CAP: dict[str, Any] = {
    **DEDUCTIBLE,
    "kind": "pooled_cap",
    "label": "年度封顶线",
    "period": "year",
    "of": "pooled",
    "for_levels": [],
    "levels_label": "",
    "amount": "80000.00",
    "used": "30000.00",
    "left": "50000.00",
}
INPATIENT: dict[str, Any] = {
    "care": "inpatient",
    "care_label": "住院",
    "disease": None,
    "disease_name": None,
    "travel": "local",
    "travel_label": "本地就医",
    "travel_because": "last",
    "visit": 2,
    "refused": "",
    "deductibles": [DEDUCTIBLE],
    "caps": [CAP],
}
YEAR: dict[str, Any] = {
    "person": PERSON,
    "person_name": "王*兰",
    "enrollment": ENROLLMENT,
    "area": "500000",
    "area_name": "重庆市",
    "insurance": "resident",
    "insurance_label": "城乡居民基本医疗保险",
    "year": "2026-01-01",
    "until": "2026-12-31",
    "current": True,
    "on": "2026-11-23",
    "policy": {"id": "500000-chongqing-2025", "name": "重庆市基本医疗保险"},
    "reason": "",
    "bills": 1,
    "total": "60800.00",
    "fund": "37780.20",
    "own": "23019.80",
    "account": "0.00",
    "cash": "23019.80",
    "burden": "30800.00",
    "funds": {
        "large_amount": "0.00",
        "serious_illness": "7780.20",
        "assistance": "0.00",
        "civil_servant": "0.00",
        "enterprise": "0.00",
    },
    "counters": [
        {
            "counter": "inpatient",
            "disease": None,
            "label": "住院",
            "scope": "60800.00",
            "deductible": "800.00",
            "pooled": "30000.00",
            "beyond": "0.00",
        }
    ],
    "cares": [INPATIENT],
    "thresholds": [
        {
            "id": "resident-serious-illness",
            "fund": "serious_illness",
            "label": "大病保险",
            "period": "year",
            "cares": ["inpatient"],
            "amount": "17833.00",
            "burden": "30800.00",
            "left": "0.00",
            "cap": "200000.00",
            "paid": "7780.20",
            "reason": "",
            "source": CQ5,
        }
    ],
}
