"""The examples that the OpenAPI document shows."""

from __future__ import annotations

from typing import Any

ID = "019aa5f2-7c3a-7d55-8a0e-3d2f6c1b9e04"
MATERIAL = "019aa5f1-0b1c-7e2d-9b3a-5f4e3d2c1b0a"
NOTICE = "019a9000-1111-7222-8333-444455556666"
ENROLLMENT = "019a8000-aaaa-7bbb-8ccc-ddddeeeeffff"
PERSON = "019a8000-0000-7111-8222-333344445555"

FILE: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "destination": "110000",
    "type": "resident",
    "starts_on": "2026-11-21",
    "contact_name": "王秀兰",
    "contact_phone": "13900000001",
    "notice": NOTICE,
    "materials": [],
    "commitment": {"kind": "residence_permit", "signed_name": "王秀兰"},
}

COMMON: dict[str, Any] = {
    "id": ID,
    "number": "20261121-000123-4",
    "version": 2,
    "status": "submitted",
    "stage": 1,
    "enrollment": ENROLLMENT,
    "person": PERSON,
    "person_name": "王*兰",
    "insured_area": "500000",
    "insured_area_name": "重庆市",
    "created_at": "2026-11-21T10:00:00+08:00",
    "submitted_at": "2026-11-21T10:00:00+08:00",
    "due_at": "2026-11-24T17:00:00+08:00",
    "due_provisional": False,
    "decided_at": None,
    "decision": None,
    "actions": ["withdraw"],
}

FILING_ROW: dict[str, Any] = {
    **COMMON,
    "kind": "filing",
    "type": "resident",
    "type_label": "异地长期居住人员",
    "destination": "110000",
    "destination_name": "北京市",
    "starts_on": "2026-11-21",
    "ends_on": None,
    "valid_from": None,
    "valid_until": None,
    "lane": "review",
    "travel": "",
    "filed_by": "commitment",
    "predecessor": None,
    "report_by": None,
    "locked_until": None,
    "lock": {"change_until": None, "cancel_until": None},
    "commitment": {"kind": "residence_permit", "label": "居住证", "due_on": None, "status": "open"},
}

EVENTS: list[dict[str, Any]] = [
    {"at": "2026-11-21T10:00:00+08:00", "actor": "申请人", "verb": "submit", "detail": "提交申请"}
]

BESIDE: dict[str, Any] = {"checks": [], "materials": [], "correct_by": None, "events": EVENTS}

FILING: dict[str, Any] = {
    **FILING_ROW,
    **BESIDE,
    "contact_name": "王秀兰",
    "contact_phone": "13900000001",
    "address": "",
    "notice": NOTICE,
    "institutions": [],
    "makes_up_for": None,
    "agent": None,
}

PROOF_ROW: dict[str, Any] = {**COMMON, "kind": "proof", "filing": ID, "filing_number": "20261121-000123-4"}
PROOF: dict[str, Any] = {**PROOF_ROW, **BESIDE}

OPTIONS: dict[str, Any] = {
    "enrollment": ENROLLMENT,
    "destination": "110000",
    "destination_name": "北京市",
    "destination_rule": "province",
    "needed": True,
    "reason": "",
    "deemed": [
        {
            "type": "emergency",
            "travel": "emergency",
            "text": "急诊抢救视同已备案：持医保码或社保卡就医，由医院标注急诊后直接结算。",
        }
    ],
    "exempt": [],
    "dual_benefit": "长期备案期间回参保地就医，按“本地就医”结算，不需要取消备案（须补齐承诺的材料）。",
    "options": [
        {
            "type": "other",
            "label": "其他跨省临时外出就医人员",
            "open": True,
            "reason": "",
            "code": "",
            "lane": "review",
            "documents": [
                {
                    "kind": "certificate",
                    "label": "医保电子凭证、有效身份证件或社会保障卡",
                    "required": False,
                    "alternatives": [],
                    "alternative_labels": {},
                    "note": "",
                }
            ],
            "validity": {"text": "6个月，有效期内可多次就医", "until": "2027-05-20"},
            "starts": {"earliest": "2026-11-16", "latest": "2027-05-21"},
            "lock": {"text": "可以随时变更或取消", "change_until": None, "cancel_until": None},
            "institutions": None,
            "benefit": {
                "summary": "按“其他临时外出”结算：支付比例原则上比参保地降低不超过20个百分点。",
                "travel": "other",
                "citations": [
                    {
                        "title": "《基本医疗保险跨省异地就医直接结算经办规程》",
                        "publisher": "国家医疗保障局、财政部",
                        "year": 2022,
                        "url": None,
                        "grade": "A",
                    }
                ],
            },
            "note": "",
            "notice": {"id": NOTICE, "version": 1, "title": "重庆市异地就医备案告知书", "text": "一、适用人群……"},
        }
    ],
}
